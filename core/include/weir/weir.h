/* SPDX-License-Identifier: MPL-2.0 */
/* weir: the 0MQ inproc transport as a batching engine.
 *
 * Messages of one or more frames go from thread to thread of one process,
 * between sockets that meet under names ("inproc://NAME") inside a context.
 *
 * Results     0 or a count on success, a negative errno value on failure:
 *             `rc == -EAGAIN`. errno itself is never written. A call that
 *             fails changes nothing and takes nothing from its caller.
 * Threads     A context may be used from any thread at any time. A socket
 *             belongs to one thread at a time; it may be handed to another
 *             one by anything that orders the two (a mutex, a join, a queue);
 *             but see WEIR_THREAD_SAFE.
 *             A message is a plain value: one thread at a time.
 * Blocking    Only send, recv and peek/reserve block, and only without
 *             WEIR_DONTWAIT, up to the socket's timeout.
 * Handles     A NULL or closed socket or context is detected in every call:
 *             -EBADF.
 * Shutdown    After weir_context_shutdown every call on the context's sockets,
 *             blocked ones included, gives -ESHUTDOWN; only weir_close works.
 * Sizes       In bytes. Counts of messages in arrays are counts of frames.
 *
 * The patterns are those of RFC 28/REQREP, 29/PUBSUB, 30/PIPELINE and
 * 31/EXCLUSIVE PAIR, the transport that of zmq_inproc(7). */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

#if defined(__GNUC__)
#define WEIR_EXPORT __attribute__((visibility("default")))
#else
#define WEIR_EXPORT
#endif

/* "0.1.0": the version of the library that is running. */
WEIR_EXPORT const char *weir_version(void);

/* What an error of this library means, given the negative value that a call
 * returned. A static string; never NULL. */
WEIR_EXPORT const char *weir_strerror(int rc);

/* ---- Contexts ---------------------------------------------------------- */

/* An isolated set of names and sockets, and the memory of their messages. */
typedef struct weir_context weir_context;

/* A new context, or NULL when there is no memory. */
WEIR_EXPORT weir_context *weir_context_new(void);

/* Ends all communication: blocked calls wake up, and every call on the
 * context's sockets but weir_close gives -ESHUTDOWN from now on. May be called
 * from any thread, more than once. -EBADF. */
WEIR_EXPORT int weir_context_shutdown(weir_context *ctx);

/* Shuts the context down and gives up the handle. Never blocks: sockets that
 * are still open stay valid until each is closed by its own thread, and
 * messages stay valid until dropped; the memory goes with the last of them (a
 * thread that drops messages gives their memory back in batches: at the latest
 * when it waits, closes a socket, frees a context, or ends). -EBADF. */
WEIR_EXPORT int weir_context_free(weir_context *ctx);

/* ---- Sockets ----------------------------------------------------------- */

typedef struct weir_socket weir_socket;

/* Numbered as in 0MQ. */
enum weir_type {
    WEIR_PAIR = 0,   /* exclusive, both ways */
    WEIR_PUB = 1,    /* sends; each message to all who have subscribed to it */
    WEIR_SUB = 2,    /* receives what it has subscribed to */
    WEIR_REQ = 3,    /* sends a request, then receives its reply */
    WEIR_REP = 4,    /* receives a request, then sends its reply */
    WEIR_DEALER = 5, /* both ways, to and from all peers in turn */
    WEIR_ROUTER = 6, /* both ways; a first frame names the peer */
    WEIR_PULL = 7,   /* receives; from all peers in turn */
    WEIR_PUSH = 8,   /* sends; each message to one ready peer, in turn */
    WEIR_XPUB = 9,   /* PUB that receives the subscriptions */
    WEIR_XSUB = 10,  /* SUB that sends its subscriptions as messages */
};

/* Opens a socket of an enum weir_type in ctx and stores it in *out. The caller
 * closes it. -EINVAL (type or out), -EBADF, -ENOMEM, -ESHUTDOWN. */
WEIR_EXPORT int weir_socket_open(weir_context *ctx, int type,
                                 weir_socket **out);

/* Closes the socket at once: its names are free, its peers see it go. What it
 * has sent is still delivered; what it has not received is dropped, so are the
 * frames of a message that was never finished. -EBADF. */
WEIR_EXPORT int weir_close(weir_socket *s);

