/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way of a packet: parse, protected keys, drop list, allow keys or the default, rate; one reason, one
 * count, one verdict.
 */
#ifndef AEGIS_DATAPATH_H
#define AEGIS_DATAPATH_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "aegis.h"
#include "maps.h"
#include "packet.h"
#include "trial.h"
#include "parse.h"
#include "entries.h"
#include "limiter.h"
#include "survey.h"
#include "count.h"
#include "events.h"

static __always_inline __u32 by_default(const struct packet *packet, bool deny)
{
	bool fragment = packet->traits & PACKET_LATER_FRAGMENT;

	if (!deny)
		return fragment ? AEGIS_PASS_FRAGMENT : AEGIS_PASS_DEFAULT;
	if (packet->traits & PACKET_TOO_BIG)
		return AEGIS_PASS_PACKET_TOO_BIG;
	return fragment ? AEGIS_DROP_FRAGMENT : AEGIS_DROP_DEFAULT;
}

#define SHAPES_WITHOUT_PORTS (0xf << (AEGIS_KEY_PROTOCOL << 2) | 0xf << (AEGIS_KEY_NEITHER << 2))

/*
 * Of the shapes, those of keys that may let the packet in. Under deny a part of one needs a key that lets all
 * its parts in, and so none with a port: parts whose others never pass would only fill the memory in which
 * everybody's are put together.
 */
static __always_inline __u32 shapes_for(const struct aegis_config *settings, const struct packet *packet,
					__u32 shapes)
{
	if ((packet->traits & PACKET_FRAGMENT) && (settings->stages & AEGIS_STAGE_DENY))
		return shapes & SHAPES_WITHOUT_PORTS;
	return shapes;
}

static __always_inline bool is_protected(const struct aegis_config *settings, struct packet *packet)
{
	__u64 found;

	if (!settings->protect_shapes)
		return false;
	TRIAL_REACHED(PROTECT);
	found = match_protect(packet, shapes_for(settings, packet, settings->protect_shapes));
	TRIAL_NOTE(protect, found);
	if (found)
		packet->found = found;
	return found;
}

/* A reason to drop, or GO_ON. */
static __always_inline __u32 judge_source(__u32 stages, struct packet *packet)
{
	__u64 found = drop_host(packet, stages);

	TRIAL_REACHED(DROP);
	TRIAL_NOTE(drop_host, found);
	if (drops(found, packet, AEGIS_DROP_HOST))
		return AEGIS_DROP_HOST;
	found = drop_prefix(packet, stages);
	TRIAL_NOTE(drop_prefix, found);
	return drops(found, packet, AEGIS_DROP_PREFIX) ? AEGIS_DROP_PREFIX : GO_ON;
}

/* What lets the packet in, or the reason to drop it. */
static __always_inline __u32 judge_entry(const struct aegis_config *settings, struct packet *packet,
					 __u64 *key_found)
{
	if (settings->key_shapes) {
		TRIAL_REACHED(KEY);
		*key_found = match_key(packet, shapes_for(settings, packet, settings->key_shapes));
		TRIAL_NOTE(key, *key_found);
	}
	if (*key_found) {
		packet->found = *key_found;
		return AEGIS_PASS_KEY;
	}
	TRIAL_REACHED(DEFAULT);
	return by_default(packet, settings->stages & AEGIS_STAGE_DENY);
}

static __always_inline __u32 judge_ip(const struct aegis_config *settings, struct packet *packet,
				      struct aegis_counters *counts)
{
	__u32 stages = settings->stages, reason;
	__u64 key_found = 0;

	if (is_protected(settings, packet))
		return AEGIS_PASS_PROTECTED;
	reason = judge_source(stages, packet);
	if (reason != GO_ON)
		return reason;
	if (packet->traits & PACKET_NEIGHBOUR)
		return AEGIS_PASS_NEIGHBOUR;
	reason = judge_entry(settings, packet, &key_found);
	if (reason >= AEGIS_REASON_FIRST_DROP)
		return reason;
	if (!IS_TRIAL && (stages & AEGIS_STAGE_SURVEY))
		take_survey(packet);
	if (!(stages & AEGIS_STAGE_RATE) && !rate_found(key_found))
		return reason;
	TRIAL_REACHED(RATE);
	return is_over_rate(settings, packet, rate_found(key_found), counts) ? AEGIS_DROP_RATE : reason;
}

static __always_inline bool is_unconfirmed(const struct aegis_config *settings)
{
	return (settings->stages & AEGIS_STAGE_DEADLINE) && boottime_ns() >= settings->deadline;
}

static __always_inline __u32 enforce(const struct aegis_config *settings, struct packet *packet, __u32 reason)
{
	if (reason < AEGIS_REASON_FIRST_DROP || !(settings->stages & AEGIS_STAGE_MONITOR))
		return reason;
	packet->would_drop = reason;
	return AEGIS_PASS_MONITORED;
}

static __always_inline __u32 judge(struct xdp_md *context, const struct aegis_config *settings,
				   struct packet *packet, struct aegis_counters *counts)
{
	__u32 reason;

	if (!settings || !(settings->stages & AEGIS_STAGE_CONFIGURED))
		return AEGIS_PASS_UNCONFIGURED;
	TRIAL_REACHED(PARSE);
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

static __always_inline int filter(struct xdp_md *context)
{
	struct packet packet = {.frame_length = frame_length(context)};
	struct aegis_counters *counts = counters_of(context->ingress_ifindex);
	const struct aegis_config *settings = settings_of();
	__u32 reason = judge(context, settings, &packet, counts);

	measure(context, &packet);
	count(counts, reason, &packet);
	if (settings && (settings->stages & AEGIS_STAGE_EVENTS))
		offer(context, &packet, reason);
	return reason < AEGIS_REASON_FIRST_DROP ? pass() : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";

#endif
