/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_RULES_H
#define AEGIS_RULES_H

/* Which rates hold for a packet; each may come from another selector. */
struct selection {
	const struct aegis_rates *source, *total;
};

static __always_inline void select_from(struct selection *selection, const struct aegis_rates *rates,
					__u32 place)
{
	if (!rates)
		return;
	if (is_rule(&rates->source)) {
		TRIAL_NOTE(source_rates[place], rates->id);
		if (!selection->source)
			selection->source = rates;
	}
	if (is_rule(&rates->total)) {
		TRIAL_NOTE(total_rates[place], rates->id);
		if (!selection->total)
			selection->total = rates;
	}
}

static __always_inline struct aegis_key_prefix prefix_wanted(const struct packet *packet, bool by_port)
{
	struct aegis_key_prefix wanted = {
		.length = AEGIS_KEY_HEAD_BITS + (packet->family == AEGIS_FAMILY_V4 ? 32 : 128),
		.key = {.family = packet->family, .source = packet->source},
	};

	if (by_port) {
		wanted.key.protocol = packet->protocol;
		wanted.key.port = packet->port;
	}
	return wanted;
}

static __always_inline void select_by_prefix(struct selection *selection, const struct packet *packet,
					     __u32 shapes, bool by_port)
{
	__u32 place = by_port ? AEGIS_PLACE_PORT_AND_PREFIX : AEGIS_PLACE_PREFIX;
	struct aegis_key_prefix wanted;

	if (!(shapes & (by_port ? AEGIS_RATE_BY_PORT_AND_PREFIX | AEGIS_TOTAL_BY_PORT_AND_PREFIX
				: AEGIS_RATE_BY_PREFIX | AEGIS_TOTAL_BY_PREFIX)))
		return;
	wanted = prefix_wanted(packet, by_port);
	if (shapes & (by_port ? AEGIS_RATE_BY_PORT_AND_PREFIX : AEGIS_RATE_BY_PREFIX))
		select_from(selection, bpf_map_lookup_elem(&rate_prefix, &wanted), place);
	if (shapes & (by_port ? AEGIS_TOTAL_BY_PORT_AND_PREFIX : AEGIS_TOTAL_BY_PREFIX))
		select_from(selection, bpf_map_lookup_elem(&total_prefix, &wanted), place);
}

/* The most specific decides: port and prefix, port, prefix, default. */
static __always_inline struct selection select_rates(const struct aegis_config *settings,
						     const struct packet *packet)
{
	bool has_ports = packet->traits & PACKET_HAS_PORTS;
	struct selection selection = {};

	if (has_ports)
		select_by_prefix(&selection, packet, settings->rate_shapes, true);
	if (has_ports && (settings->rate_shapes & AEGIS_RATE_BY_PORT)) {
		struct aegis_port wanted = {.protocol = packet->protocol, .port = packet->port};

		select_from(&selection, bpf_map_lookup_elem(&rate_port, &wanted), AEGIS_PLACE_PORT);
	}
	select_by_prefix(&selection, packet, settings->rate_shapes, false);
	select_from(&selection, &settings->rates, AEGIS_PLACE_DEFAULT);
	return selection;
}

enum rules_outcome {
	RULES_OVER = 1 << 0,
	RULES_CONTENDED = 1 << 1,
	RULES_SHARED = AEGIS_SHARED,
	RULES_WOULD = 1 << 3, /* over, by a rate that only monitors */
};

static __always_inline __u32 monitored(__u32 result, const struct aegis_rate *rate)
{
	if ((result & RULES_OVER) && (rate->flags & AEGIS_RATE_MONITOR))
		result ^= RULES_OVER | RULES_WOULD;
	return result;
}

static __always_inline __u32 outcome_of(__u32 outcome)
{
	__u32 result = outcome & AEGIS_SHARED;

	outcome &= AEGIS_OUTCOME_MASK;
	if (outcome != AEGIS_CONFORMS)
		result |= RULES_OVER;
	if (outcome == AEGIS_CONTENDED)
		result |= RULES_CONTENDED;
	return result;
}

/* Of the kind, an enum bucket_kind; NULL if there is no such rate. */
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

