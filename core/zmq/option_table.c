/* SPDX-License-Identifier: MPL-2.0 */
/* The table of options, in the order of their numbers: zmq_setsockopt(3) and
 * zmq_getsockopt(3), and what Debian's libzmq 4.3.4 does where they are silent.
 */
#include <limits.h>
#include <zmq.h>

#include "core/zmq/option_row.h"

/* Numbers that libzmq knows, and its header hides. */
#define ZAP_ENFORCE_DOMAIN     93
#define LOOPBACK_FASTPATH      94
#define MULTICAST_LOOP         96
#define XPUB_MANUAL_LAST_VALUE 98
#define SOCKS_USERNAME         99
#define SOCKS_PASSWORD         100
#define ONLY_FIRST_SUBSCRIBE   108
#define RECONNECT_STOP         109

#define ALL      0x7ff
#define TYPE(t)  (1 << ZMQ_##t)
#define ROUTERS  (TYPE(ROUTER) | TYPE(REP))
#define XPUBS    (TYPE(XPUB) | TYPE(PUB))
#define PROBERS  (ROUTERS | TYPE(REQ) | TYPE(DEALER))
#define DEVICE   16 /* the longest name of a network device */
#define TEXT_MAX 255

#define NUMBER(from, to, first)                                           \
    {                                                                     \
        .set = wr_zmq_set_number, .get = wr_zmq_get_number, .types = ALL, \
        .least = (from), .most = (to), .initial = (first)                 \
    }
/* A number that acts. */
#define LIMIT(from, first, option)                                        \
    {                                                                     \
        .set = wr_zmq_set_number, .get = wr_zmq_get_number, .types = ALL, \
        .least = (from), .most = INT_MAX, .initial = (first),             \
        .engine = (option)                                                \
    }
/* Write only: any number that is not negative. */
#define FLAG(takers, option)                                        \
    {                                                               \
        .set = wr_zmq_set_flag, .types = (takers), .most = INT_MAX, \
        .engine = (option)                                          \
    }
#define TRUTH(first, option)                                             \
    {                                                                    \
        .set = wr_zmq_set_truth, .get = wr_zmq_get_number, .types = ALL, \
        .initial = (first), .engine = (option)                           \
    }
#define LONG(first)                                                   \
    {                                                                 \
        .set = wr_zmq_set_long, .get = wr_zmq_get_long, .types = ALL, \
        .initial = (first)                                            \
    }
#define TEXT(from, to, null_clears)                                          \
    {                                                                        \
        .set = wr_zmq_set_text, .get = wr_zmq_get_text, .types = ALL,        \
        .least = (from), .most = (to), .text = true, .clears = (null_clears) \
    }
#define SPECIAL(takers, setter, getter)                     \
    {                                                       \
        .set = (setter), .get = (getter), .types = (takers) \
    }
#define SECRET(setter, getter)                                      \
    {                                                               \
        .set = (setter), .get = (getter), .types = ALL, .least = 1, \
        .most = TEXT_MAX, .text = true                              \
    }
#define BYTES(takers, setter, option)                          \
    {                                                          \
        .set = (setter), .types = (takers), .engine = (option) \
    }
/* Read only; without a function it is one that option.c reads itself. */
#define READ(getter, option)                              \
    {                                                     \
        .get = (getter), .types = ALL, .engine = (option) \
    }

