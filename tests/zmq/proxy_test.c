/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_proxy(), zmq_proxy_steerable() and the old zmq_device(). A proxy runs in
 * a thread of its own, which has its sockets until it ends. */
#include "tests/zmq/support.h"

struct proxy {
    void *front, *back, *capture, *control;
    enum { PLAIN, STEERABLE, DEVICE } kind;
    int device;
    int result, error;
    pthread_t thread;
};

static void *
run(void *arg)
{
    struct proxy *p = arg;

    if (p->kind == PLAIN)
        p->result = zmq_proxy(p->front, p->back, p->capture);
    else if (p->kind == STEERABLE)
        p->result =
            zmq_proxy_steerable(p->front, p->back, p->capture, p->control);
    else
        p->result = zmq_device(p->device, p->front, p->back);
    p->error = zmq_errno();
    return NULL;
}

static struct proxy *
new_proxy(int front, int back)
{
    static struct proxy p;

    p.front = bound(front, "inproc://front");
    p.back = bound(back, "inproc://back");
    return &p;
}

static void
start_proxy(struct proxy *p)
{
    p->thread = start(run, p);
}

/* The context's end ends a proxy. */
static void
stop_by_shutdown(struct proxy *p)
{
    OK(zmq_ctx_shutdown(the_context()));
    finish(p->thread);
    assert_int_equal(p->result, -1);
    assert_int_equal(p->error, ETERM);
}

/* ---- Plain ------------------------------------------------------------- */

CASE(without_sockets_it_gives_efault)
{
    void *s = open_socket(ZMQ_ROUTER);

    FAILS(zmq_proxy(NULL, NULL, NULL), EFAULT);
    FAILS(zmq_proxy(s, NULL, NULL), EFAULT);
    FAILS(zmq_proxy(NULL, s, NULL), EFAULT);
    FAILS(zmq_proxy_steerable(s, NULL, NULL, NULL), EFAULT);
    FAILS(zmq_proxy_steerable(NULL, s, NULL, NULL), EFAULT);
}

static void
questions_pass(struct proxy *p)
{
    void *rep = connected(ZMQ_REP, "inproc://back");
    void *req = connected(ZMQ_REQ, "inproc://front");

    start_proxy(p);
    for (int i = 0; i < 100; i++) {
        send_message(req, "question", "2", NULL);
        expect_message(rep, "question", "2", NULL);
        send_frame(rep, "answer", 0);
        expect_message(req, "answer", NULL);
    }
    stop_by_shutdown(p);
}

CASE(questions_pass_a_queue)
{
    questions_pass(new_proxy(ZMQ_ROUTER, ZMQ_DEALER));
}

CASE(several_ask_through_a_queue)
{
    struct proxy *p = new_proxy(ZMQ_ROUTER, ZMQ_DEALER);
    void *rep = connected(ZMQ_REP, "inproc://back"), *reqs[5];
    char text[2];

    start_proxy(p);
    for (int i = 0; i < 5; i++) {
        reqs[i] = connected(ZMQ_REQ, "inproc://front");
        GIVES(zmq_send(reqs[i], &"abcde"[i], 1, 0), 1);
    }
    for (int i = 0; i < 5; i++) {
        GIVES(zmq_recv(rep, text, 1, 0), 1);
        GIVES(zmq_send(rep, text, 1, 0), 1);
    }
    for (int i = 0; i < 5; i++)
        expect_bytes(reqs[i], &"abcde"[i], 1);
    stop_by_shutdown(p);
}

static void
jobs_pass(struct proxy *p)
{
    void *push = connected(ZMQ_PUSH, "inproc://front");
    void *pull = connected(ZMQ_PULL, "inproc://back");

    start_proxy(p);
    for (int i = 0; i < 3000; i++)
        GIVES(zmq_send(push, &i, sizeof i, 0), sizeof i);
    for (int i = 0; i < 3000; i++)
        expect_bytes(pull, &i, sizeof i);
    stop_by_shutdown(p);
}

CASE(jobs_pass_a_streamer)
{
    jobs_pass(new_proxy(ZMQ_PULL, ZMQ_PUSH));
}

