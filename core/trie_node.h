/* SPDX-License-Identifier: MPL-2.0 */
/* A node of a trie: one block, of
 *
 *   16 bytes                what is below, up to run
 *   size bytes              the run, padded to words if there is an index
 *   up to 40 bytes          the index: which kids there are
 *   room pointers           the kids, in the order of their edges
 *
 * The edge of a kid is the byte between its parent's run and its own. The index
 * of a node with room for up to 32 kids is their edges, searched eight at a
 * time; of a larger one a bit for each byte there is, with the number of those
 * set in the words before. Either is in a line and takes some 20 instructions;
 * memchr takes a tenth more of a match, and a table of 256 pointers 2 KiB.
 *
 * Room is what fits into the block that the allocator gives anyway, a function
 * of size and kids alone; only where memory ran out it may be larger.
 *
 * Concurrency   The trie's. */
#ifndef WEIR_CORE_TRIE_NODE_H
#define WEIR_CORE_TRIE_NODE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/cpu.h"

struct wr_arena;

#define WR_TRIE_SIZE_BITS 45
#define WR_TRIE_SIZE_MAX  (((uint64_t)1 << WR_TRIE_SIZE_BITS) - 1)
#define WR_TRIE_EDGES     256 /* how many there can be */
#define WR_TRIE_NARROW    32  /* most kids that are found by their edges */

struct wr_trie_node {
    uint64_t has_value : 1;
    uint64_t kids : 9;
    uint64_t room : 9;
    uint64_t size : WR_TRIE_SIZE_BITS; /* of the run: more than can be mapped */
    void *value;
    unsigned char run[];
};

/* The index of a node with room for more than WR_TRIE_NARROW kids. */
struct wr_trie_wide {
    uint64_t bits[4];
    uint8_t before[8]; /* the last four are padding */
};

static inline unsigned char *
wr_trie_index(const struct wr_trie_node *n)
{
    return (unsigned char *)n->run + ((n->size + 7) & ~(size_t)7);
}

/* Bytes of the index of a node with that room. */
static inline size_t
wr_trie_index_size(size_t room)
{
    return room > WR_TRIE_NARROW ? sizeof(struct wr_trie_wide)
                                 : (room + 7) & ~(size_t)7;
}

static inline struct wr_trie_node **
wr_trie_kids(const struct wr_trie_node *n)
{
    return (void *)(wr_trie_index(n) + wr_trie_index_size(n->room));
}

/* Where edge is among n edges, which are padded to words; n or more: it is not
 * there. */
static inline size_t
wr_trie_narrow_find(const unsigned char *edges, size_t n, unsigned char edge)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    for (size_t i = 0; i < n; i += 8) {
        uint64_t word, hit;

        memcpy(&word, edges + i, 8);
        word = le64toh(word) ^ ones * edge;
        /* The top bit of bytes that are 0, and of some above the first. */
        hit = (word - ones) & ~word & ones << 7;
        if (hit != 0)
            return i + (size_t)__builtin_ctzll(hit) / 8;
    }
    return n;
}

/* The same in a bitmap; WR_TRIE_EDGES: not there. */
static inline size_t
wr_trie_wide_find(const struct wr_trie_wide *w, unsigned char edge)
{
    uint64_t bits = w->bits[edge / 64] >> (edge % 64);

    if ((bits & 1) == 0)
        return WR_TRIE_EDGES;
    bits = w->bits[edge / 64] & (((uint64_t)1 << (edge % 64)) - 1);
    return w->before[edge / 64] + (size_t)__builtin_popcountll(bits);
}

/* Where the kid with that edge is kept; NULL: there is none. */
static inline struct wr_trie_node **
wr_trie_kid(const struct wr_trie_node *n, unsigned char edge)
{
    const unsigned char *index = wr_trie_index(n);
    size_t at = n->room > WR_TRIE_NARROW
                    ? wr_trie_wide_find((const void *)index, edge)
                    : wr_trie_narrow_find(index, n->kids, edge);

    return at < n->kids ? wr_trie_kids(n) + at : NULL;
}

/* A run up to this length is compared byte by byte: data is often a message
 * that was written just now, to a line that is still on its way. Single bytes
 * are read from the stores that wait for it; what memcmp reads at once is not,
 * and waits as well. */
#define WR_TRIE_RUN_SHORT 16

/* Whether data begins with the run. */
static inline bool
wr_trie_runs(const struct wr_trie_node *n, const unsigned char *data,
             size_t size)
{
    size_t run = n->size;

    if (run > size)
        return false;
    if (unlikely(run > WR_TRIE_RUN_SHORT))
        return memcmp(n->run, data, run) == 0;
    while (run > 0 && n->run[run - 1] == data[run - 1])
        run--;
    return run == 0;
}

/* A node without value and kids, with room for that many; its run is to be
 * written. NULL: no memory. */
struct wr_trie_node *wr_trie_node_new(struct wr_arena *a, size_t size,
                                      size_t kids);
void wr_trie_node_free(struct wr_arena *a, struct wr_trie_node *n);

/* Copies value and kids into a new node with enough room. */
void wr_trie_node_take(struct wr_trie_node *n, const struct wr_trie_node *from);

/* The same node with room for that many kids, moved if need be. NULL: no
 * memory, and it is as it was. */
struct wr_trie_node *wr_trie_node_fit(struct wr_arena *a,
                                      struct wr_trie_node *n, size_t kids);

/* Adds a kid, for which there is room. */
void wr_trie_node_add(struct wr_trie_node *n, unsigned char edge,
                      struct wr_trie_node *kid);

/* Puts a node in order that has lost its value, or kids, which are NULL: it is
 * made smaller, joined with its only kid, or freed. Returns what is to take its
 * place; NULL: nothing. Without memory it stays as it is. */
struct wr_trie_node *wr_trie_node_settle(struct wr_arena *a,
                                         struct wr_trie_node *n);

/* The least edge that is `from` or more; WR_TRIE_EDGES: there is none. */
unsigned wr_trie_node_edge(const struct wr_trie_node *n, unsigned from);

#endif
