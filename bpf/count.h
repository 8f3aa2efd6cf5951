/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_COUNT_H
#define AEGIS_COUNT_H

#include "maps.h"
#include "packet.h"
#include "verdict.h"

/* The interface that a frame came in by; `known` is NULL if it has no slot. */
struct port {
	const struct aegis_interface *known;
	__u32 slot;
};

/* Whether the frame begins with the header of IP, and not with that of its link. */
static __always_inline bool is_bare(const struct aegis_frame *frame, const struct port *port)
{
#if !defined(__bpf__)
	return frame->protocol;
#elif defined(AEGIS_TC)
	return port->known && (port->known->flags & AEGIS_PORT_BARE);
#else
	return false;
#endif
}

static __always_inline struct port port_of(__u32 ifindex)
{
#pragma unroll
	for (__u32 probe = 0; probe < AEGIS_SLOT_PROBES; probe++) {
		__u32 slot = (ifindex & (AEGIS_SLOTS - 1)) ^ probe;
		const struct aegis_interface *interface = bpf_map_lookup_elem(&interfaces, &slot);

		if (interface && interface->ifindex == ifindex)
			return (struct port){interface, slot};
	}
	return (struct port){};
}

/* What counts for the direction of this program. */
#ifdef AEGIS_OUT
#define BLOCK(interface) ((interface)->out_block)
#else
#define BLOCK(interface) ((interface)->block)
#endif

static __always_inline struct aegis_counters *counters_of(const struct port *port)
{
	__u32 block = port->known ? BLOCK(port->known) : AEGIS_BLOCK_OTHER;
	struct aegis_counters *counts = bpf_map_lookup_elem(&counters, &block);

	return counts ?: bpf_map_lookup_elem(&more_counters, &block);
}

static __always_inline void add(struct aegis_counter *counter, const struct packet *packet)
{
	counter->packets += packets_of(packet);
	counter->bytes += packet->frame_length;
}

static __always_inline void count(struct aegis_counters *counts, struct verdict verdict,
				  const struct packet *packet)
{
	/* 0 means that there is no would-drop reason; minus 1 it wraps above the limit. */
	__u32 reason = verdict.reason, would_drop = packet->would_drop - 1;

	/* The compiler knows that both are below the limit, but the verifier must see the checks. */
	asm volatile("" : "+r"(reason), "+r"(would_drop));
	if (!counts || reason >= AEGIS_REASON_ROOM)
		return;
	add(&counts->reason[reason], packet);
	if (would_drop < AEGIS_REASON_ROOM - 1)
		add(&counts->would_drop[would_drop + 1], packet);
}

#endif
