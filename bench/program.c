/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/program.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weir/placement.h>

#include "bench/harness/google_benchmark.h"
#include "bench/harness/placement.h"
#include "bench/row.h"

#define WINDOW_MS_MAX 60000

static const char usage[] =
    "  --window_ms=N  measure each batch for N ms, 1 to 60000 (100)\n"
    "  --progress     name each row on stderr when a batch of it begins\n"
    "  --describe     print machine, placement and peers, and end\n"
    "and what Google Benchmark takes:\n";

struct options {
    bool describe;
};

static const char *title;

static void
print_usage(void)
{
    (void)printf("%s\n%s", title, usage);
}

static bool
set_window(const char *text)
{
    char *end;
    long ms = strtol(text, &end, 10);

    if (end == text || *end != '\0' || ms < 1 || ms > WINDOW_MS_MAX) {
        (void)fprintf(stderr, "--window_ms=%s: not a number from 1 to %d\n",
                      text, WINDOW_MS_MAX);
        return false;
    }
    row_window_ns = ms * 1000000;
    return true;
}

/* What Google Benchmark has left of the command line. */
static bool
parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        { "window_ms", required_argument, NULL, 'w' },
        { "progress", no_argument, NULL, 'p' },
        { "describe", no_argument, NULL, 'd' },
        { 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'w' && !set_window(optarg))
            return false;
        if (option == 'p')
            gb_announce(true);
        if (option == 'd')
            options->describe = true;
        if (option == '?') /* getopt has said what is wrong */
            return false;
    }
    if (optind < argc) {
        (void)fprintf(stderr, "%s: unexpected argument '%s'\n", argv[0],
                      argv[optind]);
        return false;
    }
    return true;
}

static void
print_line(const char *key, const char *value)
{
    (void)printf("%s: %s\n", key, value);
}

void
program_describe_peers(const struct peer *const *peers, program_tell *tell)
{
    for (size_t i = 0; peers[i]; i++)
        tell(peers[i]->name,
             peers[i]->describe ? peers[i]->describe() : "not installed");
}

static void
describe(const struct program *program, program_tell *tell)
{
    char text[512];

    if (weir_machine_describe(text, sizeof(text)) >= 0)
        tell("machine", text);
    placement_describe(text, sizeof(text));
    tell("placement", text);
    program->describe(tell);
}

int
program_main(int argc, char **argv, const struct program *program)
{
    const char *called_from = getenv("BUILD_WORKING_DIRECTORY");
    struct options options = { 0 };

    /* Bazel starts programs elsewhere than the user stands. */
    if (called_from && chdir(called_from) != 0)
        perror(called_from);
    title = program->title;
    gb_init(&argc, argv, print_usage);
    if (!parse(argc, argv, &options))
        return 2;
    describe(program, options.describe ? print_line : gb_context);
    if (options.describe)
        return 0;
    if (!row_add_ceilings() || !program->add_rows()) {
        (void)fprintf(stderr, "no memory for the rows\n");
        return 1;
    }
    return gb_run();
}
