/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/socket/support.h"

#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Checks ------------------------------------------------------------ */

/* The thread that runs the tests. */
static pid_t tester;

__attribute__((constructor)) static void
note_tester(void)
{
    tester = gettid();
}

static void
end_test(const char *file, int line)
{
    if (gettid() == tester)
        _fail(file, line);
    abort(); /* cmocka knows that one only */
}

void
not_so(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    end_test(file, line);
}

void
not_equal(long got, long want, const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s is %ld, not %ld\n", file, line, what, got, want);
    end_test(file, line);
}

/* ---- Sockets ----------------------------------------------------------- */

weir_context *
new_context(void)
{
    weir_context *ctx = CALL(weir_context_new());

    CHECK(ctx != NULL);
    return ctx;
}

weir_socket *
new_socket(weir_context *ctx, int type)
{
    weir_socket *s = NULL;

    OK(weir_socket_open(ctx, type, &s));
    CHECK(s != NULL);
    return s;
}

void
set(weir_socket *s, int option, int64_t value)
{
    OK(weir_socket_set(s, option, value));
}

int64_t
get(weir_socket *s, int option)
{
    int64_t value = INT64_MIN;

    OK(weir_socket_get(s, option, &value));
    return value;
}

struct link
new_link(int bound_type, int connected_type)
{
    struct link l;

    l.ctx = new_context();
    l.bound = new_socket(l.ctx, bound_type);
    l.connected = new_socket(l.ctx, connected_type);
    OK(weir_bind(l.bound, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    return l;
}

struct link
new_small_link(int bound_type, int connected_type)
{
    struct link l;

    l.ctx = new_context();
    l.bound = new_socket(l.ctx, bound_type);
    l.connected = new_socket(l.ctx, connected_type);
    set(l.bound, WEIR_SEND_HWM, 1);
    set(l.bound, WEIR_RECV_HWM, 1);
    set(l.connected, WEIR_SEND_HWM, 1);
    set(l.connected, WEIR_RECV_HWM, 1);
    name_socket(l.connected, "d");
    OK(weir_bind(l.bound, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    return l;
}

void
close_link(struct link *l)
{
    OK(weir_close(l->connected));
    OK(weir_close(l->bound));
    OK(weir_context_free(l->ctx));
}

/* ---- Messages ---------------------------------------------------------- */

int
try_say(weir_socket *s, const char *text, bool more)
{
    weir_msg msg;
    int rc;

    OK(weir_msg_init_copy(&msg, s, text, strlen(text)));
    weir_msg_set_more(&msg, more);
    rc = CALL(weir_send(s, &msg, WEIR_DONTWAIT));
    if (rc != 0)
        OK(weir_msg_drop(&msg));
    return rc;
}

void
say(weir_socket *s, const char *text)
{
    EQUAL(try_say(s, text, false), 0);
}

void
hear_frame(weir_socket *s, const char *text, bool more)
{
    weir_msg msg;
    bool same;

    OK(weir_recv(s, &msg, WEIR_DONTWAIT));
    same = weir_msg_size(&msg) == strlen(text) &&
           memcmp(weir_msg_bytes(&msg), text, strlen(text)) == 0;
    if (!same)
        fprintf(stderr, "heard \"%.*s\" instead of \"%s\"\n",
                (int)weir_msg_size(&msg), (const char *)weir_msg_bytes(&msg),
                text);
    CHECK(same);
    EQUAL(weir_msg_more(&msg), more);
    OK(weir_msg_drop(&msg));
}

void
hear(weir_socket *s, const char *text)
{
    hear_frame(s, text, false);
}

void
say_all(weir_socket *s, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        EQUAL(try_say(s, *texts, texts[1] != NULL), 0);
}

void
hear_all(weir_socket *s, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        hear_frame(s, *texts, texts[1] != NULL);
}

void
name_socket(weir_socket *s, const char *id)
{
    OK(weir_socket_set_bytes(s, WEIR_ROUTING_ID, id, strlen(id)));
}

void
hear_nothing(weir_socket *s)
{
    weir_msg msg;

    GIVES(-EAGAIN, weir_recv(s, &msg, WEIR_DONTWAIT));
}

void
put_number(weir_msg *msg, uint64_t number, bool more)
{
    weir_msg_init_inline(msg, sizeof(number));
    memcpy(weir_msg_data(msg), &number, sizeof(number));
    weir_msg_set_more(msg, more);
}

uint64_t
number_of(const weir_msg *msg)
{
    uint64_t number;

    EQUAL(weir_msg_size(msg), sizeof(number));
    memcpy(&number, weir_msg_bytes(msg), sizeof(number));
    return number;
}

int
send_number(weir_socket *s, uint64_t number, int flags)
{
    weir_msg msg;

    put_number(&msg, number, false);
    return CALL(weir_send(s, &msg, flags));
}

void
hear_number(weir_socket *s, uint64_t number)
{
    weir_msg msg;

    OK(weir_recv(s, &msg, WEIR_DONTWAIT));
    EQUAL(number_of(&msg), number);
    CHECK(!weir_msg_more(&msg));
}

uint64_t
fill(weir_socket *s, uint64_t first)
{
    uint64_t n = 0;
    int rc;

    while ((rc = send_number(s, first + n, WEIR_DONTWAIT)) == 0)
        n++;
    EQUAL(rc, -EAGAIN);
    return n;
}

uint64_t
drain(weir_socket *s, uint64_t first)
{
    weir_msg msg;
    uint64_t n = 0;
    int rc;

    while ((rc = CALL(weir_recv(s, &msg, WEIR_DONTWAIT))) == 0) {
        EQUAL(number_of(&msg), first + n);
        n++;
    }
    EQUAL(rc, -EAGAIN);
    return n;
}

/* ---- Threads ----------------------------------------------------------- */

pthread_t
start(void *(*body)(void *), void *arg)
{
    pthread_t thread;

    EQUAL(pthread_create(&thread, NULL, body, arg), 0);
    return thread;
}

void
finish(pthread_t thread)
{
    EQUAL(pthread_join(thread, NULL), 0);
}

void
elsewhere(void *(*body)(void *), void *arg)
{
    finish(start(body, arg));
}

/* The letter that proc(5) gives for the thread's state. */
static char
state_of(pid_t tid)
{
    char path[64];
    char state = '?';
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    f = fopen(path, "r");
    CHECK(f != NULL);
    CHECK(fscanf(f, "%*d %*s %c", &state) == 1);
    (void)fclose(f);
    return state;
}

void
await_sleep(pid_t tid)
{
    while (state_of(tid) != 'S')
        (void)sched_yield();
}

/* ---- Random numbers and figures ---------------------------------------- */

uint64_t
announce_seed(void)
{
    const char *given = getenv("WEIR_STRESS_SEED");
    struct timespec now;
    uint64_t seed;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    seed = (uint64_t)now.tv_sec * 1000000007 + (uint64_t)now.tv_nsec;
    if (given != NULL)
        seed = strtoull(given, NULL, 0);
    fprintf(stderr, "WEIR_STRESS_SEED=%" PRIu64 "\n", seed);
    return seed;
}

struct random
random_from(uint64_t seed)
{
    return (struct random){ .state = seed };
}

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
uint64_t
random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t
random_below(struct random *r, uint64_t n)
{
    return random_next(r) % n;
}

long
resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    CHECK(f != NULL);
    CHECK(fscanf(f, "%*d %ld", &pages) == 1);
    (void)fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

int
count_entries(const char *directory)
{
    DIR *d = opendir(directory);
    int n = 0;

    CHECK(d != NULL);
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n;
}
