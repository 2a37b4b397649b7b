/* SPDX-License-Identifier: MPL-2.0 */
/* The table of deviations, read once. */
#include "tests/zmq/deviations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 200

static struct {
    char name[100];
    char reason[200];
} table[LINES_MAX];

static size_t lines;

/* Takes a line apart. False if it is not "suite.case: reason". */
static bool
read_line(char *line, const char *suite)
{
    char *dot = strchr(line, '.');
    char *colon = strstr(line, ": ");

    if (!dot || !colon || dot > colon || colon[2] == '\0')
        return false;
    *dot = *colon = '\0';
    if (strcmp(line, suite) != 0)
        return true;
    if (lines == LINES_MAX)
        return false;
    snprintf(table[lines].name, sizeof table[lines].name, "%s", dot + 1);
    snprintf(table[lines].reason, sizeof table[lines].reason, "%s", colon + 2);
    lines++;
    return true;
}

static bool
read_all(FILE *file, const char *suite)
{
    char line[400];

    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (!read_line(line, suite)) {
            fprintf(stderr, "deviations: not \"suite.case: reason\": %s\n",
                    line);
            return false;
        }
    }
    return true;
}

bool
read_deviations(const char *suite)
{
    const char *path = getenv("WEIR_ZMQ_DEVIATIONS");
    FILE *file;
    bool good;

    if (!path)
        return true;
    file = fopen(path, "r");
    if (!file) {
        perror(path);
        return false;
    }
    good = read_all(file, suite);
    fclose(file);
    return good;
}

const char *
deviation(const char *name)
{
    const char *on_weir = getenv("WEIR_ZMQ");

    if (!on_weir || strcmp(on_weir, "1") != 0)
        return NULL;
    for (size_t i = 0; i < lines; i++) {
        if (strcmp(table[i].name, name) == 0)
            return table[i].reason;
    }
    return NULL;
}

const char *
deviation_name(size_t i)
{
    return i < lines ? table[i].name : NULL;
}