static void
topics_pass(struct proxy *p)
{
    void *pub = connected(ZMQ_XPUB, "inproc://front");
    void *sub = connected(ZMQ_SUB, "inproc://back");

    start_proxy(p);
    set_text(sub, ZMQ_SUBSCRIBE, "a");
    expect_bytes(pub, "\1a", 2);
    send_frame(pub, "b", 0);
    send_message(pub, "abc", "2", NULL);
    expect_message(sub, "abc", "2", NULL);
    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    expect_bytes(pub, "\0a", 2);
    stop_by_shutdown(p);
}

CASE(topics_pass_a_forwarder)
{
    topics_pass(new_proxy(ZMQ_XSUB, ZMQ_XPUB));
}

CASE(one_socket_at_both_ends_echoes)
{
    static struct proxy p;
    void *dealer;

    p.front = p.back = bound(ZMQ_ROUTER, "inproc://front");
    dealer = connected(ZMQ_DEALER, "inproc://front");
    start_proxy(&p);
    send_message(dealer, "1", "2", NULL);
    expect_message(dealer, "1", "2", NULL);
    stop_by_shutdown(&p);
}

CASE(a_full_back_holds_up_the_front)
{
    struct proxy *p = new_proxy(ZMQ_PULL, ZMQ_PUSH);
    void *push = connected(ZMQ_PUSH, "inproc://front"), *pull;
    int got;

    start_proxy(p);
    for (int i = 0; i < 1500; i++)
        GIVES(zmq_send(push, &i, sizeof i, 0), sizeof i);
    pull = connected(ZMQ_PULL, "inproc://back");
    for (int i = 0; i < 1500; i++) {
        GIVES(zmq_recv(pull, &got, sizeof got, 0), sizeof got);
        assert_int_equal(got, i);
    }
    stop_by_shutdown(p);
}

/* ---- Capture ----------------------------------------------------------- */

static void
captures_by(int type, int receiver_type)
{
    struct proxy *p = new_proxy(ZMQ_ROUTER, ZMQ_DEALER);
    void *rep = connected(ZMQ_DEALER, "inproc://back"), *receiver;
    void *req = open_socket(ZMQ_DEALER);

    p->capture = bound(type, "inproc://capture");
    receiver = open_socket(receiver_type);
    if (receiver_type == ZMQ_SUB)
        set_text(receiver, ZMQ_SUBSCRIBE, "");
    OK(zmq_connect(receiver, "inproc://capture"));
    settle(p->capture);
    set_text(req, ZMQ_ROUTING_ID, "req");
    OK(zmq_connect(req, "inproc://front"));
    start_proxy(p);
    send_message(req, "there", "2", NULL);
    expect_message(receiver, "req", "there", "2", NULL);
    expect_message(rep, "req", "there", "2", NULL);
    send_message(rep, "req", "back", NULL);
    expect_message(receiver, "req", "back", NULL);
    expect_message(req, "back", NULL);
    stop_by_shutdown(p);
}

CASE(capture_by_pub)
{
    captures_by(ZMQ_PUB, ZMQ_SUB);
}

CASE(capture_by_push)
{
    captures_by(ZMQ_PUSH, ZMQ_PULL);
}

CASE(capture_by_pair)
{
    captures_by(ZMQ_PAIR, ZMQ_PAIR);
}

CASE(capture_by_dealer)
{
    captures_by(ZMQ_DEALER, ZMQ_PULL);
}

/* ---- Steerable --------------------------------------------------------- */

static struct proxy *
new_steerable(int control, int controller, void **s)
{
    struct proxy *p = new_proxy(ZMQ_PULL, ZMQ_PUSH);

    p->kind = STEERABLE;
    p->control = bound(control, "inproc://control");
    *s = connected(controller, "inproc://control");
    return p;
}

static void
terminate(struct proxy *p, void *controller)
{
    send_frame(controller, "TERMINATE", 0);
    finish(p->thread);
    assert_int_equal(p->result, 0);
}

CASE(terminate_ends_it)
{
    void *control;
    struct proxy *p = new_steerable(ZMQ_PAIR, ZMQ_PAIR, &control);

    start_proxy(p);
    terminate(p, control);
}

CASE(terminate_from_a_publisher)
{
    void *control;
    struct proxy *p = new_steerable(ZMQ_SUB, ZMQ_PUB, &control);

    set_text(p->control, ZMQ_SUBSCRIBE, "");
    settle(p->control);
    settle(control);
    start_proxy(p);
    terminate(p, control);
}

CASE(without_a_control_socket_it_is_plain)
{
    struct proxy *p = new_proxy(ZMQ_PULL, ZMQ_PUSH);

    p->kind = STEERABLE;
    jobs_pass(p);
}

