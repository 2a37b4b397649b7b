/* SPDX-License-Identifier: MPL-2.0 */
/* What <zmq.h> offers beside sockets: Z85, counters, clocks, threads, texts. */
#include "tests/zmq/support.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Version, errors, capabilities ------------------------------------- */

CASE(the_version_is_that_of_the_header)
{
    int major = -1, minor = -1, patch = -1;

    zmq_version(&major, &minor, &patch);
    assert_int_equal(major, ZMQ_VERSION_MAJOR);
    assert_int_equal(minor, ZMQ_VERSION_MINOR);
    assert_int_equal(patch, ZMQ_VERSION_PATCH);
}

CASE(zmq_errno_is_errno)
{
    errno = EHOSTUNREACH;
    assert_int_equal(zmq_errno(), EHOSTUNREACH);
    errno = 0;
    assert_int_equal(zmq_errno(), 0);
}

static void *
fail_in_thread(void *arg)
{
    (void)arg;
    FAILS(zmq_close(NULL), ENOTSOCK);
    return NULL;
}

CASE(each_thread_has_its_own_errno)
{
    errno = EDOM;
    finish(start(fail_in_thread, NULL));
    assert_int_equal(zmq_errno(), EDOM);
}

static const struct text {
    const char *name;
    int error;
    const char *text;
} texts[] = {
    { "EFSM", EFSM, "Operation cannot be accomplished in current state" },
    { "ENOCOMPATPROTO", ENOCOMPATPROTO,
      "The protocol is not compatible with the socket type" },
    { "ETERM", ETERM, "Context was terminated" },
    { "EMTHREAD", EMTHREAD, "No thread available" },
};

static const int system_errors[] = { 0,      EAGAIN,     EINVAL, ENOTSOCK,
                                     EFAULT, EADDRINUSE, ENOENT, EMFILE,
                                     EINTR,  ENOMEM,     999999 };

static void
has_the_text(const void *arg)
{
    const struct text *t = arg;

    assert_string_equal(zmq_strerror(t->error), t->text);
}

__attribute__((constructor)) static void
add_texts(void)
{
    for (size_t i = 0; i < LENGTH(texts); i++)
        add_row("strerror_of", texts[i].name, has_the_text, &texts[i]);
}

CASE(strerror_of_system_errors_is_that_of_libc)
{
    for (size_t i = 0; i < LENGTH(system_errors); i++) {
        char text[100];

        snprintf(text, sizeof text, "%s", strerror(system_errors[i]));
        assert_string_equal(zmq_strerror(system_errors[i]), text);
    }
}

CASE(zmq_has_knows_no_nonsense)
{
    GIVES(zmq_has(""), 0);
    GIVES(zmq_has("nonsense"), 0);
    GIVES(zmq_has("inproc"), 0);
    GIVES(zmq_has("draft"), 0);
}

/* ---- Z85 --------------------------------------------------------------- */

static const uint8_t hello_bytes[8] = { 0x86, 0x4F, 0xD2, 0x6F,
                                        0xB5, 0x59, 0xF7, 0x5B };

CASE(z85_encodes_the_example_of_its_specification)
{
    char text[11];

    assert_ptr_equal(zmq_z85_encode(text, hello_bytes, 8), text);
    assert_string_equal(text, "HelloWorld");
}

CASE(z85_decodes_the_example_of_its_specification)
{
    uint8_t bytes[8];

    assert_ptr_equal(zmq_z85_decode(bytes, "HelloWorld"), bytes);
    assert_memory_equal(bytes, hello_bytes, 8);
}

CASE(z85_gives_back_what_it_took)
{
    uint8_t bytes[256], back[256];
    char text[321];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    assert_non_null(zmq_z85_encode(text, bytes, sizeof bytes));
    assert_int_equal(strlen(text), 320);
    assert_non_null(zmq_z85_decode(back, text));
    assert_memory_equal(bytes, back, sizeof bytes);
}

CASE(z85_of_all_ones)
{
    const uint8_t ones[4] = { 255, 255, 255, 255 };
    uint8_t back[4];
    char text[6];

    assert_non_null(zmq_z85_encode(text, ones, 4));
    assert_string_equal(text, "%nSc0");
    assert_non_null(zmq_z85_decode(back, text));
    assert_memory_equal(back, ones, 4);
}

CASE(z85_of_nothing_is_no_text)
{
    char text[1] = "x";

    assert_ptr_equal(zmq_z85_encode(text, hello_bytes, 0), text);
    assert_string_equal(text, "");
}

