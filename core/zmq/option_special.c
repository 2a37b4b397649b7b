/* SPDX-License-Identifier: MPL-2.0 */
/* Options with rules of their own. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/option_row.h"

/* A heartbeat's time to live is sent in tenths of seconds, of 16 bits. */
#define TTL_UNIT_MS 100

/* ---- Bytes that are weir's --------------------------------------------- */

int
wr_zmq_set_routing_id(struct wr_zmq_socket *z, int option, const void *data,
                      size_t size)
{
    (void)option;
    if (size == 0 || size > UCHAR_MAX)
        return -EINVAL;
    return weir_socket_set_bytes(z->engine, WEIR_ROUTING_ID, data, size);
}

int
wr_zmq_get_routing_id(struct wr_zmq_socket *z, int option, void *data,
                      size_t *size)
{
    size_t whole = *size;
    int rc = weir_socket_get_bytes(z->engine, WEIR_ROUTING_ID, data, &whole);

    (void)option;
    if (rc == -EMSGSIZE)
        return -EINVAL;
    if (rc == 0)
        *size = whole;
    return rc;
}

/* A PUB takes what an XPUB does, and nothing comes of it. */
static int
take_on_pub(struct wr_zmq_socket *z, int option)
{
    bool manual = wr_zmq_value_of(z, ZMQ_XPUB_MANUAL)->number != 0;

    return manual || option == ZMQ_XPUB_WELCOME_MSG ? 0 : -EINVAL;
}

int
wr_zmq_set_bytes(struct wr_zmq_socket *z, int option, const void *data,
                 size_t size)
{
    if (z->type == ZMQ_PUB)
        return take_on_pub(z, option);
    return weir_socket_set_bytes(z->engine, wr_zmq_rows[option].engine, data,
                                 size);
}

/* A REP takes what a ROUTER does, and nothing comes of it. */
int
wr_zmq_set_nonempty(struct wr_zmq_socket *z, int option, const void *data,
                    size_t size)
{
    if (size == 0)
        return -EINVAL;
    return z->type == ZMQ_ROUTER ? wr_zmq_set_bytes(z, option, data, size) : 0;
}

/* ---- Numbers that are weir's ------------------------------------------- */

/* Verbose: every subscription is told of; verboser: and its end. */
int
wr_zmq_set_verbose(struct wr_zmq_socket *z, int option, const void *data,
                   size_t size)
{
    int on = option == ZMQ_XPUB_VERBOSER ? 2 : 1;
    int value;
    int rc = wr_zmq_read_int(data, size, &value);

    if (rc == 0 && value < 0)
        rc = -EINVAL;
    /* A PUB receives nothing: it has nothing to tell. */
    if (rc != 0 || z->type != ZMQ_XPUB)
        return rc;
    return weir_socket_set(z->engine, WEIR_XPUB_VERBOSE, value == 0 ? 0 : on);
}

/* An old value for late subscribers is not kept; the rest is the same. */
int
wr_zmq_set_manual_last(struct wr_zmq_socket *z, int option, const void *data,
                       size_t size)
{
    (void)option;
    return wr_zmq_set_flag(z, ZMQ_XPUB_MANUAL, data, size);
}

/* ---- Kept -------------------------------------------------------------- */

/* The old name for the opposite of ZMQ_IPV6. */
int
wr_zmq_set_ipv4only(struct wr_zmq_socket *z, int option, const void *data,
                    size_t size)
{
    int value;
    int rc = wr_zmq_read_int(data, size, &value);

    (void)option;
    if (rc == 0 && (value < 0 || value > 1))
        rc = -EINVAL;
    if (rc == 0)
        wr_zmq_value_of(z, ZMQ_IPV6)->number = !value;
    return rc;
}

int
wr_zmq_get_ipv4only(struct wr_zmq_socket *z, int option, void *data,
                    size_t *size)
{
    (void)option;
    return wr_zmq_write_int(data, size,
                            wr_zmq_value_of(z, ZMQ_IPV6)->number == 0);
}

int
wr_zmq_set_ttl(struct wr_zmq_socket *z, int option, const void *data,
               size_t size)
{
    int value;
    int rc = wr_zmq_read_int(data, size, &value);

    if (rc != 0)
        return rc;
    value /= TTL_UNIT_MS;
    if (value < 0 || value > UINT16_MAX)
        return -EINVAL;
    wr_zmq_value_of(z, option)->number = value * TTL_UNIT_MS;
    return 0;
}

/* The bits of an address, 0 when the text is none. */
static long
address_bits(const char *text)
{
    struct in6_addr v6;
    struct in_addr v4;

    if (inet_aton(text, &v4) != 0)
        return 32;
    return inet_pton(AF_INET6, text, &v6) == 1 ? 128 : 0;
}

/* Whether it is an address, or a network as "10.0.0.0/8". */
static bool
is_network(char *text)
{
    char *slash = strchr(text, '/');
    char *end;
    long bits;

    if (slash == NULL)
        return address_bits(text) > 0;
    *slash = '\0';
    bits = strtol(slash + 1, &end, 10);
    return end != slash + 1 && *end == '\0' && bits >= 0 &&
           bits <= address_bits(text);
}

/* There is nobody to filter, so that an address is looked at and forgotten;
 * NULL takes all of them away. */
int
wr_zmq_set_filter(struct wr_zmq_socket *z, int option, const void *data,
                  size_t size)
{
    char text[UCHAR_MAX + 1];

    (void)z, (void)option;
    if (data == NULL)
        return 0;
    if (size == 0 || size > UCHAR_MAX)
        return -EINVAL;
    memcpy(text, data, size);
    text[size] = '\0';
    return is_network(text) ? 0 : -EINVAL;
}
