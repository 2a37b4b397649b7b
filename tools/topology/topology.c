/* SPDX-License-Identifier: MPL-2.0 */
/* Prints the machine as weir sees it, and the CPU that each intent would get.
 * The order of cores and of L3 groups is weir's; CPUs that the process may not
 * use are left out. */
#include <weir/placement.h>

#include <stdio.h>
#include <stdlib.h>

static void
print_places(const struct weir_place *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || p[i].node != p[i - 1].node)
            printf("\n  node %u", p[i].node);
        if (i == 0 || p[i].l3 != p[i - 1].l3)
            printf("\n    L3 group %u", p[i].l3);
        if (i == 0 || p[i].core != p[i - 1].core)
            printf("\n      core %u: cpu", p[i].core);
        printf(" %u", p[i].cpu);
    }
    printf("\n\n");
}

static void
print_choice(const char *what, const struct weir_place_want *want)
{
    struct weir_place got;
    int rc = weir_place_pin(want, &got);

    if (rc)
        printf("  %-12s none: %s\n", what, weir_strerror(rc));
    else
        printf("  %-12s cpu %u\n", what, got.cpu);
    (void)weir_place_unpin();
}

static void
print_choices(const struct weir_place *places, size_t n)
{
    struct weir_place_want any = { 0 }, own = { .own_core = true };

    printf("The first thread gets\n");
    print_choice("any", &any);
    print_choice("own core", &own);
    for (size_t i = 0; i < n; i++) {
        struct weir_place_want want = { .intent = WEIR_PLACE_NODE,
                                        .node = places[i].node };
        char what[32];

        if (i > 0 && places[i].node == places[i - 1].node)
            continue;
        (void)snprintf(what, sizeof(what), "node %u", want.node);
        print_choice(what, &want);
    }
    printf("and with a peer on cpu %u\n", places[0].cpu);
    for (int d = WEIR_AT_SAME_CPU; d <= WEIR_AT_OTHER_NODE; d++)
        print_choice(weir_distance_name(d),
                     &(struct weir_place_want){
                         .intent = WEIR_PLACE_PEER,
                         .peer = places[0],
                         .distance = (enum weir_distance)d,
                     });
}

int
main(void)
{
    ssize_t n = weir_machine_places(NULL, 0);
    struct weir_place *places;
    char line[256];

    if (n < 0 || weir_machine_describe(line, sizeof(line)) < 0) {
        fprintf(stderr, "no topology: %s\n", weir_strerror((int)n));
        return 1;
    }
    places = calloc((size_t)n, sizeof(*places));
    if (!places)
        return 1;
    (void)weir_machine_places(places, (size_t)n);
    printf("%s\n", line);
    print_places(places, (size_t)n);
    print_choices(places, (size_t)n);
    free(places);
    return 0;
}
