/* SPDX-License-Identifier: MPL-2.0 */
/* The list of cases, and how they are run: each in a child process, so that
 * whatever happens there is seen from outside. Nothing of libzmq is touched in
 * the parent. Single-threaded. */
#include "tests/zmq/deviations.h"
#include "tests/zmq/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASES_MAX   600
#define NAME_SIZE   100
#define SECONDS_MAX 20

struct one_case {
    char name[NAME_SIZE];
    case_fn *run;
    const void *arg;
};

static struct one_case cases[CASES_MAX];
static size_t count;

void
add_case(const char *name, case_fn *run, const void *arg)
{
    struct one_case *c = &cases[count];

    if (count == CASES_MAX)
        abort();
    count++;
    snprintf(c->name, sizeof c->name, "%s", name);
    c->run = run;
    c->arg = arg;
}

void
add_row(const char *group, const char *name, case_fn *run, const void *arg)
{
    char whole[NAME_SIZE];

    snprintf(whole, sizeof whole, "%s_%s", group, name);
    add_case(whole, run, arg);
}

/* A failed check must end the process from any thread: cmocka aborts then. */
static void
become_case(void)
{
    static const int signals[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS };
    const struct rlimit no_core = { 0, 0 };

    for (size_t i = 0; i < LENGTH(signals); i++)
        signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    alarm(SECONDS_MAX);
}

/* The status of the case's process. */
static int
run_in_child(const struct one_case *c)
{
    int status = -1;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        become_case();
        c->run(c->arg);
        close_all();
        end_context();
        fflush(NULL);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        fail_msg("no process for %s", c->name);
    return status;
}

static void
say_what(const struct one_case *c, int status)
{
    if (!WIFSIGNALED(status))
        print_error("%s: ended with %d\n", c->name, WEXITSTATUS(status));
    else if (WTERMSIG(status) == SIGALRM)
        print_error("%s: not done after %d s\n", c->name, SECONDS_MAX);
    else
        print_error("%s: %s\n", c->name, strsignal(WTERMSIG(status)));
}

static void
run_one(void **state)
{
    const struct one_case *c = *state;
    const char *why = deviation(c->name);
    int status = run_in_child(c);

    if (status == 0)
        return;
    say_what(c, status);
    if (!why)
        fail();
    print_message("%s may differ: %s\n", c->name, why);
    skip();
}

/* A line of the table that names none of a suite's cases is out of date. */
static void
deviations_name_cases(void **state)
{
    const char *name;

    (void)state;
    for (size_t i = 0; (name = deviation_name(i)); i++) {
        size_t at = 0;

        while (at < count && strcmp(cases[at].name, name) != 0)
            at++;
        if (at == count)
            fail_msg("deviations.txt names %s, which is no case", name);
    }
}

int
run_cases(const char *suite, int argc, char **argv)
{
    static struct CMUnitTest tests[CASES_MAX + 1];

    if (!read_deviations(suite))
        return 1;
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){ .name = cases[i].name,
                                        .test_func = run_one,
                                        .initial_state = &cases[i] };
    }
    tests[count] = (struct CMUnitTest){ .name = "deviations_name_cases",
                                        .test_func = deviations_name_cases };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests(suite, tests, count + 1, NULL, NULL);
}
