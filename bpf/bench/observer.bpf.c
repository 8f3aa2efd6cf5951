// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the packets that pass a limiter, per millisecond, wherever a socket sees them. */
#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BENCH_MS);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("socket")
int observe(struct __sk_buff *packet)
{
	const __u64 *begin = GLOBAL_VALUE(start);
	__u64 *count;
	__u32 ms;

	if (!begin)
		return 0;
	ms = (bpf_ktime_get_ns() - *begin) / 1000000;
	count = bpf_map_lookup_elem(&seen, &ms);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
