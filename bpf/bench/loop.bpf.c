// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rules that are asked one after the other, as XDP-Firewall does it. */
#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BENCH_RULES);
	__type(key, __u32);
	__type(value, struct bench_rule);
} rules SEC(".maps");

static __always_inline bool is_in(const struct bench_range *range, __u32 number)
{
	return number >= range->first && number <= range->last;
}

static __always_inline bool matches(const struct bench_rule *rule, const struct iphdr *ip,
				    const struct udphdr *udp)
{
	__u32 asks = rule->asks;

	if ((asks & BENCH_SOURCE_PORT) && !is_in(&rule->source_port, bpf_ntohs(udp->source)))
		return false;
	if ((asks & BENCH_PORT) && !is_in(&rule->port, bpf_ntohs(udp->dest)))
		return false;
	if ((asks & BENCH_LENGTH) && !is_in(&rule->length, bpf_ntohs(ip->tot_len)))
		return false;
	if ((asks & BENCH_PROTOCOL) && ip->protocol != rule->protocol)
		return false;
	if ((asks & BENCH_HOP_LIMIT) && !is_in(&rule->hop_limit, ip->ttl))
		return false;
	if ((asks & BENCH_DSCP) && ip->tos >> 2 != rule->dscp)
		return false;
	if ((asks & BENCH_FROM) && ((bpf_ntohl(ip->saddr) ^ rule->from) & rule->from_mask))
		return false;
	return !(asks & BENCH_TO) || !((bpf_ntohl(ip->daddr) ^ rule->to) & rule->to_mask);
}

SEC("xdp.frags")
int loop(struct xdp_md *context)
{
	struct iphdr *ip = ipv4_of(context);
	struct udphdr *udp = (void *)(ip + 1);

	if (!ip || (void *)(udp + 1) > (void *)(long)context->data_end || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	for (__u32 i = 0; i < BENCH_RULES; i++) {
		__u32 key = i;
		const struct bench_rule *rule = bpf_map_lookup_elem(&rules, &key);

		if (!rule || !rule->asks)
			break;
		if (matches(rule, ip, udp))
			return XDP_DROP;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
