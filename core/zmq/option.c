/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_setsockopt and zmq_getsockopt, and the values that are plain. */
#include "core/zmq/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/error.h"
#include "core/zmq/option_row.h"
#include "core/zmq/socket.h"

/* ---- Life -------------------------------------------------------------- */

void
wr_zmq_options_init(struct wr_zmq_options *o, int type,
                    const struct wr_zmq_defaults *defaults)
{
    for (int i = 0; i < WR_ZMQ_OPTIONS; i++)
        o->values[i].number = wr_zmq_rows[i].initial;
    o->values[ZMQ_TYPE].number = type;
    o->values[ZMQ_IPV6].number = defaults->ipv6;
    if (type == ZMQ_SUB || type == ZMQ_XSUB || !defaults->blocky)
        o->values[ZMQ_LINGER].number = 0;
}

void
wr_zmq_options_fini(struct wr_zmq_options *o)
{
    for (int i = 0; i < WR_ZMQ_OPTIONS; i++)
        if (wr_zmq_rows[i].text)
            free(o->values[i].text);
}

struct wr_zmq_text *
wr_zmq_text_new(const void *data, size_t size)
{
    struct wr_zmq_text *text = malloc(sizeof(*text) + size + 1);

    if (text == NULL)
        return NULL;
    text->size = size;
    if (size > 0)
        memcpy(text->bytes, data, size);
    text->bytes[size] = '\0';
    return text;
}

void
wr_zmq_options_put(struct wr_zmq_options *o, int option,
                   struct wr_zmq_text *text)
{
    free(o->values[option].text);
    o->values[option].text = text;
}

/* ---- Numbers ----------------------------------------------------------- */

int
wr_zmq_read_int(const void *data, size_t size, int *value)
{
    if (size != sizeof(*value))
        return -EINVAL;
    memcpy(value, data, sizeof(*value));
    return 0;
}

int
wr_zmq_write_int(void *data, size_t *size, int value)
{
    if (*size != sizeof(value))
        return -EINVAL;
    memcpy(data, &value, sizeof(value));
    return 0;
}

/* Tells weir, if it has the option. It does not have it for every type for
 * which libzmq takes it, and does nothing then. */
static int
pass_on(struct wr_zmq_socket *z, int option, int value)
{
    int engine = wr_zmq_rows[option].engine;
    int rc = engine == 0 ? 0 : weir_socket_set(z->engine, engine, value);

    return rc == -EINVAL ? 0 : rc;
}

static int
keep_number(struct wr_zmq_socket *z, int option, int value)
{
    int rc = pass_on(z, option, value);

    if (rc == 0)
        wr_zmq_value_of(z, option)->number = value;
    return rc;
}

/* The int at data, if it is within the bounds. */
static int
read_bounded(int option, const void *data, size_t size, int *value)
{
    const struct wr_zmq_row *row = &wr_zmq_rows[option];
    int rc = wr_zmq_read_int(data, size, value);

    if (rc == 0 && (*value < row->least || *value > row->most))
        rc = -EINVAL;
    return rc;
}

int
wr_zmq_set_number(struct wr_zmq_socket *z, int option, const void *data,
                  size_t size)
{
    int value;
    int rc = read_bounded(option, data, size, &value);

    return rc == 0 ? keep_number(z, option, value) : rc;
}

int
wr_zmq_set_flag(struct wr_zmq_socket *z, int option, const void *data,
                size_t size)
{
    int value;
    int rc = read_bounded(option, data, size, &value);

    return rc == 0 ? keep_number(z, option, value != 0) : rc;
}

int
wr_zmq_set_truth(struct wr_zmq_socket *z, int option, const void *data,
                 size_t size)
{
    int value;
    int rc = wr_zmq_read_int(data, size, &value);

    return rc == 0 ? keep_number(z, option, value != 0) : rc;
}

int
wr_zmq_set_ignored(struct wr_zmq_socket *z, int option, const void *data,
                   size_t size)
{
    (void)z, (void)option;
    return size == sizeof(int) || (size == 0 && data == NULL) ? 0 : -EINVAL;
}

