/* SPDX-License-Identifier: MPL-2.0 */
/* PUB and SUB: arrays. */
#include "tests/socket/crowd.h"

static void
arrays_go_to_everybody(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    weir_msg msgs[64];

    (void)state;
    for (uint64_t i = 0; i < 64; i++)
        put_number(&msgs[i], i, i % 4 == 1);
    GIVES(64, weir_send_batch(c.pub, msgs, 64, 0));
    for (int i = 0; i < SUBS; i++) {
        GIVES(1, weir_recv_batch(c.subs[i], msgs, 2, 0));
        EQUAL(number_of(&msgs[0]), 0);
        GIVES(-EMSGSIZE, weir_recv_batch(c.subs[i], msgs, 1, 0));
        GIVES(2, weir_recv_batch(c.subs[i], msgs, 2, 0));
        EQUAL(number_of(&msgs[0]), 1);
        CHECK(weir_msg_more(&msgs[0]));
        EQUAL(number_of(&msgs[1]), 2);
        for (uint64_t next = 3; next < 64;) {
            ssize_t n = CALL(weir_recv_batch(c.subs[i], msgs, 64, 0));

            CHECK(n > 0);
            for (ssize_t k = 0; k < n; k++)
                EQUAL(number_of(&msgs[k]), next++);
        }
        GIVES(-EAGAIN, weir_recv_batch(c.subs[i], msgs, 64, WEIR_DONTWAIT));
    }
    close_crowd(&c);
}

/* Long arrays of messages for changing peers: letters, each for those of its
 * own, and x for nobody. Shared bytes are freed once. */
static void
arrays_of_many_topics(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    static weir_msg msgs[700];
    struct random random = random_from(announce_seed());
    int freed = 0, external = 0, letters[3] = { 0 };
    weir_msg msg;

    (void)state;
    for (int i = 0; i < SUBS; i++) {
        unsubscribe(c.subs[i], "");
        subscribe(c.subs[i], i < 2 ? "" : i < 5 ? "a" : "b");
    }
    for (int i = 0; i < 700; i++) {
        static const size_t sizes[] = { 3, 9, 70, 70 };
        size_t size = sizes[random_below(&random, 4)];
        /* Some in long runs: more than are put together at most. */
        uint64_t letter = i < 256 ? 0 : i == 256 ? 1 : random_below(&random, 3);

        if (size == 70 && random_below(&random, 2) == 0) {
            init_external(&msgs[i], size, &freed);
            external++;
        } else {
            OK(weir_msg_init_size(&msgs[i], c.pub, size));
        }
        ((char *)weir_msg_data(&msgs[i]))[0] = "abx"[letter];
        letters[letter]++;
        memcpy((char *)weir_msg_data(&msgs[i]) + 1, &(uint16_t){ (uint16_t)i },
               2);
    }
    GIVES(700, weir_send_batch(c.pub, msgs, 700, 0));
    for (int i = 0; i < 700; i++)
        EQUAL(weir_msg_size(&msgs[i]), 0);
    for (int i = 0; i < SUBS; i++) {
        int last = -1, n = 0;
        uint16_t number;

        while (CALL(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT)) == 0) {
            const char *data = weir_msg_bytes(&msg);

            CHECK(i < 2 || data[0] == (i < 5 ? 'a' : 'b'));
            memcpy(&number, data + 1, 2);
            CHECK((int)number > last);
            last = number;
            n++;
            OK(weir_msg_drop(&msg));
        }
        EQUAL(n, i < 2 ? 700 : letters[i < 5 ? 0 : 1]);
    }
    EQUAL(freed, external);
    close_crowd(&c);
}

/* What is beyond the limit is dropped for the full one, to the message. */
static void
arrays_meet_limits(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    static weir_msg msgs[500];
    int freed = 0;

    (void)state;
    set(c.pub, WEIR_SEND_HWM, 400);
    set(c.subs[1], WEIR_RECV_HWM, 1);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 500; i++)
            put_number(&msgs[i], i, false);
        GIVES(500, weir_send_batch(c.pub, msgs, 500, 0));
        for (int i = 0; i < SUBS; i++)
            EQUAL(drain(c.subs[i], 0), i == 1 ? 401 : 500);
    }
    for (int i = 0; i < 500; i++)
        init_external(&msgs[i], 60, &freed);
    GIVES(500, weir_send_batch(c.pub, msgs, 500, 0));
    EQUAL(freed, 0);
    close_crowd(&c);
    EQUAL(freed, 500);
}