/* An endpoint is "inproc://NAME", NAME any 1 to 256 bytes. For a bad one every
 * call below gives: -EINVAL (NULL, no "://", empty NAME), -EPROTONOSUPPORT
 * (a transport other than inproc), -ENAMETOOLONG. They also give -EBADF,
 * -ENOMEM and -ESHUTDOWN. A socket may bind and connect many times. */

/* Creates NAME in the context. -EADDRINUSE when it is taken. */
WEIR_EXPORT int weir_bind(weir_socket *s, const char *endpoint);

/* Gives NAME back. Connections made through it stay. -ENOENT when this socket
 * has not bound it. */
WEIR_EXPORT int weir_unbind(weir_socket *s, const char *endpoint);

/* Connects to the socket that has bound NAME. -ECONNREFUSED when nobody has
 * (but see WEIR_PENDING_CONNECT), -EPROTOTYPE when that socket's type does not
 * talk to this one's, -EBUSY when either is a PAIR that has its peer,
 * -EADDRINUSE when another peer has the name of WEIR_CONNECT_ROUTING_ID. */
WEIR_EXPORT int weir_connect(weir_socket *s, const char *endpoint);

/* Ends the oldest connection that weir_connect made to NAME. What was accepted
 * before is still delivered, both ways. -ENOENT when there is none, -EBUSY
 * while a span of it is reserved. */
WEIR_EXPORT int weir_disconnect(weir_socket *s, const char *endpoint);

enum weir_option {
    /* High-water marks, in messages; 0 is no limit; default 1000. A connection
     * holds at most the sender's plus the receiver's, and is unlimited when
     * either is. A change acts on live connections; lowering drops nothing. */
    WEIR_SEND_HWM = 1,
    WEIR_RECV_HWM = 2,
    /* How long a call may block, in milliseconds; -1 (default) is for ever,
     * 0 as if WEIR_DONTWAIT were given. */
    WEIR_SEND_TIMEOUT_MS = 3,
    WEIR_RECV_TIMEOUT_MS = 4,
    /* 1: connecting to a name that nobody has bound succeeds, and the
     * connection is made when the name appears, in the order of the calls;
     * what is sent meanwhile waits, up to WEIR_SEND_HWM, also after a close.
     * Where types do not fit, or a PAIR is taken, it waits on. 0 (default):
     * -ECONNREFUSED. */
    WEIR_PENDING_CONNECT = 5,
    /* How the socket waits: an enum weir_wait. */
    WEIR_WAIT = 6,
    /* Read only: the enum weir_type; connections that can carry messages. */
    WEIR_TYPE = 7,
    WEIR_PEERS = 8,
    /* Read only: what does not block now, WEIR_POLLIN | WEIR_POLLOUT. */
    WEIR_EVENTS = 9,
    /* Read only: 1 inside of a message that weir_recv has begun. */
    WEIR_MORE = 10,
    /* 1: connections to and from sockets of any type, set before they are
     * made. What the patterns make of it is theirs. 0 (default): only those
     * that talk to each other. */
    WEIR_ANY_PEER = 11,
    /* 1: connections that weir_connect makes from now on keep only the newest
     * message, both ways, and sending to them never waits. For messages of one
     * frame (of several the last one is kept); not in place (-ENOTSUP). For
     * PUSH, PULL, PUB, SUB and DEALER. */
    WEIR_CONFLATE = 12,
    /* ROUTER. Mandatory: a message that names no peer is -EHOSTUNREACH, one to
     * a full peer waits; otherwise they are dropped. Handover: a new peer takes
     * over the routing id that another one has; otherwise the new peer is not
     * heard. */
    WEIR_ROUTER_MANDATORY = 13,
    WEIR_ROUTER_HANDOVER = 14,
    /* 1: an empty message goes to every new peer. For ROUTER, DEALER, REQ. */
    WEIR_PROBE_ROUTER = 15,
    /* REQ. Correlate: requests carry a number that the reply must have.
     * Relaxed: a new request may be sent before the reply has come. */
    WEIR_REQ_CORRELATE = 16,
    WEIR_REQ_RELAXED = 17,
    /* PUB, XPUB, SUB: messages go to those who have not subscribed to them. */
    WEIR_INVERT_MATCHING = 18,
    /* XPUB. Verbose: 0 the first subscription to a topic and the last
     * unsubscription are received, 1 all subscriptions, 2 both. Manual: they
     * take effect by WEIR_SUBSCRIBE and WEIR_UNSUBSCRIBE, which act for the
     * peer whose message was received last, as long as that is there. No-drop:
     * a message that a full peer should have waits (also PUB), and goes to all
     * who should have it or to none; WEIR_POLLOUT does not tell. */
    WEIR_XPUB_VERBOSE = 19,
    WEIR_XPUB_MANUAL = 20,
    WEIR_XPUB_NODROP = 21,
    /* 1, for good: any number of threads may call weir_send, weir_send_batch,
     * weir_recv, weir_recv_batch, weir_msg_init_size and weir_msg_init_copy on
     * the socket at the same time; each call is one or more whole messages
     * (-EINVAL for an array, or a weir_send, that ends within one, -EMSGSIZE
     * for a weir_recv where one of several frames is next), and those in place
     * are -ENOTSUP. All other calls still exclude every other. For PUSH and
     * PULL. */
    WEIR_THREAD_SAFE = 22,
};

