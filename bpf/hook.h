/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The operator's own program, the last that is asked about a packet. The datapath continues with it by a tail
 * call, and it continues with a program of hook.bpf.c.
 */
#ifndef AEGIS_HOOKED_H
#define AEGIS_HOOKED_H

#include "frame.h"
#include "maps.h"
#include "packet.h"
#include "profile.h"
#include "verdict.h"

/* Makes the verifier forget which reason it is, so that it walks on once and not for each of them. */
static __always_inline struct verdict any_reason(const struct aegis_config *settings, struct verdict verdict)
{
	verdict.reason ^= *(const volatile __u32 *)&settings->zero;
	return verdict;
}

/* Applies the mode to a verdict. */
static __always_inline struct verdict enforce(const struct aegis_config *own, struct packet *packet,
					      struct verdict verdict)
{
	if (verdict.action == AEGIS_PASS || !(own->stages & AEGIS_STAGE_MONITOR))
		return verdict;
	packet->would_drop = verdict.reason;
	return VERDICT(PASS, MONITORED);
}

/* Whether packets are given to it that no rule chooses. */
static __always_inline bool is_for_hook(const struct aegis_config *settings, const struct aegis_config *own)
{
	return (settings->stages & AEGIS_STAGE_HOOK) && !(own->stages & AEGIS_STAGE_RULE_HOOKS);
}

/* What only passes because of the mode would not have come so far. */
static __always_inline bool asks_hook(const struct packet *packet, struct verdict verdict)
{
	return (packet->traits & PACKET_HOOKED) && verdict.action == AEGIS_PASS &&
	       verdict.reason != AEGIS_PASS_MONITORED;
}

static __always_inline struct verdict miss_hook(const struct aegis_config *settings, struct packet *packet)
{
	const struct aegis_config *own = settings_beside(settings, packet);

	if (!(settings->stages & AEGIS_STAGE_HOOK_CLOSED) || !own)
		return VERDICT(PASS, HOOK_MISSING);
	return enforce(own, packet, VERDICT(DROP, HOOK_MISSING));
}

#if defined(__bpf__) && !defined(AEGIS_TC)
static __always_inline __u16 hook_flags(const struct packet *packet, const struct aegis_config *own)
{
	__u16 flags = 0;

	if (packet->traits & PACKET_FRAGMENT)
		flags |= AEGIS_HOOK_FRAGMENT;
	if (packet->traits & PACKET_LATER_FRAGMENT)
		flags |= AEGIS_HOOK_LATER_FRAGMENT;
	if (packet->traits & PACKET_HAS_PORTS)
		flags |= AEGIS_HOOK_HAS_PORTS;
	if (own && (own->stages & AEGIS_STAGE_MONITOR))
		flags |= AEGIS_HOOK_MONITOR;
	return flags;
}

static __always_inline void tell_hook(struct aegis_hook_packet *told, const struct packet *packet,
				      const struct aegis_config *own)
{
	*(struct aegis_address *)told->source = packet->peer;
	*(struct aegis_address *)told->destination = packet->local;
	told->frame_length = packet->frame_length;
	told->source_port = packet->source_port;
	told->destination_port = packet->destination_port;
	told->network = packet->network;
	told->transport = packet->transport;
	told->payload = packet->headers;
	told->length = packet->length;
	told->flags = hook_flags(packet, own);
	told->vlan = packet->vlan;
	told->family = packet->family == AEGIS_FAMILY_V4 ? 4 : 6;
	told->protocol = packet->protocol;
	told->hop_limit = packet->hop_limit;
	told->traffic_class = packet->traffic_class;
	told->tcp_flags = packet->tcp_flags;
	told->icmp_code = packet->icmp_code;
}
#endif

/*
 * Tells generations apart whose packets lie differently in memory: while one follows the other, a packet may
 * leave by an exit of the other one. Never 0.
 */
static __always_inline __u32 packet_layout(void)
{
	return sizeof(struct packet) | __builtin_offsetof(struct packet, rates) << 8 |
	       __builtin_offsetof(struct packet, rule) << 16 |
	       __builtin_offsetof(struct packet, profile) << 24;
}

static __always_inline void note_given(struct aegis_hook_work *work)
{
#ifdef AEGIS_TIMES
	work->given = work->begun ? bpf_ktime_get_ns() : 0;
#else
	work->given = 0;
#endif
}

/* Does not return if the program is there. Only XDP has one. */
static __always_inline struct verdict ask_hook(struct aegis_frame *frame, const struct aegis_config *settings,
					       struct packet *packet)
{
#if defined(__bpf__) && !defined(AEGIS_TC)
	__u32 zero = 0;
	struct aegis_hook_work *work = bpf_map_lookup_elem(&hook_work, &zero);
	struct aegis_hook_packet *told = bpf_map_lookup_elem(&hook_packet, &zero);

	_Static_assert(sizeof(*packet) <= sizeof(work->packet), "room for a packet");
	if (work && told) {
		tell_hook(told, packet, settings_beside(settings, packet));
		*(struct packet *)work->packet = *packet;
		work->layout = packet_layout();
		work->handed++;
		note_given(work);
		bpf_tail_call_static(frame, &parts, AEGIS_PART_HOOK);
		work->handed--;
		work->layout = 0;
	}
#elif !defined(__bpf__)
	if (settings->stages & AEGIS_STAGE_HOOK)
		return VERDICT(PASS, HOOK);
#endif
	return miss_hook(settings, packet);
}

#endif
