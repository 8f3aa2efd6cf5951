// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath behind tc, for interfaces where XDP is not to be had, or is wrong. */
#define AEGIS_TC
#include "tc.h"

SEC("tc")
int aegis_tc(struct __sk_buff *frame)
{
	pull_headers(frame);
	return act(filter(frame));
}
