/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_BENCH_TIMER_H
#define AEGIS_BENCH_TIMER_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../log2.h"
#include "bench.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BENCH_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} histogram SEC(".maps");

static __always_inline void note_time(__u64 ns)
{
	__u32 log = log2_of(ns | 1 << BENCH_BUCKETS_SHIFT) - BENCH_BUCKETS_SHIFT;
	__u32 bucket = (log << BENCH_BUCKETS_SHIFT) + (__u32)(ns >> log);
	__u64 *count = bpf_map_lookup_elem(&histogram, &bucket);

	if (count)
		++*count;
}

#define TIMED(verdict)                                 \
	({                                             \
		__u64 begin = bpf_ktime_get_ns();      \
		int result = (verdict);                \
                                                       \
		note_time(bpf_ktime_get_ns() - begin); \
		result;                                \
	})

#endif
