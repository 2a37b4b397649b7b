/* SPDX-License-Identifier: MPL-2.0 */
#include "core/frames.h"

#include <errno.h>
#include <string.h>

#include "core/message.h"

/* An array beyond this is not kept for the next message. */
#define FRAMES_KEPT 1024

static void
resize(struct wr_frames *f, struct wr_arena *arena, weir_msg *msgs,
       size_t capacity)
{
    wr_arena_free(arena, f->msgs, WR_LINE, f->capacity * sizeof(*msgs));
    f->msgs = msgs;
    f->capacity = capacity;
}

int
wr_frames_reserve(struct wr_frames *f, struct wr_arena *arena, size_t k)
{
    size_t n = f->n - f->first;
    size_t capacity = f->capacity == 0 ? 8 : f->capacity * 2;
    weir_msg *msgs;

    if (k <= f->capacity - f->n)
        return 0;
    if (capacity < n + k)
        capacity = n + k;
    if (f->first > f->capacity / 2 && k <= f->capacity - n) {
        memcpy(f->msgs, f->msgs + f->first, n * sizeof(*msgs));
        f->first = 0;
        f->n = n;
        return 0;
    }
    msgs = wr_arena_alloc(arena, WR_LINE, capacity * sizeof(*msgs));
    if (msgs == NULL)
        return -ENOMEM;
    if (n > 0)
        memcpy(msgs, f->msgs + f->first, n * sizeof(*msgs));
    resize(f, arena, msgs, capacity);
    f->first = 0;
    f->n = n;
    return 0;
}

int
wr_frames_push(struct wr_frames *f, struct wr_arena *arena, weir_msg *msg)
{
    int rc = wr_frames_grow(f, arena);

    if (rc != 0)
        return rc;
    wr_msg_copy(&f->msgs[f->n++], msg);
    weir_msg_init(msg);
    return 0;
}

void
wr_frames_shift(struct wr_frames *f, struct wr_arena *arena, weir_msg *msg)
{
    wr_msg_copy(msg, &f->msgs[f->first++]);
    if (f->first == f->n)
        wr_frames_clear(f, arena);
}

void
wr_frames_clear(struct wr_frames *f, struct wr_arena *arena)
{
    f->first = f->n = 0;
    if (f->capacity > FRAMES_KEPT)
        resize(f, arena, NULL, 0);
}

void
wr_frames_drop(struct wr_frames *f, struct wr_arena *arena)
{
    if (f->n > f->first)
        (void)weir_msg_drop_batch(f->msgs + f->first, f->n - f->first);
    wr_frames_clear(f, arena);
}

void
wr_frames_fini(struct wr_frames *f, struct wr_arena *arena)
{
    wr_frames_drop(f, arena);
    resize(f, arena, NULL, 0);
}
