// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath. */
#include "datapath.h"

SEC("xdp.frags")
int aegis(struct xdp_md *frame)
{
	return act(filter(frame));
}
