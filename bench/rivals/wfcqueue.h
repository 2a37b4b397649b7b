/* SPDX-License-Identifier: MPL-2.0 */
/* liburcu's wfcqueue: a linked list that many writers append to, and that one
 * reader takes as a whole. It links nodes and knows no items: here a node
 * carries one, and belongs to a writer.
 *
 * A writer's nodes come home through a wfcqueue of its own, in which the reader
 * is the only writer: so a queue has capacity / writers nodes for each writer,
 * and is full for one that has none left. Many nodes go in one step, as a list
 * that is appended with one exchange; the reader takes all that there are, and
 * then walks through them on its own. */
#ifndef WEIR_BENCH_RIVALS_WFCQUEUE_H
#define WEIR_BENCH_RIVALS_WFCQUEUE_H

#include "bench/rivals/rival.h"

/* The list is seen up to where a writer is between its two stores. */
WR_RIVAL(wfcqueue, WEIR_VERSION_URCU, "mpsc", "wfcqueue",
         "a linked list of nodes that come home to their writer", "liburcu",
         "wait-free", WR_ORDER_ALL, 0, 1)

#if WEIR_HAVE_URCU
/* Asks for the library's calls inline. */
#define _LGPL_SOURCE
#include <urcu/wfcqueue.h>

struct wr_wfcqueue_list {
    _Alignas(WR_GROUP) struct __cds_wfcq_head head; /* written by the taker */
    _Alignas(WR_GROUP) struct cds_wfcq_tail tail;   /* by who appends */
};

/* Nodes that are linked and not in a list yet. */
struct wr_wfcqueue_chain {
    struct cds_wfcq_node *first, *last;
};

struct wr_wfcqueue_node {
    struct cds_wfcq_node link;
    struct wr_wfcqueue_list *home;
    unsigned char item[];
};

struct wr_wfcqueue {
    struct wr_wfcqueue_list list;
    uint64_t per_writer; /* nodes */
    size_t node_size;
    struct wr_wfcqueue_list homes[]; /* of each writer; then the nodes */
};

struct wr_wfcqueue_writer {
    struct wr_wfcqueue *q;
    struct wr_wfcqueue_list *home;
    struct wr_wfcqueue_list free; /* nodes that have come home */
};

struct wr_wfcqueue_reader {
    struct wr_wfcqueue *q;
    struct wr_wfcqueue_list taken;
};

static inline uint64_t
wr_wfcqueue_per_writer(const struct wr_shape *shape)
{
    return (shape->capacity + shape->writers - 1) / shape->writers;
}

static inline size_t
wr_wfcqueue_bytes(const struct wr_shape *shape)
{
    if (!wr_rival_can(shape, wr_wfcqueue_traits.capacity_least))
        return 0;
    return sizeof(struct wr_wfcqueue) +
           shape->writers *
               (sizeof(struct wr_wfcqueue_list) +
                wr_wfcqueue_per_writer(shape) *
                    (sizeof(struct wr_wfcqueue_node) + shape->item_size));
}

static inline void
wr_wfcqueue_list_init(struct wr_wfcqueue_list *list)
{
    __cds_wfcq_init(&list->head, &list->tail);
}

static inline struct wr_wfcqueue *
wr_wfcqueue_init(void *memory, const struct wr_shape *shape)
{
    struct wr_wfcqueue *q = memory;
    unsigned char *at = (unsigned char *)&q->homes[shape->writers];

    q->per_writer = wr_wfcqueue_per_writer(shape);
    q->node_size = sizeof(struct wr_wfcqueue_node) + shape->item_size;
    wr_wfcqueue_list_init(&q->list);
    for (uint32_t w = 0; w < shape->writers; w++) {
        struct wr_wfcqueue_list *home = &q->homes[w];

        wr_wfcqueue_list_init(home);
        for (uint64_t i = 0; i < q->per_writer; i++, at += q->node_size) {
            struct wr_wfcqueue_node *node = (void *)at;

            node->home = home;
            cds_wfcq_node_init(&node->link);
            (void)cds_wfcq_enqueue(&home->head, &home->tail, &node->link);
        }
    }
    return q;
}

