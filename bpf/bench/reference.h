/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A complete program around one limiter. The includer defines `table` and
 * bool is_over(const struct bench_settings *, __be32 source, __u64 now).
 */
#ifndef AEGIS_BENCH_REFERENCE_H
#define AEGIS_BENCH_REFERENCE_H

#include "frame.h"

#define SECOND 1000000000ULL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_tally);
} tally SEC(".maps");

static __always_inline bool is_over(const struct bench_settings *limit, __be32 source, __u64 now);

static __always_inline int judge_reference(struct xdp_md *context)
{
	const struct bench_settings *limit = GLOBAL_VALUE(settings);
	struct bench_tally *counts = GLOBAL_VALUE(tally);
	struct iphdr *ip = ipv4_of(context);

	if (!limit || !counts || !ip)
		return XDP_PASS;
	if (is_over(limit, ip->saddr, bpf_ktime_get_ns())) {
		counts->dropped++;
		return XDP_DROP;
	}
	counts->passed++;
	return XDP_PASS;
}

SEC("xdp.frags")
int limit(struct xdp_md *context)
{
	return judge_reference(context);
}

#include "timer.h"

SEC("xdp.frags")
int limit_timed(struct xdp_md *context)
{
	return TIMED(judge_reference(context));
}

char _license[] SEC("license") = "Dual BSD/GPL";

#endif
