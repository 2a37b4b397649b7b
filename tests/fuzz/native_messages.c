/* SPDX-License-Identifier: MPL-2.0 */
/* Messages of all kinds, and what they hold. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/native.h"

/* ---- Sizes and contents ------------------------------------------------ */

static size_t
any_size(struct world *w)
{
    static const size_t sizes[] = {
        0,     1,      4,   8,   9,   16,  55,     56,      57,   63,   64,
        65,    128,    129, 255, 256, 257, 300,    1000,    4096, 4097, 9000,
        65536, 100000, 3,   2,   5,   100, 200000, 1 << 20, 7,    40
    };
    unsigned odd = take(&w->in);

    if (odd == 255)
        return (1 << 20) + 1;
    return sizes[odd % (sizeof(sizes) / sizeof(sizes[0]))];
}

/* A size that nobody has. */
static size_t
impossible_size(struct world *w)
{
    return SIZE_MAX - (take_u64(&w->in) >> 2);
}

static uint8_t
any_first(struct world *w)
{
    return (uint8_t)("ab\0\1"[take_below(&w->in, 4)]);
}

/* What the library itself puts into messages: ids of routers and of requests,
 * events and their endpoints. */
static bool
is_from_library(const uint8_t *p, size_t size)
{
    if (size > 9 && memcmp(p, "inproc://", 9) == 0)
        return true;
    return size == 4 || size == 6 || (size == 5 && p[0] == 0);
}

/* A subscription, or the end of one; its prefix may have been sent as a body.
 */
static bool
is_wish(const uint8_t *p, size_t size)
{
    return p[0] <= 1 &&
           (text_is_good(p + 1, size - 1) || body_is_good(p + 1, size - 1));
}

void
must_be_whole(const weir_msg *msg)
{
    const uint8_t *p = weir_msg_bytes(msg);
    size_t size = weir_msg_size(msg);

    if (size == 0 || body_is_good(p, size) || is_wish(p, size))
        return;
    MUST(size < TEXT_MAX);
    MUST(text_is_good(p, size) || is_from_library(p, size));
}

/* ---- The caller's bytes ------------------------------------------------ */

static void
free_external(void *data, void *hint)
{
    struct external *e = hint;

    MUST(!e->freed && data == e->data);
    e->freed = true;
    free(data);
}

static int
make_external(struct world *w, weir_msg *msg, size_t size)
{
    struct external *e = calloc(1, sizeof(*e));

    MUST(e != NULL);
    e->data = malloc(size + 1);
    MUST(e->data != NULL);
    e->next = w->externals;
    w->externals = e;
    return CALL(weir_msg_init_external(msg, e->data, size, free_external, e));
}

void
free_externals(struct world *w)
{
    while (w->externals != NULL) {
        struct external *e = w->externals;

        MUST(e->freed);
        w->externals = e->next;
        free(e);
    }
}

/* ---- Making ------------------------------------------------------------ */

/* With bytes that are to be written. */
static int
make_blank(struct world *w, const struct seat *s, weir_msg *msg, size_t size)
{
    int rc = 0;

    switch (take_below(&w->in, 6)) {
    case 0:
        weir_msg_init_inline(msg, size > WEIR_INLINE_MAX ? 8 : size);
        return 0;
    case 1:
        return CALL(weir_msg_init_local(msg, size));
    case 2:
    case 3:
        return make_external(w, msg, size);
    default:
        rc = CALL(weir_msg_init_size(msg, s->socket, size));
        MUST_EQUAL(rc, s->open ? 0 : -EBADF);
        return rc;
    }
}

static int
make_copy(const struct seat *s, weir_msg *msg, size_t size, uint8_t first)
{
    static uint8_t data[TEXT_MAX];
    int rc;

    size %= TEXT_MAX;
    body_fill(data, size, first);
    rc = CALL(weir_msg_init_copy(msg, s->socket, data, size));
    MUST_EQUAL(rc, s->open ? 0 : -EBADF);
    if (rc == 0)
        MUST(memcmp(weir_msg_bytes(msg), data, size) == 0);
    return rc;
}