/* Of the rates that rate_of() is from. */
static __always_inline __u32 id_of(const struct selection *selection, __u32 kind)
{
	if (kind & BUCKET_TOTAL)
		return selection->total ? selection->total->id : 0;
	return selection->source ? selection->source->id : 0;
}

/* Looks at a bucket, or charges it. */
static __always_inline __u32 judge_bucket(const struct aegis_config *settings, const struct packet *packet,
					  const struct aegis_rate *rate, __u32 rates, __u32 kind, __u64 now,
					  bool is_look)
{
	__u32 id = rates << 5 | (kind & BUCKET_TOTAL ? 0 : packet->family << 2) | kind;
	struct aegis_address source = {};
	struct bucket bucket;
	__u32 outcome;
	__u64 tag;

	if (!(kind & BUCKET_TOTAL))
		source = limited_source(settings, packet);
	bucket = find_bucket(settings, &source, rate, id, kind & BUCKET_BYTES ? packet->frame_length : 1);
	tag = aegis_tag(bucket.hash);
	note_bucket(kind, rate, rates, aegis_owes(bucket.line, rate, tag, now), bucket.cost);
	/* Charging what exceeds changes nothing, but cuts a debt from before the rate was raised. */
	if (is_look && !aegis_would_exceed(bucket.line, rate, tag, now, bucket.cost))
		return 0;
	outcome = aegis_limit(bucket.line, rate, tag, now, bucket.cost);
	TRIAL_NOTE(bucket[kind & (AEGIS_BUCKETS - 1)].outcome, outcome);
	return outcome_of(outcome) | (is_look ? RULES_OVER : 0);
}

#ifdef AEGIS_ONLY_TRIES
#define TRY_LOOK 4u

/* A global function: a trial tells so much of a bucket that the verifier must not walk it for each. */
__attribute__((noinline)) __u32 try_bucket(const struct packet *packet, const struct aegis_rate *rate,
					   __u32 rates, __u32 kind, __u64 now)
{
	const struct aegis_config *settings = settings_of();

	if (!settings || !packet || !rate)
		return 0;
	return judge_bucket(settings, packet, rate, rates, kind & 3, now, kind & TRY_LOOK);
}

#undef judge_bucket
#define judge_bucket(settings, packet, rate, rates, kind, now, is_look) \
	try_bucket(packet, rate, rates, (kind) | ((is_look) ? TRY_LOOK : 0), now)
#endif

static __always_inline __u32 count_rates(const struct selection *selection)
{
	__u32 count = 0;

#pragma unroll
	for (__u32 kind = 0; kind < 4; kind++)
		count += rate_of(selection, kind) != NULL;
	return count;
}

/*
 * Judges a packet by up to four buckets: packets and bytes, of its source and of all. All must conform before
 * any is charged, or a packet that one refuses would use up another. Between look and charge another CPU may
 * charge too; the packet is then dropped although some are charged: stricter, never laxer.
 * own: the rate of the key that let it in, or 0 for the rules.
 */
__attribute__((noinline)) __u32 judge_by_rules(struct packet *packet, __u32 own)
{
	const struct aegis_config *settings = settings_of();
	__u32 result = 0, over = 0, step = 0;
	struct selection selection = {};
	__u64 now;

	if (!packet || !settings)
		return 0;
	if (own)
		select_from(&selection, bpf_map_lookup_elem(&key_rate, &own), AEGIS_PLACE_KEY);
	else
		selection = select_rates(settings, packet);
	now = monotonic_ns();
	/* A bucket by itself is charged without a look. */
	if (count_rates(&selection) == 1)
		step = 4;
	for (; step < 8 && !(result & RULES_OVER); step++) {
		const struct aegis_rate *rate = rate_of(&selection, step & 3);
		__u32 id, outcome;

		if (!rate)
			continue;
		id = id_of(&selection, step & 3);
		outcome = monitored(judge_bucket(settings, packet, rate, id, step & 3, now, step < 4), rate);
		if (outcome & (RULES_OVER | RULES_WOULD))
			over = id;
		result |= outcome;
	}
	if (result & (RULES_OVER | RULES_WOULD)) {
		struct aegis_address source = limited_source(settings, packet);

		packet->rates = over;
		note_offender(&source, packet->family, over, now);
	}
	return result;
}

#endif
