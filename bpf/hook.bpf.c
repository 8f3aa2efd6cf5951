// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where the operator's program continues when it is done with a packet. */
#include "exit.h"

static __always_inline int leave(struct xdp_md *frame, struct verdict verdict)
{
	return act(finish(frame, hook_work_of(), verdict));
}

AEGIS_EXITS(leave)
