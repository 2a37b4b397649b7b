/* SPDX-License-Identifier: MPL-2.0 */
/* A growing array of frames: those of a message that is not complete yet, or
 * that have to be kept.
 *
 * Concurrency   The socket's owner only.
 * Cost          push allocates when the array doubles; one that has grown large
 *               is given back when it is emptied. */
#ifndef WEIR_CORE_FRAMES_H
#define WEIR_CORE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "alloc/arena.h"
#include "weir/weir.h"

/* Frames `first` to n - 1; those before it were taken. */
struct wr_frames {
    weir_msg *msgs;
    size_t first;
    size_t n;
    size_t capacity;
};

static inline bool
wr_frames_is_empty(const struct wr_frames *f)
{
    return f->first == f->n;
}

/* Makes room for k more: -ENOMEM. */
int wr_frames_reserve(struct wr_frames *f, struct wr_arena *arena, size_t k);

/* For one more. */
static inline int
wr_frames_grow(struct wr_frames *f, struct wr_arena *arena)
{
    return f->n < f->capacity ? 0 : wr_frames_reserve(f, arena, 1);
}

/* Moves msg to the end. -ENOMEM: it is where it was. */
int wr_frames_push(struct wr_frames *f, struct wr_arena *arena, weir_msg *msg);

/* Moves the first of them to msg; there is one. */
void wr_frames_shift(struct wr_frames *f, struct wr_arena *arena,
                     weir_msg *msg);

/* Forgets the frames, which were moved away. */
void wr_frames_clear(struct wr_frames *f, struct wr_arena *arena);

/* Drops them, and keeps the memory for the next. */
void wr_frames_drop(struct wr_frames *f, struct wr_arena *arena);

/* Drops them, and gives the memory back. */
void wr_frames_fini(struct wr_frames *f, struct wr_arena *arena);

#endif
