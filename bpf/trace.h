/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parts of the datapath that differ when it only tries a packet. Elsewhere trace_of() is NULL at compile
 * time, and none of this remains.
 */
#ifndef AEGIS_TRACE_H
#define AEGIS_TRACE_H

#include "gcra.h"
#include "kernel.h"
#include "maps.h"

#ifdef AEGIS_ONLY_TRIES
#define IS_TRACED true

static __always_inline struct aegis_trace *trace_of(void)
{
	return host_trace();
}
#else
#define IS_TRACED false

static __always_inline struct aegis_trace *trace_of(void)
{
	return NULL;
}
#endif

static __always_inline void traced_reached(__u32 stage)
{
	struct aegis_trace *trace = trace_of();

	if (trace)
		trace->reached |= stage;
}

static __always_inline void traced_protect(__u64 found)
{
	struct aegis_trace *trace = trace_of();

	if (trace)
		trace->protect = found;
}

static __always_inline void traced_drop(__u64 found, __u64 monitored)
{
	struct aegis_trace *trace = trace_of();

	if (trace) {
		trace->drop = found;
		trace->drop_monitored = monitored;
	}
}

static __always_inline void traced_key(__u64 found)
{
	struct aegis_trace *trace = trace_of();

	if (trace)
		trace->key = found;
}

/* Notes the rates that apply to the packet, by the place of their selector. */
static __always_inline void traced_rates(__u32 place, bool is_total, __u32 id)
{
	struct aegis_trace *trace = trace_of();

	if (trace && is_total)
		trace->total_rates[place] = id;
	else if (trace)
		trace->source_rates[place] = id;
}

static __always_inline void traced_bucket(__u32 kind, __u32 outcome)
{
	struct aegis_trace *trace = trace_of();

	if (trace)
		trace->bucket[kind & (AEGIS_BUCKETS - 1)].outcome = outcome;
}

/* Notes a rule that holds for the packet. */
static __always_inline void traced_rule(const struct aegis_rule_entry *entry)
{
	struct aegis_trace *trace = trace_of();

	if (trace && (entry->flags & AEGIS_RULE_MONITOR))
		trace->rules_matched[entry->number / 64 % 8] |= 1ull << (entry->number & 63);
	else if (trace && entry->action == AEGIS_RULE_KEY)
		trace->port_key = entry->number + 1;
	else if (trace) {
		trace->rule = entry->number + 1;
		trace->rule_action = entry->action;
	}
}

/* The class that the packet is to have; 0: that of its address. */
static __always_inline __u32 traced_class(void)
{
	const struct aegis_trace *trace = trace_of();

	return trace ? trace->assumed : AEGIS_CLASS_NONE;
}

static __always_inline __u64 monotonic_ns(void)
{
	const struct aegis_trace *trace = trace_of();

	if (IS_TRACED)
		return trace ? trace->now : 0;
	return bpf_ktime_get_ns();
}

static __always_inline __u64 boottime_ns(void)
{
	const struct aegis_trace *trace = trace_of();

	if (IS_TRACED)
		return trace ? trace->boot : 0;
	return bpf_ktime_get_boot_ns();
}

#ifdef AEGIS_ONLY_TRIES
/* Returns the index of the copy of a line to charge instead; buckets of the same line share a copy. */
static inline __u32 copy_line(struct aegis_trace *trace, __u32 index, __u32 bucket)
{
	const struct aegis_line *line = bpf_map_lookup_elem(&cells, &index);

	if (!line)
		return bucket;
	for (__u32 i = 0; i < AEGIS_BUCKETS; i++) {
		if ((trace->copied & 1 << i) && trace->line_index[i] == index)
			return i;
	}
	trace->line[bucket] = *line;
	trace->line_index[bucket] = index;
	trace->copied |= 1 << bucket;
	return bucket;
}

static inline void note_bucket(__u32 bucket, const struct aegis_rate *rate, __u32 rates, __u64 owed,
			       __u64 cost)
{
	struct aegis_trace *trace = trace_of();
	struct aegis_trace_bucket *noted = &trace->bucket[bucket];

	if (noted->judged)
		return;
	noted->judged = 1;
	noted->rate = *rate;
	noted->rates = rates;
	noted->owed = owed;
	noted->cost = cost;
}

static inline struct aegis_line *line_to_charge(__u32 index, __u32 bucket)
{
	struct aegis_trace *trace = trace_of();

	if (trace->charges)
		return bpf_map_lookup_elem(&cells, &index);
	return &trace->line[copy_line(trace, index, bucket)];
}
#else
static __always_inline void note_bucket(__u32 bucket, const struct aegis_rate *rate, __u32 rates, __u64 owed,
					__u64 cost)
{
}

static __always_inline struct aegis_line *line_to_charge(__u32 index, __u32 bucket)
{
	return bpf_map_lookup_elem(&cells, &index);
}
#endif

#endif
