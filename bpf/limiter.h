/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the rates that apply to a packet, and whether it exceeds one. */
#ifndef AEGIS_LIMITER_H
#define AEGIS_LIMITER_H

#include "bucket.h"
#include "profile.h"
#include "verdict.h"

/* The rates that apply to a packet; each may come from another selector. */
struct selection {
	const struct aegis_rates *source, *total;
};

static __always_inline bool is_rule(const struct aegis_rule *rule)
{
	return rule->packets.interval || rule->bytes.interval;
}

static __always_inline void select_source(struct selection *selection, const struct aegis_rates *rates,
					  __u32 place)
{
	if (!rates || !is_rule(&rates->source))
		return;
	traced_rates(place, false, rates->id);
	if (!selection->source)
		selection->source = rates;
}

static __always_inline void select_total(struct selection *selection, const struct aegis_rates *rates,
					 __u32 place)
{
	if (!rates || !is_rule(&rates->total))
		return;
	traced_rates(place, true, rates->id);
	if (!selection->total)
		selection->total = rates;
}

static __always_inline void select_from(struct selection *selection, const struct aegis_rates *rates,
					__u32 place)
{
	select_source(selection, rates, place);
	select_total(selection, rates, place);
}

/* The keys of all maps of rates, in the same place: the stack is short. */
union rate_key {
	struct aegis_key_prefix prefix;
	struct aegis_port port;
	__u32 number;
};

static __always_inline void select_by_prefix(struct selection *selection, union rate_key *wanted,
					     const struct packet *packet, __u32 shapes, bool by_port)
{
	__u32 place = by_port ? AEGIS_PLACE_PORT_AND_PREFIX : AEGIS_PLACE_PREFIX;
	__u32 source = by_port ? AEGIS_RATE_BY_PORT_AND_PREFIX : AEGIS_RATE_BY_PREFIX;
	__u32 total = by_port ? AEGIS_TOTAL_BY_PORT_AND_PREFIX : AEGIS_TOTAL_BY_PREFIX;

	if (!(shapes & (source | total)))
		return;
	wanted->prefix.length = whole_key_bits(packet);
	wanted->prefix.key =
		(struct aegis_key){.family = key_family(packet, packet->profile), .source = packet->peer};
	if (by_port) {
		wanted->prefix.key.protocol = packet->protocol;
		wanted->prefix.key.port = packet->destination_port;
	}
	if (shapes & source)
		select_from(selection, bpf_map_lookup_elem(&rate_prefix, wanted), place);
	if (shapes & total)
		select_from(selection, bpf_map_lookup_elem(&total_prefix, wanted), place);
}

static __always_inline void *rates_of_group(union rate_key *wanted, const struct packet *packet, __u16 group,
					    bool by_prefix, bool is_total)
{
	if (!by_prefix) {
		wanted->port = (struct aegis_port){.profile = packet->profile, .port = group};
		return bpf_map_lookup_elem(&rate_port, wanted);
	}
	wanted->prefix.length = whole_key_bits(packet);
	wanted->prefix.key = (struct aegis_key){
		.family = key_family(packet, packet->profile), .port = group, .source = packet->peer};
	return is_total ? bpf_map_lookup_elem(&total_prefix, wanted)
			: bpf_map_lookup_elem(&rate_prefix, wanted);
}

#define GROUP_BY_PREFIX 0x10000u

static __always_inline __u32 find_group(const struct packet *packet, __u64 groups, bool is_total)
{
	union rate_key wanted;

	for (__u32 i = 0; i < 2 * AEGIS_PORT_GROUPS; i++) {
		__u16 group = groups >> 48;
		const struct aegis_rates *rates;

		if (group) {
			rates = rates_of_group(&wanted, packet, group, !(i & 1), is_total);
			if (rates && is_rule(is_total ? &rates->total : &rates->source))
				return group | (i & 1 ? 0 : GROUP_BY_PREFIX);
		}
		if (i & 1)
			groups <<= 16;
	}
	return 0;
}

/*
 * The first of the groups that has a rate for the packet, and whether that is for its prefix: of rates for
 * each source, and in the upper half of totals; 0 is none. A global function: it returns numbers, so that the
 * verifier need not tell apart where the rates are.
 * groups: as of match_groups()
 */
AEGIS_GLOBAL __u64 find_groups(const struct packet *packet, __u64 groups)
{
	if (!packet)
		return 0;
	return find_group(packet, groups, false) | (__u64)find_group(packet, groups, true) << 32;
}

