// SPDX-License-Identifier: MPL-2.0
#include "bench/harness/google_benchmark.h"

#include <benchmark/benchmark.h>

#include <cstdio>

namespace
{

void (*print_usage)();
bool announce;
bool failed;

void
print_help()
{
    print_usage();
    benchmark::PrintDefaultHelp();
}

void
run_row(benchmark::State &state, const char *name, gb_batch_fn *batch,
        const void *row)
{
    struct tally tally;

    if (announce)
        std::fprintf(stderr, "%s\n", name);
    tally_init(&tally);
    for (auto _ : state) {
        const double before = tally.seconds;

        if (!batch(row, &tally)) {
            state.SkipWithError(tally.error);
            std::fprintf(stderr, "%s: %s\n", name, tally.error);
            failed = true;
            break;
        }
        state.SetIterationTime(tally.seconds - before);
    }
    struct tally_counter counters[TALLY_COUNTERS];
    const size_t n = tally.error[0] ? 0 : tally_counters(&tally, counters);

    for (size_t i = 0; i < n; i++)
        state.counters[counters[i].name] = counters[i].value;
    tally_fini(&tally);
}

} // namespace

// The library puts "/manual_time" behind every name. It calls this function
// for what it lists, filters and reports; being the program's, this definition
// comes before the library's own.
std::string
benchmark::BenchmarkName::str() const
{
    return function_name;
}

void
gb_init(int *argc, char **argv, void (*usage)(void))
{
    print_usage = usage;
    benchmark::Initialize(argc, argv, print_help);
}

void
gb_register(const char *name, gb_batch_fn *batch, const void *row)
{
    benchmark::RegisterBenchmark(name, run_row, name, batch, row)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

void
gb_context(const char *key, const char *value)
{
    benchmark::AddCustomContext(key, value);
}

void
gb_announce(bool on)
{
    announce = on;
}

int
gb_run(void)
{
    const size_t rows = benchmark::RunSpecifiedBenchmarks();

    benchmark::Shutdown();
    return rows > 0 && !failed ? 0 : 1;
}
