/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of a client, run one after another. */
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* For all parts together, which take a few seconds: only a hang gets there. */
#define WATCHDOG_S 50

/* Written between parts, when there is no other thread. */
static const char *running = "start";

void
client_wrong(const char *what, const char *file, int line)
{
    fflush(stdout);
    fprintf(stderr, "%s FAILED: %s:%d: %s (errno: %s)\n", running, file, line,
            what, strerror(errno));
    /* Other threads go on: exit() would pull the ground from under them. */
    _exit(CLIENT_WRONG);
}

static void
say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(CLIENT_HANGS);
}

static void
on_alarm(int signal_number)
{
    (void)signal_number;
    say(running);
    say(" FAILED: it hangs\n");
    _exit(CLIENT_HANGS);
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0)
            return true;
    }
    return argc <= 1;
}

int
client_main(const struct client_part *parts, size_t count, int argc,
            char **argv)
{
    int ran = 0;

    signal(SIGALRM, on_alarm);
    alarm(WATCHDOG_S);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(parts[i].name, argc, argv))
            continue;
        running = parts[i].name;
        parts[i].run();
        printf("%s ok\n", running);
        fflush(stdout);
        ran++;
    }
    running = "end";
    CHECK(ran > 0);
    return 0;
}

int
client_absent(const char *library)
{
    printf("%s is not installed: nothing to test\n", library);
    return CLIENT_ABSENT;
}
