/* SPDX-License-Identifier: MPL-2.0 */
/* Every allocation of a conversation fails once: the call says so, has changed
 * nothing, and works when it is made again. */
#include <stdio.h>
#include <string.h>

#include "alloc/arena.h"
#include "tests/socket/support.h"

/* ---- Memory ------------------------------------------------------------ */

/* So many more allocations succeed, and then one does not; below 0 all do. */
static int64_t good = -1;

void *__real_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void *__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void *__real_wr_arena_zalloc(struct wr_arena *a, size_t align, size_t size);
void *__wrap_wr_arena_zalloc(struct wr_arena *a, size_t align, size_t size);

static bool
fails(void)
{
    return good >= 0 && good-- == 0;
}

void *
__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size)
{
    return fails() ? NULL : __real_wr_arena_alloc(a, align, size);
}

void *
__wrap_wr_arena_zalloc(struct wr_arena *a, size_t align, size_t size)
{
    return fails() ? NULL : __real_wr_arena_zalloc(a, align, size);
}

/* Makes the call again if there was no memory. */
#define INSIST(call)                 \
    ({                               \
        long insisted_ = CALL(call); \
        while (insisted_ == -ENOMEM) \
            insisted_ = CALL(call);  \
        insisted_;                   \
    })

/* ---- Conversations ----------------------------------------------------- */

static weir_socket *
open_socket(weir_context *ctx, int type)
{
    weir_socket *s = NULL;

    EQUAL(INSIST(weir_socket_open(ctx, type, &s)), 0);
    return s;
}

static void
tell(weir_socket *s, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        weir_msg msg;

        EQUAL(INSIST(weir_msg_init_copy(&msg, s, *texts, strlen(*texts))), 0);
        weir_msg_set_more(&msg, texts[1] != NULL);
        EQUAL(INSIST(weir_send(s, &msg, WEIR_DONTWAIT)), 0);
        EQUAL(weir_msg_size(&msg), 0);
    }
}

static void
check_text(weir_msg *msg, const char *text, bool more)
{
    EQUAL(weir_msg_size(msg), strlen(text));
    CHECK(memcmp(weir_msg_bytes(msg), text, strlen(text)) == 0);
    EQUAL(weir_msg_more(msg), more);
    OK(weir_msg_drop(msg));
}

static void
get_told(weir_socket *s, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        weir_msg msg;

        EQUAL(INSIST(weir_recv(s, &msg, WEIR_DONTWAIT)), 0);
        check_text(&msg, *texts, texts[1] != NULL);
    }
}

/* The same by an array, after one that is too short. */
static void
get_told_at_once(weir_socket *s, const char *const *texts)
{
    weir_msg msgs[32];
    long n = 0;

    while (texts[n] != NULL)
        n++;
    EQUAL(INSIST(weir_recv_batch(s, msgs, 1, WEIR_DONTWAIT)), -EMSGSIZE);
    EQUAL(INSIST(weir_recv_batch(s, msgs, 32, WEIR_DONTWAIT)), n);
    for (long i = 0; i < n; i++)
        check_text(&msgs[i], texts[i], i + 1 < n);
}

#define MANY                                                                   \
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", \
        "15", "16", "17", "18"

#define LONG \
    "a text of more than 56 bytes, which therefore does not fit into a slot"

static void
request_and_reply(weir_context *ctx)
{
    weir_socket *req = open_socket(ctx, WEIR_REQ);
    weir_socket *rep = open_socket(ctx, WEIR_REP);

    OK(weir_bind(rep, "inproc://x"));
    EQUAL(INSIST(weir_connect(req, "inproc://x")), 0);
    for (int i = 0; i < 4; i++) {
        set(req, WEIR_REQ_CORRELATE, i % 2);
        tell(req, TEXTS("question"));
        get_told(rep, TEXTS("question"));
        tell(rep, TEXTS("answer"));
        get_told(req, TEXTS("answer"));
        tell(req, TEXTS(MANY, LONG));
        get_told(rep, TEXTS(MANY, LONG));
        tell(rep, TEXTS(LONG, MANY));
        get_told_at_once(req, TEXTS(LONG, MANY));
    }
    OK(weir_close(rep));
    OK(weir_close(req));
}

static void
addresses(weir_context *ctx)
{
    weir_socket *dealer = open_socket(ctx, WEIR_DEALER);
    weir_socket *rep = open_socket(ctx, WEIR_REP);

    OK(weir_bind(rep, "inproc://x"));
    EQUAL(INSIST(weir_connect(dealer, "inproc://x")), 0);
    tell(dealer, TEXTS("no", "envelope"));
    tell(dealer, TEXTS(MANY, "", "question", "and more"));
    get_told(rep, TEXTS("question", "and more"));
    tell(rep, TEXTS("answer", "and more"));
    get_told(dealer, TEXTS(MANY, "", "answer", "and more"));
    tell(dealer, TEXTS("a", "", MANY));
    get_told_at_once(rep, TEXTS(MANY));
    tell(rep, TEXTS("answer"));
    get_told(dealer, TEXTS("a", "", "answer"));
    OK(weir_close(rep));
    OK(weir_close(dealer));
}

static void
routes(weir_context *ctx)
{
    enum { n = 20 };
    weir_socket *router = open_socket(ctx, WEIR_ROUTER);
    weir_socket *peers[n];
    char id[100];

    OK(weir_bind(router, "inproc://x"));
    for (int i = 0; i < n; i++) {
        peers[i] = open_socket(ctx, WEIR_DEALER);
        (void)snprintf(id, sizeof(id), "%060d", i);
        name_socket(peers[i], id);
        set(peers[i], WEIR_PROBE_ROUTER, i == 0);
        EQUAL(INSIST(weir_connect(peers[i], "inproc://x")), 0);
    }
    /* A binder without memory gives a connection up. */
    if (get(router, WEIR_EVENTS) >= 0 && get(router, WEIR_PEERS) == n) {
        (void)snprintf(id, sizeof(id), "%060d", 0);
        get_told(router, TEXTS(id, ""));
        for (int i = 0; i < n; i++) {
            (void)snprintf(id, sizeof(id), "%060d", i);
            tell(peers[i], TEXTS(MANY));
            get_told_at_once(router, TEXTS(id, MANY));
            tell(router, TEXTS(id, MANY));
            get_told(peers[i], TEXTS(MANY));
        }
    }
    for (int i = 0; i < n; i++)
        OK(weir_close(peers[i]));
    OK(weir_close(router));
}

/* Until nothing is left that could fail. */
static void
converse(void (*conversation)(weir_context *))
{
    uint64_t live = wr_arena_live();

    for (int64_t i = 0;; i++) {
        weir_context *ctx = new_context();
        bool all;

        good = i;
        conversation(ctx);
        all = good >= 0;
        good = -1;
        OK(weir_context_free(ctx));
        EQUAL(wr_arena_live(), live);
        if (all)
            break;
    }
}

static void
requests_and_replies(void **state)
{
    (void)state;
    converse(request_and_reply);
}

static void
requests_with_addresses(void **state)
{
    (void)state;
    converse(addresses);
}

static void
routers_and_many_peers(void **state)
{
    (void)state;
    converse(routes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_replies),
        cmocka_unit_test(requests_with_addresses),
        cmocka_unit_test(routers_and_many_peers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