/* Options whose values are bytes. */
enum weir_bytes_option {
    /* The name under which a ROUTER knows this socket; 0 to 255 bytes, of
     * connections made from now on. */
    WEIR_ROUTING_ID = 32,
    /* ROUTER: the name of the peer that the next weir_connect makes; 1 to 255
     * bytes. Write only. */
    WEIR_CONNECT_ROUTING_ID = 33,
    /* SUB, and XPUB where it is manual: prefixes of messages. With SUB a prefix
     * counts as often as it is subscribed to; unsubscribing from one that it
     * has not does nothing. Write only. */
    WEIR_SUBSCRIBE = 34,
    WEIR_UNSUBSCRIBE = 35,
    /* XPUB: what every new subscriber gets first; empty: nothing. */
    WEIR_WELCOME = 36,
};

/* Bits of WEIR_EVENTS: receiving, sending does not block. */
#define WEIR_POLLIN  1
#define WEIR_POLLOUT 2

enum weir_wait {
    WEIR_WAIT_ADAPTIVE = 0, /* spins as long as that pays, then parks */
    WEIR_WAIT_SPIN = 1,     /* never gives up the processor */
    WEIR_WAIT_YIELD = 2,    /* gives it up to who else can run */
    WEIR_WAIT_PARK = 3,     /* sleeps at once */
};

/* Sets or reads an option. -EBADF, -EINVAL (unknown option, or one that the
 * type does not have, value out of range, read-only option, NULL value),
 * -ESHUTDOWN. */
WEIR_EXPORT int weir_socket_set(weir_socket *s, int option, int64_t value);
WEIR_EXPORT int weir_socket_get(weir_socket *s, int option, int64_t *value);

/* The same for options of bytes. data may be NULL where size is 0. get stores
 * at most *size bytes at data, and the whole number in *size: -EMSGSIZE when
 * that is more. Also -ENOMEM. */
WEIR_EXPORT int weir_socket_set_bytes(weir_socket *s, int option,
                                      const void *data, size_t size);
WEIR_EXPORT int weir_socket_get_bytes(weir_socket *s, int option, void *data,
                                      size_t *size);

/* A pointer of the caller's that goes with the socket. weir_socket_user gives
 * NULL when none was set, and for a NULL or closed socket. -EBADF. Both work
 * after a shutdown. */
WEIR_EXPORT int weir_socket_set_user(weir_socket *s, void *user);
WEIR_EXPORT void *weir_socket_user(weir_socket *s);

/* ---- Messages ---------------------------------------------------------- */

/* Frees external memory: called once, on the thread that drops the last
 * reference. */
typedef void weir_free_fn(void *data, void *hint);

/* How many bytes fit into a message itself. */
#define WEIR_INLINE_MAX 56

/* One frame: a 64-byte value that holds its bytes or refers to them. Bytes
 * that are referred to have one owner at a time: move a message with
 * weir_msg_move, never by assignment (slots of a pipe have the same form, and
 * their first word is the pipe's). The fields are private; the layout is part
 * of the ABI, so that the accessors can be inline. */