int
wr_zmq_set_long(struct wr_zmq_socket *z, int option, const void *data,
                size_t size)
{
    if (size != sizeof(int64_t))
        return -EINVAL;
    memcpy(&wr_zmq_value_of(z, option)->number, data, sizeof(int64_t));
    return 0;
}

int
wr_zmq_get_number(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    return wr_zmq_write_int(data, size,
                            (int)wr_zmq_value_of(z, option)->number);
}

int
wr_zmq_get_roomy(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    if (*size > sizeof(int))
        *size = sizeof(int);
    return wr_zmq_get_number(z, option, data, size);
}

int
wr_zmq_get_long(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    if (*size != sizeof(int64_t))
        return -EINVAL;
    memcpy(data, &wr_zmq_value_of(z, option)->number, sizeof(int64_t));
    return 0;
}

/* ---- Texts ------------------------------------------------------------- */

int
wr_zmq_set_text(struct wr_zmq_socket *z, int option, const void *data,
                size_t size)
{
    const struct wr_zmq_row *row = &wr_zmq_rows[option];
    struct wr_zmq_text *text = NULL;

    if (data != NULL) {
        if (size < (size_t)row->least || size > (size_t)row->most)
            return -EINVAL;
        text = wr_zmq_text_new(data, size);
        if (text == NULL)
            return -ENOMEM;
    } else if (!row->clears) {
        return -EINVAL;
    }
    wr_zmq_options_put(&z->options, option, text);
    return 0;
}

int
wr_zmq_get_text(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    const struct wr_zmq_text *text = wr_zmq_value_of(z, option)->text;
    size_t whole = text == NULL ? 1 : text->size + 1;

    if (*size < whole)
        return -EINVAL;
    memcpy(data, text == NULL ? "" : text->bytes, whole);
    *size = whole;
    return 0;
}

/* ---- The calls --------------------------------------------------------- */

static const struct wr_zmq_row *
find(int option)
{
    return option >= 0 && option < WR_ZMQ_OPTIONS ? &wr_zmq_rows[option] : NULL;
}

static int
set(void *s, int option, const void *data, size_t size)
{
    const struct wr_zmq_row *row = find(option);
    struct wr_zmq_socket *z;
    int rc = wr_zmq_socket_of(s, &z);

    if (rc != 0)
        return rc;
    if (row == NULL || row->set == NULL || (row->types & 1 << z->type) == 0 ||
        (data == NULL && size > 0))
        return -EINVAL;
    return row->set(z, option, data, size);
}

int
zmq_setsockopt(void *s, int option, const void *data, size_t size)
{
    return wr_zmq_result(set(s, option, data, size));
}

/* What programs ask for around every message: no more than weir's call. */
static bool
is_asked_often(int option)
{
    return option == ZMQ_RCVMORE || option == ZMQ_EVENTS;
}

static int
get_often(void *s, int option, void *data, size_t *size)
{
    int64_t value;
    int rc = weir_socket_get(s, wr_zmq_rows[option].engine, &value);

    if (rc != 0)
        return rc;
    if (data == NULL || size == NULL || *size < sizeof(int))
        return -EINVAL;
    *size = sizeof(int);
    return wr_zmq_write_int(data, size, (int)value);
}

static int
get(void *s, int option, void *data, size_t *size)
{
    const struct wr_zmq_row *row = find(option);
    struct wr_zmq_socket *z;
    int rc;

    if (is_asked_often(option))
        return get_often(s, option, data, size);
    rc = wr_zmq_socket_of(s, &z);

    if (rc != 0)
        return rc;
    if (row == NULL || row->get == NULL || size == NULL ||
        (data == NULL && *size > 0))
        return -EINVAL;
    return row->get(z, option, data, size);
}

int
zmq_getsockopt(void *s, int option, void *data, size_t *size)
{
    return wr_zmq_result(get(s, option, data, size));
}
