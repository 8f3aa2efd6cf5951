// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A wire that only redirects, and the end that frames leave a wire by. */
#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

/* No wire can be faster than this. */
SEC("xdp.frags")
int cross(struct xdp_md *context)
{
	return bpf_redirect_map(&port, 0, 0);
}

SEC("xdp.frags")
int arrive(struct xdp_md *context)
{
	__u64 *count = GLOBAL_VALUE(arrived);

	if (count)
		++*count;
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
