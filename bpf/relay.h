/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds out whether a packet is for the relay, and hands it over to the relay's program. */
#ifndef AEGIS_RELAY_H
#define AEGIS_RELAY_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "frame.h"
#include "maps.h"
#include "packet.h"
#include "trace.h"
#include "verdict.h"
#include "wire.h"

/* Which way a packet takes through the relay; in packet->relay, below the index of its user. */
enum relay_way {
	RELAY_NONE,
	RELAY_FORTH,   /* from a client; its header says which */
	RELAY_BACK,    /* from a destination */
	RELAY_TOO_BIG, /* an ICMP error about a packet that the relay sent to a destination */
};
#define RELAY_WAY_BITS 2
#define RELAY_WAY(packet) ((packet)->relay & ((1 << RELAY_WAY_BITS) - 1))

static __always_inline bool is_same(const struct aegis_address *one, const struct aegis_address *other)
{
	const __u64 *a = (const __u64 *)one, *b = (const __u64 *)other;

	return a[0] == b[0] && a[1] == b[1];
}

/* The address of the relay in a family; zero: it has none. */
static __always_inline const struct aegis_address *relay_address(const struct aegis_relay *relay, __u8 family)
{
	return family == AEGIS_FAMILY_V4 ? &relay->v4 : &relay->v6;
}

/* Fills in what identifies the user of a packet that the relay sent, from a copy of its first bytes. */
static __always_inline bool read_sent(struct aegis_frame *frame, const struct packet *packet,
				      struct aegis_relay_back *wanted, struct aegis_address *source)
{
	__u32 offset = packet->transport + 8; /* of the ICMP header */

	if (packet->family == AEGIS_FAMILY_V4) {
		struct {
			struct iphdr ip;
			struct udphdr udp;
		} sent;

		if (frame_load(frame, offset, &sent, sizeof(sent)) || sent.ip.ihl != 5 ||
		    sent.ip.protocol != IPPROTO_UDP)
			return false;
		set_v4(source, sent.ip.saddr);
		set_v4(&wanted->destination, sent.ip.daddr);
		wanted->port = sent.udp.dest;
		wanted->own_port = sent.udp.source;
	} else {
		struct {
			struct ipv6hdr ip;
			struct udphdr udp;
		} sent;

		if (frame_load(frame, offset, &sent, sizeof(sent)) || sent.ip.nexthdr != IPPROTO_UDP)
			return false;
		__builtin_memcpy(source, &sent.ip.saddr, sizeof(*source));
		__builtin_memcpy(&wanted->destination, &sent.ip.daddr, sizeof(wanted->destination));
		wanted->port = sent.udp.dest;
		wanted->own_port = sent.udp.source;
	}
	return true;
}

/*
 * The way that a packet takes, and the index of its user if it is known; 0: it is not for the relay. A global
 * function, so that the verifier walks it once.
 */
AEGIS_GLOBAL __u32 find_relay(struct aegis_frame *frame, const struct packet *packet)
{
	struct aegis_relay_back wanted = {};
	struct aegis_address source = {};
	const struct aegis_relay *settings;
	__u32 zero = 0, way = RELAY_BACK;
	const __u32 *index;
	__u16 port;

	settings = bpf_map_lookup_elem(&relay, &zero);
	if (!packet || !settings || !settings->port)
		return RELAY_NONE;
	if (!is_same(&packet->local, relay_address(settings, packet->family)))
		return RELAY_NONE;
	wanted.family = packet->family;
	if (packet->protocol == IPPROTO_UDP && (packet->traits & PACKET_HAS_PORTS)) {
		port = bpf_ntohs(packet->destination_port);
		if (packet->destination_port == settings->port)
			return RELAY_FORTH;
		if (port < settings->first || port > settings->last)
			return RELAY_NONE;
		wanted.destination = packet->peer;
		wanted.port = packet->source_port;
		wanted.own_port = packet->destination_port;
	} else if (packet->traits & PACKET_TOO_BIG) {
		if (!read_sent(frame, packet, &wanted, &source) || !is_same(&source, &packet->local))
			return RELAY_NONE;
		way = RELAY_TOO_BIG;
	} else {
		return RELAY_NONE;
	}
	index = bpf_map_lookup_elem(&relay_back, &wanted);
	return index ? *index << RELAY_WAY_BITS | way : RELAY_NONE;
}

/* Only XDP can forward a packet, and a port of a wire has no address. */
static __always_inline struct verdict judge_relay(struct aegis_frame *frame,
						  const struct aegis_config *settings,
						  const struct port *port, struct packet *packet)
{
#ifndef AEGIS_TC
	if (!(settings->stages & AEGIS_STAGE_RELAY) || is_on_wire(port) || (packet->traits & PACKET_LEAVES))
		return GO_ON;
	traced_reached(AEGIS_TRACED_RELAY);
	packet->relay = find_relay(frame, packet);
	if (packet->relay)
		return (struct verdict){AEGIS_PASS, AEGIS_PASS_RELAY, ROUTE_RELAY};
#endif
	return GO_ON;
}

/* Does not return if the relay's program is there. */
static __always_inline struct verdict hand_over(struct aegis_frame *frame, const struct packet *packet)
{
#if defined(__bpf__) && !defined(AEGIS_TC)
	__u32 zero = 0;
	struct packet *work = bpf_map_lookup_elem(&relay_work, &zero);

	_Static_assert(sizeof(*work) <= AEGIS_RELAY_WORK_SIZE, "room for a packet");
	if (work) {
		*work = *packet;
		bpf_tail_call(frame, &parts, AEGIS_PART_RELAY);
	}
	return VERDICT(DROP, RELAY_UNROUTABLE);
#else
	return VERDICT(PASS, RELAY);
#endif
}

#endif
