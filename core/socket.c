/* SPDX-License-Identifier: MPL-2.0 */
#include "core/socket.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/monitor.h"
#include "core/outside.h"

#define HWM_DEFAULT 1000

static struct wr_handle_pool sockets = WR_HANDLE_POOL(struct wr_socket);

/* ---- Open -------------------------------------------------------------- */

static void
destroy(struct wr_socket *s)
{
    struct wr_context *ctx = s->context;

    if (s->own != NULL && s->pattern->fini != NULL)
        s->pattern->fini(s);
    wr_routing_id_drop(s->id);
    if (s->turnstile != NULL) {
        wr_turnstile_fini(s->turnstile);
        wr_arena_free(s->arena, s->turnstile, WR_LINE, sizeof(*s->turnstile));
    }
    if (s->pool != NULL)
        wr_pool_close(s->pool);
    if (s->bell != NULL)
        wr_bell_drop(s->bell);
    if (s->arena != NULL)
        wr_arena_drop(s->arena);
    wr_handle_free(&sockets, &s->handle);
    wr_context_release(ctx);
}

static int
init(struct wr_socket *s, const struct wr_pattern *pattern)
{
    s->pattern = pattern;
    wr_outside_init(s);
    s->in.reading = true;
    s->out.in_turn = pattern->sends_in_turn;
    s->in.in_turn = pattern->receives_in_turn;
    wr_gate_set(&s->send_gate, WR_GATE_TYPE,
                pattern->send != NULL || pattern->out != wr_next_out);
    wr_gate_set(&s->recv_gate, WR_GATE_TYPE,
                pattern->recv != NULL || pattern->in != wr_next_in);
    s->send_hwm = s->recv_hwm = HWM_DEFAULT;
    s->send_timeout_ms = s->recv_timeout_ms = -1;
    wr_wait_init(&s->wait, WEIR_WAIT_ADAPTIVE);
    s->arena = wr_arenas_get(&s->context->arenas, -1);
    if (s->arena == NULL)
        return -ENOMEM;
    s->bell = wr_bell_new(s->arena);
    s->pool = wr_pool_new(s->arena);
    if (s->bell == NULL || s->pool == NULL)
        return -ENOMEM;
    return pattern->init == NULL ? 0 : pattern->init(s);
}

/* Makes the socket known to its context. */
static int
enlist(struct wr_socket *s)
{
    int rc = wr_socket_lock(s);

    if (rc != 0)
        return rc;
    s->next = s->context->sockets;
    if (s->next != NULL)
        s->next->prev = s;
    s->context->sockets = s;
    wr_socket_unlock(s);
    return 0;
}

int
wr_socket_open(struct wr_context *ctx, int type, weir_socket **out)
{
    const struct wr_pattern *pattern = wr_pattern_of(type);
    struct wr_socket *s;
    int rc;

    if (pattern == NULL)
        return -EINVAL;
    s = wr_handle_new(&sockets);
    if (s == NULL)
        return -ENOMEM;
    wr_context_hold(ctx);
    s->context = ctx;
    rc = init(s, pattern);
    if (rc == 0)
        rc = enlist(s);
    if (rc != 0) {
        destroy(s);
        return rc;
    }
    *out = wr_handle_open(&s->handle);
    return 0;
}

int
weir_socket_open(weir_context *handle, int type, weir_socket **out)
{
    struct wr_context *ctx = wr_context_acquire(handle);
    int rc;

    if (ctx == NULL)
        return -EBADF;
    rc = out == NULL ? -EINVAL : wr_socket_open(ctx, type, out);
    wr_context_release(ctx);
    return rc;
}

int
wr_socket_lock(struct wr_socket *s)
{
    pthread_mutex_lock(&s->context->lock);
    if (!s->context->stopped)
        return 0;
    pthread_mutex_unlock(&s->context->lock);
    return -ESHUTDOWN;
}

void
wr_socket_unlock(struct wr_socket *s)
{
    pthread_mutex_unlock(&s->context->lock);
}

/* ---- Connections ------------------------------------------------------- */

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

static void
let_go(struct wr_socket *s, struct wr_end *e)
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
    let_go(s, e);
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
        let_go(s, e);
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

/* ---- Waiting ----------------------------------------------------------- */

static int
wait_once(struct wr_socket *s, struct wr_lanes *ls, int flags,
          int64_t *deadline)
{
    int32_t ms = ls->reading ? s->recv_timeout_ms : s->send_timeout_ms;
    int rc;

    if (*deadline == WR_DEADLINE_UNSET && !ls->reading && s->ends.first != NULL)
        wr_monitor_tell_of(s, WEIR_EVENT_HWM_REACHED, s->ends.first);
    if ((flags & WEIR_DONTWAIT) != 0 || ms == 0)
        return -EAGAIN;
    if (*deadline == WR_DEADLINE_UNSET)
        *deadline = s->until != 0 ? s->until : clock_deadline_ns(ms);
    else if (*deadline != WR_NEVER && clock_now_ns() >= *deadline)
        return -EAGAIN;
    rc = wr_wait(&s->wait, s->bell, ls, *deadline);
    return rc == -EINTR && (flags & WEIR_INTERRUPTIBLE) == 0 ? 0 : rc;
}

