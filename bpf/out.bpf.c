// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath behind tc for what leaves. Its maps are those of the other direction. */
#define AEGIS_TC
#define AEGIS_OUT
#include "tc.h"

SEC("tc")
int aegis_out(struct __sk_buff *frame)
{
	pull_headers(frame);
	return act(filter(frame));
}
