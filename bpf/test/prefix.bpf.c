// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Looks up the prefixes of many addresses in one run. */
#include <bpf/bpf_endian.h>

#include "../prefix/ipv4.h"
#include "../prefix/ipv6.h"
#include "prefix.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prefix_questions);
} questions SEC(".maps");

static __always_inline int ask(__u64 (*look_up)(const struct aegis_address *address, __u32 slot))
{
	struct prefix_questions *all;
	__u32 zero = 0, first;

	all = bpf_map_lookup_elem(&questions, &zero);
	if (!all)
		return XDP_ABORTED;
	first = all->next;
	all->next = first + PREFIX_RUN;
	for (__u32 i = 0; i < PREFIX_RUN; i++) {
		__u32 slot = *(const volatile __u32 *)&all->slot;
		struct aegis_address address;
		__u64 place = first + i;

		asm volatile("" : "+r"(place));
		place &= PREFIX_QUESTIONS - 1;
		address = all->address[place];
		all->found[place] = look_up(&address, slot);
	}
	return XDP_PASS;
}

static __always_inline __u64 find_v4(const struct aegis_address *address, __u32 slot)
{
	return prefix_find_v4(bpf_ntohl(*(const __be32 *)address), slot * 2, false);
}

static __always_inline __u64 find_v6(const struct aegis_address *address, __u32 slot)
{
	return prefix_find_v6(address, slot * 2 + 1, false);
}

SEC("xdp")
int prefixes_v4(struct xdp_md *frame)
{
	return ask(find_v4);
}

SEC("xdp")
int prefixes_v6(struct xdp_md *frame)
{
	return ask(find_v6);
}

/* What the loop takes without the look-up. */
AEGIS_GLOBAL __u64 find_nothing(const struct aegis_address *address, __u32 slot)
{
	return address ? address->octet[0] : slot;
}

SEC("xdp")
int no_prefixes(struct xdp_md *frame)
{
	return ask(find_nothing);
}

char _license[] SEC("license") = "Dual BSD/GPL";
