/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One bucket: where it is, its judgement of a packet, and the sources that exceed it. */
#ifndef AEGIS_BUCKET_H
#define AEGIS_BUCKET_H

#include "gcra.h"
#include "maps.h"
#include "packet.h"
#include "trace.h"

/* One of the four buckets that a selector's rates may have, and what to do with it. */
enum bucket_kind {
	BUCKET_BYTES = 1 << 0,
	BUCKET_TOTAL = 1 << 1,
	BUCKETS = 1 << 2,
	BUCKET_LOOK = 1 << 2, /* do not charge it */
};

/* The combined result of all buckets for a packet. */
enum rates_outcome {
	RATES_OVER = 1 << 0,
	RATES_CONTENDED = 1 << 1,
	RATES_SHARED = AEGIS_SHARED,
	RATES_WOULD = 1 << 3, /* over, by a rate that only monitors */
};

struct bucket {
	struct aegis_line *line;
	const struct aegis_rate *rate;
	__u64 hash;
	__u64 cost;
};

/* The part of the peer's address that has its own buckets. An IPv6 host owns its whole /64. */
static __always_inline struct aegis_address limited_peer(const struct aegis_config *settings,
							 const struct packet *packet)
{
	const __u64 *mask =
		(const __u64 *)(packet->family == AEGIS_FAMILY_V4 ? &settings->mask_v4 : &settings->mask_v6);
	struct aegis_address peer = packet->peer;

	((__u64 *)&peer)[0] &= mask[0];
	((__u64 *)&peer)[1] &= mask[1];
	return peer;
}

/* What a frame is charged for. Who sends into a tun device may claim any number of packets. */
static __always_inline __u64 units_of(const struct packet *packet, bool is_bytes)
{
	__u64 units = is_bytes ? packet->frame_length : packets_of(packet);
	__u64 most = 1ULL << (is_bytes ? AEGIS_MOST_BYTES_SHIFT : AEGIS_MOST_PACKETS_SHIFT);

	return units < most ? units : most;
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
	/* A total has at most one bucket per CPU, and a line for each. */
	index = aegis_line_index(rate, id & BUCKET_TOTAL ? cpu : (__u32)bucket.hash);
	bucket.line = line_to_charge(index, id & (BUCKET_BYTES | BUCKET_TOTAL));
	return bucket;
}

/* A global function, so that its stack is not taken for every packet. */
AEGIS_GLOBAL __u32 note_offender(const struct packet *packet)
{
	const struct aegis_config *settings = settings_of();
	struct aegis_offender_key wanted = {};
	struct aegis_offender *known, fresh = {};

	if (!packet || !settings)
		return 0;
	wanted.source = limited_peer(settings, packet);
	wanted.rates = packet->rates;
	wanted.family = packet->family;
	known = bpf_map_lookup_elem(&offenders, &wanted);
	if (known) {
		__sync_fetch_and_add(&known->packets, AEGIS_OFFENDER_SAMPLE);
		known->last = bpf_ktime_get_boot_ns();
		return 0;
	}
	fresh.packets = AEGIS_OFFENDER_SAMPLE;
	fresh.first = fresh.last = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&offenders, &wanted, &fresh, BPF_ANY);
	return 0;
}

/* Notes one in AEGIS_OFFENDER_SAMPLE of the packets that exceed a rate, chosen by mixing the clock value that
 * was read anyway. */
static __always_inline void sample_offender(const struct packet *packet, __u64 now)
{
	if (!IS_TRACED && !((now * 0x9e3779b97f4a7c15ULL >> 32) % AEGIS_OFFENDER_SAMPLE))
		note_offender(packet);
}

/* Exceeding a rate that only monitors counts as would-drop. */
static __always_inline __u32 monitored(__u32 result, const struct aegis_rate *rate)
{
	if ((result & RATES_OVER) && (rate->flags & AEGIS_RATE_MONITOR))
		result ^= RATES_OVER | RATES_WOULD;
	return result;
}

static __always_inline __u32 outcome_of(__u32 outcome)
{
	__u32 result = outcome & AEGIS_SHARED;

	outcome &= AEGIS_OUTCOME_MASK;
	if (outcome != AEGIS_CONFORMS)
		result |= RATES_OVER;
	if (outcome == AEGIS_CONTENDED)
		result |= RATES_CONTENDED;
	return result;
}

static __always_inline __u32 judge_bucket(const struct aegis_config *settings, const struct packet *packet,
					  const struct aegis_rate *rate, __u32 rates, __u32 kind, __u64 now)
{
	__u32 place = kind & (BUCKETS - 1);
	__u32 id = rates << 5 | (kind & BUCKET_TOTAL ? 0 : packet->family << 2) | place;
	struct aegis_address source = {};
	struct bucket bucket;
	__u32 outcome;
	__u64 tag;

	if (!(kind & BUCKET_TOTAL))
		source = limited_peer(settings, packet);
	bucket = find_bucket(settings, &source, rate, id, units_of(packet, kind & BUCKET_BYTES));
	tag = aegis_tag(bucket.hash);
	if (IS_TRACED)
		note_bucket(place, rate, rates, aegis_owes(bucket.line, rate, tag, now), bucket.cost);
	if ((kind & BUCKET_LOOK) && !aegis_would_exceed(bucket.line, rate, tag, now, bucket.cost))
		return 0;
	/* Charging a packet that exceeds only cuts a debt from before the rate was raised. */
	outcome = aegis_limit(bucket.line, rate, tag, now, bucket.cost);
	traced_bucket(place, outcome);
	return outcome_of(outcome) | (kind & BUCKET_LOOK ? RATES_OVER : 0);
}

#endif
