/* SPDX-License-Identifier: MPL-2.0 */
/* The connections of a socket: how they come, change, and go. */
#include "core/monitor.h"
#include "core/socket.h"

/* A limit as pipes know it, from the value of the option. */
static uint32_t
share_of(uint32_t hwm)
{
    return hwm == 0 ? WR_NO_LIMIT : hwm;
}

static uint32_t
send_share(const struct wr_socket *s)
{
    return s->pattern->writes_unlimited ? WR_NO_LIMIT : share_of(s->send_hwm);
}

struct wr_side
wr_socket_side(const struct wr_socket *s)
{
    return (struct wr_side){
        .type = s->pattern->type,
        .id = s->id,
        .bell = s->bell,
        .send_hwm = send_share(s),
        .recv_hwm = share_of(s->recv_hwm),
        .sends = s->pattern->writes,
        .receives = s->pattern->reads,
        .conflate = s->conflate,
        .wishes = s->pattern->writes_unlimited,
    };
}

void
wr_socket_count(struct wr_socket *s, struct wr_end *e)
{
    e->socket = s;
    e->counted = true;
    s->peers++;
}

void
wr_socket_pass_limits(struct wr_socket *s, struct wr_end *e)
{
    if (e->out.pipe != NULL)
        wr_pipe_set_send_hwm(e->out.pipe, send_share(s));
    if (e->in.pipe != NULL)
        wr_pipe_set_recv_hwm(e->in.pipe, share_of(s->recv_hwm));
    if (!e->peer->listed)
        wr_end_ring_peer(e);
}

void
wr_socket_arrive(struct wr_socket *s, struct wr_end *e)
{
    e->socket = s;
    e->listed = true;
    wr_end_list_append(&s->arrived, e);
    wr_socket_pass_limits(s, e);
    wr_bell_notify(s->bell, WR_BELL_ARRIVED);
}

void
wr_socket_take_pending(struct wr_socket *s, struct wr_name *name)
{
    struct wr_end *next;

    for (struct wr_end *e = name->pending.first; e != NULL; e = next) {
        /* Its connector may have closed; what it has sent is still good. */
        bool live = load_relaxed(&e->peer->ending) == 0;

        next = e->next;
        if (!wr_socket_accepts(s, e->connection->peers) || wr_socket_taken(s))
            continue;
        wr_end_list_remove(&name->pending, e);
        e->bell = s->bell;
        wr_bell_hold(e->bell);
        wr_end_introduce(e, s->pattern->type, s->id);
        if (live)
            wr_socket_count(s, e);
        wr_socket_arrive(s, e);
    }
}

static void
uncount(struct wr_end *e)
{
    struct wr_socket *s = e->socket;

    if (!e->counted)
        return;
    e->counted = false;
    s->peers--;
    /* An exclusive socket has room for the next that waits. */
    if (s->pattern->exclusive)
        for (struct wr_name *n = s->names; n != NULL; n = n->next_bound)
            wr_socket_take_pending(s, n);
}

/* The empty message that makes a connection known to a router. */
static int
probe(struct wr_end *e)
{
    weir_msg empty;

    weir_msg_init(&empty);
    return wr_lane_put(&e->out, &empty, 1);
}

int
wr_socket_take_up(struct wr_socket *s, struct wr_end *e)
{
    int rc = 0;

    wr_end_list_append(&s->ends, e);
    if (e->in.pipe != NULL) {
        /* The limits may have changed while it waited to be taken up. */
        wr_pipe_read_limit_changed(e->in.pipe);
        wr_lanes_add(&s->in, &e->in);
    }
    /* Nothing more can be sent to a peer that has left meanwhile. */
    if (s->pattern->out != NULL && wr_end_peer_listens(e))
        wr_lanes_add(&s->out, &e->out);
    if (s->pattern->attach != NULL)
        rc = s->pattern->attach(s, e);
    if (rc == 0 && s->probe && wr_end_peer_listens(e))
        rc = probe(e);
    return rc;
}

/* Whether what the peer of an end that nobody has taken up has written is to be
 * delivered. What a type that does not send has written are wishes: they end
 * with it, unless there is a user to be told of them. */
static bool
has_mail(const struct wr_end *e)
{
    const struct wr_end *peer = e->peer;

    if (peer->out.pipe == NULL || !wr_pipe_was_written(peer->out.pipe))
        return false;
    if (peer->socket == NULL || wr_pattern_sends(peer->socket->pattern))
        return true;
    return e->socket != NULL && wr_pattern_receives(e->socket->pattern);
}

/* Takes an end that nobody has taken up, and that has nothing to tell, off its
 * list, and lets go of it for its owner to be. */
static void
withdraw(struct wr_context *ctx, struct wr_end *e)
{
    struct wr_connection *c = e->connection;
    struct wr_name *name;

    if (has_mail(e))
        return;
    if (e->socket != NULL) {
        wr_end_list_remove(&e->socket->arrived, e);
    } else {
        name = wr_name_find(ctx, c->name, c->name_size);
        wr_end_list_remove(&name->pending, e);
        wr_name_tidy(ctx, name);
    }
    e->listed = false;
    /* Its peer may change limits before it lets go, and must not ring it. */
    (void)wr_bell_entry_shut(&e->entry);
    store_release(&e->ending, 1); /* E1, for the owner that it never had */
    /* Nor may it be rung for: it is gone when the other end is. */
    (void)wr_bell_entry_shut(&e->entry);
    wr_connection_drop(c);
}