int
wr_socket_wait(struct wr_socket *s, struct wr_lanes *ls, int flags,
               int64_t *deadline)
{
    int rc = wait_once(s, ls, flags, deadline);

    if (rc == -EAGAIN && unlikely(wr_outside_has_fd(s)) &&
        wr_outside_gives_up(s, ls))
        rc = 0;
    return rc != 0 ? rc : wr_socket_enter(s);
}

static int
await(struct wr_socket *s, bool in, int flags, int64_t *deadline,
      struct wr_lane **lane)
{
    struct wr_lane *(*pick)(struct wr_socket *) =
        in ? s->pattern->in : s->pattern->out;

    for (;;) {
        int rc = wr_socket_enter(s);

        if (rc != 0)
            return rc;
        *lane = pick(s);
        if (*lane != NULL)
            return 0;
        rc = wr_socket_wait(s, in ? &s->in : &s->out, flags, deadline);
        if (rc != 0)
            return rc;
    }
}

int
wr_socket_await(struct wr_socket *s, bool in, int flags, struct wr_lane **lane)
{
    int64_t deadline = WR_DEADLINE_UNSET;

    return await(s, in, flags, &deadline, lane);
}

int
wr_socket_await_next(struct wr_socket *s, int flags, int64_t *deadline,
                     struct wr_lane **lane)
{
    *lane = s->pattern->in(s);
    return likely(*lane != NULL) ? 0 : await(s, true, flags, deadline, lane);
}

ssize_t
wr_socket_share(struct wr_socket *s, wr_batch_fn *call, int32_t ms,
                weir_msg *msgs, size_t n, int flags)
{
    weir_socket *handle = wr_handle_of(&s->handle);
    int64_t deadline = 0;
    ssize_t rc;

    if ((flags & WEIR_DONTWAIT) == 0 && ms != 0)
        deadline = clock_deadline_ns(ms);
    rc = wr_turnstile_enter(s->turnstile, deadline);
    if (rc != 0)
        return rc;
    rc = call(handle, msgs, n, flags | WEIR_DONTWAIT);
    if (rc == -EAGAIN && deadline != 0) {
        wr_turnstile_blocks(s->turnstile);
        s->until = deadline;
        rc = call(handle, msgs, n, flags);
        s->until = 0;
    }
    wr_turnstile_leave(s->turnstile);
    return rc;
}

/* ---- Close ------------------------------------------------------------- */

static void
give_up_names(struct wr_socket *s)
{
    struct wr_name *name;

    while ((name = s->names) != NULL) {
        s->names = name->next_bound;
        name->bound = NULL;
        wr_name_tidy(s->context, name);
    }
}

static void
delist(struct wr_socket *s)
{
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        s->context->sockets = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
}

/* The monitor hears of the names, which only the owner gives and takes. */
static void
tell_of_close(struct wr_socket *s)
{
    for (const struct wr_name *n = s->names; n != NULL; n = n->next_bound)
        wr_monitor_tell(s, WEIR_EVENT_CLOSED, n->text, n->size);
    wr_monitor_stop(s);
}

int
weir_close(weir_socket *handle)
{
    struct wr_socket *s = wr_socket_of(handle);
    struct wr_end *e;

    if (s == NULL)
        return -EBADF;
    wr_handle_close(&s->handle);
    tell_of_close(s);
    wr_outside_leave(s);
    pthread_mutex_lock(&s->context->lock);
    delist(s);
    give_up_names(s);
    while ((e = s->arrived.first) != NULL) {
        wr_end_list_remove(&s->arrived, e);
        e->listed = false;
        wr_end_list_append(&s->ends, e);
    }
    for (e = s->ends.first; e != NULL; e = e->next) {
        wr_end_leave(e);
        e->socket = NULL;
    }
    pthread_mutex_unlock(&s->context->lock);

    if (s->reserved.lane != NULL)
        (void)weir_msg_drop_batch(s->reserved.slots, s->reserved.n);
    wr_socket_unpeek(s);
    while ((e = s->ends.first) != NULL)
        let_go(s, e);
    wr_frames_fini(&s->frames, s->arena);
    wr_frames_fini(&s->held, s->arena);
    wr_arena_free(s->arena, s->unpacked, WR_LINE,
                  WR_UNPACKED_MAX * sizeof(weir_msg));
    wr_pool_flush();
    destroy(s);
    return 0;
}