typedef struct weir_msg {
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t pipe_word;
    uint32_t meta; /* bits 0-7 inline size, 8 more, 9-15 the pipe's, 16-19
                      kind, 24-31 class */
#else
    uint32_t meta;
    uint32_t pipe_word;
#endif
    union {
        uint64_t words[WEIR_INLINE_MAX / 8];
        struct {
            void *data;
            size_t size;
            void *owner;
            weir_free_fn *free;
            void *hint;
        } ref;
    } u;
} weir_msg;

#define WEIR_MSG_MORE_BIT   UINT32_C(0x100)
#define WEIR_MSG_SHARED_BIT UINT32_C(0x80000)
#define WEIR_MSG_KIND_BITS  UINT32_C(0xf0000) /* all 0: the bytes are inline */

/* Makes msg an empty message. Whatever it held before is forgotten. */
static inline void
weir_msg_init(weir_msg *msg)
{
    msg->meta = 0;
}

/* The bytes of msg: weir_msg_size of them, valid until it is moved, sent or
 * dropped. Shared bytes must not be written. */
static inline void *
weir_msg_data(weir_msg *msg)
{
    if ((msg->meta & WEIR_MSG_KIND_BITS) == 0)
        return msg->u.words;
    return msg->u.ref.data;
}

/* The same, for reading only. */
static inline const void *
weir_msg_bytes(const weir_msg *msg)
{
    if ((msg->meta & WEIR_MSG_KIND_BITS) == 0)
        return msg->u.words;
    return msg->u.ref.data;
}

static inline size_t
weir_msg_size(const weir_msg *msg)
{
    if ((msg->meta & WEIR_MSG_KIND_BITS) == 0)
        return msg->meta & 0xff;
    return msg->u.ref.size;
}

/* Whether msg is followed by another frame of the same message. Set it on all
 * frames but the last before sending; received frames have it set. */
static inline bool
weir_msg_more(const weir_msg *msg)
{
    return (msg->meta & WEIR_MSG_MORE_BIT) != 0;
}

static inline void
weir_msg_set_more(weir_msg *msg, bool more)
{
    msg->meta =
        (msg->meta & ~WEIR_MSG_MORE_BIT) | (more ? WEIR_MSG_MORE_BIT : 0);
}

/* Whether the bytes of msg are, or were, another message's as well: then they
 * must not be written. */
static inline bool
weir_msg_shared(const weir_msg *msg)
{
    return (msg->meta & WEIR_MSG_SHARED_BIT) != 0;
}

/* Makes msg a message of size bytes inside itself, their content undefined:
 * weir_msg_init_size without the call, for size <= WEIR_INLINE_MAX. */
static inline void
weir_msg_init_inline(weir_msg *msg, size_t size)
{
    msg->meta = (uint32_t)size & 0x3f;
}

/* Makes msg a message of size bytes, their content undefined. Up to
 * WEIR_INLINE_MAX they are inside msg; more come from the memory of s, whose
 * thread must be the caller. Whatever msg held before is forgotten. -EINVAL,
 * -EBADF, -ENOMEM (also for a size that cannot be had). Never blocks. */
WEIR_EXPORT int weir_msg_init_size(weir_msg *msg, weir_socket *s, size_t size);

/* The same, filled with a copy of size bytes at data. */
WEIR_EXPORT int weir_msg_init_copy(weir_msg *msg, weir_socket *s,
                                   const void *data, size_t size);

/* weir_msg_init_size without a socket: more than WEIR_INLINE_MAX come from the
 * memory of the calling thread. -EINVAL, -ENOMEM. */
WEIR_EXPORT int weir_msg_init_local(weir_msg *msg, size_t size);

/* Makes msg refer to size bytes at data, which stay the caller's to keep until
 * free_fn(data, hint) is called; free_fn may be NULL for memory that is never
 * freed. Nothing is copied or allocated. -EINVAL (NULL msg, NULL data with
 * size > 0). */
WEIR_EXPORT int weir_msg_init_external(weir_msg *msg, void *data, size_t size,
                                       weir_free_fn *free_fn, void *hint);

/* Makes dst a second message with the bytes of src: inline ones are copied,
 * others are shared and read-only from now on. What dst held is forgotten.
 * -EINVAL, -ENOMEM (only when src is external and not yet shared). */
WEIR_EXPORT int weir_msg_share(weir_msg *dst, weir_msg *src);

