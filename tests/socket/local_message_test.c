/* SPDX-License-Identifier: MPL-2.0 */
/* Messages that are made without a socket, of the memory of a thread. */
#include <string.h>

#include "tests/socket/support.h"

static const size_t sizes[] = { 0, 1, 56, 57, 4096, 1 << 20, (1 << 20) + 1 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void
make_all(weir_msg *msgs)
{
    for (size_t i = 0; i < SIZES; i++) {
        OK(weir_msg_init_local(&msgs[i], sizes[i]));
        EQUAL(weir_msg_size(&msgs[i]), sizes[i]);
        CHECK(!weir_msg_more(&msgs[i]));
        if (sizes[i] > 0)
            memset(weir_msg_data(&msgs[i]), (int)i, sizes[i]);
    }
}

static void
drop_all(weir_msg *msgs)
{
    for (size_t i = 0; i < SIZES; i++) {
        const char *bytes = weir_msg_bytes(&msgs[i]);

        EQUAL(weir_msg_size(&msgs[i]), sizes[i]);
        if (sizes[i] > 0)
            CHECK(bytes[0] == (char)i && bytes[sizes[i] - 1] == (char)i);
    }
    OK(weir_msg_drop_batch(msgs, SIZES));
}

static void *
make_elsewhere(void *msgs)
{
    make_all(msgs);
    return NULL;
}

static void *
drop_elsewhere(void *msgs)
{
    drop_all(msgs);
    return NULL;
}

static void
they_belong_to_no_socket(void **state)
{
    weir_msg msgs[SIZES];

    (void)state;
    for (int i = 0; i < 10; i++) {
        make_all(msgs);
        drop_all(msgs);
        make_all(msgs);
        elsewhere(drop_elsewhere, msgs);
    }
}

/* Who made them has ended. */
static void
they_outlive_their_thread(void **state)
{
    weir_msg msgs[SIZES];

    (void)state;
    for (int i = 0; i < 10; i++) {
        elsewhere(make_elsewhere, msgs);
        if (i % 2 == 0)
            drop_all(msgs);
        else
            elsewhere(drop_elsewhere, msgs);
    }
}

static void
they_go_through_sockets(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[SIZES];

    (void)state;
    for (int i = 0; i < 10; i++) {
        elsewhere(make_elsewhere, msgs);
        GIVES(SIZES, weir_send_batch(l.connected, msgs, SIZES, 0));
        GIVES(SIZES, weir_recv_batch(l.bound, msgs, SIZES, 0));
        drop_all(msgs);
    }
    make_all(msgs);
    GIVES(SIZES, weir_send_batch(l.connected, msgs, SIZES, 0));
    close_link(&l); /* with them in it */
}

static void
wrong_calls_are_refused(void **state)
{
    weir_msg msg;

    (void)state;
    GIVES(-EINVAL, weir_msg_init_local(NULL, 1));
    weir_msg_init_inline(&msg, 5);
    GIVES(-ENOMEM, weir_msg_init_local(&msg, SIZE_MAX));
    EQUAL(weir_msg_size(&msg), 0);
    OK(weir_msg_drop(&msg));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_belong_to_no_socket),
        cmocka_unit_test(they_outlive_their_thread),
        cmocka_unit_test(they_go_through_sockets),
        cmocka_unit_test(wrong_calls_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
