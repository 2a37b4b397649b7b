/* SPDX-License-Identifier: MPL-2.0 */
#include "core/connection.h"

#include <string.h>

static size_t
connection_size(size_t name_size)
{
    return sizeof(struct wr_connection) + name_size;
}

/* Joins what `from` writes to what `to` reads. False: no memory. */
static bool
join(struct wr_arena *arena, struct wr_end *from, const struct wr_side *sender,
     struct wr_end *to, const struct wr_side *receiver, bool conflate)
{
    struct wr_pipe *p;

    if (!sender->sends || !receiver->receives)
        return true;
    p = wr_pipe_new(arena, sender->send_hwm, receiver->recv_hwm,
                    conflate && !sender->wishes);
    from->out.pipe = to->in.pipe = p;
    return p != NULL;
}

void
wr_end_introduce(struct wr_end *e, int type, struct wr_routing_id *id)
{
    e->id = wr_routing_id_hold(id);
    store_release(&e->type, type); /* E4 */
}

static void
end_init(struct wr_connection *c, int i, const struct wr_side *side)
{
    struct wr_end *e = &c->ends[i];

    e->connection = c;
    e->peer = &c->ends[1 - i];
    e->in.end = e->out.end = e;
    e->bell = side->bell;
    if (e->bell != NULL)
        wr_bell_hold(e->bell);
    wr_end_introduce(e, side->type, side->id);
}

static void
connection_free(struct wr_connection *c)
{
    struct wr_arena *arena = c->arena;

    for (int i = 0; i < 2; i++) {
        if (c->ends[i].out.pipe != NULL)
            wr_pipe_free(c->ends[i].out.pipe);
        if (c->ends[i].bell != NULL)
            wr_bell_drop(c->ends[i].bell);
        wr_routing_id_drop(c->ends[i].id);
    }
    wr_arena_free(arena, c, WR_GROUP, connection_size(c->name_size));
    wr_arena_drop(arena);
}

struct wr_connection *
wr_connection_new(struct wr_arena *arena, const char *name, size_t name_size,
                  const struct wr_side *connector, const struct wr_side *binder)
{
    struct wr_connection *c =
        wr_arena_zalloc(arena, WR_GROUP, connection_size(name_size));

    if (c == NULL)
        return NULL;
    wr_arena_hold(arena);
    c->arena = arena;
    store_relaxed(&c->refs, 2); /* nobody else knows it yet */
    c->name_size = name_size;
    memcpy(c->name, name, name_size);
    end_init(c, 0, connector);
    end_init(c, 1, binder);
    if (!join(arena, &c->ends[0], connector, &c->ends[1], binder,
              connector->conflate) ||
        !join(arena, &c->ends[1], binder, &c->ends[0], connector,
              connector->conflate)) {
        connection_free(c);
        return NULL;
    }
    return c;
}

void
wr_connection_drop(struct wr_connection *c)
{
    if (fetch_sub_acq_rel(&c->refs, 1) == 1) /* E3 */
        connection_free(c);
}

void
wr_end_list_append(struct wr_end_list *l, struct wr_end *e)
{
    e->next = NULL;
    e->prev = l->last;
    if (l->last != NULL)
        l->last->next = e;
    else
        l->first = e;
    l->last = e;
}

void
wr_end_list_remove(struct wr_end_list *l, struct wr_end *e)
{
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        l->first = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    else
        l->last = e->prev;
    e->next = e->prev = NULL;
}
