/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path of a packet. Every stage returns a verdict or GO_ON; a drop ends the path. Then the packet is
 * counted once, reported to the reader of events if there is one, and the action is returned.
 */
#ifndef AEGIS_DATAPATH_H
#define AEGIS_DATAPATH_H

#include "act.h"
#include "allowed.h"
#include "class.h"
#include "count.h"
#include "events.h"
#include "frame.h"
#include "hook.h"
#include "limiter.h"
#include "maps.h"
#include "packet.h"
#include "parse/ethernet.h"
#include "profile.h"
#include "relay.h"
#include "reply.h"
#include "rules.h"
#include "survey.h"
#include "trace.h"
#include "verdict.h"
#include "when.h"
#include "who.h"
#include "wire.h"

/* own: the settings of the packet's profile */
static __always_inline struct verdict judge_ip(struct aegis_frame *frame, const struct aegis_config *settings,
					       const struct aegis_config *own, const struct port *port,
					       struct packet *packet, struct aegis_counters *counts)
{
	struct verdict verdict, rates;
	__u32 own_rate = 0;

	classify(settings, packet);
	verdict = judge_protected(settings, own, packet);
	if (decides(verdict))
		return verdict;
	verdict = judge_peer(settings, packet);
	if (decides(verdict))
		return verdict;
	if (packet->traits & PACKET_NEIGHBOUR)
		return VERDICT(PASS, NEIGHBOUR);
	verdict = judge_relay(frame, settings, port, packet);
	if (decides(verdict))
		return verdict;
	verdict = judge_rules(frame, settings, own, port, packet, &own_rate);
	if (!decides(verdict))
		verdict = judge_allowed(settings, own, packet, &own_rate);
	if (verdict.action == AEGIS_DROP && verdict.reason != AEGIS_DROP_RULE &&
	    is_reply(frame, own, packet)) {
		traced_reached(AEGIS_TRACED_REPLY);
		verdict = VERDICT(PASS, REPLY);
	}
	if (verdict.action == AEGIS_DROP)
		return verdict;
	verdict = any_reason(settings, verdict);
	if (is_for_hook(settings, own))
		packet->traits |= PACKET_HOOKED;
	if (!IS_TRACED && (settings->stages & AEGIS_STAGE_SURVEY))
		take_survey(packet);
	if (own_rate == AEGIS_RULE_UNLIMITED)
		return verdict;
	rates = charge_rates(settings, own, packet, own_rate, own_rate ? 0 : port_groups(own, packet),
			     counts);
	return decides(rates) ? rates : verdict;
}

static __always_inline bool is_unconfirmed(const struct aegis_config *settings)
{
	return (settings->stages & AEGIS_STAGE_DEADLINE) && boottime_ns() >= settings->deadline;
}

static __always_inline struct verdict judge(struct aegis_frame *frame, const struct aegis_config *settings,
					    const struct port *port, struct packet *packet,
					    struct aegis_counters *counts)
{
	const struct aegis_config *own;
	struct verdict verdict;

	if (!settings || !(settings->stages & AEGIS_STAGE_CONFIGURED))
		return VERDICT(PASS, UNCONFIGURED);
	if (is_trusted(port))
		return VERDICT(PASS, TRUSTED);
	own = choose_profile(settings, port, packet);
	if (!IS_TRACED && is_unread(port, settings, own))
		return VERDICT(PASS, DEFAULT);
	traced_reached(AEGIS_TRACED_PARSE);
	verdict = parse(frame, packet, is_bare(frame, port));
	weigh(frame, packet);
	if (is_unconfirmed(settings))
		return VERDICT(PASS, UNCONFIRMED);
	if (!decides(verdict))
		verdict = judge_ip(frame, settings, own, port, packet, counts);
	else if (verdict.reason == AEGIS_DROP_NOT_IP && !(own->stages & AEGIS_STAGE_DENY))
		verdict = VERDICT(PASS, NOT_IP);
	else if (verdict.action == AEGIS_DROP && is_bare_wire(port, settings, own))
		verdict = VERDICT(PASS, DEFAULT);
	return enforce(own, packet, verdict);
}

static __always_inline void begin(struct aegis_frame *frame, struct packet *packet)
{
	__u32 packets = frame_packets(frame);

	begin_packet(packet, frame_length(frame));
	if (FRAME_MAY_BE_CUT)
		packet->units = packets < 0xffff ? packets : 0xffff;
	if (frame_leaves(frame))
		packet->traits = PACKET_LEAVES;
}

/* Routes, counts and reports a packet. */
static __always_inline struct verdict conclude(struct aegis_frame *frame, const struct aegis_config *settings,
					       const struct port *port, struct aegis_counters *counts,
					       struct packet *packet, struct verdict verdict)
{
	verdict = route(port, packet, verdict);
	count(counts, verdict, packet);
	if (settings && (settings->stages & AEGIS_STAGE_CLASS))
		count_class(packet, verdict.action);
	if (settings && (settings->stages & AEGIS_STAGE_LISTS))
		count_list(packet, verdict.reason);
	if (settings && (settings->stages & AEGIS_STAGE_WHEN) && !frame_leaves(frame))
		sample_received(counts, verdict, packet);
	if (settings && (settings->stages & AEGIS_STAGE_EVENTS))
		offer(frame, packet, verdict);
	return verdict;
}

static __always_inline struct verdict filter(struct aegis_frame *frame)
{
	struct port port = port_of(frame_interface(frame));
	struct aegis_counters *counts = counters_of(&port);
	const struct aegis_config *settings = settings_of();
	struct verdict verdict;
	struct packet packet;

	begin(frame, &packet);
	verdict = judge(frame, settings, &port, &packet, counts);
	measure(frame, &packet);
	if (verdict.route == ROUTE_RELAY)
		verdict = hand_over(frame, &packet);
	if (settings && asks_hook(&packet, verdict))
		verdict = any_reason(settings, ask_hook(frame, settings, &packet));
	return conclude(frame, settings, &port, counts, &packet, verdict);
}

#ifdef AEGIS_ONLY_TRIES
/* Records in the trace how a frame would be handled; returns the reason. */
static __always_inline __u32 try_frame(struct aegis_frame *frame)
{
	struct port port = port_of(frame_interface(frame));
	struct aegis_trace *trace = trace_of();
	struct verdict verdict;
	struct packet packet;

	begin(frame, &packet);
	verdict = judge(frame, settings_of(), &port, &packet, NULL);
	measure(frame, &packet);
	if (asks_hook(&packet, verdict))
		verdict = ask_hook(frame, settings_of(), &packet);
	verdict = route(&port, &packet, verdict);
	if (trace) {
		trace->reason = verdict.reason;
		trace->action = verdict.action;
		trace->is_sent = verdict.action == AEGIS_PASS && verdict.route == ROUTE_WIRE;
		trace->would_drop = packet.would_drop;
		trace->class = packet.class;
		trace->profile = packet.profile;
		if (packet.family)
			trace->source = packet.peer;
		trace->port = packet.destination_port;
		trace->family = packet.family;
		trace->protocol = packet.protocol;
		trace->network = packet.network;
		trace->transport = packet.transport;
		trace->is_fragment = !!(packet.traits & PACKET_FRAGMENT);
	}
	return verdict.reason;
}
#endif

#ifdef __bpf__
char _license[] SEC("license") = "Dual BSD/GPL";
#endif

#endif