/* Moves src to dst and leaves src empty, but for `more`. What dst held is
 * forgotten. -EINVAL. */
WEIR_EXPORT int weir_msg_move(weir_msg *dst, weir_msg *src);

/* Drops what n messages hold and leaves them empty, but for `more`. Any thread.
 * -EINVAL. */
WEIR_EXPORT int weir_msg_drop_batch(weir_msg *msgs, size_t n);

/* The same for one message. */
static inline int
weir_msg_drop(weir_msg *msg)
{
    if (msg == NULL || (msg->meta & WEIR_MSG_KIND_BITS) != 0)
        return weir_msg_drop_batch(msg, 1);
    msg->meta &= WEIR_MSG_MORE_BIT;
    return 0;
}

/* ---- Sending and receiving --------------------------------------------- */

/* Flags of the calls below: -EAGAIN instead of blocking; -EINTR when a signal
 * handler ran while the thread slept (otherwise a signal does not end a wait).
 */
#define WEIR_DONTWAIT      1
#define WEIR_INTERRUPTIBLE 4

/* They all give -EBADF, -EINVAL (NULL, n = 0, or unknown flag), -ESHUTDOWN,
 * -ENOMEM, -ENOTSUP (the type does not send, or receive), -EAGAIN (would
 * block, or the timeout is over), and -EBUSY: those that send while a reserved
 * span is not committed, those that receive while a peeked one is not
 * released. -EPROTO: REQ and REP, when it is not the turn of that call.
 * -EHOSTUNREACH: see WEIR_ROUTER_MANDATORY. */

/* Sends msg, which is empty afterwards. A frame with `more` set waits in the
 * socket for the rest of its message; the last frame makes all of them visible
 * to one peer at once. The first and the last frame may block. */
WEIR_EXPORT int weir_send(weir_socket *s, weir_msg *msg, int flags);

/* Receives one frame into msg, an output: what it held is forgotten. The frames
 * of a message come one after the other, and after the first none blocks. */
WEIR_EXPORT int weir_recv(weir_socket *s, weir_msg *msg, int flags);

/* Sends as many whole messages of the n frames at msgs as go at once, at least
 * one (it may block for that one). Returns the number of frames that were
 * taken; these are empty afterwards, the others unchanged. Frames at the end
 * whose message is unfinished wait in the socket, as with weir_send. */
WEIR_EXPORT ssize_t weir_send_batch(weir_socket *s, weir_msg *msgs, size_t n,
                                    int flags);

/* Receives as many frames as there are, 1 to n (it may block for the first),
 * into msgs, and returns their number. Never splits a message: -EMSGSIZE when
 * the first one has more than n frames; take it with weir_recv or a larger
 * array. What lies behind the count is empty or untouched. */
WEIR_EXPORT ssize_t weir_recv_batch(weir_socket *s, weir_msg *msgs, size_t n,
                                    int flags);

/* The four calls in place are for PAIR, PUSH, PULL and DEALER, and the reading
 * ones for XSUB: -ENOTSUP for types that change, choose or copy messages on the
 * way. */

/* Stores in *span the next 1 to n free slots of the pipe to one peer, each an
 * empty message, and returns their number. Write the messages there, then
 * weir_commit. Also -EBUSY in the middle of a message of several frames. */
WEIR_EXPORT ssize_t weir_reserve(weir_socket *s, size_t n, weir_msg **span,
                                 int flags);

/* Sends the first n messages of the reserved span in order, drops the rest and
 * gives their slots back. n may be 0. -EINVAL when n is more than was reserved,
 * or when the n-th has `more` set (the span stays reserved). */
WEIR_EXPORT int weir_commit(weir_socket *s, size_t n);

/* Stores in *span the next 1 to n frames from one peer, in the pipe, and
 * returns their number. Read them there or move them out, but leave `more` as
 * it is; then weir_release. A span may end inside of a message: the next one
 * goes on with it. */
WEIR_EXPORT ssize_t weir_peek(weir_socket *s, size_t n, weir_msg **span,
                              int flags);

/* Drops the first n frames of the peeked span and gives their slots back to
 * the sender; the others will be seen again. n may be 0. -EINVAL when n is
 * more than was peeked. */
WEIR_EXPORT int weir_release(weir_socket *s, size_t n);

#ifdef __cplusplus
}
#endif

#endif
