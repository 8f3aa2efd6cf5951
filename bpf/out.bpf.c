// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath behind tc for what leaves. Those of its maps that each direction has are those of egress. */
#define AEGIS_TC
#define AEGIS_OUT
#include "tc.h"

SEC("tc")
int aegis_out(struct __sk_buff *frame)
{
	pull_headers(frame);
	return act(filter(frame));
}