/* The numbers of a proxy: messages and bytes, received and sent, of the front
 * and of the back. The answer also says that earlier commands were taken. */
static void
ask_statistics(void *control, uint64_t numbers[8])
{
    send_frame(control, "STATISTICS", 0);
    for (int i = 0; i < 8; i++) {
        GIVES(zmq_recv(control, &numbers[i], sizeof *numbers, 0), 8);
        assert_int_equal(get_int(control, ZMQ_RCVMORE), i < 7);
    }
}

CASE(paused_it_passes_nothing)
{
    void *control;
    struct proxy *p = new_steerable(ZMQ_PAIR, ZMQ_PAIR, &control);
    void *push = connected(ZMQ_PUSH, "inproc://front");
    void *pull = connected(ZMQ_PULL, "inproc://back");
    uint64_t numbers[8];

    start_proxy(p);
    send_frame(push, "1", 0);
    expect_frame(pull, "1");
    send_frame(control, "PAUSE", 0);
    ask_statistics(control, numbers);
    send_frame(push, "2", 0);
    ask_statistics(control, numbers);
    assert_int_equal(numbers[0], 1);
    expect_nothing(pull);
    send_frame(control, "RESUME", 0);
    expect_frame(pull, "2");
    terminate(p, control);
}

CASE(statistics_count_messages_and_bytes)
{
    static const uint64_t want[8] = { 2, 8, 0, 0, 0, 0, 2, 8 };
    void *control;
    struct proxy *p = new_steerable(ZMQ_PAIR, ZMQ_PAIR, &control);
    void *push = connected(ZMQ_PUSH, "inproc://front");
    void *pull = connected(ZMQ_PULL, "inproc://back");
    uint64_t numbers[8];

    start_proxy(p);
    send_frame(push, "12345", 0);
    send_message(push, "6", "78", NULL);
    expect_frame(pull, "12345");
    expect_message(pull, "6", "78", NULL);
    EVENTUALLY((ask_statistics(control, numbers), numbers[6] == 2));
    for (int i = 0; i < 8; i++)
        assert_int_equal(numbers[i], want[i]);
    terminate(p, control);
}

CASE(statistics_count_both_ways)
{
    static const uint64_t want[8] = { 1, 8, 1, 7, 1, 7, 1, 8 };
    void *control, *req, *rep;
    struct proxy p = { .kind = STEERABLE };
    uint64_t numbers[8];

    p.front = bound(ZMQ_PAIR, "inproc://front");
    p.back = bound(ZMQ_PAIR, "inproc://back");
    p.control = bound(ZMQ_PAIR, "inproc://control");
    control = connected(ZMQ_PAIR, "inproc://control");
    req = connected(ZMQ_PAIR, "inproc://front");
    rep = connected(ZMQ_PAIR, "inproc://back");
    start_proxy(&p);
    send_frame(req, "question", 0);
    expect_frame(rep, "question");
    send_frame(rep, "answer!", 0);
    expect_frame(req, "answer!");
    EVENTUALLY((ask_statistics(control, numbers), numbers[2] == 1));
    for (int i = 0; i < 8; i++)
        assert_int_equal(numbers[i], want[i]);
    terminate(&p, control);
}

CASE(the_contexts_end_ends_a_steerable_one)
{
    void *control;
    struct proxy *p = new_steerable(ZMQ_PAIR, ZMQ_PAIR, &control);

    start_proxy(p);
    stop_by_shutdown(p);
}

/* ---- Devices ----------------------------------------------------------- */

static struct proxy *
new_device(int device, int front, int back)
{
    struct proxy *p = new_proxy(front, back);

    p->kind = DEVICE;
    p->device = device;
    return p;
}

CASE(questions_pass_a_device)
{
    questions_pass(new_device(ZMQ_QUEUE, ZMQ_ROUTER, ZMQ_DEALER));
}

CASE(jobs_pass_a_device)
{
    jobs_pass(new_device(ZMQ_STREAMER, ZMQ_PULL, ZMQ_PUSH));
}

CASE(topics_pass_a_device)
{
    topics_pass(new_device(ZMQ_FORWARDER, ZMQ_XSUB, ZMQ_XPUB));
}

int
main(int argc, char **argv)
{
    return run_cases("proxy", argc, argv);
}
