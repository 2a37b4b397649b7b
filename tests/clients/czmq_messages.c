/* SPDX-License-Identifier: MPL-2.0 */
/* Messages, as CZMQ makes them: strings, frames, pictures, signals. */
#include "czmq_parts.h"

#if WEIR_HAVE_CZMQ

#include "czmq_expect.h"

#define LARGE  (1024 * 1024)
#define FRAMES 500

/* Two sockets joined by a name of their own: libzmq frees the name of a closed
 * socket only some time later. */
struct pair {
    zsock_t *a;
    zsock_t *b;
};

static struct pair
open_pair(const char *name)
{
    struct pair pair = { zsock_new(ZMQ_PAIR), zsock_new(ZMQ_PAIR) };

    CHECK(zsock_bind(pair.a, "inproc://%s", name) == 0);
    CHECK(zsock_connect(pair.b, "inproc://%s", name) == 0);
    return pair;
}

static void
close_pair(struct pair *pair)
{
    zsock_destroy(&pair->a);
    zsock_destroy(&pair->b);
}

void
part_strings(void)
{
    struct pair pair = open_pair("strings");
    char *first, *second;

    CHECK(zstr_send(pair.a, "") == 0);
    CHECK(zstr_sendf(pair.a, "%05d", 42) == 0);
    CHECK(zstr_sendfm(pair.a, "%s", "more") == 0);
    CHECK(zstr_send(pair.a, "follows") == 0);
    CHECK(zstr_sendx(pair.a, "two", "strings", NULL) == 0);
    expect_text(pair.b, "");
    expect_text(pair.b, "00042");
    CHECK(zsock_rcvmore(pair.b) == 0);
    expect_text(pair.b, "more");
    CHECK(zsock_rcvmore(pair.b) == 1);
    expect_text(pair.b, "follows");
    CHECK(zstr_recvx(pair.b, &first, &second, NULL) == 2);
    CHECK(streq(first, "two") && streq(second, "strings"));
    zstr_free(&first);
    zstr_free(&second);
    CHECK(!zstr_recv_nowait(pair.b));
    close_pair(&pair);
}

static zframe_t *
patterned_frame(size_t size)
{
    zframe_t *frame = zframe_new(NULL, size);

    CHECK(frame && zframe_size(frame) == size);
    for (size_t i = 0; i < size; i++)
        zframe_data(frame)[i] = (byte)(i * 7 + size);
    return frame;
}

/* Sends a frame twice, keeping it the first time. */
static void
send_and_compare(struct pair *pair, size_t size)
{
    zframe_t *frame = patterned_frame(size);
    zframe_t *copy = zframe_dup(frame);

    CHECK(zframe_send(&frame, pair->a, ZFRAME_REUSE | ZFRAME_MORE) == 0);
    CHECK(frame && zframe_eq(frame, copy));
    CHECK(zframe_send(&frame, pair->a, 0) == 0);
    CHECK(!frame);
    for (int more = 1; more >= 0; more--) {
        zframe_t *got = zframe_recv(pair->b);

        CHECK(got && zframe_eq(got, copy));
        CHECK(zframe_more(got) == more);
        zframe_destroy(&got);
    }
    zframe_destroy(&copy);
}

void
part_frames(void)
{
    static const size_t sizes[] = { 0, 1, 29, 33, 34, 64, 255, 4096, LARGE };
    struct pair pair = open_pair("frames");

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        send_and_compare(&pair, sizes[i]);
    CHECK(!zframe_recv_nowait(pair.b));
    close_pair(&pair);
}

/* A message of many frames, sent, taken apart, and sent back. */
static zmsg_t *
many_frames(void)
{
    zmsg_t *msg = zmsg_new();

    for (int i = 0; i < FRAMES; i++)
        CHECK(zmsg_addstrf(msg, "frame %d", i) == 0);
    CHECK(zmsg_pushmem(msg, "\0\1\2", 3) == 0);
    CHECK(zmsg_size(msg) == FRAMES + 1);
    return msg;
}

static void
check_many_frames(zmsg_t *msg)
{
    zframe_t *head = zmsg_pop(msg);
    char want[32];

    CHECK(zframe_size(head) == 3 && !memcmp(zframe_data(head), "\0\1\2", 3));
    zframe_destroy(&head);
    for (int i = 0; i < FRAMES; i++) {
        char *text = zmsg_popstr(msg);

        snprintf(want, sizeof(want), "frame %d", i);
        CHECK(text && streq(text, want));
        zstr_free(&text);
    }
    CHECK(zmsg_size(msg) == 0);
}

void
part_multi_frame(void)
{
    struct pair pair = open_pair("multi_frame");
    zmsg_t *msg = many_frames();
    zmsg_t *kept = zmsg_dup(msg);

    CHECK(zmsg_send(&msg, pair.a) == 0 && !msg);
    msg = zmsg_recv(pair.b);
    CHECK(msg && zmsg_eq(msg, kept));
    CHECK(zmsg_send(&msg, pair.b) == 0);
    msg = zmsg_recv(pair.a);
    CHECK(msg && zmsg_content_size(msg) == zmsg_content_size(kept));
    check_many_frames(msg);
    zmsg_destroy(&msg);
    zmsg_destroy(&kept);

    /* What is left of a message that was read in part can be skipped. */
    CHECK(zstr_sendx(pair.a, "read", "not", "either", NULL) == 0);
    CHECK(zstr_send(pair.a, "next") == 0);
    expect_text(pair.b, "read");
    zsock_flush(pair.b);
    expect_text(pair.b, "next");
    close_pair(&pair);
}

void
part_pictures(void)
{
    struct pair pair = open_pair("pictures");
    zchunk_t *chunk = zchunk_new("chunk", 5), *chunk_got;
    char *text;
    int number;
    uint64_t wide;
    uint8_t small;
    uint16_t middle;
    void *pointer;

    CHECK(zsock_send(pair.a, "i8szcp", -3, UINT64_MAX, "text", chunk, &pair) ==
          0);
    CHECK(zsock_recv(pair.b, "i8szcp", &number, &wide, &text, &chunk_got,
                     &pointer) == 0);
    CHECK(number == -3 && wide == UINT64_MAX && streq(text, "text"));
    CHECK(zchunk_size(chunk_got) == 5 && pointer == &pair);
    zstr_free(&text);
    zchunk_destroy(&chunk_got);
    zchunk_destroy(&chunk);

    /* The binary form: all in one frame. */
    CHECK(zsock_bsend(pair.b, "128s", 200, 60000, UINT64_MAX - 1, "end") == 0);
    text = NULL;
    CHECK(zsock_brecv(pair.a, "128s", &small, &middle, &wide, &text) == 0);
    CHECK(small == 200 && middle == 60000 && wide == UINT64_MAX - 1);
    CHECK(streq(text, "end"));
    close_pair(&pair);
}

void
part_signals(void)
{
    struct pair pair = open_pair("signals");
    zmsg_t *msg;

    for (int status = 0; status <= UINT8_MAX; status += 5) {
        CHECK(zsock_signal(pair.a, (byte)status) == 0);
        CHECK(zsock_wait(pair.b) == status);
    }
    CHECK(zsock_signal(pair.a, 3) == 0);
    msg = zmsg_recv(pair.b);
    CHECK(msg && zmsg_signal(msg) == 3);
    zmsg_destroy(&msg);
    close_pair(&pair);
}

/* Those tests in CZMQ's library that use nothing but inproc, no file and no
 * luck. They abort. */
void
part_own_tests(void)
{
    zactor_test(false);
    zloop_test(false);
    zstr_test(false);
}

#endif
