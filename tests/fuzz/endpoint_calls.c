/* SPDX-License-Identifier: MPL-2.0 */
/* Endpoints of any bytes: every call that takes one says the same of it, and a
 * good one is a name that can be bound, met and given back. */
#include <string.h>
#include <weir/monitor.h>
#include <weir/weir.h>

#include "tests/fuzz/endpoints.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/must.h"

const char *const fuzz_name = "endpoint";

struct pair {
    weir_context *ctx;
    weir_socket *bound;
    weir_socket *connected;
};

static void
meet(const struct pair *p, const char *endpoint)
{
    weir_msg msg;

    MUST_EQUAL(CALL(weir_connect(p->connected, endpoint)), -ECONNREFUSED);
    MUST_EQUAL(CALL(weir_unbind(p->bound, endpoint)), -ENOENT);
    MUST_EQUAL(CALL(weir_bind(p->bound, endpoint)), 0);
    MUST_EQUAL(CALL(weir_bind(p->connected, endpoint)), -EADDRINUSE);
    MUST_EQUAL(CALL(weir_disconnect(p->connected, endpoint)), -ENOENT);
    MUST_EQUAL(CALL(weir_connect(p->connected, endpoint)), 0);
    MUST_EQUAL(CALL(weir_msg_init_copy(&msg, p->connected, "x", 1)), 0);
    MUST_EQUAL(CALL(weir_send(p->connected, &msg, WEIR_DONTWAIT)), 0);
    MUST_EQUAL(CALL(weir_recv(p->bound, &msg, WEIR_DONTWAIT)), 0);
    MUST_EQUAL(CALL(weir_unbind(p->bound, endpoint)), 0);
    MUST_EQUAL(CALL(weir_disconnect(p->connected, endpoint)), 0);
}

static void
hear_endpoint(const struct pair *p, const char *endpoint)
{
    weir_msg msg;

    MUST_EQUAL(CALL(weir_recv(p->bound, &msg, WEIR_DONTWAIT)), 0);
    MUST_EQUAL(CALL(weir_msg_drop(&msg)), 0);
    MUST_EQUAL(CALL(weir_recv(p->bound, &msg, WEIR_DONTWAIT)), 0);
    MUST_EQUAL(weir_msg_size(&msg), strlen(endpoint));
    MUST(memcmp(weir_msg_bytes(&msg), endpoint, strlen(endpoint)) == 0);
    MUST_EQUAL(CALL(weir_msg_drop(&msg)), 0);
}

/* The endpoint comes back as it was, in what a monitor says. */
static void
report(const struct pair *p, const char *endpoint)
{
    MUST_EQUAL(CALL(weir_monitor(p->connected, "inproc://", 1)), -EINVAL);
    MUST_EQUAL(CALL(weir_monitor(p->connected, endpoint, WEIR_EVENT_ALL)), 0);
    MUST_EQUAL(CALL(weir_connect(p->bound, endpoint)), 0);
    MUST_EQUAL(CALL(weir_bind(p->connected, endpoint)), -EADDRINUSE);
    if (strcmp(endpoint, "inproc://other") != 0) {
        MUST_EQUAL(CALL(weir_bind(p->connected, "inproc://other")), 0);
        hear_endpoint(p, "inproc://other");
    }
    MUST_EQUAL(CALL(weir_monitor(p->connected, NULL, 0)), 0);
    MUST_EQUAL(CALL(weir_bind(p->connected, endpoint)), 0);
}

static void
refuse(const struct pair *p, const char *endpoint, int want)
{
    MUST_EQUAL(CALL(weir_bind(p->bound, endpoint)), want);
    MUST_EQUAL(CALL(weir_unbind(p->bound, endpoint)), want);
    MUST_EQUAL(CALL(weir_connect(p->bound, endpoint)), want);
    MUST_EQUAL(CALL(weir_disconnect(p->bound, endpoint)), want);
    if (endpoint != NULL)
        MUST_EQUAL(CALL(weir_monitor(p->bound, endpoint, 1)), want);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    struct bytes in = { data, size };
    char text[ENDPOINT_MAX];
    struct pair p = { .ctx = weir_context_new() };

    MUST(p.ctx != NULL);
    MUST_EQUAL(CALL(weir_socket_open(p.ctx, WEIR_PAIR, &p.bound)), 0);
    MUST_EQUAL(CALL(weir_socket_open(p.ctx, WEIR_PAIR, &p.connected)), 0);
    for (int i = 0; i < 4 && in.left > 0; i++) {
        const char *endpoint = endpoint_take(&in, text);
        int error = endpoint_error(endpoint);

        if (error != 0) {
            refuse(&p, endpoint, error);
            continue;
        }
        meet(&p, endpoint);
        if (in.left == 0)
            report(&p, endpoint);
    }
    MUST_EQUAL(CALL(weir_close(p.bound)), 0);
    MUST_EQUAL(CALL(weir_close(p.connected)), 0);
    MUST_EQUAL(CALL(weir_context_free(p.ctx)), 0);
}
