/* SPDX-License-Identifier: MPL-2.0 */
/* The options of PLAIN, CURVE and GSSAPI. They say what a connection over a
 * network has to prove; inproc has none, so that they are only kept. Each one
 * that is set chooses its mechanism. */
#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/option_row.h"

#define KEY_BYTES 32
#define KEY_TEXT  40 /* in Z85, without a NUL */

static void
choose(struct wr_zmq_socket *z, int mechanism)
{
    wr_zmq_value_of(z, ZMQ_MECHANISM)->number = mechanism;
}

static int
mechanism_of(int server_option)
{
    return server_option == ZMQ_PLAIN_SERVER   ? ZMQ_PLAIN
           : server_option == ZMQ_CURVE_SERVER ? ZMQ_CURVE
                                               : ZMQ_GSSAPI;
}

/* Whoever says how to prove itself to a server is none. */
static void
be_client(struct wr_zmq_socket *z, int mechanism)
{
    choose(z, mechanism);
    wr_zmq_value_of(z, ZMQ_PLAIN_SERVER)->number = 0;
}

/* The three share one bit, and the mechanism says whose it is. */
static int
set_server(struct wr_zmq_socket *z, const void *data, size_t size, int *value)
{
    int rc = wr_zmq_read_int(data, size, value);

    if (rc == 0 && (*value < 0 || *value > 1))
        rc = -EINVAL;
    if (rc == 0)
        wr_zmq_value_of(z, ZMQ_PLAIN_SERVER)->number = *value;
    return rc;
}

int
wr_zmq_set_server(struct wr_zmq_socket *z, int option, const void *data,
                  size_t size)
{
    int value;
    int rc = set_server(z, data, size, &value);

    if (rc == 0)
        choose(z, value != 0 ? mechanism_of(option) : ZMQ_NULL);
    return rc;
}

int
wr_zmq_set_gssapi_server(struct wr_zmq_socket *z, int option, const void *data,
                         size_t size)
{
    int value;
    int rc = set_server(z, data, size, &value);

    if (rc == 0)
        choose(z, mechanism_of(option));
    return rc;
}

int
wr_zmq_get_server(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    bool server =
        wr_zmq_value_of(z, ZMQ_PLAIN_SERVER)->number != 0 &&
        wr_zmq_value_of(z, ZMQ_MECHANISM)->number == mechanism_of(option);

    return wr_zmq_write_int(data, size, server);
}

/* NULL gives the mechanism up, and leaves the text. */
int
wr_zmq_set_plain(struct wr_zmq_socket *z, int option, const void *data,
                 size_t size)
{
    int rc;

    if (data == NULL) {
        choose(z, ZMQ_NULL);
        return 0;
    }
    rc = wr_zmq_set_text(z, option, data, size);
    if (rc == 0)
        be_client(z, ZMQ_PLAIN);
    return rc;
}

int
wr_zmq_set_principal(struct wr_zmq_socket *z, int option, const void *data,
                     size_t size)
{
    int rc = wr_zmq_set_text(z, option, data, size);

    if (rc == 0 && option == ZMQ_GSSAPI_SERVICE_PRINCIPAL)
        be_client(z, ZMQ_GSSAPI);
    else if (rc == 0)
        choose(z, ZMQ_GSSAPI);
    return rc;
}

/* The key in 32 bytes, or in Z85 with or without its NUL. */
static int
read_key(const void *data, size_t size, uint8_t *key)
{
    char text[KEY_TEXT + 1] = "";

    if (size == KEY_BYTES) {
        memcpy(key, data, KEY_BYTES);
        return 0;
    }
    if (size != KEY_TEXT && size != KEY_TEXT + 1)
        return -EINVAL;
    memcpy(text, data, size);
    if (text[KEY_TEXT] != '\0' || strlen(text) != KEY_TEXT)
        return -EINVAL;
    return zmq_z85_decode(key, text) != NULL ? 0 : -EINVAL;
}

int
wr_zmq_set_key(struct wr_zmq_socket *z, int option, const void *data,
               size_t size)
{
    uint8_t key[KEY_BYTES];
    int rc = read_key(data, size, key);

    if (rc == 0)
        rc = wr_zmq_set_text(z, option, key, sizeof(key));
    if (rc == 0 && option == ZMQ_CURVE_SERVERKEY)
        be_client(z, ZMQ_CURVE);
    else if (rc == 0)
        choose(z, ZMQ_CURVE);
    return rc;
}

int
wr_zmq_get_key(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    static const char none[KEY_BYTES];
    const struct wr_zmq_text *text = wr_zmq_value_of(z, option)->text;
    const char *key = text == NULL ? none : text->bytes;

    if (*size == KEY_BYTES)
        memcpy(data, key, KEY_BYTES);
    else if (*size == KEY_TEXT + 1)
        (void)zmq_z85_encode(data, (const uint8_t *)key, KEY_BYTES);
    else
        return -EINVAL;
    return 0;
}
