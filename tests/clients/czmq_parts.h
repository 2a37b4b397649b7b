/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of the client of CZMQ, one function each. */
#ifndef WEIR_TESTS_CLIENTS_CZMQ_PARTS_H
#define WEIR_TESTS_CLIENTS_CZMQ_PARTS_H

/* Actors, czmq_actors.c. */
void part_actors(void);
void part_hundred_actors(void);
void part_actor_generations(void);
void part_monitor(void);
void part_zap_handler(void);
void part_shutdown(void);

/* What waits for many sockets, czmq_reactors.c. */
void part_poller(void);
void part_poller_of_files(void);
void part_loop(void);
void part_loop_timers(void);
void part_proxy_pipeline(void);
void part_proxy_requests(void);

/* Messages, czmq_messages.c. */
void part_strings(void);
void part_frames(void);
void part_multi_frame(void);
void part_pictures(void);
void part_signals(void);
void part_own_tests(void);

/* Sockets, czmq_sockets.c. */
void part_endpoints(void);
void part_options(void);
void part_high_water(void);
void part_router(void);
void part_fan_out(void);
void part_last_value(void);

#endif
