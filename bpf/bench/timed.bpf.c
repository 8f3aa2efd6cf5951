// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath itself with a clock before and after it. */
#include "timer.h"

#define aegis __attribute__((always_inline)) judged
#include "../aegis.bpf.c"
#undef aegis

SEC("xdp.frags")
int timed(struct xdp_md *context)
{
	return TIMED(judged(context));
}

/* What the clock alone adds. */
SEC("xdp.frags")
int timed_empty(struct xdp_md *context)
{
	return TIMED(XDP_DROP);
}
