/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sends on what has been decided on. */
#ifndef AEGIS_RELAY_FORWARD_H
#define AEGIS_RELAY_FORWARD_H

#include "icmp.h"
#include "judge.h"
#include "rewrite.h"

static __always_inline int refuse(struct aegis_frame *frame, const struct packet *packet, __u32 mtu)
{
	return packet->family == AEGIS_FAMILY_V4 ? refuse_v4(frame, mtu) : refuse_v6(frame, mtu);
}

static __always_inline int forward(struct aegis_frame *frame, const struct packet *packet,
				   struct relayed *relayed)
{
	__u32 cut = RELAY_WAY(packet) == RELAY_FORTH ? HEADER_LENGTH : 0;
	__u64 difference = cut ? less_header(&relayed->token) : 0;
	bool is_done = packet->family == AEGIS_FAMILY_V4
			       ? rewrite_v4(frame, &relayed->leaving, &relayed->hop, cut, difference)
			       : rewrite_v6(frame, &relayed->leaving, &relayed->hop, cut, difference);

	return is_done ? send_to(&relayed->hop) : XDP_DROP;
}

/* The error is about a packet from the client to the relay. */
static __always_inline int translate(struct aegis_frame *frame, const struct packet *packet,
				     struct relayed *relayed)
{
	struct leaving *leaving = &relayed->leaving, said = *leaving;
	bool is_done;

	said.source = leaving->destination;
	said.source_port = leaving->destination_port;
	said.destination = leaving->source;
	said.destination_port = leaving->source_port;
	is_done = packet->family == AEGIS_FAMILY_V4 ? translate_v4(frame, &said, &relayed->hop)
						    : translate_v6(frame, &said, &relayed->hop);
	return is_done ? send_to(&relayed->hop) : XDP_DROP;
}

#endif