/* A subscription, as a message. */
static void
make_wish(struct world *w, weir_msg *msg)
{
    size_t size = 1 + take_below(&w->in, 12);
    uint8_t *p;

    weir_msg_init_inline(msg, size);
    p = weir_msg_data(msg);
    p[0] = (uint8_t)take_below(&w->in, 2);
    text_fill(p + 1, size - 1, any_first(w));
}

void
fill_message(struct world *w, struct seat *s, weir_msg *msg)
{
    unsigned kind = take_below(&w->in, 8);
    uint8_t first = any_first(w);
    size_t size = any_size(w);
    int rc = 0;

    weir_msg_init(msg);
    if (kind == 0)
        make_wish(w, msg);
    else if (kind < 3)
        rc = make_copy(s, msg, size, first);
    else
        rc = make_blank(w, s, msg, size);
    if (rc != 0)
        weir_msg_init(msg);
    if (rc == 0 && kind >= 3)
        body_fill(weir_msg_data(msg), weir_msg_size(msg), first);
    weir_msg_set_more(msg, take_rarely(&w->in, 3));
}

static void
make_wrongly(struct world *w, weir_msg *msg)
{
    struct seat *s = any_seat(w);
    size_t size = impossible_size(w);
    int want = s->open ? -EINVAL : -EBADF;
    char byte = 0;

    MUST_EQUAL(CALL(weir_msg_init_size(NULL, s->socket, size)), want);
    MUST_EQUAL(CALL(weir_msg_init_copy(NULL, s->socket, &byte, 1)), want);
    MUST_EQUAL(CALL(weir_msg_init_copy(msg, s->socket, NULL, 1)), want);
    MUST_EQUAL(CALL(weir_msg_init_local(NULL, 1)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_init_external(msg, NULL, 1, NULL, NULL)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_init_external(NULL, &byte, 1, NULL, NULL)),
               -EINVAL);
    MUST_EQUAL(CALL(weir_msg_share(msg, NULL)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_share(NULL, msg)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_share(msg, msg)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_move(msg, NULL)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_drop(NULL)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_drop_batch(NULL, size)), -EINVAL);
    MUST_EQUAL(CALL(weir_msg_drop_batch(NULL, 0)), 0);
    MUST_EQUAL(CALL(weir_msg_init_local(msg, size)), -ENOMEM);
    weir_msg_init(msg);
    MUST_EQUAL(CALL(weir_msg_init_size(msg, s->socket, size)),
               s->open ? -ENOMEM : -EBADF);
    weir_msg_init(msg);
}

static void
share_or_move(struct world *w, weir_msg *msg)
{
    weir_msg *from = &w->msgs[take_below(&w->in, MESSAGES)];
    size_t size = weir_msg_size(from);

    if (from == msg)
        return;
    if (take_below(&w->in, 2)) {
        MUST_EQUAL(CALL(weir_msg_share(msg, from)), 0);
        MUST_EQUAL(weir_msg_size(from), size);
    } else {
        MUST_EQUAL(CALL(weir_msg_move(msg, from)), 0);
        MUST_EQUAL(weir_msg_size(from), 0);
    }
    MUST_EQUAL(weir_msg_size(msg), size);
    must_be_whole(msg);
}

void
make_message(struct world *w)
{
    weir_msg *msg = &w->msgs[take_below(&w->in, MESSAGES)];
    struct seat *s = any_seat(w);
    unsigned kind = take_below(&w->in, 32);

    MUST_EQUAL(CALL(weir_msg_drop(msg)), 0);
    if (kind == 0)
        make_wrongly(w, msg);
    else if (kind < 8)
        share_or_move(w, msg);
    else
        fill_message(w, s, msg);
}

void
drop_messages(struct world *w)
{
    size_t first = take_below(&w->in, MESSAGES);
    size_t n = take_below(&w->in, MESSAGES);

    if (n > MESSAGES - first)
        n = MESSAGES - first;
    for (size_t i = 0; i < n; i++)
        must_be_whole(&w->msgs[first + i]);
    MUST_EQUAL(CALL(weir_msg_drop_batch(&w->msgs[first], n)), 0);
    for (size_t i = 0; i < n; i++)
        MUST_EQUAL(weir_msg_size(&w->msgs[first + i]), 0);
}
