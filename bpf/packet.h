/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PACKET_H
#define AEGIS_PACKET_H

#include "aegis.h"

/* A stage that decides returns its reason; one that does not returns this. */
#define GO_ON AEGIS_REASON_ROOM

enum packet_trait {
	PACKET_HAS_PORTS = 1 << 0,
	PACKET_LATER_FRAGMENT = 1 << 1, /* then PACKET_FRAGMENT too */
	PACKET_NEIGHBOUR = 1 << 2,
	PACKET_TOO_BIG = 1 << 3,
	PACKET_FRAGMENT = 1 << 4, /* part of a packet: the first, a middle or the last one */
};

/* What the stages need to know of a frame. */
struct packet {
	struct aegis_address source;
	__u64 frame_length; /* bytes, all fragments of the buffer */
	__be16 port;        /* destination */
	__u8 family;        /* enum aegis_family */
	__u8 protocol;
	__u32 traits;     /* enum packet_trait */
	__u32 would_drop; /* the last reason that was only to be monitored; 0 is none */
	__u32 rates;      /* id of the rates it is over, or would be; 0 is none */
	__u16 network;    /* offset of the IP header in the frame; 0 is none */
	__u16 transport;  /* of what follows it and its extensions; 0 is none */
	__u64 found;      /* AEGIS_FOUND of the last entry that named it */
};

static __always_inline __be32 source_v4(const struct packet *packet)
{
	return *(const __be32 *)packet->source.octet;
}

#endif