const struct wr_zmq_row wr_zmq_rows[WR_ZMQ_OPTIONS] = {
    [ZMQ_AFFINITY] = LONG(0),
    [ZMQ_ROUTING_ID] =
        SPECIAL(ALL, wr_zmq_set_routing_id, wr_zmq_get_routing_id),
    [ZMQ_SUBSCRIBE] =
        BYTES(TYPE(SUB) | XPUBS, wr_zmq_set_bytes, WEIR_SUBSCRIBE),
    [ZMQ_UNSUBSCRIBE] =
        BYTES(TYPE(SUB) | XPUBS, wr_zmq_set_bytes, WEIR_UNSUBSCRIBE),
    [ZMQ_RATE] = NUMBER(1, INT_MAX, 100),
    [ZMQ_RECOVERY_IVL] = NUMBER(0, INT_MAX, 10000),
    [ZMQ_SNDBUF] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_RCVBUF] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_RCVMORE] = READ(NULL, WEIR_MORE),
    [ZMQ_FD] = READ(wr_zmq_get_fd, 0),
    [ZMQ_EVENTS] = READ(NULL, WEIR_EVENTS),
    [ZMQ_TYPE] = READ(wr_zmq_get_number, 0),
    [ZMQ_LINGER] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_RECONNECT_IVL] = NUMBER(-1, INT_MAX, 100),
    [ZMQ_BACKLOG] = NUMBER(0, INT_MAX, 100),
    [ZMQ_RECONNECT_IVL_MAX] = NUMBER(0, INT_MAX, 0),
    [ZMQ_MAXMSGSIZE] = LONG(-1),
    [ZMQ_SNDHWM] = LIMIT(0, 1000, WEIR_SEND_HWM),
    [ZMQ_RCVHWM] = LIMIT(0, 1000, WEIR_RECV_HWM),
    [ZMQ_MULTICAST_HOPS] = NUMBER(1, INT_MAX, 1),
    [ZMQ_RCVTIMEO] = LIMIT(-1, -1, WEIR_RECV_TIMEOUT_MS),
    [ZMQ_SNDTIMEO] = LIMIT(-1, -1, WEIR_SEND_TIMEOUT_MS),
    [ZMQ_IPV4ONLY] = SPECIAL(ALL, wr_zmq_set_ipv4only, wr_zmq_get_ipv4only),
    [ZMQ_LAST_ENDPOINT] = { .get = wr_zmq_get_text, .text = true },
    [ZMQ_ROUTER_MANDATORY] = FLAG(ROUTERS, WEIR_ROUTER_MANDATORY),
    [ZMQ_TCP_KEEPALIVE] = NUMBER(-1, 1, -1),
    [ZMQ_TCP_KEEPALIVE_CNT] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_TCP_KEEPALIVE_IDLE] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_TCP_KEEPALIVE_INTVL] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_TCP_ACCEPT_FILTER] = SPECIAL(ALL, wr_zmq_set_filter, NULL),
    [ZMQ_IMMEDIATE] = NUMBER(0, 1, 0),
    [ZMQ_XPUB_VERBOSE] = BYTES(XPUBS, wr_zmq_set_verbose, WEIR_XPUB_VERBOSE),
    [ZMQ_ROUTER_RAW] = FLAG(ROUTERS, 0),
    [ZMQ_IPV6] = NUMBER(0, 1, 0),
    [ZMQ_MECHANISM] = READ(wr_zmq_get_number, 0),
    [ZMQ_PLAIN_SERVER] = SPECIAL(ALL, wr_zmq_set_server, wr_zmq_get_server),
    [ZMQ_PLAIN_USERNAME] = SECRET(wr_zmq_set_plain, wr_zmq_get_text),
    [ZMQ_PLAIN_PASSWORD] = SECRET(wr_zmq_set_plain, wr_zmq_get_text),
    [ZMQ_CURVE_SERVER] = SPECIAL(ALL, wr_zmq_set_server, wr_zmq_get_server),
    [ZMQ_CURVE_PUBLICKEY] = SECRET(wr_zmq_set_key, wr_zmq_get_key),
    [ZMQ_CURVE_SECRETKEY] = SECRET(wr_zmq_set_key, wr_zmq_get_key),
    [ZMQ_CURVE_SERVERKEY] = SECRET(wr_zmq_set_key, wr_zmq_get_key),
    [ZMQ_PROBE_ROUTER] = FLAG(PROBERS, WEIR_PROBE_ROUTER),
    [ZMQ_REQ_CORRELATE] = FLAG(TYPE(REQ), WEIR_REQ_CORRELATE),
    [ZMQ_REQ_RELAXED] = FLAG(TYPE(REQ), WEIR_REQ_RELAXED),
    [ZMQ_CONFLATE] = { .set = wr_zmq_set_number,
                       .get = wr_zmq_get_number,
                       .types = ALL,
                       .most = 1,
                       .engine = WEIR_CONFLATE },
    [ZMQ_ZAP_DOMAIN] = TEXT(1, TEXT_MAX, false),
    [ZMQ_ROUTER_HANDOVER] = FLAG(ROUTERS, WEIR_ROUTER_HANDOVER),
    [ZMQ_TOS] = NUMBER(0, INT_MAX, 0),
    [ZMQ_IPC_FILTER_PID] = SPECIAL(ALL, wr_zmq_set_ignored, NULL),
    [ZMQ_IPC_FILTER_UID] = SPECIAL(ALL, wr_zmq_set_ignored, NULL),
    [ZMQ_IPC_FILTER_GID] = SPECIAL(ALL, wr_zmq_set_ignored, NULL),
    [ZMQ_CONNECT_ROUTING_ID] =
        BYTES(ROUTERS, wr_zmq_set_nonempty, WEIR_CONNECT_ROUTING_ID),
    [ZMQ_GSSAPI_SERVER] =
        SPECIAL(ALL, wr_zmq_set_gssapi_server, wr_zmq_get_server),
    [ZMQ_GSSAPI_PRINCIPAL] = SECRET(wr_zmq_set_principal, wr_zmq_get_text),
    [ZMQ_GSSAPI_SERVICE_PRINCIPAL] =
        SECRET(wr_zmq_set_principal, wr_zmq_get_text),
    [ZMQ_GSSAPI_PLAINTEXT] = NUMBER(0, 1, 0),
    [ZMQ_HANDSHAKE_IVL] = NUMBER(0, INT_MAX, 30000),
    [ZMQ_SOCKS_PROXY] = TEXT(1, INT_MAX, true),
    [ZMQ_XPUB_NODROP] = FLAG(XPUBS, WEIR_XPUB_NODROP),
    [ZMQ_XPUB_MANUAL] = FLAG(XPUBS, WEIR_XPUB_MANUAL),
    [ZMQ_XPUB_WELCOME_MSG] = BYTES(XPUBS, wr_zmq_set_bytes, WEIR_WELCOME),
    [ZMQ_INVERT_MATCHING] = TRUTH(0, WEIR_INVERT_MATCHING),
    [ZMQ_HEARTBEAT_IVL] = NUMBER(0, INT_MAX, 0),
    [ZMQ_HEARTBEAT_TTL] = SPECIAL(ALL, wr_zmq_set_ttl, wr_zmq_get_number),
    [ZMQ_HEARTBEAT_TIMEOUT] = NUMBER(0, INT_MAX, -1),
    [ZMQ_XPUB_VERBOSER] = BYTES(XPUBS, wr_zmq_set_verbose, WEIR_XPUB_VERBOSE),
    [ZMQ_CONNECT_TIMEOUT] = NUMBER(0, INT_MAX, 0),
    [ZMQ_TCP_MAXRT] = NUMBER(0, INT_MAX, 0),
    [ZMQ_THREAD_SAFE] = READ(wr_zmq_get_roomy, 0),
    [ZMQ_MULTICAST_MAXTPDU] = NUMBER(1, INT_MAX, 1500),
    [ZMQ_USE_FD] = NUMBER(-1, INT_MAX, -1),
    [ZMQ_GSSAPI_PRINCIPAL_NAMETYPE] = NUMBER(0, 2, 0),
    [ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE] = NUMBER(0, 2, 0),
    [ZMQ_BINDTODEVICE] = TEXT(1, DEVICE, true),
    [ZAP_ENFORCE_DOMAIN] = TRUTH(0, 0),
    [LOOPBACK_FASTPATH] = TRUTH(0, 0),
    [MULTICAST_LOOP] = TRUTH(1, 0),
    [XPUB_MANUAL_LAST_VALUE] = SPECIAL(XPUBS, wr_zmq_set_manual_last, NULL),
    [SOCKS_USERNAME] = TEXT(0, TEXT_MAX, true),
    [SOCKS_PASSWORD] = TEXT(0, TEXT_MAX, true),
    [ONLY_FIRST_SUBSCRIBE] = FLAG(XPUBS | TYPE(XSUB), 0),
    [RECONNECT_STOP] = NUMBER(INT_MIN, INT_MAX, 0),
};
