/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the datapath does otherwise when it only tries a packet. Elsewhere trial_of() is NULL at compile time,
 * and nothing of this is left.
 */
#ifndef AEGIS_TRIAL_H
#define AEGIS_TRIAL_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "gcra.h"
#include "maps.h"

#ifdef AEGIS_ONLY_TRIES
#define IS_TRIAL true

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_trial);
} trial SEC(".maps");

static __always_inline struct aegis_trial *trial_of(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&trial, &zero);
}
#else
#define IS_TRIAL false

static __always_inline struct aegis_trial *trial_of(void)
{
	return NULL;
}
#endif

static __always_inline void tried_reached(__u32 stage)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->reached |= stage;
}

static __always_inline void tried_protect(__u64 found)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->protect = found;
}

static __always_inline void tried_drop_host(__u64 found)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->drop_host = found;
}

static __always_inline void tried_drop_prefix(__u64 found)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->drop_prefix = found;
}

static __always_inline void tried_key(__u64 found)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->key = found;
}

/* Rates that hold for the packet, by the place of their selector. */
static __always_inline void tried_rates(__u32 place, bool is_total, __u32 id)
{
	struct aegis_trial *tried = trial_of();

	if (tried && is_total)
		tried->total_rates[place] = id;
	else if (tried)
		tried->source_rates[place] = id;
}

static __always_inline void tried_bucket(__u32 kind, __u32 outcome)
{
	struct aegis_trial *tried = trial_of();

	if (tried)
		tried->bucket[kind & (AEGIS_BUCKETS - 1)].outcome = outcome;
}

static __always_inline __u64 monotonic_ns(void)
{
	const struct aegis_trial *tried = trial_of();

	if (IS_TRIAL)
		return tried ? tried->now : 0;
	return bpf_ktime_get_ns();
}

static __always_inline __u64 boottime_ns(void)
{
	const struct aegis_trial *tried = trial_of();

	if (IS_TRIAL)
		return tried ? tried->boot : 0;
	return bpf_ktime_get_boot_ns();
}

#ifdef AEGIS_ONLY_TRIES
/*
 * Of the copy of a line to charge instead; buckets of one line share it. Global functions, and numbers
 * instead of pointers: the verifier walks each once.
 */
__attribute__((noinline)) __u32 copy_line(__u32 index, __u32 bucket)
{
	const struct aegis_line *line = bpf_map_lookup_elem(&cells, &index);
	struct aegis_trial *tried = trial_of();

	bucket &= AEGIS_BUCKETS - 1;
	if (!tried || !line)
		return 0;
	for (__u32 i = 0; i < AEGIS_BUCKETS; i++) {
		if ((tried->copied & 1 << i) && tried->line_index[i] == index)
			return i;
	}
	tried->line[bucket] = *line;
	tried->line_index[bucket] = index;
	tried->copied |= 1 << bucket;
	return bucket;
}

__attribute__((noinline)) __u32 note_bucket(__u32 bucket, const struct aegis_rate *rate, __u32 rates,
					    __u64 owed, __u64 cost)
{
	struct aegis_trial *tried = trial_of();
	struct aegis_trial_bucket *noted;

	if (!tried || !rate)
		return 0;
	noted = &tried->bucket[bucket & (AEGIS_BUCKETS - 1)];
	if (noted->judged)
		return 0;
	noted->judged = 1;
	noted->rate = *rate;
	noted->rates = rates;
	noted->owed = owed;
	noted->cost = cost;
	return 0;
}

static __always_inline struct aegis_line *line_to_charge(__u32 index, __u32 bucket)
{
	struct aegis_trial *tried = trial_of();
	__u32 copy;

	if (!tried || tried->charges)
		return bpf_map_lookup_elem(&cells, &index);
	copy = copy_line(index, bucket);
	/* The compiler knows that it is not above; the verifier must be shown. */
	asm volatile("" : "+r"(copy));
	return &tried->line[copy & (AEGIS_BUCKETS - 1)];
}
#else
static __always_inline __u32 note_bucket(__u32 bucket, const struct aegis_rate *rate, __u32 rates, __u64 owed,
					 __u64 cost)
{
	return 0;
}

static __always_inline struct aegis_line *line_to_charge(__u32 index, __u32 bucket)
{
	return bpf_map_lookup_elem(&cells, &index);
}
#endif

#endif
