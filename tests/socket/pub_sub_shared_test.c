/* SPDX-License-Identifier: MPL-2.0 */
/* One message to many: what each peer gets, and when it is freed. */
#include "tests/socket/crowd.h"

/* ---- Shared bytes ------------------------------------------------------ */

static const size_t sizes[] = { 0, 1, 8, 24, 56, 57, 4096, 2000000 };

static void
every_size_reaches_everybody(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    weir_msg msg;

    (void)state;
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        OK(weir_msg_init_size(&msg, c.pub, sizes[k]));
        put_pattern(&msg);
        OK(weir_send(c.pub, &msg, 0));
        EQUAL(weir_msg_size(&msg), 0);
        for (int i = 0; i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            check_pattern(&msg, sizes[k]);
            OK(weir_msg_drop(&msg));
        }
    }
    close_crowd(&c);
}

static void
external_bytes_are_freed_by_the_last(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 300, &freed);
    OK(weir_send(c.pub, &msg, 0));
    for (int i = 0; i < SUBS; i++) {
        EQUAL(freed, 0);
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 300);
        OK(weir_msg_drop(&msg));
    }
    EQUAL(freed, 1);
    /* The publisher has a share of its own in this one. */
    init_external(&msg, 300, &freed);
    {
        weir_msg kept;

        OK(weir_msg_share(&kept, &msg));
        OK(weir_send(c.pub, &msg, 0));
        for (int i = 0; i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            OK(weir_msg_drop(&msg));
        }
        EQUAL(freed, 1);
        check_pattern(&kept, 300);
        OK(weir_msg_drop(&kept));
    }
    EQUAL(freed, 2);
    close_crowd(&c);
}

static void
what_nobody_wants_is_freed_at_once(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 300, &freed);
    OK(weir_send(l.bound, &msg, 0));
    EQUAL(freed, 1);
    for (int i = 0; i < 3; i++) {
        init_external(&msg, 300, &freed);
        weir_msg_set_more(&msg, i < 2);
        OK(weir_send(l.bound, &msg, 0));
        CHECK(!weir_msg_more(&msg));
        EQUAL(freed, 2 + i);
    }
    close_link(&l);
}

/* Half of the peers close with it in their pipes; the others read it after. */
static void
who_closes_gives_up_a_share(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 100, &freed);
    OK(weir_send(c.pub, &msg, 0));
    OK(weir_msg_init_size(&msg, c.pub, 5000));
    put_pattern(&msg);
    OK(weir_send(c.pub, &msg, 0));
    for (int i = 0; i < SUBS; i += 2) {
        OK(weir_close(c.subs[i]));
        c.subs[i] = NULL;
    }
    for (int i = 1; i < SUBS; i += 2) {
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 100);
        OK(weir_msg_drop(&msg));
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 5000);
        OK(weir_msg_drop(&msg));
    }
    say(c.pub, ""); /* lets go of those that have closed */
    say(c.pub, "");
    EQUAL(freed, 1);
    close_crowd(&c);
    EQUAL(freed, 1);
}

/* ---- Frames ------------------------------------------------------------ */

static void
only_the_first_frame_is_matched(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);

    (void)state;
    unsubscribe(c.subs[0], "");
    subscribe(c.subs[0], "b");
    for (int k = 0; k < 2; k++) {
        EQUAL(try_say(c.pub, k == 0 ? "a" : "b", true), 0);
        for (int i = 0; k == 0 && i < SUBS; i++)
            hear_nothing(c.subs[i]);
        EQUAL(try_say(c.pub, "b", true), 0);
        EQUAL(try_say(c.pub, "", false), 0);
    }
    for (int i = 0; i < SUBS; i++) {
        if (i > 0) {
            hear_frame(c.subs[i], "a", true);
            hear_frame(c.subs[i], "b", true);
            hear_frame(c.subs[i], "", false);
        }
        hear_frame(c.subs[i], "b", true);
        hear_frame(c.subs[i], "b", true);
        hear_frame(c.subs[i], "", false);
        hear_nothing(c.subs[i]);
    }
    close_crowd(&c);
}

static void
frames_are_shared_too(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    for (int k = 0; k < 300; k++) {
        if (k % 3 == 0)
            init_external(&msg, 100, &freed);
        else
            OK(weir_msg_init_size(&msg, c.pub, k % 3 == 1 ? 10 : 1000));
        put_pattern(&msg);
        weir_msg_set_more(&msg, k < 299);
        OK(weir_send(c.pub, &msg, 0));
        EQUAL(weir_msg_size(&msg), 0);
    }
    for (int i = 0; i < SUBS; i++) {
        EQUAL(freed, 0);
        for (int k = 0; k < 300; k++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            check_pattern(&msg, k % 3 == 0 ? 100 : k % 3 == 1 ? 10 : 1000);
            EQUAL(weir_msg_more(&msg), k < 299);
            OK(weir_msg_drop(&msg));
        }
        hear_nothing(c.subs[i]);
    }
    EQUAL(freed, 100);
    close_crowd(&c);
}

static void
an_unfinished_message_is_dropped(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 100, &freed);
    weir_msg_set_more(&msg, true);
    OK(weir_send(c.pub, &msg, 0));
    EQUAL(freed, 0);
    close_crowd(&c);
    EQUAL(freed, 1);
}

/* They leave between two frames: first one, then all. */
static void
peers_leave_in_the_middle(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    for (int round = 0; round < 2; round++) {
        init_external(&msg, 100, &freed);
        weir_msg_set_more(&msg, true);
        OK(weir_send(c.pub, &msg, 0));
        for (int i = 0; i < (round == 0 ? 1 : SUBS); i++) {
            if (c.subs[i] != NULL)
                OK(weir_close(c.subs[i]));
            c.subs[i] = NULL;
        }
        say(c.pub, "end");
        for (int i = 1; round == 0 && i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            OK(weir_msg_drop(&msg));
            hear(c.subs[i], "end");
        }
        EQUAL(freed, round + 1);
    }
    close_crowd(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_reaches_everybody),
        cmocka_unit_test(external_bytes_are_freed_by_the_last),
        cmocka_unit_test(what_nobody_wants_is_freed_at_once),
        cmocka_unit_test(who_closes_gives_up_a_share),
        cmocka_unit_test(only_the_first_frame_is_matched),
        cmocka_unit_test(frames_are_shared_too),
        cmocka_unit_test(an_unfinished_message_is_dropped),
        cmocka_unit_test(peers_leave_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
