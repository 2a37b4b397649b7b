/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets of CZMQ: names, options, limits, and the types not used elsewhere. */
#include "czmq_parts.h"

#if WEIR_HAVE_CZMQ

#include "czmq_expect.h"

#define SUBSCRIBERS 5
#define NEWS        200

/* Many names at once, given in every form. */
void
part_endpoints(void)
{
    zsock_t *pull = zsock_new_pull("inproc://one,@inproc://two");
    zsock_t *push = zsock_new_push("inproc://one");
    zsock_t *both = zsock_new_push(">inproc://one,>inproc://two");
    zsock_t *early = zsock_new_push(">inproc://bound-later");

    CHECK(pull && push && both && early);
    CHECK(streq(zsock_endpoint(pull), "inproc://two"));
    CHECK(!zsock_new_pull("@inproc://one"));
    CHECK(zstr_send(push, "push") == 0);
    expect_text(pull, "push");
    CHECK(zstr_send(both, "both") == 0 && zstr_send(both, "both") == 0);
    expect_text(pull, "both");
    expect_text(pull, "both");

    CHECK(zstr_send(early, "early") == 0);
    CHECK(zsock_bind(pull, "inproc://bound-%s", "later") == 0);
    expect_text(pull, "early");

    CHECK(zsock_disconnect(push, "inproc://one") == 0);
    CHECK(zsock_disconnect(push, "inproc://one") == -1);
    CHECK(zsock_connect(push, "inproc://%s", "two") == 0);
    CHECK(zstr_send(push, "again") == 0);
    expect_text(pull, "again");
    CHECK(zsock_unbind(pull, "inproc://one") == 0);
    CHECK(zsock_bind(push, "inproc://one") == 0);
    zsock_destroy(&push);
    zsock_destroy(&both);
    zsock_destroy(&early);
    zsock_destroy(&pull);
}

void
part_options(void)
{
    zsock_t *dealer = zsock_new(ZMQ_DEALER);
    char *identity;

    CHECK(zsock_type(dealer) == ZMQ_DEALER);
    CHECK(streq(zsock_type_str(dealer), "DEALER"));
    CHECK(zsock_sndhwm(dealer) == 1000 && zsock_rcvhwm(dealer) == 1000);
    zsock_set_sndhwm(dealer, 17);
    zsock_set_rcvhwm(dealer, 18);
    zsock_set_linger(dealer, 19);
    CHECK(zsock_sndhwm(dealer) == 17 && zsock_rcvhwm(dealer) == 18);
    CHECK(zsock_linger(dealer) == 19);
    zsock_set_unbounded(dealer);
    CHECK(zsock_sndhwm(dealer) == 0 && zsock_rcvhwm(dealer) == 0);
    zsock_set_identity(dealer, "somebody");
    identity = zsock_identity(dealer);
    CHECK(streq(identity, "somebody"));
    zstr_free(&identity);
    zsock_set_rcvtimeo(dealer, 1);
    CHECK(!zstr_recv(dealer) && errno == EAGAIN);
    zsock_set_sndtimeo(dealer, 1);
    CHECK(zstr_send(dealer, "to nobody") == -1 && errno == EAGAIN);
    CHECK(zsock_fd(dealer) >= 0 && zsock_rcvmore(dealer) == 0);
    CHECK(zsock_bind(dealer, "inproc://options") == 0);
    CHECK((zsock_events(dealer) & ZMQ_POLLIN) == 0);
    zsock_destroy(&dealer);
}

/* Exactly as many messages as both ends allow together. */
void
part_high_water(void)
{
    zsock_t *pull = zsock_new(ZMQ_PULL), *push = zsock_new(ZMQ_PUSH);

    zsock_set_rcvhwm(pull, 4);
    zsock_set_sndhwm(push, 3);
    zsock_set_sndtimeo(push, 0);
    CHECK(zsock_bind(pull, "inproc://high-water") == 0);
    CHECK(zsock_connect(push, "inproc://high-water") == 0);
    for (int i = 0; i < 7; i++)
        CHECK(zsock_send(push, "i", i) == 0);
    CHECK(zsock_send(push, "i", 7) == -1);
    for (int i = 0; i < 7; i++) {
        int got;

        CHECK(zsock_recv(pull, "i", &got) == 0);
        CHECK(got == i);
    }
    CHECK(!zstr_recv_nowait(pull));
    zsock_destroy(&push);
    zsock_destroy(&pull);
}

