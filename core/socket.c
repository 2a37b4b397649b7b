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
        wr_socket_let_go(s, e);
    wr_frames_fini(&s->frames, s->arena);
    wr_frames_fini(&s->held, s->arena);
    wr_arena_free(s->arena, s->unpacked, WR_LINE,
                  WR_UNPACKED_MAX * sizeof(weir_msg));
    wr_pool_flush();
    destroy(s);
    return 0;
}
