/* SPDX-License-Identifier: MPL-2.0 */
/* A client of cppzmq, over inproc alone: cppzmq_client [PART...] */
#include "client.h"
#include "cppzmq_parts.h"

#if WEIR_HAVE_CPPZMQ

#include <exception>

/* What no part expects is wrong, on whichever thread. */
[[noreturn]] static void
on_exception()
{
    try {
        std::rethrow_exception(std::current_exception());
    } catch (const std::exception &exception) {
        client_wrong(exception.what(), __FILE__, __LINE__);
    }
}

int
main(int argc, char **argv)
{
    static const client_part parts[] = {
        { "message_values", part_message_values },
        { "message_copies", part_message_copies },
        { "zero_copy", part_zero_copy },
        { "zero_copy_fan_out", part_zero_copy_fan_out },
        { "multipart", part_multipart },
        { "multipart_calls", part_multipart_calls },
        { "buffers", part_buffers },
        { "contexts", part_contexts },
        { "options", part_options },
        { "errors", part_errors },
        { "request_states", part_request_states },
        { "poll", part_poll },
        { "topics", part_topics },
        { "monitor", part_monitor },
        { "pipeline", part_pipeline },
        { "requests", part_requests },
        { "proxy", part_proxy },
        { "proxy_steered", part_proxy_steered },
        { "shutdown", part_shutdown },
        { "termination", part_termination },
    };

    std::set_terminate(on_exception);
    return client_main(parts, sizeof(parts) / sizeof(parts[0]), argc, argv);
}

#else

int
main()
{
    return client_absent("cppzmq");
}

#endif
