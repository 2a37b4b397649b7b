/* SPDX-License-Identifier: MPL-2.0 */
/* The frames of a verified stream: their sizes, kinds and bytes. */
#include "tests/socket/stream.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/atomic.h"

/* Messages in a row that are alike, half of the time: the engine treats equal
 * ones in a way of its own. */
#define ALIKE 8

static uint64_t
mix(uint64_t a, uint64_t b)
{
    struct race r = { a * UINT64_C(0xd1342543de82ef95) + b };

    return race_next(&r);
}

uint32_t
stream_frames_of(const struct stream_law *law, uint64_t name)
{
    uint64_t dice = mix(law->seed ^ name / ALIKE, 1);

    if (dice % 8 != 0)
        return 1;
    dice = mix(law->seed ^ name, 2);
    if (dice % 2048 == 0)
        return 1001 + (uint32_t)(dice / 2048 % (STREAM_FRAMES_MOST - 1000));
    return 1 + (uint32_t)(dice % 40);
}

static size_t
size_of(const struct stream_law *law, const struct stream_frame *f)
{
    uint64_t like = f->frames == 1 ? f->name / ALIKE : f->name;
    uint64_t dice = mix(law->seed ^ like, f->index + 3);
    uint64_t kind = dice % 64;
    size_t size;

    dice /= 64;
    if (kind < 24)
        size = dice % 9;
    else if (kind < 44)
        size = dice % (WEIR_INLINE_MAX + 1);
    else if (kind < 58 || f->frames > 40)
        size = 57 + dice % 456;
    else if (kind < 63 || dice % 16 != 0)
        size = 513 + dice / 16 % 3584;
    else if (dice / 16 % 8 != 0)
        size = 57 + dice / 128 % 69944;
    else
        size = 70001 + dice / 128 % (2 << 20);
    return f->index == 0 && size < law->least ? law->least : size;
}

/* The 8 bytes at 8 * i. */
static uint64_t
word_of(const struct stream_frame *f, size_t size, size_t i)
{
    if (i == 0)
        return f->name ^ (uint64_t)f->index << 40;
    if (i == 1)
        return (uint64_t)f->index << 32 | f->frames;
    return (f->name << 8 ^ f->index ^ size << 32 ^ size) +
           i * UINT64_C(0x9e3779b97f4a7c15);
}

static void
fill(void *data, size_t size, const struct stream_frame *f)
{
    size_t i;

    for (i = 0; i < size / 8; i++) {
        uint64_t word = word_of(f, size, i);

        memcpy((char *)data + 8 * i, &word, 8);
    }
    if (size % 8 != 0) {
        uint64_t word = word_of(f, size, i);

        memcpy((char *)data + 8 * i, &word, size % 8);
    }
}

void
stream_check(const struct stream_law *law, const weir_msg *msg,
             const struct stream_frame *f)
{
    const char *data = weir_msg_bytes(msg);
    size_t size = weir_msg_size(msg);
    uint64_t word, wrong = 0;
    size_t i;

    CHECK(size == size_of(law, f));
    CHECK(weir_msg_more(msg) == (f->index + 1 < f->frames));
    for (i = 0; i < size / 8; i++) {
        memcpy(&word, data + 8 * i, 8);
        wrong |= word ^ word_of(f, size, i);
    }
    CHECK(wrong == 0);
    if (size % 8 != 0) {
        word = word_of(f, size, i);
        CHECK(memcmp(data + 8 * i, &word, size % 8) == 0);
    }
}

/* ---- External frames --------------------------------------------------- */

#define MARK UINT64_C(0x3141592653589793)

struct external {
    uint64_t mark;
    char bytes[];
};

static _Atomic uint64_t made;
static _Atomic uint64_t freed;

static void
free_external(void *data, void *hint)
{
    struct external *e = hint;

    CHECK(e->mark == MARK && data == e->bytes);
    e->mark = 0;
    free(e);
    fetch_add_relaxed(&freed, 1); /* read after the threads were joined */
}

static void
make_external(weir_msg *msg, size_t size)
{
    struct external *e = malloc(sizeof(*e) + size);

    CHECK(e != NULL);
    e->mark = MARK;
    fetch_add_relaxed(&made, 1); /* as above */
    CHECK(weir_msg_init_external(msg, e->bytes, size, free_external, e) == 0);
}

void
stream_check_all_freed(void)
{
    CHECK(load_relaxed(&freed) == load_relaxed(&made));
}

/* ---- Making ------------------------------------------------------------ */

void
stream_make(const struct stream_law *law, struct race *race, weir_socket *s,
            weir_msg *msg, const struct stream_frame *f)
{
    size_t size = size_of(law, f);
    uint64_t dice = race_below(race, 16);

    if (dice == 0)
        make_external(msg, size);
    else if (dice < 8 && size <= WEIR_INLINE_MAX)
        weir_msg_init_inline(msg, size);
    else
        CHECK(weir_msg_init_size(msg, s, size) == 0);
    fill(weir_msg_data(msg), size, f);
    weir_msg_set_more(msg, f->index + 1 < f->frames);
}

void
stream_make_junk(struct race *race, weir_socket *s, weir_msg *msg)
{
    size_t size = race_below(race, 300);

    if (race_once_in(race, 3))
        make_external(msg, size);
    else
        CHECK(weir_msg_init_size(msg, s, size) == 0);
    memset(weir_msg_data(msg), 0xee, size);
    weir_msg_set_more(msg, race_once_in(race, 2));
}

/* ---- Keeping ----------------------------------------------------------- */

static void
drop_one(const struct stream_law *law, struct stream_kept *kept, uint64_t i)
{
    if (!kept->used[i])
        return;
    kept->used[i] = false;
    stream_check(law, &kept->msgs[i], &kept->frames[i]);
    CHECK(weir_msg_drop(&kept->msgs[i]) == 0);
}

void
stream_keep(const struct stream_law *law, struct race *race,
            struct stream_kept *kept, weir_msg *msg,
            const struct stream_frame *f, bool share)
{
    uint64_t i = race_below(race, STREAM_KEPT);

    drop_one(law, kept, i);
    CHECK((share ? weir_msg_share : weir_msg_move)(&kept->msgs[i], msg) == 0);
    kept->frames[i] = *f;
    kept->used[i] = true;
}

void
stream_drop_kept(const struct stream_law *law, struct stream_kept *kept)
{
    for (uint64_t i = 0; i < STREAM_KEPT; i++)
        drop_one(law, kept, i);
}
