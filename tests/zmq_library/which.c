/* SPDX-License-Identifier: MPL-2.0 */
/* Sends a message through libzmq, and prints which file that is. */
#include <dlfcn.h>
#include <stdio.h>
#include <zmq.h>

static int
works(void)
{
    void *ctx = zmq_ctx_new();
    void *pull = zmq_socket(ctx, ZMQ_PULL), *push = zmq_socket(ctx, ZMQ_PUSH);
    char text[8];
    int good = zmq_bind(pull, "inproc://a") == 0 &&
               zmq_connect(push, "inproc://a") == 0 &&
               zmq_send(push, "hello", 5, 0) == 5 &&
               zmq_recv(pull, text, sizeof(text), 0) == 5;

    return zmq_close(push) == 0 && zmq_close(pull) == 0 &&
           zmq_ctx_term(ctx) == 0 && good;
}

int
main(void)
{
    void *symbol = dlsym(RTLD_DEFAULT, "zmq_ctx_new");
    Dl_info info;

    if (!works() || symbol == NULL || dladdr(symbol, &info) == 0)
        return 1;
    return puts(info.dli_fname) < 0;
}
