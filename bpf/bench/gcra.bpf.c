// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The limiter of Aegis in the same frame as the references: its cost without the rest of the datapath. */
#include "reference.h"

#include "../gcra.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_line);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_rate);
} rates SEC(".maps");

static __always_inline bool is_over(const struct bench_settings *limit, __be32 source, __u64 now)
{
	const struct aegis_rate *rate = GLOBAL_VALUE(rates);
	__u64 hash = aegis_hash(limit->seed, source, 0, AEGIS_FAMILY_V4);
	__u32 index = (__u32)hash & limit->line_mask;
	struct aegis_line *line = bpf_map_lookup_elem(&table, &index);
	__u32 outcome;

	if (!line || !rate)
		return false;
	outcome = aegis_limit_quick(line, rate, hash, now, aegis_cost(rate, 1));
	return (outcome & AEGIS_OUTCOME_MASK) != AEGIS_CONFORMS;
}

/* Runs once: converts the settings to what the limiter reads. */
SEC("xdp")
int prepare(struct xdp_md *context)
{
	const struct bench_settings *limit = GLOBAL_VALUE(settings);
	struct aegis_rate *rate = GLOBAL_VALUE(rates);
	__u64 ticks = SECOND << AEGIS_FINE_SHIFT;

	if (!limit || !rate || !limit->rate)
		return XDP_ABORTED;
	rate->flags = AEGIS_RATE_FINE;
	rate->interval = ((ticks << AEGIS_INTERVAL_SHIFT) + limit->rate - 1) / limit->rate;
	rate->depth = aegis_cost(rate, limit->burst);
	return XDP_PASS;
}
