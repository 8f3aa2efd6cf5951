// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The relay: decides on the packets that the datapath hands to it, counts and reports each, and sends it on.
 * Nothing is changed in a frame before that.
 */
#include "class.h"
#include "count.h"
#include "events.h"
#include "relay/forward.h"
#include "relay/judge.h"

static __always_inline void count_user(struct aegis_relay_user *user, const struct packet *packet)
{
	__u32 bytes = packet->frame_length - LINK_LENGTH;

	if (RELAY_WAY(packet) == RELAY_FORTH) {
		__sync_fetch_and_add(&user->packets, 1);
		__sync_fetch_and_add(&user->bytes, bytes - HEADER_LENGTH);
	} else {
		__sync_fetch_and_add(&user->packets_back, 1);
		__sync_fetch_and_add(&user->bytes_back, bytes);
	}
}

SEC("xdp.frags")
int aegis_relay(struct xdp_md *frame)
{
	struct port port = port_of(frame_interface(frame));
	const struct aegis_config *settings = settings_of();
	struct relayed relayed = {};
	struct packet *packet;
	__u32 zero = 0;

	/* The stack has no room for a copy. */
	packet = bpf_map_lookup_elem(&relay_work, &zero);
	if (!packet)
		return XDP_DROP;
	relayed.verdict = judge_relayed(frame, packet, &relayed);
	count(counters_of(&port), relayed.verdict, packet);
	if (settings && (settings->stages & AEGIS_STAGE_CLASS))
		count_class(packet, relayed.verdict.action);
	if (settings && (settings->stages & AEGIS_STAGE_EVENTS))
		offer(frame, packet, relayed.verdict);
	if (relayed.mtu && RELAY_WAY(packet) != RELAY_TOO_BIG)
		return refuse(frame, packet, relayed.mtu);
	if (relayed.verdict.action != AEGIS_PASS || !relayed.user)
		return XDP_DROP;
	count_user(relayed.user, packet);
	return RELAY_WAY(packet) == RELAY_TOO_BIG ? translate(frame, packet, &relayed)
						  : forward(frame, packet, &relayed);
}

char _license[] SEC("license") = "Dual BSD/GPL";
