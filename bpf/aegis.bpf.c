// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The way of a packet: parse, protected keys, drop list, allow keys or the default, rate; one reason, one
 * count, one verdict.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "aegis.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "entries.h"
#include "limiter.h"
#include "survey.h"
#include "count.h"

static __always_inline __u32 by_default(const struct packet *packet, bool deny)
{
	bool fragment = packet->traits & PACKET_LATER_FRAGMENT;

	if (!deny)
		return fragment ? AEGIS_PASS_FRAGMENT : AEGIS_PASS_DEFAULT;
	if (packet->traits & PACKET_TOO_BIG)
		return AEGIS_PASS_PACKET_TOO_BIG;
	return fragment ? AEGIS_DROP_FRAGMENT : AEGIS_DROP_DEFAULT;
}

static __always_inline __u32 judge_ip(const struct aegis_config *settings, struct packet *packet,
				      struct aegis_counters *counts)
{
	__u32 stages = settings->stages, reason, key_found = 0;

	if (settings->protect_shapes && match_protect(packet, settings->protect_shapes))
		return AEGIS_PASS_PROTECTED;
	if (drops(drop_host(packet, stages), packet, AEGIS_DROP_HOST))
		return AEGIS_DROP_HOST;
	if (drops(drop_prefix(packet, stages), packet, AEGIS_DROP_PREFIX))
		return AEGIS_DROP_PREFIX;
	if (packet->traits & PACKET_NEIGHBOUR)
		return AEGIS_PASS_NEIGHBOUR;

	if (settings->key_shapes)
		key_found = match_key(packet, settings->key_shapes);
	reason = key_found ? AEGIS_PASS_KEY : by_default(packet, stages & AEGIS_STAGE_DENY);
	if (reason >= AEGIS_REASON_FIRST_DROP)
		return reason;
	if (stages & AEGIS_STAGE_SURVEY)
		take_survey(packet);
	if (((stages & AEGIS_STAGE_RATE) || key_found >> FOUND_RATE_SHIFT) &&
	    is_over_rate(settings, packet, key_found >> FOUND_RATE_SHIFT, counts))
		return AEGIS_DROP_RATE;
	return reason;
}

static __always_inline bool is_unconfirmed(const struct aegis_config *settings)
{
	return (settings->stages & AEGIS_STAGE_DEADLINE) && bpf_ktime_get_boot_ns() >= settings->deadline;
}

static __always_inline __u32 enforce(const struct aegis_config *settings, struct packet *packet, __u32 reason)
{
	if (reason < AEGIS_REASON_FIRST_DROP || !(settings->stages & AEGIS_STAGE_MONITOR))
		return reason;
	packet->would_drop = reason;
	return AEGIS_PASS_MONITORED;
}

static __always_inline __u32 judge(struct xdp_md *context, struct packet *packet,
				   struct aegis_counters *counts)
{
	__u32 zero = 0, reason;
	const struct aegis_config *settings = bpf_map_lookup_elem(&config, &zero);

	if (!settings || !(settings->stages & AEGIS_STAGE_CONFIGURED))
		return AEGIS_PASS_UNCONFIGURED;
	reason = parse(context, packet);
	if (is_unconfirmed(settings))
		return AEGIS_PASS_UNCONFIRMED;
	if (reason == GO_ON)
		reason = judge_ip(settings, packet, counts);
	else if (reason == AEGIS_DROP_NOT_IP && !(settings->stages & AEGIS_STAGE_DENY))
		reason = AEGIS_PASS_NOT_IP;
	return enforce(settings, packet, reason);
}

/* The one place that says what becomes of a packet that passes. */
static __always_inline int pass(void)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int aegis(struct xdp_md *context)
{
	struct packet packet = {.frame_length = frame_length(context)};
	struct aegis_counters *counts = counters_of(context->ingress_ifindex);
	__u32 reason = judge(context, &packet, counts);

	count(counts, reason, &packet);
	return reason < AEGIS_REASON_FIRST_DROP ? pass() : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
