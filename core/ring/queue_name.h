/* SPDX-License-Identifier: MPL-2.0 */
/* For code that is compiled once for each design: the build defines
 *
 *   QUEUE          the NAME of queue.h, say lamport
 *   QUEUE_HEADER   "core/ring/lamport.h"
 *
 * and QUEUE_IS(push) is wr_lamport_push, struct QUEUE_TYPE struct wr_lamport.
 */
#ifndef WEIR_CORE_RING_QUEUE_NAME_H
#define WEIR_CORE_RING_QUEUE_NAME_H

#define WR_QUEUE_JOIN(name, what)  wr_##name##_##what
#define WR_QUEUE_JOIN_(name, what) WR_QUEUE_JOIN(name, what)
#define WR_QUEUE_TYPE(name)        wr_##name
#define WR_QUEUE_TYPE_(name)       WR_QUEUE_TYPE(name)

#define QUEUE_IS(what) WR_QUEUE_JOIN_(QUEUE, what)
#define QUEUE_TYPE     WR_QUEUE_TYPE_(QUEUE)

#endif
