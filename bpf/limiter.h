/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_LIMITER_H
#define AEGIS_LIMITER_H

#include "gcra.h"
#include "maps.h"
#include "packet.h"
#include "trial.h"

/* A bucket is one of four that a selector's rates may have. */
enum bucket_kind {
	BUCKET_BYTES = 1 << 0,
	BUCKET_TOTAL = 1 << 1,
};

struct bucket {
	struct aegis_line *line;
	const struct aegis_rate *rate;
	__u64 hash;
	__u64 cost;
};

/* The part of the source that has buckets of its own: a v6 host owns its whole /64. */
static __always_inline struct aegis_address limited_source(const struct aegis_config *settings,
							   const struct packet *packet)
{
	const __u64 *mask =
		(const __u64 *)(packet->family == AEGIS_FAMILY_V4 ? &settings->mask_v4 : &settings->mask_v6);
	struct aegis_address source = packet->source;

	((__u64 *)&source)[0] &= mask[0];
	((__u64 *)&source)[1] &= mask[1];
	return source;
}

static __always_inline struct bucket find_bucket(const struct aegis_config *settings,
						 const struct aegis_address *source,
						 const struct aegis_rate *rate, __u32 id, __u64 units)
{
	const __u64 *halves = (const __u64 *)source;
	struct bucket bucket = {.rate = rate, .cost = aegis_cost(rate, units)};
	__u32 index, cpu = 0;

	if (rate->flags & AEGIS_RATE_PER_CPU) {
		cpu = bpf_get_smp_processor_id();
		id ^= (cpu + 1) << 16;
	}
	bucket.hash = aegis_hash(settings->seed, halves[0], halves[1], id);
	/* A total has a bucket a CPU at the most, and a line for each. */
	index = aegis_line_index(rate, id & BUCKET_TOTAL ? cpu : (__u32)bucket.hash);
	bucket.line = line_to_charge(index, id & (BUCKET_BYTES | BUCKET_TOTAL));
	return bucket;
}

/* One packet in AEGIS_OFFENDER_SAMPLE that is over its rate, chosen by mixing the clock that was read anyway.
 */
static __always_inline void note_offender(const struct aegis_address *source, __u32 family, __u32 rates,
					  __u64 now)
{
	struct aegis_offender_key wanted = {.source = *source, .rates = rates, .family = family};
	struct aegis_offender *known, fresh = {};

	if (IS_TRIAL || (now * 0x9e3779b97f4a7c15ULL >> 32) % AEGIS_OFFENDER_SAMPLE)
		return;
	known = bpf_map_lookup_elem(&offenders, &wanted);
	if (known) {
		__sync_fetch_and_add(&known->packets, AEGIS_OFFENDER_SAMPLE);
		known->last = bpf_ktime_get_boot_ns();
		return;
	}
	fresh.packets = AEGIS_OFFENDER_SAMPLE;
	fresh.first = fresh.last = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&offenders, &wanted, &fresh, BPF_ANY);
}

static __always_inline bool is_rule(const struct aegis_rule *rule)
{
	return rule->packets.interval || rule->bytes.interval;
}

#include "rules.h"

static __always_inline __u32 judge_by_default_rate(const struct aegis_config *settings, struct packet *packet)
{
	struct aegis_address source = limited_source(settings, packet);
	struct bucket bucket = find_bucket(settings, &source, &settings->rates.source.packets,
					   settings->rates.id << 5 | packet->family << 2, 1);
	__u64 now = monotonic_ns();
	__u32 result;

	if (!bucket.line)
		return 0;
	result = outcome_of(aegis_limit_quick(bucket.line, bucket.rate, bucket.hash, now, bucket.cost));
	if (result & RULES_OVER) {
		packet->rates = settings->rates.id;
		note_offender(&source, packet->family, settings->rates.id, now);
	}
	return monitored(result, bucket.rate);
}

/* key_rate: of the key that let the packet in, which then decides instead of the rules; 0 is none. */
static __always_inline bool is_over_rate(const struct aegis_config *settings, struct packet *packet,
					 __u32 key_rate, struct aegis_counters *counts)
{
	/* A trial goes the long way, which answers the same and tells more. */
	__u32 result = !IS_TRIAL && !key_rate && (settings->stages & AEGIS_STAGE_RATE_SIMPLE)
			       ? judge_by_default_rate(settings, packet)
			       : judge_by_rules(packet, key_rate);

	if (result & RULES_WOULD)
		packet->would_drop = AEGIS_DROP_RATE;
	if (counts && (result & RULES_SHARED))
		counts->shared++;
	if (counts && (result & RULES_CONTENDED))
		counts->contended++;
	return result & RULES_OVER;
}

#endif
