/* SPDX-License-Identifier: MPL-2.0 */
/* Options of some types only, and of bytes; and that the types with ways of
 * their own end like all others. */
#include <string.h>

#include "tests/socket/every_call.h"
#include "tests/socket/support.h"

/* Which types have which options, of those that not all have. */
static void
types_have_their_options(void **state)
{
    static const struct {
        int option;
        uint32_t types;
    } owned[] = {
        { WEIR_ROUTER_MANDATORY, 1 << WEIR_ROUTER },
        { WEIR_ROUTER_HANDOVER, 1 << WEIR_ROUTER },
        { WEIR_REQ_CORRELATE, 1 << WEIR_REQ },
        { WEIR_REQ_RELAXED, 1 << WEIR_REQ },
        { WEIR_CONFLATE, 1 << WEIR_PUSH | 1 << WEIR_PULL | 1 << WEIR_DEALER },
        { WEIR_PROBE_ROUTER,
          1 << WEIR_ROUTER | 1 << WEIR_DEALER | 1 << WEIR_REQ },
    };
    static const int types[] = { WEIR_PAIR,   WEIR_REQ,  WEIR_REP, WEIR_DEALER,
                                 WEIR_ROUTER, WEIR_PULL, WEIR_PUSH };
    weir_context *ctx = new_context();

    (void)state;
    for (int i = 0; i < 7; i++) {
        weir_socket *s = new_socket(ctx, types[i]);

        for (int j = 0; j < 6; j++) {
            bool has = (owned[j].types >> types[i] & 1) != 0;
            int64_t value = 77;

            GIVES(has ? 0 : -EINVAL,
                  weir_socket_get(s, owned[j].option, &value));
            EQUAL(value, has ? 0 : 77);
            GIVES(has ? 0 : -EINVAL, weir_socket_set(s, owned[j].option, 1));
            GIVES(-EINVAL, weir_socket_set(s, owned[j].option, 2));
            GIVES(-EINVAL, weir_socket_set(s, owned[j].option, -1));
            if (has)
                EQUAL(get(s, owned[j].option), 1);
        }
        GIVES(types[i] == WEIR_ROUTER ? 0 : -EINVAL,
              weir_socket_set_bytes(s, WEIR_CONNECT_ROUTING_ID, "id", 2));
        GIVES(-EINVAL,
              weir_socket_set_bytes(s, WEIR_CONNECT_ROUTING_ID, "", 0));
        OK(weir_close(s));
    }
    OK(weir_context_free(ctx));
}

static void
every_call_gives_eshutdown(void **state)
{
    static const int types[] = { WEIR_REQ, WEIR_REP, WEIR_DEALER, WEIR_ROUTER };
    char bytes[8];
    size_t size = sizeof(bytes);
    int64_t value;

    (void)state;
    for (int i = 0; i < 4; i++) {
        weir_context *ctx = new_context();
        weir_socket *s = new_socket(ctx, types[i]);

        OK(weir_context_shutdown(ctx));
        for (const struct any_call *c = every_call; c->name != NULL; c++) {
            long rc = c->part == ALLOCATING ? -ESHUTDOWN : CALL(c->make(s));

            if (types[i] == WEIR_DEALER || rc != -ENOTSUP)
                check_equal(rc, -ESHUTDOWN, c->name, __FILE__, __LINE__);
        }
        GIVES(-ESHUTDOWN, weir_socket_set_bytes(s, WEIR_ROUTING_ID, "a", 1));
        GIVES(-ESHUTDOWN,
              weir_socket_get_bytes(s, WEIR_ROUTING_ID, bytes, &size));
        GIVES(-ESHUTDOWN, weir_socket_get(s, WEIR_EVENTS, &value));
        GIVES(-ESHUTDOWN, weir_socket_get(s, WEIR_MORE, &value));
        OK(weir_close(s));
        OK(weir_context_free(ctx));
    }
}

static void
ids_are_options(void **state)
{
    static const char text[256] = "id";
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PAIR);
    char got[256] = "untouched";
    size_t size = 0;

    (void)state;
    OK(weir_socket_get_bytes(s, WEIR_ROUTING_ID, NULL, &size));
    EQUAL(size, 0);
    OK(weir_socket_set_bytes(s, WEIR_ROUTING_ID, text, 255));
    GIVES(-EINVAL, weir_socket_set_bytes(s, WEIR_ROUTING_ID, text, 256));
    GIVES(-EINVAL, weir_socket_set_bytes(s, WEIR_ROUTING_ID, NULL, 1));
    size = 2;
    GIVES(-EMSGSIZE, weir_socket_get_bytes(s, WEIR_ROUTING_ID, got, &size));
    EQUAL(size, 255);
    CHECK(memcmp(got, "idtouched", 9) == 0);
    OK(weir_socket_get_bytes(s, WEIR_ROUTING_ID, got, &size));
    CHECK(memcmp(got, text, 255) == 0);
    GIVES(-EINVAL, weir_socket_get_bytes(s, WEIR_ROUTING_ID, NULL, &size));
    GIVES(-EINVAL, weir_socket_get_bytes(s, WEIR_ROUTING_ID, got, NULL));
    GIVES(-EINVAL, weir_socket_get_bytes(s, WEIR_TYPE, got, &size));
    OK(weir_socket_set_bytes(s, WEIR_ROUTING_ID, NULL, 0));
    OK(weir_socket_get_bytes(s, WEIR_ROUTING_ID, got, &size));
    EQUAL(size, 0);
    OK(weir_close(s));
    GIVES(-EBADF, weir_socket_set_bytes(s, WEIR_ROUTING_ID, text, 1));
    GIVES(-EBADF, weir_socket_get_bytes(s, WEIR_ROUTING_ID, got, &size));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_their_options),
        cmocka_unit_test(every_call_gives_eshutdown),
        cmocka_unit_test(ids_are_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