/* A ROUTER answers the third of those that have written to it, by name. */
void
part_router(void)
{
    zsock_t *router = zsock_new_router("@inproc://router");
    zsock_t *dealer[4];

    zsock_set_router_mandatory(router, 1);
    for (int i = 0; i < 4; i++) {
        char name[] = { 'd', (char)('0' + i), 0 };

        dealer[i] = zsock_new(ZMQ_DEALER);
        zsock_set_identity(dealer[i], name);
        CHECK(zsock_connect(dealer[i], "inproc://router") == 0);
        CHECK(zstr_sendx(dealer[i], "", name, NULL) == 0);
    }
    for (int i = 0; i < 4; i++) {
        char *from, *empty, *name;

        CHECK(zstr_recvx(router, &from, &empty, &name, NULL) == 3);
        CHECK(streq(from, name) && streq(empty, ""));
        zstr_free(&from);
        zstr_free(&empty);
        zstr_free(&name);
    }
    CHECK(zstr_sendx(router, "d2", "", "for the third", NULL) == 0);
    CHECK(zstr_sendm(router, "nobody") == -1 && errno == EHOSTUNREACH);
    expect_text(dealer[2], "");
    expect_text(dealer[2], "for the third");
    for (int i = 0; i < 4; i++) {
        CHECK(!zstr_recv_nowait(dealer[i]));
        zsock_destroy(&dealer[i]);
    }
    zsock_destroy(&router);
}

/* Reads the news about its own letter, all of it and in order, and "*". */
static void
subscriber(zsock_t *pipe, void *letter)
{
    zsock_t *sub = zsock_new_sub(">inproc://news", letter);

    CHECK(sub != NULL);
    zsock_set_subscribe(sub, "*");
    zsock_signal(pipe, 0);
    for (int i = 0; i < NEWS; i++) {
        char *topic;
        int number;

        CHECK(zsock_recv(sub, "si", &topic, &number) == 0);
        CHECK(streq(topic, letter) && number == i);
        zstr_free(&topic);
    }
    expect_text(sub, "*");
    zsock_signal(pipe, 0);
    expect_end(pipe);
    zsock_destroy(&sub);
}

static void
publish(zsock_t *xpub, char letters[][2])
{
    for (int i = 0; i < NEWS; i++) {
        for (int s = 0; s < SUBSCRIBERS; s++)
            CHECK(zsock_send(xpub, "si", letters[s], i) == 0);
        CHECK(zstr_sendx(xpub, "unread", "news", NULL) == 0);
    }
    CHECK(zstr_send(xpub, "*") == 0);
}

/* The publisher sees every new subscription, and each subscriber only what it
 * has asked for. */
void
part_fan_out(void)
{
    zsock_t *xpub = zsock_new_xpub("@inproc://news");
    char letters[SUBSCRIBERS][2];
    zactor_t *actors[SUBSCRIBERS];

    for (int i = 0; i < SUBSCRIBERS; i++) {
        letters[i][0] = (char)('A' + i);
        letters[i][1] = 0;
        actors[i] = zactor_new(subscriber, letters[i]);
    }
    for (int i = 0; i < SUBSCRIBERS + 1; i++) {
        zframe_t *frame = zframe_recv(xpub);

        CHECK(frame && zframe_size(frame) == 2 && zframe_data(frame)[0] == 1);
        zframe_destroy(&frame);
    }
    publish(xpub, letters);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        CHECK(zsock_wait(actors[i]) == 0);
        zactor_destroy(&actors[i]);
    }
    zsock_destroy(&xpub);
}

/* A receiver that keeps the last value only. */
void
part_last_value(void)
{
    zsock_t *pull = zsock_new(ZMQ_PULL);
    zsock_t *push = zsock_new(ZMQ_PUSH);

    zsock_set_conflate(pull, 1);
    zsock_set_conflate(push, 1);
    CHECK(zsock_bind(pull, "inproc://last-value") == 0);
    CHECK(zsock_connect(push, "inproc://last-value") == 0);
    for (int i = 0; i <= 3000; i++)
        CHECK(zstr_sendf(push, "%d", i) == 0);
    expect_text(pull, "3000");
    CHECK(!zstr_recv_nowait(pull));
    zsock_destroy(&push);
    zsock_destroy(&pull);
}

#endif
