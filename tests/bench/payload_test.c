/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/harness/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench/harness/tally.h"

static const size_t sizes[] = { 8, 16, 48, 56, 256, 1024, 4096, 65536 };

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define TAG   (payload_first_tag(3) + 123456789)

/* Whether the byte is one of those that are written and read. */
static bool
is_used(size_t size, size_t byte)
{
    return size < PAYLOAD_LARGE || byte < 64 || byte >= size - 64;
}

static void
what_was_written_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct payload p = payload_of(sizes[i]);
        unsigned char *data = malloc(sizes[i]);

        payload_write(&p, data, TAG);
        assert_true(payload_tag(data) == TAG);
        assert_true(payload_check(&p, data, TAG) == 0);
        free(data);
    }
}

/* The tag itself is compared with the one that is due. */
static void
any_other_bit_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct payload p = payload_of(sizes[i]);
        unsigned char *data = malloc(sizes[i]);

        payload_write(&p, data, TAG);
        for (size_t byte = 8; byte < sizes[i]; byte++) {
            if (!is_used(sizes[i], byte))
                continue;
            data[byte] ^= 0x10;
            assert_true(payload_check(&p, data, TAG) != 0);
            data[byte] ^= 0x10;
        }
        free(data);
    }
}

static void
another_message_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        struct payload p = payload_of(sizes[i]);
        unsigned char *data = malloc(sizes[i]);

        payload_write(&p, data, TAG);
        assert_true(payload_tag(data) != TAG + 1);
        if (sizes[i] > 8)
            assert_true(payload_check(&p, data, TAG + 1) != 0);
        free(data);
    }
}

static double
counter(const struct tally_counter *counters, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(counters[i].name, name) == 0)
            return counters[i].value;
    }
    return -1;
}

static void
percentiles_are_exact(void **state)
{
    struct tally_counter out[TALLY_COUNTERS];
    struct tally tally;
    uint32_t *rtt;
    size_t n;

    (void)state;
    tally_init(&tally);
    rtt = tally_rtt_room(&tally);
    assert_non_null(rtt);
    for (uint32_t i = 0; i < 1000; i++)
        rtt[i] = 1000 - i; /* 1 to 1000, the last first */
    tally.rtts += 1000;
    n = tally_counters(&tally, out);
    assert_true(counter(out, n, "rtt_p50_ns") == 500);
    assert_true(counter(out, n, "rtt_p99_ns") == 990);
    assert_true(counter(out, n, "rtt_p999_ns") == 999);
    assert_true(counter(out, n, "rtt_max_ns") == 1000);
    assert_true(counter(out, n, "msgs_per_second") == -1);
    tally_fini(&tally);
}

static void
rates_are_of_the_windows_alone(void **state)
{
    struct tally_counter out[TALLY_COUNTERS];
    struct tally tally;
    size_t n;

    (void)state;
    tally_init(&tally);
    tally.seconds = 0.5;
    tally.messages = 100;
    tally.bytes = 800;
    n = tally_counters(&tally, out);
    assert_true(counter(out, n, "msgs_per_second") == 200);
    assert_true(counter(out, n, "bytes_per_second") == 1600);
    assert_true(counter(out, n, "rtt_p50_ns") == -1);
    tally_fini(&tally);
}

static void
the_first_error_stays(void **state)
{
    struct tally tally;

    (void)state;
    tally_init(&tally);
    assert_false(tally_fail(&tally, "%d", 1));
    assert_false(tally_fail(&tally, "%d", 2));
    assert_string_equal(tally.error, "1");
    tally_fini(&tally);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_right),
        cmocka_unit_test(any_other_bit_is_wrong),
        cmocka_unit_test(another_message_is_wrong),
        cmocka_unit_test(percentiles_are_exact),
        cmocka_unit_test(rates_are_of_the_windows_alone),
        cmocka_unit_test(the_first_error_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
