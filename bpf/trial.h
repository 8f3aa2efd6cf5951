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
#define note_bucket(bucket, rate, rates, owed, cost) ((void)0)

static __always_inline struct aegis_trial *trial_of(void)
{
	return NULL;
}
#endif

#define TRIAL_NOTE(field, value)                        \
	do {                                            \
		struct aegis_trial *tried = trial_of(); \
                                                        \
		if (tried)                              \
			tried->field = (value);         \
	} while (0)

#define TRIAL_REACHED(stage)                                   \
	do {                                                   \
		struct aegis_trial *tried = trial_of();        \
                                                               \
		if (tried)                                     \
			tried->reached |= AEGIS_TRIED_##stage; \
	} while (0)

static __always_inline __u64 monotonic_ns(void)
{
	const struct aegis_trial *tried = trial_of();

	return tried && tried->now ? tried->now : bpf_ktime_get_ns();
}

static __always_inline __u64 boottime_ns(void)
{
	const struct aegis_trial *tried = trial_of();

	return tried && tried->boot ? tried->boot : bpf_ktime_get_boot_ns();
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
static __always_inline struct aegis_line *line_to_charge(__u32 index, __u32 bucket)
{
	return bpf_map_lookup_elem(&cells, &index);
}
#endif

#endif