CASE(z85_encodes_whole_words_only)
{
    char text[20];

    for (size_t size = 1; size < 8; size++) {
        if (size == 4)
            continue;
        errno = 0;
        assert_null(zmq_z85_encode(text, hello_bytes, size));
        assert_int_equal(errno, EINVAL);
    }
}

static const char *const bad_z85[] = { "",
                                       "a",
                                       "abcd",
                                       "abcdef",
                                       "ab cd",
                                       "ab\"cd",
                                       "ab\x7f"
                                       "cd",
                                       "ab\x80"
                                       "cd",
                                       "abc,d",
                                       "%nSc1",
                                       "#####",
                                       "HelloWorl" };

CASE(z85_decodes_no_bad_text)
{
    uint8_t bytes[20];

    for (size_t i = 0; i < LENGTH(bad_z85); i++) {
        errno = 0;
        if (zmq_z85_decode(bytes, bad_z85[i]))
            fail_msg("decodes %s", bad_z85[i]);
        assert_int_equal(errno, EINVAL);
    }
}

/* ---- Counters ---------------------------------------------------------- */

CASE(a_counter_starts_at_0)
{
    void *counter = zmq_atomic_counter_new();

    assert_non_null(counter);
    GIVES(zmq_atomic_counter_value(counter), 0);
    zmq_atomic_counter_destroy(&counter);
    assert_null(counter);
}

CASE(inc_gives_the_old_value)
{
    void *counter = zmq_atomic_counter_new();

    GIVES(zmq_atomic_counter_inc(counter), 0);
    GIVES(zmq_atomic_counter_inc(counter), 1);
    GIVES(zmq_atomic_counter_value(counter), 2);
    zmq_atomic_counter_destroy(&counter);
}

CASE(dec_says_whether_something_is_left)
{
    void *counter = zmq_atomic_counter_new();

    zmq_atomic_counter_set(counter, 2);
    GIVES(zmq_atomic_counter_dec(counter), 1);
    GIVES(zmq_atomic_counter_dec(counter), 0);
    GIVES(zmq_atomic_counter_value(counter), 0);
    GIVES(zmq_atomic_counter_dec(counter), 1);
    GIVES(zmq_atomic_counter_value(counter), -1);
    zmq_atomic_counter_destroy(&counter);
}

CASE(a_counter_can_be_negative)
{
    void *counter = zmq_atomic_counter_new();

    zmq_atomic_counter_set(counter, -5);
    GIVES(zmq_atomic_counter_inc(counter), -5);
    GIVES(zmq_atomic_counter_value(counter), -4);
    zmq_atomic_counter_destroy(&counter);
}

static void *
count_up(void *counter)
{
    for (int i = 0; i < 20000; i++)
        zmq_atomic_counter_inc(counter);
    return NULL;
}

CASE(threads_count_together)
{
    void *counter = zmq_atomic_counter_new();
    pthread_t threads[4];

    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = start(count_up, counter);
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
    GIVES(zmq_atomic_counter_value(counter), 80000);
    zmq_atomic_counter_destroy(&counter);
}

/* ---- Stopwatch, sleep, threads ----------------------------------------- */

CASE(a_stopwatch_goes_forward)
{
    long begin = now_ms();
    void *watch = zmq_stopwatch_start();
    unsigned long first, second, third;

    assert_non_null(watch);
    pause_ms(2);
    first = zmq_stopwatch_intermediate(watch);
    assert_true(first >= 2000);
    second = zmq_stopwatch_intermediate(watch);
    assert_true(second >= first);
    third = zmq_stopwatch_stop(watch);
    assert_true(third >= second);
    assert_true(third <= (unsigned long)(now_ms() - begin + 1) * 1000);
}

CASE(zmq_sleep_sleeps_seconds)
{
    long begin = now_ms();

    zmq_sleep(0);
    zmq_sleep(1);
    assert_true(now_ms() - begin >= 999);
}

static void
set_flag(void *arg)
{
    *(int *)arg = 1;
}

CASE(threadclose_waits_for_the_thread)
{
    int flag = 0;
    void *thread = zmq_threadstart(set_flag, &flag);

    assert_non_null(thread);
    zmq_threadclose(thread);
    assert_int_equal(flag, 1);
}

CASE(many_threads_can_be_started)
{
    int flags[20] = { 0 };
    void *threads[20];

    for (size_t i = 0; i < LENGTH(threads); i++)
        threads[i] = zmq_threadstart(set_flag, &flags[i]);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        zmq_threadclose(threads[i]);
        assert_int_equal(flags[i], 1);
    }
}

int
main(int argc, char **argv)
{
    return run_cases("utils", argc, argv);
}