/* found: half of what find_groups() returns */
static __always_inline void select_by_group(struct selection *selection, union rate_key *wanted,
					    const struct packet *packet, __u32 found, bool is_total)
{
	__u32 place = found & GROUP_BY_PREFIX ? AEGIS_PLACE_PORTS_AND_PREFIX : AEGIS_PLACE_PORTS;
	const struct aegis_rates *rates;

	if (!found)
		return;
	rates = rates_of_group(wanted, packet, found, found & GROUP_BY_PREFIX, is_total);
	if (is_total)
		select_total(selection, rates, place);
	else
		select_source(selection, rates, place);
}

/* The key of the rates of the packet's class. */
static __always_inline __u32 class_rates(const struct packet *packet)
{
	return packet->profile * AEGIS_CLASSES + packet->class;
}

/*
 * The most specific selector decides: port and prefix, port, several ports and prefix, several ports, prefix,
 * class, default.
 * settings: of the packet's profile
 * own: the rate of the rule or key that chose the packet, which then decides alone; 0 is none.
 * groups: as of find_groups()
 */
static __always_inline struct selection select_rates(const struct aegis_config *settings,
						     const struct packet *packet, __u32 own, __u64 groups)
{
	struct selection selection = {};
	union rate_key wanted;

	if (own) {
		wanted.number = own;
		select_from(&selection, bpf_map_lookup_elem(&key_rate, &wanted), AEGIS_PLACE_KEY);
		return selection;
	}
	if (packet->traits & PACKET_HAS_PORTS)
		select_by_prefix(&selection, &wanted, packet, settings->rate_shapes, true);
	if ((packet->traits & PACKET_HAS_PORTS) && (settings->rate_shapes & AEGIS_RATE_BY_PORT)) {
		wanted.port = (struct aegis_port){.protocol = packet->protocol,
						  .profile = packet->profile,
						  .port = packet->destination_port};
		select_from(&selection, bpf_map_lookup_elem(&rate_port, &wanted), AEGIS_PLACE_PORT);
	}
	select_by_group(&selection, &wanted, packet, groups, false);
	select_by_group(&selection, &wanted, packet, groups >> 32, true);
	select_by_prefix(&selection, &wanted, packet, settings->rate_shapes, false);
	if (settings->rate_shapes & AEGIS_RATE_BY_CLASS) {
		wanted.number = class_rates(packet);
		select_from(&selection, bpf_map_lookup_elem(&rate_class, &wanted), AEGIS_PLACE_CLASS);
	}
	select_from(&selection, &settings->rates, AEGIS_PLACE_DEFAULT);
	return selection;
}

/* The rate of a kind (enum bucket_kind); NULL if there is no such rate. */
static __always_inline const struct aegis_rate *rate_of(const struct selection *selection, __u32 kind)
{
	const struct aegis_rates *rates = kind & BUCKET_TOTAL ? selection->total : selection->source;
	const struct aegis_rate *rate;

	if (!rates)
		return NULL;
	if (kind & BUCKET_TOTAL)
		rate = kind & BUCKET_BYTES ? &rates->total.bytes : &rates->total.packets;
	else
		rate = kind & BUCKET_BYTES ? &rates->source.bytes : &rates->source.packets;
	return rate->interval ? rate : NULL;
}

/* The id of the rates that rate_of() takes the rate from. */
static __always_inline __u32 id_of(const struct selection *selection, __u32 kind)
{
	if (kind & BUCKET_TOTAL)
		return selection->total ? selection->total->id : 0;
	return selection->source ? selection->source->id : 0;
}

static __always_inline __u32 count_rates(const struct selection *selection)
{
	__u32 count = 0;

#pragma unroll
	for (__u32 kind = 0; kind < BUCKETS; kind++)
		count += rate_of(selection, kind) != NULL;
	return count;
}

/* One bucket of a selection. */
static __always_inline __u32 judge_rate(const struct aegis_config *settings, struct packet *packet,
					const struct selection *selection, __u32 kind, __u64 now)
{
	const struct aegis_rate *rate = rate_of(selection, kind);
	__u32 id = id_of(selection, kind), outcome;

	if (!rate)
		return 0;
	outcome = monitored(judge_bucket(settings, packet, rate, id, kind, now), rate);
	if (outcome & (RATES_OVER | RATES_WOULD))
		packet->rates = id;
	return outcome;
}

/*
 * Judges a packet by up to four buckets: packets and bytes, of its source and of all sources. All must
 * conform before any is charged; otherwise a packet that one bucket refuses would use up another. Another CPU
 * may charge between the look and the charge. The packet is then dropped although some buckets are charged:
 * stricter, never laxer.
 * A global function: the verifier walks it once, and not for each map that the rates may be in.
 */
