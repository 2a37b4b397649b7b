/* SPDX-License-Identifier: MPL-2.0 */
/* What libzmq has beside inproc. A library for inproc alone has none of it:
 * the table of deviations names these cases. */
#include "tests/zmq/support.h"

/* ---- Other transports -------------------------------------------------- */

static void
passes(const char *wildcard)
{
    void *pull = bound(ZMQ_PULL, wildcard);
    char endpoint[256];
    size_t size = sizeof endpoint;

    OK(zmq_getsockopt(pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    send_frame(connected(ZMQ_PUSH, endpoint), "text", 0);
    expect_frame(pull, "text");
}

CASE(tcp_passes_messages)
{
    passes("tcp://127.0.0.1:*");
}

CASE(ipc_passes_messages)
{
    passes("ipc://*");
}

CASE(udp_is_for_other_types)
{
    FAILS(zmq_bind(open_socket(ZMQ_PULL), "udp://127.0.0.1:5555"),
          ENOCOMPATPROTO);
}

CASE(tcp_wants_an_address)
{
    FAILS(zmq_bind(open_socket(ZMQ_PULL), "tcp://nonsense"), EINVAL);
}

CASE(stream_sockets_can_be_made)
{
    open_socket(ZMQ_STREAM);
}

/* ---- Security ---------------------------------------------------------- */

static void
has_a_key(int option)
{
    void *s = open_socket(ZMQ_DEALER);
    char key[41];
    size_t size = 32;

    OK(zmq_getsockopt(s, option, key, &size));
    size = 41;
    OK(zmq_getsockopt(s, option, key, &size));
    assert_int_equal(strlen(key), 40);
    size = 40;
    FAILS(zmq_getsockopt(s, option, key, &size), EINVAL);
    OK(zmq_setsockopt(s, option, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
                      40));
    assert_int_equal(get_int(s, ZMQ_MECHANISM), ZMQ_CURVE);
}

CASE(curve_publickey_can_be_set)
{
    has_a_key(ZMQ_CURVE_PUBLICKEY);
}

CASE(curve_secretkey_can_be_set)
{
    has_a_key(ZMQ_CURVE_SECRETKEY);
}

CASE(curve_serverkey_can_be_set)
{
    has_a_key(ZMQ_CURVE_SERVERKEY);
}

CASE(curve_server_is_a_flag)
{
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, ZMQ_CURVE_SERVER), 0);
    set_int(s, ZMQ_CURVE_SERVER, 1);
    assert_int_equal(get_int(s, ZMQ_MECHANISM), ZMQ_CURVE);
}

CASE(plain_server_is_a_flag)
{
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, ZMQ_PLAIN_SERVER), 0);
    set_int(s, ZMQ_PLAIN_SERVER, 1);
    assert_int_equal(get_int(s, ZMQ_MECHANISM), ZMQ_PLAIN);
}

CASE(gssapi_server_is_a_flag)
{
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, ZMQ_GSSAPI_SERVER), 0);
    assert_int_equal(get_int(s, ZMQ_GSSAPI_PLAINTEXT), 0);
    set_int(s, ZMQ_GSSAPI_SERVER, 1);
    assert_int_equal(get_int(s, ZMQ_MECHANISM), ZMQ_GSSAPI);
}

CASE(gssapi_principal_is_a_text)
{
    void *s = open_socket(ZMQ_DEALER);

    set_text(s, ZMQ_GSSAPI_PRINCIPAL, "name");
    set_text(s, ZMQ_GSSAPI_SERVICE_PRINCIPAL, "name");
    set_int(s, ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, ZMQ_GSSAPI_NT_USER_NAME);
    set_int(s, ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, ZMQ_GSSAPI_NT_USER_NAME);
    assert_int_equal(get_int(s, ZMQ_GSSAPI_PRINCIPAL_NAMETYPE),
                     ZMQ_GSSAPI_NT_USER_NAME);
}

CASE(curve_keypair_makes_keys)
{
    char public[41], secret[41];

    OK(zmq_curve_keypair(public, secret));
    assert_int_equal(strlen(public), 40);
    assert_int_equal(strlen(secret), 40);
}

CASE(curve_public_finds_the_public_key)
{
    char public[41], secret[41], found[41];

    OK(zmq_curve_keypair(public, secret));
    OK(zmq_curve_public(found, secret));
    assert_string_equal(found, public);
}

CASE(zmq_has_curve)
{
    GIVES(zmq_has("curve"), 1);
}

CASE(zmq_has_ipc)
{
    GIVES(zmq_has("ipc"), 1);
}

int
main(int argc, char **argv)
{
    return run_cases("absent", argc, argv);
}