void
wr_end_leave(struct wr_end *e)
{
    struct wr_end *peer = e->peer;

    if (load_relaxed(&e->ending) != 0) /* only we write it */
        return;
    wr_lanes_remove(&e->out);
    if (e->socket != NULL && e->socket->pattern->left != NULL)
        e->socket->pattern->left(e->socket, e);
    store_release(&e->ending, 1); /* E1 */
    if (peer->listed)
        withdraw(e->socket->context, peer);
    else if (peer->bell != NULL)
        wr_end_ring_peer(e);
    /* Last, for a successor may arrive by it. */
    uncount(e);
    uncount(peer);
}

void
wr_socket_let_go(struct wr_socket *s, struct wr_end *e)
{
    if (s->reading == &e->in)
        s->reading = NULL;
    if (s->pattern->detach != NULL)
        s->pattern->detach(s, e);
    wr_lanes_remove(&e->in);
    wr_lanes_remove(&e->out);
    wr_end_list_remove(&s->ends, e);
    wr_connection_drop(e->connection);
}

void
wr_socket_undo(struct wr_socket *s, struct wr_end *e)
{
    struct wr_connection *c = e->connection;

    uncount(e);
    wr_socket_let_go(s, e);
    wr_connection_drop(c); /* for the other side, that never was */
}

static void
leave_locked(struct wr_socket *s, struct wr_end *e)
{
    pthread_mutex_lock(&s->context->lock);
    wr_end_leave(e);
    pthread_mutex_unlock(&s->context->lock);
}

void
wr_end_dismiss(struct wr_socket *s, struct wr_end *e, bool locked)
{
    if (locked)
        wr_end_leave(e);
    else
        leave_locked(s, e);
    /* If it was withdrawn, there is nobody to ring us back. */
    wr_bell_ring(s->bell, &e->entry);
}

/* The messages of peers that have gone come before their successors'. */
static void
turn_to_oldest(struct wr_socket *s)
{
    struct wr_end *e = s->ends.first;

    while (!e->draining || e->in.next == NULL || !wr_pipe_readable(e->in.pipe))
        e = e->next;
    s->in.current = &e->in;
}

/* Looks at an end: brings its lanes back, and lets go of it when the peer has
 * left and all was read. */
static void
look(struct wr_socket *s, struct wr_end *e)
{
    if (e->accepted)
        wr_monitor_tell_of(s, WEIR_EVENT_ACCEPTED, e);
    e->accepted = false;
    wr_lanes_activate(&e->in);
    wr_lanes_activate(&e->out);
    if (e->out.pipe != NULL)
        wr_pipe_limit_changed(e->out.pipe);
    if (e->in.pipe != NULL)
        wr_pipe_read_limit_changed(e->in.pipe);
    if (s->pattern->rung != NULL)
        s->pattern->rung(s, e);
    if (load_acquire(&e->peer->ending) == 0) /* E2 */
        return;
    if (!e->draining && !e->told)
        wr_monitor_tell_of(s, WEIR_EVENT_DISCONNECTED, e);
    /* What will be committed is still sent, and the peer waits for it. */
    if (s->reserved.lane == &e->out)
        wr_lanes_remove(&e->out);
    else
        leave_locked(s, e);
    e->draining = true;
    if (e->in.home != NULL && wr_pipe_readable(e->in.pipe)) {
        if (s->pattern->exclusive)
            turn_to_oldest(s);
        return;
    }
    wr_lanes_remove(&e->in);
    if (s->reserved.lane == &e->out)
        return;
    /* Once shut, the entry cannot be rung, and the connection may go; if it
     * has been rung again, this function will be called again. */
    if (wr_bell_entry_shut(&e->entry))
        wr_socket_let_go(s, e);
}

/* Takes up what has arrived. */
static void
take_up_arrived(struct wr_socket *s)
{
    struct wr_end *e;

    pthread_mutex_lock(&s->context->lock);
    while ((e = s->arrived.first) != NULL) {
        wr_end_list_remove(&s->arrived, e);
        e->listed = false;
        e->accepted = wr_socket_take_up(s, e) == 0;
        if (!e->accepted) {
            wr_lanes_remove(&e->in); /* nobody hears it */
            wr_end_leave(e);
        }
        /* Look at it when the lock is free: the peer may have left. */
        wr_bell_ring(s->bell, &e->entry);
    }
    pthread_mutex_unlock(&s->context->lock);
}

int
wr_socket_attend(struct wr_socket *s)
{
    struct wr_bell_entry *entry;
    struct wr_bell_entry *next;
    uint64_t bits;

    /* What has arrived is looked at too. */
    do {
        entry = wr_bell_take(s->bell, &bits);
        if ((bits & WR_BELL_STOPPED) != 0)
            return -ESHUTDOWN;
        for (; entry != NULL; entry = next) {
            next = entry->next; /* before the entry may be rung again */
            wr_bell_entry_open(entry);
            look(s, wr_container_of(entry, struct wr_end, entry));
        }
        if ((bits & WR_BELL_ARRIVED) != 0)
            take_up_arrived(s);
    } while ((bits & WR_BELL_ARRIVED) != 0);
    return 0;
}
