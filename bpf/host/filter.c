// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath as it is attached. */
#include "../datapath.h"

#include "run.h"

__u32 host_filter(struct host_frame *frame, __u32 *action)
{
	struct verdict verdict = filter(frame);

	*action = act(verdict);
	return verdict.reason;
}
