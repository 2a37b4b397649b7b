/* SPDX-License-Identifier: MPL-2.0 */
/* What the library takes of the process: no thread, no file descriptor, hardly
 * a call to the allocator, no processor time while it waits. That it leaves
 * errno alone is checked at every call of all these tests. */
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "alloc/arena.h"
#include "tests/socket/support.h"

static int
threads(void)
{
    return count_entries("/proc/self/task");
}

static int
descriptors(void)
{
    return count_entries("/proc/self/fd");
}

static void
no_thread_and_no_descriptor_is_made(void **state)
{
    int tasks = threads();
    int fds = descriptors();
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_msg msg;

    (void)state;
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++) {
        set(l.bound, WEIR_WAIT, wait);
        set(l.bound, WEIR_RECV_TIMEOUT_MS, 1);
        GIVES(-EAGAIN, weir_recv(l.bound, &msg, 0));
        EQUAL(fill(l.connected, 0), 2000);
        EQUAL(drain(l.bound, 0), 2000);
        OK(weir_msg_init_size(&msg, l.bound, 3 << 20));
        OK(weir_send(l.bound, &msg, 0));
        EQUAL(threads(), tasks);
        EQUAL(descriptors(), fds);
    }
    OK(weir_context_shutdown(l.ctx));
    EQUAL(threads(), tasks);
    EQUAL(descriptors(), fds);
    close_link(&l);
    EQUAL(threads(), tasks);
    EQUAL(descriptors(), fds);
}

/* ---- Processor time ---------------------------------------------------- */

static int64_t
thread_cpu_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* One second of blocking takes less than 10 ms of processor time. */
static void
blocks_cheaply(int wait)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int64_t before;
    int64_t used;
    weir_msg msg;

    set(l.bound, WEIR_WAIT, wait);
    set(l.bound, WEIR_RECV_TIMEOUT_MS, 1000);
    before = thread_cpu_ns();
    GIVES(-EAGAIN, weir_recv(l.bound, &msg, 0));
    used = thread_cpu_ns() - before;
    print_message("a second of waiting (%d): %ld us\n", wait,
                  (long)(used / 1000));
    CHECK(used < 10000000);
    close_link(&l);
}

static void
waiting_takes_no_processor_time(void **state)
{
    (void)state;
    blocks_cheaply(WEIR_WAIT_ADAPTIVE);
    blocks_cheaply(WEIR_WAIT_PARK);
}

/* Nor does waiting for a peer that has no room. */
static void
waiting_to_send_takes_no_processor_time(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int64_t before;

    (void)state;
    EQUAL(fill(l.connected, 0), 2000);
    set(l.connected, WEIR_SEND_TIMEOUT_MS, 1000);
    before = thread_cpu_ns();
    GIVES(-EAGAIN, send_number(l.connected, 0, 0));
    CHECK(thread_cpu_ns() - before < 10000000);
    close_link(&l);
}

/* ---- Calls to the allocator -------------------------------------------- */

#define MESSAGES   SCALED(1000000)
#define BODY       4096
#define MIGRATIONS 50000 /* until pools and rings have found their size */

static void *
send_bodies(void *arg)
{
    weir_socket *s = arg;
    weir_msg msg;

    for (uint64_t i = 0; i < MIGRATIONS + MESSAGES; i++) {
        OK(weir_msg_init_size(&msg, s, BODY));
        *(uint64_t *)weir_msg_data(&msg) = i;
        OK(weir_send(s, &msg, 0));
    }
    return NULL;
}

static void
messages_are_made_of_used_memory(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    pthread_t sender = start(send_bodies, l.connected);
    uint64_t calls = 0;
    weir_msg msg;

    (void)state;
    for (uint64_t i = 0; i < MIGRATIONS + MESSAGES; i++) {
        if (i == MIGRATIONS)
            calls = wr_arena_calls();
        OK(weir_recv(l.bound, &msg, 0));
        EQUAL(weir_msg_size(&msg), BODY);
        EQUAL(*(uint64_t *)weir_msg_data(&msg), i);
        OK(weir_msg_drop(&msg));
    }
    calls = wr_arena_calls() - calls;
    finish(sender);
    print_message("%d messages: %lu calls to the allocator\n", MESSAGES,
                  (unsigned long)calls);
    CHECK(calls <= MESSAGES / 1000);
    close_link(&l);
}

