/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PACKET_H
#define AEGIS_PACKET_H

#include "aegis.h"
#include "frame.h"

enum packet_trait {
	PACKET_HAS_PORTS = 1 << 0,
	PACKET_LATER_FRAGMENT = 1 << 1, /* PACKET_FRAGMENT is then set too */
	PACKET_NEIGHBOUR = 1 << 2,
	PACKET_TOO_BIG = 1 << 3,
	PACKET_FRAGMENT = 1 << 4, /* any fragment of a packet: the first, a middle or the last one */
	PACKET_LEAVES = 1 << 5,   /* it is on its way out */
	PACKET_HOOKED = 1 << 6,   /* if it passes, it is given to the operator's program */
};

/*
 * What the stages need to know about a frame. On ingress the peer is the source, on egress the destination.
 * Both addresses are set together with the family and not earlier: zeroing them would cost frames without a
 * family more than everything else.
 */
struct packet {
	struct aegis_address peer;
	struct aegis_address local;
	__u64 found;        /* AEGIS_FOUND of the last entry that matched it */
	__u32 frame_length; /* bytes, all fragments of the buffer; in the end those of all its packets */
	__u32 rates;        /* id of the rates it exceeds, or would exceed; 0 is none */
	__u32 relay;        /* what find_relay() found; 0: it is not for the relay */
	__be16 source_port;
	__be16 destination_port;
	__u16 units;     /* packets that the frame is cut into later, see frame_packets() */
	__u16 headers;   /* bytes of the frame in front of the payload of TCP or UDP; 0 is unknown */
	__u16 network;   /* offset of the IP header in the frame; 0 is none */
	__u16 transport; /* offset of the header after IP and its extensions; 0 is none */
	__be16 vlan;     /* the outermost tag of a VLAN; 0 is none */
	__u16 traits;    /* enum packet_trait */
	__u16 length;    /* bytes of the IP packet; 65535 is that or more */
	__u16 rule;      /* number of the rule that decided, or would have dropped, plus one; 0 is none */
	__u8 would_drop; /* the last reason that only monitoring overruled; 0 is none */
	__u8 class;      /* the number of its class; 0 is none */
	__u8 family;     /* enum aegis_family */
	__u8 protocol;
	__u8 hop_limit;
	__u8 traffic_class; /* DSCP in the upper six bits */
	union {
		__u8 tcp_flags;
		__u8 icmp_type;
	};
	__u8 icmp_code;
	__u8 list;    /* of the drop entry that decided or only counts */
	__u8 socket;  /* enum aegis_socket, once it is known */
	__u8 profile; /* the number of the profile that it is judged by */
};

/* Everything but the addresses, which the parser sets with the family. */
static __always_inline void begin_packet(struct packet *packet, __u64 frame_length)
{
	__builtin_memset(&packet->found, 0, sizeof(*packet) - __builtin_offsetof(struct packet, found));
	packet->frame_length = frame_length;
}

static __always_inline void set_v4(struct aegis_address *address, __be32 v4)
{
	((__u64 *)address)[0] = v4;
	((__u64 *)address)[1] = 0;
}

/* How many packets the frame stands for. */
static __always_inline __u32 packets_of(const struct packet *packet)
{
	return FRAME_MAY_BE_CUT ? packet->units : 1;
}

static __always_inline const struct aegis_address *source_of(const struct packet *packet)
{
	return packet->traits & PACKET_LEAVES ? &packet->local : &packet->peer;
}

static __always_inline const struct aegis_address *destination_of(const struct packet *packet)
{
	return packet->traits & PACKET_LEAVES ? &packet->peer : &packet->local;
}

/* The `family` of keys of a profile for the packet. */
static __always_inline __u8 key_family(const struct packet *packet, __u32 profile)
{
	return packet->family | profile << AEGIS_PROFILE_FAMILY_SHIFT;
}

/* The `length` of a struct aegis_key_prefix that contains the whole address. */
static __always_inline __u32 whole_key_bits(const struct packet *packet)
{
	return AEGIS_KEY_HEAD_BITS + (packet->family == AEGIS_FAMILY_V4 ? 32 : 128);
}

/* A half of an address in host order; an IPv4 address is the upper half of the first. */
static __always_inline __u64 address_word(const struct aegis_address *address, int half)
{
	__u64 word = ((const __u64 *)address)[half];

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(word) : word;
}

#endif
