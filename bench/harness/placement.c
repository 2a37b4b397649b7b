/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/harness/placement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/placement.h>

/* Stores the first CPU that has another one at that distance. */
static bool
find_anchor(int distance, struct weir_place *anchor)
{
    ssize_t n = weir_machine_places(NULL, 0);
    struct weir_place *places;
    bool found = false;

    if (n <= 0)
        return false;
    places = calloc((size_t)n, sizeof(*places));
    if (!places)
        return false;
    (void)weir_machine_places(places, (size_t)n);
    for (ssize_t i = 0; !found && i < n; i++) {
        *anchor = places[i];
        for (ssize_t j = 0; !found && j < n; j++)
            found = weir_place_distance(&places[i], &places[j]) == distance;
    }
    free(places);
    return found;
}

size_t
placement_room(int distance)
{
    struct weir_place anchor, *places;
    ssize_t n = weir_machine_places(NULL, 0);
    size_t room = 0;

    if (n <= 0 || !find_anchor(distance, &anchor))
        return 0;
    places = calloc((size_t)n, sizeof(*places));
    if (!places)
        return 0;
    (void)weir_machine_places(places, (size_t)n);
    for (ssize_t i = 0; i < n; i++)
        room += weir_place_distance(&anchor, &places[i]) == distance;
    free(places);
    return room;
}

bool
placement_has(int distance)
{
    struct weir_place anchor;

    if (distance == WEIR_AT_SAME_CPU)
        return weir_machine_places(NULL, 0) == 1;
    return find_anchor(distance, &anchor);
}

int
placement_nearest(void)
{
    int distance = WEIR_AT_SAME_CPU;

    while (!placement_has(distance) && distance < WEIR_AT_OTHER_NODE)
        distance++;
    return distance;
}

static void
print_distance(FILE *out, int distance)
{
    struct weir_place anchor, *places;
    ssize_t n = weir_machine_places(NULL, 0), i = 0;

    if (n <= 0 || !find_anchor(distance, &anchor))
        return;
    places = calloc((size_t)n, sizeof(*places));
    if (!places)
        return;
    (void)weir_machine_places(places, (size_t)n);
    while (weir_place_distance(&anchor, &places[i]) != distance)
        i++;
    (void)fprintf(out, "%s: receiver on CPU %u, senders from CPU %u on; ",
                  weir_distance_name(distance), anchor.cpu, places[i].cpu);
    free(places);
}

void
placement_describe(char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    const char *comma = "";

    if (!out)
        return;
    for (int d = 0; d <= WEIR_AT_OTHER_NODE; d++) {
        if (placement_has(d))
            print_distance(out, d);
    }
    (void)fprintf(out, "absent here:");
    for (int d = WEIR_AT_SMT; d <= WEIR_AT_OTHER_NODE; d++) {
        if (!placement_has(d)) {
            (void)fprintf(out, "%s %s", comma, weir_distance_name(d));
            comma = ",";
        }
    }
    (void)fclose(out);
}

int
placement_pin(int distance, bool anchor)
{
    struct weir_place place;
    struct weir_place_want want = {
        .intent = WEIR_PLACE_PEER,
        .distance = (enum weir_distance)distance,
    };
    char cpu[16];

    if (!find_anchor(distance, &place))
        return -ENODEV;
    want.peer = place;
    if (anchor) {
        (void)snprintf(cpu, sizeof(cpu), "%u", place.cpu);
        want.intent = WEIR_PLACE_CPUS;
        want.cpus = cpu;
    }
    return weir_place_pin(&want, NULL);
}
