/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/fuzz/endpoints.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define TRANSPORT      "inproc://"
#define TRANSPORT_SIZE (sizeof(TRANSPORT) - 1)
#define NAME_MOST      256

static const char *const known[] = {
    "inproc://a",
    "inproc://a",
    "inproc://b",
    "inproc://b",
    "inproc://c",
    "inproc://",
    "inproc:/a",
    "inproc",
    "INPROC://a",
    "tcp://a",
    "tcp://",
    "://",
    "://a",
    "",
    "a",
    "inproc://a ",
    "inproc:///",
    " inproc://a",
    "inproc://a://",
    "inproc://inproc://a",
    "inproca://a",
    "inpro://a",
    "ipc://inproc",
    ":// inproc://a",
    "inproc://\n",
    "inproc://%s",
    NULL,
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* A name of about the greatest length. */
static void
make_long(struct bytes *b, char *text)
{
    size_t size = NAME_MOST - 2 + take_below(b, 5);

    memcpy(text, TRANSPORT, TRANSPORT_SIZE);
    memset(text + TRANSPORT_SIZE, 'a', size);
    text[TRANSPORT_SIZE + size] = '\0';
}

static void
make_of_bytes(struct bytes *b, char *text, size_t n, bool good)
{
    if (good) {
        memcpy(text, TRANSPORT, TRANSPORT_SIZE);
        text += TRANSPORT_SIZE;
    }
    for (; n > 0; n--)
        *text++ = (char)take(b);
    *text = '\0';
}

const char *
endpoint_take(struct bytes *b, char text[ENDPOINT_MAX])
{
    unsigned kind = take(b);

    if (kind < 240)
        return known[kind < 160 ? kind % 4 : kind % KNOWN];
    if (kind < 245)
        make_long(b, text);
    else
        make_of_bytes(b, text, take_below(b, 20), kind < 252);
    return text;
}

int
endpoint_error(const char *endpoint)
{
    size_t size;
    bool other;

    if (endpoint == NULL || strstr(endpoint, "://") == NULL)
        return -EINVAL;
    other = strncmp(endpoint, TRANSPORT, TRANSPORT_SIZE) != 0;
    if (other)
        return -EPROTONOSUPPORT;
    size = strlen(endpoint + TRANSPORT_SIZE);
    if (size == 0)
        return -EINVAL;
    return size > NAME_MOST ? -ENAMETOOLONG : 0;
}
