/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets of all types on several threads do whatever they can with each other,
 * and open, bind and close all the time: nothing crashes, nothing hangs, and
 * every message is freed once. */
#include "tests/socket/anything.h"

#define THREADS 3
#define SOCKETS 3 /* of each thread */
#define STEPS   SCALED(60000)

struct part {
    weir_context *ctx;
    uint64_t seed;
};

static weir_socket *
open_at_random(weir_context *ctx, struct random *r)
{
    static const int waits[] = { WEIR_WAIT_ADAPTIVE, WEIR_WAIT_YIELD,
                                 WEIR_WAIT_PARK };
    weir_socket *s = open_any(ctx, any_types[random_below(r, ANY_TYPES)],
                              random_below(r, 2) ? "a" : "b");
    int rc;

    set(s, WEIR_WAIT, waits[random_below(r, 3)]);
    set(s, WEIR_SEND_TIMEOUT_MS, 1);
    set(s, WEIR_RECV_TIMEOUT_MS, 1);
    rc = CALL(random_below(r, 2) ? weir_connect(s, any_name(r))
                                 : weir_bind(s, any_name(r)));
    CHECK(rc == 0 || rc == -EADDRINUSE || rc == -EBUSY);
    return s;
}

static void *
do_as_they_like(void *arg)
{
    struct part *p = arg;
    struct random r = random_from(p->seed);
    weir_socket *s[SOCKETS];

    for (int i = 0; i < SOCKETS; i++)
        s[i] = open_at_random(p->ctx, &r);
    for (int i = 0; i < STEPS; i++) {
        uint64_t at = random_below(&r, SOCKETS);
        int flags = random_below(&r, 50) ? WEIR_DONTWAIT : 0;

        if (random_below(&r, 40) == 0) {
            OK(weir_close(s[at]));
            s[at] = open_at_random(p->ctx, &r);
        }
        do_anything(s[at], flags, &r);
    }
    for (int i = 0; i < SOCKETS; i++)
        OK(weir_close(s[i]));
    return NULL;
}

static void
all_do_as_they_like(void **state)
{
    weir_context *ctx = new_context();
    uint64_t seed = announce_seed();
    struct part parts[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    for (uint64_t i = 0; i < THREADS; i++) {
        parts[i] = (struct part){ ctx, seed + i };
        threads[i] = start(do_as_they_like, &parts[i]);
    }
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    OK(weir_context_free(ctx));
    EQUAL(any_freed, any_made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_do_as_they_like),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