static inline void
wr_wfcqueue_fini(struct wr_wfcqueue *q)
{
    (void)q;
}

static inline void
wr_wfcqueue_writer_init(struct wr_wfcqueue_writer *w, struct wr_wfcqueue *q,
                        uint32_t number)
{
    w->q = q;
    w->home = &q->homes[number];
    wr_wfcqueue_list_init(&w->free);
}

static inline void
wr_wfcqueue_reader_init(struct wr_wfcqueue_reader *r, struct wr_wfcqueue *q,
                        uint32_t number)
{
    (void)number;
    r->q = q;
    wr_wfcqueue_list_init(&r->taken);
}

/* The next node of the list that is ours, which is filled again from the one
 * that is shared. NULL when neither has one, or not yet. */
hot_inline struct wr_wfcqueue_node *
wr_wfcqueue_take(struct wr_wfcqueue_list *ours, struct wr_wfcqueue_list *shared)
{
    struct cds_wfcq_node *link =
        __cds_wfcq_dequeue_nonblocking(&ours->head, &ours->tail);

    if (link == NULL) {
        (void)__cds_wfcq_splice_nonblocking(&ours->head, &ours->tail,
                                            &shared->head, &shared->tail);
        link = __cds_wfcq_dequeue_nonblocking(&ours->head, &ours->tail);
    }
    if (link == NULL || link == CDS_WFCQ_WOULDBLOCK)
        return NULL;
    return wr_container_of(link, struct wr_wfcqueue_node, link);
}

hot_inline void
wr_wfcqueue_chain_add(struct wr_wfcqueue_chain *chain,
                      struct wr_wfcqueue_node *node)
{
    cds_wfcq_node_init(&node->link);
    if (chain->last == NULL)
        chain->first = &node->link;
    else
        chain->last->next = &node->link;
    chain->last = &node->link;
}

/* Appends the chain, and empties it. Many nodes go as a list that is made of
 * them. */
hot_inline void
wr_wfcqueue_append(struct wr_wfcqueue_list *list,
                   struct wr_wfcqueue_chain *chain)
{
    if (chain->last == NULL)
        return;
    if (chain->first == chain->last) {
        (void)cds_wfcq_enqueue(&list->head, &list->tail, chain->first);
    } else {
        struct __cds_wfcq_head head = { .node = { .next = chain->first } };
        struct cds_wfcq_tail tail = { .p = chain->last };

        (void)__cds_wfcq_splice_nonblocking(&list->head, &list->tail, &head,
                                            &tail);
    }
    *chain = (struct wr_wfcqueue_chain){ 0 };
}

hot_inline uint64_t
wr_wfcqueue_push(struct wr_wfcqueue_writer *w, size_t size, uint64_t n,
                 wr_fill *fill, void *arg)
{
    struct wr_wfcqueue_chain chain = { 0 };
    struct wr_wfcqueue_node *node;
    uint64_t i = 0;

    (void)size;
    for (; i < n && (node = wr_wfcqueue_take(&w->free, w->home)) != NULL; i++) {
        fill(arg, node->item, i, 1);
        wr_wfcqueue_chain_add(&chain, node);
    }
    wr_wfcqueue_append(&w->q->list, &chain);
    return i;
}

static inline void
wr_wfcqueue_flush(struct wr_wfcqueue_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_wfcqueue_pop(struct wr_wfcqueue_reader *r, size_t size, uint64_t n,
                wr_use *use, void *arg)
{
    struct wr_wfcqueue_list *home = NULL;
    struct wr_wfcqueue_chain chain = { 0 };
    struct wr_wfcqueue_node *node;
    uint64_t i = 0;

    (void)size;
    for (; i < n && (node = wr_wfcqueue_take(&r->taken, &r->q->list)) != NULL;
         i++) {
        use(arg, node->item, 1);
        if (node->home != home)
            wr_wfcqueue_append(home, &chain);
        home = node->home;
        wr_wfcqueue_chain_add(&chain, node);
    }
    wr_wfcqueue_append(home, &chain);
    return i;
}
#endif

#endif
