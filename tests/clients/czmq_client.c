/* SPDX-License-Identifier: MPL-2.0 */
/* A client of CZMQ, over inproc alone: czmq_client [PART...] */
#include "client.h"
#include "czmq_parts.h"

#if WEIR_HAVE_CZMQ

int
main(int argc, char **argv)
{
    static const struct client_part parts[] = {
        { "actors", part_actors },
        { "hundred_actors", part_hundred_actors },
        { "poller", part_poller },
        { "poller_of_files", part_poller_of_files },
        { "proxy_pipeline", part_proxy_pipeline },
        { "proxy_requests", part_proxy_requests },
        { "loop", part_loop },
        { "loop_timers", part_loop_timers },
        { "strings", part_strings },
        { "frames", part_frames },
        { "multi_frame", part_multi_frame },
        { "pictures", part_pictures },
        { "signals", part_signals },
        { "endpoints", part_endpoints },
        { "options", part_options },
        { "high_water", part_high_water },
        { "router", part_router },
        { "fan_out", part_fan_out },
        { "last_value", part_last_value },
        { "monitor", part_monitor },
        { "zap_handler", part_zap_handler },
        { "own_tests", part_own_tests },
        { "actor_generations", part_actor_generations },
        { "shutdown", part_shutdown },
    };

    return client_main(parts, sizeof(parts) / sizeof(parts[0]), argc, argv);
}

#else

int
main(void)
{
    return client_absent("CZMQ");
}

#endif