/* Requests and replies, with an address that a DEALER has written, or short. */
static void
envelopes_are_made_of_used_memory(void **state)
{
    struct link short_one = new_link(WEIR_REP, WEIR_REQ);
    struct link long_one = new_link(WEIR_REP, WEIR_DEALER);
    struct link routed = new_link(WEIR_ROUTER, WEIR_REQ);
    uint64_t calls = 0;

    (void)state;
    set(short_one.connected, WEIR_REQ_CORRELATE, 1);
    for (int i = 0; i < 1100; i++) {
        weir_msg id;

        if (i == 100)
            calls = wr_arena_calls();
        set(short_one.connected, WEIR_REQ_CORRELATE, i % 2 == 0);
        say(short_one.connected, "question");
        hear(short_one.bound, "question");
        say(short_one.bound, "answer");
        hear(short_one.connected, "answer");
        say_all(long_one.connected, TEXTS("a", "b", "", "question"));
        hear(long_one.bound, "question");
        say(long_one.bound, "answer");
        hear_all(long_one.connected, TEXTS("a", "b", "", "answer"));
        say(routed.connected, "question");
        OK(weir_recv(routed.bound, &id, 0));
        hear_all(routed.bound, TEXTS("", "question"));
        OK(weir_send(routed.bound, &id, 0));
        say_all(routed.bound, TEXTS("", "answer"));
        hear(routed.connected, "answer");
        say_all(routed.bound, TEXTS("nobody", "", "lost"));
    }
    EQUAL(wr_arena_calls() - calls, 0);
    close_link(&short_one);
    close_link(&long_one);
    close_link(&routed);
}

/* ---- The end of a context's memory ------------------------------------- */

static void *
leave_messages_behind(void *arg)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *early = new_socket(l.ctx, WEIR_PUSH);
    weir_msg *kept = arg;
    weir_msg msg;

    set(early, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(early, "inproc://nobody"));
    for (int i = 0; i < 100; i++) {
        OK(weir_msg_init_size(&msg, early, BODY));
        OK(weir_send(early, &msg, 0));
        OK(weir_msg_init_size(&msg, l.connected, BODY));
        OK(weir_send(l.connected, &msg, 0));
    }
    OK(weir_recv(l.bound, &kept[0], 0));
    OK(weir_msg_init_size(&kept[1], l.connected, 2 << 20));
    OK(weir_close(early));
    close_link(&l);
    return NULL;
}

/* It goes with the context's last message. */
static void
memory_goes_with_the_last_message(void **state)
{
    uint64_t live = wr_arena_live();
    weir_msg kept[2];

    (void)state;
    for (int i = 0; i < 10; i++) {
        leave_messages_behind(kept);
        CHECK(wr_arena_live() > live);
        OK(weir_msg_drop(&kept[0]));
        CHECK(wr_arena_live() > live);
        OK(weir_msg_drop(&kept[1]));
        /* What a thread has dropped is home when it closes a context. */
        OK(weir_context_free(new_context()));
        EQUAL(wr_arena_live(), live);
    }
    elsewhere(leave_messages_behind, kept);
    OK(weir_msg_drop_batch(kept, 2));
    OK(weir_context_free(new_context()));
    EQUAL(wr_arena_live(), live);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_and_no_descriptor_is_made),
        cmocka_unit_test(waiting_takes_no_processor_time),
        cmocka_unit_test(waiting_to_send_takes_no_processor_time),
        cmocka_unit_test(messages_are_made_of_used_memory),
        cmocka_unit_test(envelopes_are_made_of_used_memory),
        cmocka_unit_test(memory_goes_with_the_last_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
