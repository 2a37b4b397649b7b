/* SPDX-License-Identifier: MPL-2.0 */
/* load LIBRARY: loads libzmq.so.5 as Python does, in the middle of a program
 * that has threads, and sends a message. Its malloc stays the C library's, its
 * threads stay as many. Ends with 0 if all went well. */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PULL  7
#define PUSH  8
#define LARGE 100000

/* As a program has that is not linked with the library: pointers. */
static struct {
    void *(*ctx_new)(void);
    int (*ctx_term)(void *ctx);
    void *(*socket)(void *ctx, int type);
    int (*close)(void *s);
    int (*bind)(void *s, const char *endpoint);
    int (*connect)(void *s, const char *endpoint);
    int (*send)(void *s, const void *data, size_t size, int flags);
    int (*recv)(void *s, void *data, size_t room, int flags);
} zmq;

#define CHECK(condition)                                            \
    do {                                                            \
        if (!(condition)) {                                         \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            exit(1);                                                \
        }                                                           \
    } while (0)

static void
find(void *library, const char *name, void *pointer)
{
    void *symbol = dlsym(library, name);

    CHECK(symbol != NULL);
    memcpy(pointer, &symbol, sizeof(symbol));
}

static void
load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    find(library, "zmq_ctx_new", &zmq.ctx_new);
    find(library, "zmq_ctx_term", &zmq.ctx_term);
    find(library, "zmq_socket", &zmq.socket);
    find(library, "zmq_close", &zmq.close);
    find(library, "zmq_bind", &zmq.bind);
    find(library, "zmq_connect", &zmq.connect);
    find(library, "zmq_send", &zmq.send);
    find(library, "zmq_recv", &zmq.recv);
}

static int
threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int n = 0;

    CHECK(tasks != NULL);
    while (readdir(tasks) != NULL)
        n++;
    closedir(tasks);
    return n - 2; /* without . and .. */
}

/* Where the program's malloc and free come from. */
static const char *
source_of(const char *name)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    Dl_info info;

    CHECK(symbol != NULL && dladdr(symbol, &info) != 0);
    return info.dli_fname;
}

static void *
use(void *arg)
{
    static char sent[LARGE], got[LARGE];
    void *ctx = zmq.ctx_new();
    void *pull = zmq.socket(ctx, PULL), *push = zmq.socket(ctx, PUSH);

    (void)arg;
    CHECK(push != NULL && pull != NULL);
    CHECK(zmq.connect(push, "inproc://loaded") == 0);
    CHECK(zmq.bind(pull, "inproc://loaded") == 0);
    memset(sent, 'x', LARGE);
    CHECK(zmq.send(push, sent, LARGE, 0) == LARGE);
    CHECK(zmq.send(push, "small", 5, 0) == 5);
    CHECK(zmq.recv(pull, got, LARGE, 0) == LARGE);
    CHECK(memcmp(sent, got, LARGE) == 0);
    CHECK(zmq.recv(pull, got, LARGE, 0) == 5);
    CHECK(zmq.close(push) == 0 && zmq.close(pull) == 0);
    CHECK(zmq.ctx_term(ctx) == 0);
    return NULL;
}

int
main(int argc, char **argv)
{
    const char *malloc_source = source_of("malloc");
    const char *free_source = source_of("free");
    pthread_t thread;

    CHECK(argc == 2);
    load(argv[1]);
    use(NULL);
    CHECK(threads() == 1);
    CHECK(pthread_create(&thread, NULL, use, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(strcmp(source_of("malloc"), malloc_source) == 0);
    CHECK(strcmp(source_of("free"), free_source) == 0);
    return 0;
}
