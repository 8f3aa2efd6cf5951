/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_LOG2_H
#define AEGIS_LOG2_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* Base-2 logarithm, rounded down; 0 for 0. */
static __always_inline __u32 log2_of(__u64 value)
{
	__u32 log = 0;

#pragma unroll
	for (__u32 half = 32; half; half >>= 1) {
		if (value >> half) {
			value >>= half;
			log += half;
		}
	}
	return log;
}

#endif
