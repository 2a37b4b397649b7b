/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of the client of cppzmq, one function each. */
#ifndef WEIR_TESTS_CLIENTS_CPPZMQ_PARTS_H
#define WEIR_TESTS_CLIENTS_CPPZMQ_PARTS_H

/* Messages, cppzmq_messages.cc. */
void part_message_values();
void part_message_copies();
void part_zero_copy();
void part_zero_copy_fan_out();
void part_multipart();
void part_multipart_calls();
void part_buffers();

/* Sockets on one thread, cppzmq_sockets.cc. */
void part_contexts();
void part_options();
void part_errors();
void part_request_states();
void part_poll();
void part_topics();
void part_monitor();

/* Several threads, cppzmq_threads.cc. */
void part_pipeline();
void part_requests();
void part_proxy();
void part_proxy_steered();
void part_shutdown();
void part_termination();

#endif
