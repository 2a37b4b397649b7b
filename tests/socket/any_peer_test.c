/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets of all types joined with all others: whatever their patterns make of
 * it, calls give one of their errors, and every message is freed once. */
#include "tests/socket/anything.h"

static void
meet(int first, int second, struct random *r)
{
    weir_context *ctx = new_context();
    weir_socket *s[2] = { open_any(ctx, first, "a"),
                          open_any(ctx, second, "b") };

    any_made = any_freed = 0;
    if (random_below(r, 2))
        OK(weir_bind(s[0], "inproc://a"));
    OK(weir_connect(s[1], "inproc://a"));
    for (int i = 0; i < 5; i++)
        do_anything(s[1], WEIR_DONTWAIT, r);
    (void)weir_bind(s[0], "inproc://a");
    OK(weir_bind(s[1], "inproc://b"));
    for (int i = 0; i < 200; i++)
        do_anything(s[random_below(r, 2)], WEIR_DONTWAIT, r);
    OK(weir_close(s[0]));
    for (int i = 0; i < 20; i++)
        do_anything(s[1], WEIR_DONTWAIT, r);
    OK(weir_close(s[1]));
    OK(weir_context_free(ctx));
    EQUAL(any_freed, any_made);
}

static void
all_types_meet_all_types(void **state)
{
    struct random r = random_from(announce_seed());

    (void)state;
    for (int round = 0; round < SCALED(50); round++)
        for (int i = 0; i < ANY_TYPES; i++)
            for (int j = 0; j < ANY_TYPES; j++)
                meet(any_types[i], any_types[j], &r);
}

/* Without the option, only those that talk to each other. */
static void
types_keep_to_themselves(void **state)
{
    static const unsigned peers[ANY_TYPES] = {
        1 << WEIR_PAIR,
        1 << WEIR_REP | 1 << WEIR_ROUTER,
        1 << WEIR_REQ | 1 << WEIR_DEALER,
        1 << WEIR_DEALER | 1 << WEIR_ROUTER | 1 << WEIR_REP,
        1 << WEIR_DEALER | 1 << WEIR_ROUTER | 1 << WEIR_REQ,
        1 << WEIR_PUSH,
        1 << WEIR_PULL,
    };

    (void)state;
    for (int i = 0; i < ANY_TYPES; i++) {
        for (int j = 0; j < ANY_TYPES; j++) {
            weir_context *ctx = new_context();
            weir_socket *a = new_socket(ctx, any_types[i]);
            weir_socket *b = new_socket(ctx, any_types[j]);
            bool fit = (peers[i] >> any_types[j] & 1) != 0;

            OK(weir_bind(a, "inproc://a"));
            GIVES(fit ? 0 : -EPROTOTYPE, weir_connect(b, "inproc://a"));
            EQUAL(get(a, WEIR_PEERS), fit);
            OK(weir_close(a));
            OK(weir_close(b));
            OK(weir_context_free(ctx));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_meet_all_types),
        cmocka_unit_test(types_keep_to_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
