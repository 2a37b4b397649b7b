# SPDX-License-Identifier: MPL-2.0
"""client_test: clients of libzmq, run unchanged on all that have its ABI."""

# In each test's name, the shared object that is loaded as libzmq.so.5; None for
# the one that the system has.
_LIBRARIES = {
    "libzmq": None,
    "weir": "//core/zmq:libzmq.so.5",
}

def client_test(name, client):
    """Tests called name_on_<library> that run client.

    Args:
      name: what the tests' names begin with
      client: a program; its exit code is 0, or 77 if what it is a client of is
        not installed
    """
    for library, file in _LIBRARIES.items():
        native.sh_test(
            name = "%s_on_%s" % (name, library),
            size = "small",
            srcs = ["run_on.sh"],
            args = [
                "$(rootpath %s)" % file if file else "system",
                "$(rootpath %s)" % client,
            ],
            data = [client] + ([file] if file else []),
            tags = ["clients"],
            # What others have built cannot load a sanitized library.
            target_compatible_with = select({
                "//:sanitizer": ["@platforms//:incompatible"],
                "//conditions:default": [],
            }),
        )
