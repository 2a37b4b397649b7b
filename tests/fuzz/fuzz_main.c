/* SPDX-License-Identifier: MPL-2.0 */
/* Feeds an interpreter, as an ordinary test: with the kept inputs, all of which
 * once found a bug, and with random ones. Given names of files, with these
 * only. An input that ends the process is named by its seed, and
 * WEIR_FUZZ_TRACE=1 has the calls named that it makes. */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/socket/support.h"

#define SIZE_MAX_RANDOM 600
#define INPUTS          5000
#define INPUTS_LONG     (INPUTS * 100)

static uint64_t current_seed;
static const char *current_file;

static void
name_input(void)
{
    if (current_file != NULL)
        fprintf(stderr, "the input is %s\n", current_file);
    else
        fprintf(stderr, "WEIR_STRESS_SEED=%" PRIu64 " begins with it\n",
                current_seed);
}

static void
on_abort(int number)
{
    name_input();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* Where a sanitizer is built in, it sends SIGABRT only. */
static void
name_input_at_death(void)
{
    (void)signal(SIGABRT, on_abort);
    if (!SANITIZED)
        (void)signal(SIGSEGV, on_abort);
}

/* ---- Kept inputs ------------------------------------------------------- */

static void
run_file(const char *path)
{
    static uint8_t data[1 << 16];
    FILE *f = fopen(path, "rb");
    size_t size;

    if (f == NULL) {
        perror(path);
        abort();
    }
    size = fread(data, 1, sizeof(data), f);
    (void)fclose(f);
    current_file = path;
    fuzz_one(data, size);
    current_file = NULL;
}

static void
kept_inputs_do_no_harm(void **state)
{
    char path[600];
    int n = 0;
    DIR *d;

    (void)state;
    (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", fuzz_name);
    d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", fuzz_name,
                       e->d_name);
        run_file(path);
        n++;
    }
    (void)closedir(d);
    assert_true(n > 0);
}

/* ---- Random inputs ----------------------------------------------------- */

/* Half of them repeat parts of themselves. */
static size_t
make_input(uint8_t *data, uint64_t seed)
{
    struct random r = random_from(seed);
    size_t size = 1 + random_below(&r, SIZE_MAX_RANDOM);
    bool repeats = random_below(&r, 2);

    for (size_t i = 0; i < size;) {
        size_t n = 1 + random_below(&r, 12);
        size_t from = i > 0 ? random_below(&r, i) : 0;
        bool repeat = repeats && i > 0 && random_below(&r, 2);

        for (; n > 0 && i < size; n--, i++)
            data[i] = repeat ? data[from++] : (uint8_t)random_next(&r);
    }
    return size;
}

static void
random_inputs_do_no_harm(void **state)
{
    static uint8_t data[SIZE_MAX_RANDOM];
    uint64_t n = getenv("WEIR_STRESS_LONG") != NULL ? INPUTS_LONG : INPUTS;
    uint64_t seed = announce_seed();

    (void)state;
    for (uint64_t i = 0; i < n; i++) {
        current_seed = seed + i;
        fuzz_one(data, make_input(data, current_seed));
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_inputs_do_no_harm),
        cmocka_unit_test(random_inputs_do_no_harm),
    };

    name_input_at_death();
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    if (argc > 1)
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
