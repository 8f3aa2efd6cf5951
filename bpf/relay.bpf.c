// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The relay. */
#include "maps.h"

SEC("xdp.frags")
int aegis_relay(struct xdp_md *frame)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
