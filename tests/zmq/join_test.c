/* SPDX-License-Identifier: MPL-2.0 */
/* Any two socket types can be joined, bound first or connected first; those
 * that fit together then talk. */
#include "tests/zmq/support.h"

#include <stdio.h>

#define ALL_TYPES 11

static const char *const names[ALL_TYPES] = {
    "PAIR",   "PUB",  "SUB",  "REQ",  "REP",  "DEALER",
    "ROUTER", "PULL", "PUSH", "XPUB", "XSUB",
};

struct two {
    int bound, connected;
};

static struct two twos[ALL_TYPES][ALL_TYPES];

/* Nothing that is sent between types that do not fit may do harm. */
static void
try_all(void *s)
{
    char bytes[16];

    zmq_send(s, "x", 1, ZMQ_DONTWAIT);
    zmq_recv(s, bytes, sizeof bytes, ZMQ_DONTWAIT);
    settle(s);
}

static void
can_be_joined(const void *arg)
{
    const struct two *t = arg;

    for (int connect_first = 0; connect_first < 2; connect_first++) {
        void *a = open_socket(t->bound), *b = open_socket(t->connected);
        const char *name = connect_first ? "inproc://1" : "inproc://2";

        if (connect_first)
            OK(zmq_connect(b, name));
        OK(zmq_bind(a, name));
        if (!connect_first)
            OK(zmq_connect(b, name));
        for (int i = 0; i < 3; i++) {
            try_all(a);
            try_all(b);
        }
        close_socket(connect_first ? a : b);
        settle(connect_first ? b : a);
        close_socket(connect_first ? b : a);
    }
}

__attribute__((constructor)) static void
add_twos(void)
{
    char name[40];

    for (int a = 0; a < ALL_TYPES; a++) {
        for (int b = 0; b < ALL_TYPES; b++) {
            twos[a][b] = (struct two){ a, b };
            snprintf(name, sizeof name, "%s_and_%s", names[a], names[b]);
            add_row("join", name, can_be_joined, &twos[a][b]);
        }
    }
}

/* ---- Those that fit ---------------------------------------------------- */

/* Who begins, and who hears it. */
static const struct fit {
    const char *name;
    int sender, receiver;
} fits[] = {
    { "PAIR_to_PAIR", ZMQ_PAIR, ZMQ_PAIR },
    { "PUB_to_SUB", ZMQ_PUB, ZMQ_SUB },
    { "PUB_to_XSUB", ZMQ_PUB, ZMQ_XSUB },
    { "XPUB_to_SUB", ZMQ_XPUB, ZMQ_SUB },
    { "XPUB_to_XSUB", ZMQ_XPUB, ZMQ_XSUB },
    { "REQ_to_REP", ZMQ_REQ, ZMQ_REP },
    { "REQ_to_ROUTER", ZMQ_REQ, ZMQ_ROUTER },
    { "DEALER_to_REP", ZMQ_DEALER, ZMQ_REP },
    { "DEALER_to_DEALER", ZMQ_DEALER, ZMQ_DEALER },
    { "DEALER_to_ROUTER", ZMQ_DEALER, ZMQ_ROUTER },
    { "PUSH_to_PULL", ZMQ_PUSH, ZMQ_PULL },
};

static void
subscribe(void *receiver, int type)
{
    if (type == ZMQ_SUB)
        set_text(receiver, ZMQ_SUBSCRIBE, "");
    if (type == ZMQ_XSUB)
        GIVES(zmq_send(receiver, "\1", 1, 0), 1);
}

static void
send_to(void *s, const struct fit *f)
{
    if (f->sender == ZMQ_DEALER && f->receiver == ZMQ_REP)
        send_frame(s, "", ZMQ_SNDMORE);
    send_message(s, "hello", "world", NULL);
}

static void
hear_from(void *r, const struct fit *f)
{
    if (f->receiver == ZMQ_ROUTER)
        GIVES(zmq_recv(r, NULL, 0, 0), 5);
    if (f->receiver == ZMQ_ROUTER && f->sender == ZMQ_REQ)
        expect_frame(r, "");
    expect_message(r, "hello", "world", NULL);
}

static void
hears(const struct fit *f, bool sender_binds, bool connect_first)
{
    void *s = open_socket(f->sender), *r = open_socket(f->receiver);
    void *binder = sender_binds ? s : r, *other = sender_binds ? r : s;

    if (connect_first)
        OK(zmq_connect(other, "inproc://x"));
    OK(zmq_bind(binder, "inproc://x"));
    if (!connect_first)
        OK(zmq_connect(other, "inproc://x"));
    settle(binder);
    settle(other);
    subscribe(r, f->receiver);
    settle(s);
    send_to(s, f);
    hear_from(r, f);
}

static void
hears_when_sender_connects(const void *arg)
{
    hears(arg, false, false);
}

static void
hears_when_sender_binds(const void *arg)
{
    hears(arg, true, false);
}

static void
hears_when_sender_connects_first(const void *arg)
{
    hears(arg, false, true);
}

static void
hears_when_sender_binds_last(const void *arg)
{
    hears(arg, true, true);
}

__attribute__((constructor)) static void
add_fits(void)
{
    for (size_t i = 0; i < LENGTH(fits); i++) {
        const struct fit *f = &fits[i];

        add_row("connected", f->name, hears_when_sender_connects, f);
        add_row("bound", f->name, hears_when_sender_binds, f);
        add_row("connected_first", f->name, hears_when_sender_connects_first,
                f);
        add_row("bound_last", f->name, hears_when_sender_binds_last, f);
    }
}

/* ---- Types that do not fit --------------------------------------------- */

CASE(push_to_sub_does_not_disturb_publishers)
{
    void *sub = bound(ZMQ_SUB, "inproc://x"), *push, *pub;

    set_text(sub, ZMQ_SUBSCRIBE, "");
    push = connected(ZMQ_PUSH, "inproc://x");
    zmq_send(push, "push", 4, ZMQ_DONTWAIT);
    pub = connected(ZMQ_PUB, "inproc://x");
    settle(sub);
    settle(pub);
    close_socket(push);
    drain(sub);
    send_frame(pub, "pub", 0);
    expect_message(sub, "pub", NULL);
}

CASE(many_wait_for_one_bind)
{
    void *pushes[20], *pull;

    for (size_t i = 0; i < LENGTH(pushes); i++) {
        pushes[i] = connected(ZMQ_PUSH, "inproc://x");
        send_frame(pushes[i], "early", 0);
    }
    pull = bound(ZMQ_PULL, "inproc://x");
    for (size_t i = 0; i < LENGTH(pushes); i++)
        expect_frame(pull, "early");
    expect_nothing(pull);
}

CASE(one_that_waits_may_close)
{
    void *push = connected(ZMQ_PUSH, "inproc://x"), *pull;

    set_int(push, ZMQ_LINGER, 0);
    close_socket(push);
    pull = bound(ZMQ_PULL, "inproc://x");
    push = connected(ZMQ_PUSH, "inproc://x");
    send_frame(push, "text", 0);
    expect_frame(pull, "text");
}

int
main(int argc, char **argv)
{
    return run_cases("join", argc, argv);
}
