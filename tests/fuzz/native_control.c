/* SPDX-License-Identifier: MPL-2.0 */
/* Names, options and monitors. */
#include <string.h>

#include "tests/fuzz/endpoints.h"
#include "tests/fuzz/native.h"

/* ---- Names ------------------------------------------------------------- */

/* The result of a call with an endpoint: 0, the error that the endpoint
 * deserves, or one of the codes. */
static void
must_fit(const struct seat *s, const char *endpoint, int rc, const int *codes)
{
    int want = endpoint_error(endpoint);

    if (s->open && want != 0)
        MUST_EQUAL(rc, want);
    else
        must_be_result(s, rc, codes, "with an endpoint");
}

void
use_endpoint(struct world *w)
{
    char text[ENDPOINT_MAX];
    struct seat *s = any_seat(w);
    unsigned how = take_below(&w->in, 8);
    const char *endpoint = endpoint_take(&w->in, text);

    if (how < 3)
        must_fit(s, endpoint, CALL(weir_bind(s->socket, endpoint)),
                 CODES(-EADDRINUSE));
    else if (how < 6)
        must_fit(s, endpoint, CALL(weir_connect(s->socket, endpoint)),
                 CODES(-ECONNREFUSED, -EPROTOTYPE, -EBUSY, -EADDRINUSE));
    else if (how == 6)
        must_fit(s, endpoint, CALL(weir_unbind(s->socket, endpoint)),
                 CODES(-ENOENT));
    else
        must_fit(s, endpoint, CALL(weir_disconnect(s->socket, endpoint)),
                 CODES(-ENOENT, -EBUSY));
}

void
use_monitor(struct world *w)
{
    char text[ENDPOINT_MAX];
    struct seat *s = any_seat(w);
    int events = (int)(take(&w->in) << 8 | take(&w->in));
    const char *endpoint = endpoint_take(&w->in, text);
    int rc = CALL(weir_monitor(s->socket, endpoint, events));

    if (endpoint == NULL || s->down)
        must_be_result(s, rc, CODES(-EINVAL, -EPROTONOSUPPORT, -ENAMETOOLONG),
                       "weir_monitor");
    else
        must_fit(s, endpoint, rc, CODES(-EADDRINUSE));
}

/* ---- Options ----------------------------------------------------------- */

static int
any_option(struct world *w)
{
    unsigned odd = take(&w->in);

    if (odd < 220)
        return (int)(odd % 25);
    return odd < 250 ? (int)(odd % 67) - 1 : (int)(uint32_t)take_u64(&w->in);
}

static int64_t
any_value(struct world *w)
{
    static const int64_t odd[] = { -1,        -2,        4,
                                   1000,      INT32_MAX, (int64_t)INT32_MAX + 1,
                                   INT32_MIN, INT64_MAX, INT64_MIN };
    unsigned how = take(&w->in);

    if (how < 200)
        return how % 4;
    return how < 250 ? odd[how % 9] : (int64_t)take_u64(&w->in);
}

/* What was set is what is read, and what was not set is as before. */
void
use_option(struct world *w)
{
    struct seat *s = any_seat(w);
    int option = any_option(w);
    int64_t value = any_value(w);
    int64_t before = 4711, after = 4711;
    int rc, got;

    MUST(RESULT(s, weir_socket_get(s->socket, option, NULL), -EINVAL) < 0);
    got = (int)RESULT(s, weir_socket_get(s->socket, option, &before), -EINVAL);
    rc = (int)RESULT(s, weir_socket_set(s->socket, option, value), -EINVAL);
    MUST(rc <= 0 && got <= 0 && (got == 0 || before == 4711));
    if (rc == 0)
        MUST_EQUAL(got, 0);
    MUST_EQUAL(CALL(weir_socket_get(s->socket, option, &after)), got);
    MUST_EQUAL(after, rc == 0 ? value : before);
}

static void
set_bytes(struct world *w, struct seat *s, int option)
{
    uint8_t data[TEXT_MAX + 1];
    uint8_t *p = data + take_below(&w->in, 2);
    unsigned odd = take(&w->in);
    size_t size = odd < 200 ? odd % 6 : odd + 45;
    long rc;

    text_fill(p, size, (uint8_t)("ab\0\1"[take_below(&w->in, 4)]));
    if (odd < 200 && odd % 50 == 0)
        p = NULL;
    rc = RESULT(s, weir_socket_set_bytes(s->socket, option, p, size), -EINVAL,
                -EADDRINUSE);
    if (p == NULL && size > 0)
        MUST(rc < 0);
    if (rc != 0 || option != WEIR_ROUTING_ID)
        return;
    memset(data, 0, sizeof(data));
    odd = (unsigned)size;
    size = sizeof(data);
    MUST_EQUAL(CALL(weir_socket_get_bytes(s->socket, option, data, &size)), 0);
    MUST(size == odd && text_is_good(data, size));
}

static void
get_bytes(struct world *w, struct seat *s, int option)
{
    uint8_t data[TEXT_MAX];
    size_t room = take(&w->in);
    size_t size = room;
    long rc;

    memset(data, 0xa5, sizeof(data));
    MUST(RESULT(s, weir_socket_get_bytes(s->socket, option, data, NULL),
                -EINVAL) < 0);
    rc = RESULT(s, weir_socket_get_bytes(s->socket, option, data, &size),
                -EINVAL, -EMSGSIZE);
    for (size_t i = room; i < sizeof(data); i++)
        MUST_EQUAL(data[i], 0xa5);
    if (rc == 0)
        MUST(size <= room && text_is_good(data, size));
    else if (rc == -EMSGSIZE)
        MUST(size > room && text_is_good(data, room));
    else
        MUST_EQUAL(size, room);
    if (rc != 0)
        return;
    size = 0;
    rc = CALL(weir_socket_get_bytes(s->socket, option, NULL, &size));
    MUST_EQUAL(rc, size == 0 ? 0 : -EMSGSIZE);
}

void
use_bytes_option(struct world *w)
{
    struct seat *s = any_seat(w);
    unsigned odd = take(&w->in);
    int option = odd < 240 ? 32 + (int)(odd % 6) : any_option(w);

    if (take_rarely(&w->in, 4))
        get_bytes(w, s, option);
    else
        set_bytes(w, s, option);
}