/* No-drop stops where the first peer is full. */
static void
arrays_stop_at_a_full_peer(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    weir_msg msgs[50];

    (void)state;
    set(c.pub, WEIR_XPUB_NODROP, 1);
    set(c.pub, WEIR_SEND_HWM, 10);
    set(c.subs[1], WEIR_RECV_HWM, 7);
    for (uint64_t i = 0; i < 50; i++)
        put_number(&msgs[i], i, false);
    GIVES(17, weir_send_batch(c.pub, msgs, 50, 0));
    EQUAL(number_of(&msgs[17]), 17);
    GIVES(-EAGAIN, weir_send_batch(c.pub, msgs + 17, 33, WEIR_DONTWAIT));
    for (int i = 0; i < SUBS; i++)
        EQUAL(drain(c.subs[i], 0), 17);
    GIVES(17, weir_send_batch(c.pub, msgs + 17, 33, WEIR_DONTWAIT));
    close_crowd(&c);
}

static void
arrays_are_filtered(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msgs[40];
    int freed = 0;

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    for (int i = 0; i < 40; i++) {
        if (i % 4 == 1) {
            init_external(&msgs[i], 60, &freed);
            *(char *)weir_msg_data(&msgs[i]) = 'b';
        } else {
            OK(weir_msg_init_copy(&msgs[i], l.bound, i % 2 == 0 ? "a" : "c",
                                  1));
        }
    }
    GIVES(40, weir_send_batch(l.bound, msgs, 40, 0));
    unsubscribe(l.connected, "b");
    GIVES(20, weir_recv_batch(l.connected, msgs, 40, 0));
    for (int i = 0; i < 20; i++)
        EQUAL(*(const char *)weir_msg_bytes(&msgs[i]), 'a');
    EQUAL(freed, 10);
    hear_nothing(l.connected);
    close_link(&l);
}

/* An array goes on with a message whose first frame was received before, and
 * leaves a message that is too long alone, unless nobody wants it. */
static void
arrays_and_frames_mix(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msgs[8];

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    EQUAL(try_say(l.bound, "a", true), 0);
    EQUAL(try_say(l.bound, "x", true), 0);
    EQUAL(try_say(l.bound, "y", false), 0);
    for (int i = 0; i < 9; i++)
        EQUAL(try_say(l.bound, "b", i < 8), 0);
    EQUAL(try_say(l.bound, "a", true), 0);
    EQUAL(try_say(l.bound, "z", false), 0);
    hear_frame(l.connected, "a", true);
    GIVES(2, weir_recv_batch(l.connected, msgs, 8, 0));
    EQUAL(*(const char *)weir_msg_bytes(&msgs[0]), 'x');
    EQUAL(*(const char *)weir_msg_bytes(&msgs[1]), 'y');
    GIVES(-EMSGSIZE, weir_recv_batch(l.connected, msgs, 8, 0));
    unsubscribe(l.connected, "b");
    GIVES(2, weir_recv_batch(l.connected, msgs, 8, 0));
    EQUAL(*(const char *)weir_msg_bytes(&msgs[0]), 'a');
    EQUAL(*(const char *)weir_msg_bytes(&msgs[1]), 'z');
    GIVES(-EAGAIN, weir_recv_batch(l.connected, msgs, 8, WEIR_DONTWAIT));
    close_link(&l);
}

/* A peer of another kind, whose messages share slots. */
static void
others_are_filtered_too(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_msg msgs[21];

    (void)state;
    set(sub, WEIR_ANY_PEER, 1);
    set(push, WEIR_ANY_PEER, 1);
    OK(weir_bind(sub, "inproc://link"));
    OK(weir_connect(push, "inproc://link"));
    subscribe(sub, "b");
    for (int i = 0; i < 21; i++)
        OK(weir_msg_init_copy(&msgs[i], push, i % 3 == 1 ? "b" : "a", 1));
    GIVES(21, weir_send_batch(push, msgs, 21, 0));
    for (int i = 0; i < 7; i++) {
        EQUAL(get(sub, WEIR_EVENTS), WEIR_POLLIN);
        hear(sub, "b");
    }
    EQUAL(get(sub, WEIR_EVENTS), 0);
    OK(weir_close(sub));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_go_to_everybody),
        cmocka_unit_test(arrays_of_many_topics),
        cmocka_unit_test(arrays_meet_limits),
        cmocka_unit_test(arrays_stop_at_a_full_peer),
        cmocka_unit_test(arrays_are_filtered),
        cmocka_unit_test(arrays_and_frames_mix),
        cmocka_unit_test(others_are_filtered_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
