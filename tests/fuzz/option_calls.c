/* SPDX-License-Identifier: MPL-2.0 */
/* Options of every number with every value, on sockets of every type: those
 * that there are take their range and give it back, all others are -EINVAL and
 * change nothing. */
#include <string.h>
#include <weir/weir.h>

#include "tests/fuzz/bytes.h"
#include "tests/fuzz/contents.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/must.h"

const char *const fuzz_name = "option";

#define TYPES   11
#define BIT(t)  (1U << (t))
#define ALL     (BIT(TYPES) - 1)
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct option {
    unsigned types; /* that have it */
    int64_t least;
    int64_t most; /* less than least: read only */
} options[] = {
    [WEIR_SEND_HWM] = { ALL, 0, INT32_MAX },
    [WEIR_RECV_HWM] = { ALL, 0, INT32_MAX },
    [WEIR_SEND_TIMEOUT_MS] = { ALL, -1, INT32_MAX },
    [WEIR_RECV_TIMEOUT_MS] = { ALL, -1, INT32_MAX },
    [WEIR_PENDING_CONNECT] = { ALL, 0, 1 },
    [WEIR_WAIT] = { ALL, 0, 3 },
    [WEIR_TYPE] = { ALL, 0, -1 },
    [WEIR_PEERS] = { ALL, 0, -1 },
    [WEIR_EVENTS] = { ALL, 0, -1 },
    [WEIR_MORE] = { ALL, 0, -1 },
    [WEIR_ANY_PEER] = { ALL, 0, 1 },
    [WEIR_CONFLATE] = { BIT(WEIR_PUSH) | BIT(WEIR_PULL) | BIT(WEIR_PUB) |
                            BIT(WEIR_SUB) | BIT(WEIR_DEALER),
                        0, 1 },
    [WEIR_ROUTER_MANDATORY] = { BIT(WEIR_ROUTER), 0, 1 },
    [WEIR_ROUTER_HANDOVER] = { BIT(WEIR_ROUTER), 0, 1 },
    [WEIR_PROBE_ROUTER] = { BIT(WEIR_ROUTER) | BIT(WEIR_DEALER) | BIT(WEIR_REQ),
                            0, 1 },
    [WEIR_REQ_CORRELATE] = { BIT(WEIR_REQ), 0, 1 },
    [WEIR_REQ_RELAXED] = { BIT(WEIR_REQ), 0, 1 },
    [WEIR_INVERT_MATCHING] = { BIT(WEIR_PUB) | BIT(WEIR_XPUB) | BIT(WEIR_SUB),
                               0, 1 },
    [WEIR_XPUB_VERBOSE] = { BIT(WEIR_XPUB), 0, 2 },
    [WEIR_XPUB_MANUAL] = { BIT(WEIR_XPUB), 0, 1 },
    [WEIR_XPUB_NODROP] = { BIT(WEIR_PUB) | BIT(WEIR_XPUB), 0, 1 },
    [WEIR_THREAD_SAFE] = { BIT(WEIR_PUSH) | BIT(WEIR_PULL), 0, 1 },
};

/* ---- Numbers ----------------------------------------------------------- */

static const struct option *
option_of(int type, int64_t number)
{
    if (number < 0 || number >= (int64_t)OPTIONS ||
        (options[number].types & BIT(type)) == 0)
        return NULL;
    return &options[number];
}

static void
set_number(weir_socket *s, int type, int number, int64_t value)
{
    const struct option *o = option_of(type, number);
    bool good = o != NULL && value >= o->least && value <= o->most;
    int64_t before = 4711, after = 4711;
    int rc;

    MUST_EQUAL(CALL(weir_socket_get(s, number, NULL)), -EINVAL);
    MUST_EQUAL(CALL(weir_socket_get(s, number, &before)),
               o != NULL ? 0 : -EINVAL);
    rc = CALL(weir_socket_set(s, number, value));
    if (number == WEIR_THREAD_SAFE && before == 1 && value == 0)
        good = false; /* it is for good */
    MUST_EQUAL(rc, good ? 0 : -EINVAL);
    (void)CALL(weir_socket_get(s, number, &after));
    MUST_EQUAL(after, good ? value : before);
}

/* ---- Bytes ------------------------------------------------------------- */

static bool
may_set_bytes(int type, int number, size_t size, bool manual)
{
    switch (number) {
    case WEIR_ROUTING_ID:
        return size <= 255;
    case WEIR_CONNECT_ROUTING_ID:
        return type == WEIR_ROUTER && size > 0 && size <= 255;
    case WEIR_SUBSCRIBE:
    case WEIR_UNSUBSCRIBE:
        return type == WEIR_SUB || (type == WEIR_XPUB && manual);
    default:
        return number == WEIR_WELCOME && type == WEIR_XPUB;
    }
}

static void
set_bytes(weir_socket *s, int type, int number, struct bytes *in)
{
    uint8_t data[600];
    uint8_t *p = data + take_below(in, 4);
    size_t size = take(in) + take(in);
    int64_t manual = 0;
    int rc;

    text_fill(p, size, 'a');
    (void)CALL(weir_socket_get(s, WEIR_XPUB_MANUAL, &manual));
    MUST_EQUAL(CALL(weir_socket_set_bytes(s, number, NULL, size + 1)), -EINVAL);
    rc = CALL(weir_socket_set_bytes(s, number, p, size));
    MUST_EQUAL(rc, may_set_bytes(type, number, size, manual) ? 0 : -EINVAL);
    if (rc != 0 || number != WEIR_ROUTING_ID)
        return;
    memset(data, 0, sizeof(data));
    MUST_EQUAL(CALL(weir_socket_get_bytes(s, number, p, &size)), 0);
    MUST(size <= 255 && text_is_good(p, size) && p[size] == 0);
}

/* ---- All of it --------------------------------------------------------- */

static int
any_number(struct bytes *in)
{
    unsigned odd = take(in);

    return odd < 250 ? (int)(odd % 66) - 1 : (int)(uint32_t)take_u64(in);
}

static int64_t
any_value(struct bytes *in)
{
    unsigned odd = take(in);

    if (odd < 200)
        return (int64_t)(odd % 8) - 2;
    if (odd < 230)
        return (int64_t)INT32_MAX + odd % 3 - 1;
    return (int64_t)take_u64(in);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    struct bytes in = { data, size };
    int type = (int)take_below(&in, TYPES);
    weir_context *ctx = weir_context_new();
    weir_socket *s = NULL;

    MUST(ctx != NULL);
    MUST_EQUAL(CALL(weir_socket_open(ctx, type, &s)), 0);
    while (in.left > 0) {
        int number = any_number(&in);

        if (take_rarely(&in, 4))
            set_bytes(s, type, number, &in);
        else
            set_number(s, type, number, any_value(&in));
    }
    MUST_EQUAL(CALL(weir_close(s)), 0);
    MUST_EQUAL(CALL(weir_context_free(ctx)), 0);
}
