/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_proxy and its kin: weir_proxy with other names. */
#include <errno.h>
#include <weir/poll.h>
#include <zmq.h>

#include "core/zmq/error.h"

int
zmq_proxy_steerable(void *frontend, void *backend, void *capture, void *control)
{
    if (frontend == NULL || backend == NULL)
        return wr_zmq_fail(-EFAULT);
    return wr_zmq_result(
        weir_proxy(frontend, backend, capture, control, WEIR_INTERRUPTIBLE));
}

int
zmq_proxy(void *frontend, void *backend, void *capture)
{
    return zmq_proxy_steerable(frontend, backend, capture, NULL);
}

int
zmq_device(int type, void *frontend, void *backend)
{
    (void)type;
    return zmq_proxy_steerable(frontend, backend, NULL, NULL);
}
