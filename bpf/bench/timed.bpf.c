// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath with a read of the clock before and after it. */
#include "timer.h"

#include "../datapath.h"

SEC("xdp.frags")
int timed(struct xdp_md *frame)
{
	return TIMED(act(filter(frame)));
}

/* The overhead of the clock alone. */
SEC("xdp.frags")
int timed_empty(struct xdp_md *frame)
{
	return TIMED(XDP_DROP);
}