AEGIS_GLOBAL __u32 judge_by_rates(struct packet *packet, const struct aegis_rates *source,
				  const struct aegis_rates *total)
{
	const struct aegis_config *settings = settings_of();
	struct selection selection = {source, total};
	__u32 result = 0, kind;
	__u64 now;

	if (!packet || !settings)
		return 0;
	now = monotonic_ns();
	/* A single bucket is charged without a look first. */
	if (count_rates(&selection) > 1) {
		for (kind = 0; kind < BUCKETS && !(result & RATES_OVER); kind++)
			result |= judge_rate(settings, packet, &selection, kind | BUCKET_LOOK, now);
	}
	for (kind = 0; kind < BUCKETS && !(result & RATES_OVER); kind++)
		result |= judge_rate(settings, packet, &selection, kind, now);
	if (result & (RATES_OVER | RATES_WOULD))
		sample_offender(packet, now);
	return result;
}

/*
 * own_rate: the rate of the key that admitted the packet; 0 is none.
 * groups: as of select_rates()
 * A global function: the verifier walks the maps that the rates may be in once, and not for every packet that
 * may come here.
 */
AEGIS_GLOBAL __u32 judge_by_selectors(struct packet *packet, __u32 own_rate, __u64 groups)
{
	const struct aegis_config *settings;
	struct selection selection;

	if (!packet)
		return 0;
	settings = settings_for(packet);
	if (!settings)
		return 0;
	selection = select_rates(settings, packet, own_rate, groups);
	return judge_by_rates(packet, selection.source, selection.total);
}

/* Returns what judge_by_rates() returns if the only rate is one of packets for each source. */
static __always_inline __u32 judge_by_rate(const struct aegis_config *settings, struct packet *packet,
					   const struct aegis_rates *rates)
{
	struct aegis_address source = limited_peer(settings, packet);
	struct bucket bucket = find_bucket(settings, &source, &rates->source.packets,
					   rates->id << 5 | packet->family << 2, units_of(packet, false));
	__u64 now = monotonic_ns();
	__u32 result;

	if (!bucket.line)
		return 0;
	result = outcome_of(aegis_limit_quick(bucket.line, bucket.rate, bucket.hash, now, bucket.cost));
	if (result & RATES_OVER) {
		packet->rates = rates->id;
		sample_offender(packet, now);
	}
	return monitored(result, bucket.rate);
}

/* Does that with the rate of the packet's class, or else the default one, if there is any. */
AEGIS_GLOBAL __u32 judge_by_class(struct packet *packet)
{
	const struct aegis_config *settings = settings_of(), *own;
	const struct aegis_rates *rates;
	__u32 number;

	if (!packet || !settings)
		return 0;
	number = class_rates(packet);
	rates = bpf_map_lookup_elem(&rate_class, &number);
	if (rates && rates->source.packets.interval)
		return judge_by_rate(settings, packet, rates);
	own = settings_for(packet);
	return own && own->rates.source.packets.interval ? judge_by_rate(settings, packet, &own->rates) : 0;
}

/* own_rate: the rate of the key that admitted the packet; 0 is none. groups: as of match_groups() */
static __always_inline struct verdict charge_rates(const struct aegis_config *settings,
						   const struct aegis_config *own, struct packet *packet,
						   __u32 own_rate, __u64 groups,
						   struct aegis_counters *counts)
{
	__u32 result;

	if (!(own->stages & AEGIS_STAGE_RATE) && !own_rate)
		return GO_ON;
	traced_reached(AEGIS_TRACED_RATE);
	if (groups)
		groups = find_groups(packet, groups);
	/* A trace takes the long path, which gives the same answer and records more. */
	if (IS_TRACED || own_rate || !(own->stages & AEGIS_STAGE_RATE_SIMPLE))
		result = judge_by_selectors(packet, own_rate, groups);
	else if (own->rate_shapes & AEGIS_RATE_BY_CLASS)
		result = judge_by_class(packet);
	else
		result = judge_by_rate(settings, packet, &own->rates);
	if (result & RATES_WOULD)
		packet->would_drop = AEGIS_DROP_RATE;
	if (counts && (result & RATES_SHARED))
		counts->shared++;
	if (counts && (result & RATES_CONTENDED))
		counts->contended++;
	return result & RATES_OVER ? VERDICT(DROP, RATE) : GO_ON;
}

#endif
