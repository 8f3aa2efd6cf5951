/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_IPV6_H
#define AEGIS_PARSE_IPV6_H

#include <linux/ipv6.h>

#include "length.h"
#include "transport.h"

#define IPV6_EXTENSION_HEADERS 8

#define IP6_OFFSET 0xfff8
#define IP6_MORE_FRAGMENTS 0x0001

/* RFC 8200 section 4.5 */
struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 identification;
};

struct extension_header {
	__u8 next;
	__u8 length;
	__u8 data[6];
};

#define EXTENSION_MALFORMED 0
#define EXTENSION_NEXT 0xff
#define EXTENSION_FRAGMENT (1 << 8)
#define EXTENSION_LATER (1 << 9)
#define EXTENSION_LENGTH_SHIFT 16

static __always_inline bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_AH || protocol == IPPROTO_FRAGMENT;
}

/*
 * Reads the header of the given kind at the given offset in the frame, packed as EXTENSION_*. A global
 * function: the verifier then tracks numbers, where a chain of packet pointers would multiply its paths.
 */
AEGIS_GLOBAL __u32 read_extension(struct aegis_frame *frame, __u32 offset, __u32 kind)
{
	struct cursor cursor = {frame_start(frame), frame_end(frame)};
	struct extension_header *extension;
	__u32 packed, length = sizeof(*extension);

	if (offset > 0x7fff)
		return EXTENSION_MALFORMED;
	cursor.at += offset;
	extension = take(&cursor, sizeof(*extension));
	if (!extension)
		return EXTENSION_MALFORMED;
	packed = extension->next;
	if (kind == IPPROTO_FRAGMENT) {
		__u32 place = bpf_ntohs(((struct fragment_header *)extension)->offset);

		/* An atomic fragment (RFC 6946) is a whole packet. */
		if (place & (IP6_OFFSET | IP6_MORE_FRAGMENTS))
			packed |= EXTENSION_FRAGMENT;
		if (place & IP6_OFFSET)
			packed |= EXTENSION_LATER;
	} else if (kind == IPPROTO_AH) {
		length = (extension->length + 2) * 4; /* RFC 4302 section 2.2 */
	} else {
		length = (extension->length + 1) * 8;
	}
	if (length < sizeof(*extension))
		return EXTENSION_MALFORMED;
	return packed | length << EXTENSION_LENGTH_SHIFT;
}

/* Hosts use ::ffff:0:0/96 internally for IPv4 addresses. On the wire it would be read as the address of a
 * host that is judged under its IPv4 address. Linux does not accept such packets either (ip6_rcv_core). */
static __always_inline bool is_mapped(const struct aegis_address *source)
{
	const __u32 *words = (const __u32 *)source;

	return words[2] == bpf_htonl(0xffff) && !words[1] && !words[0];
}

/* offset: of the IP header in the frame. */
static __always_inline struct verdict parse_ipv6(struct aegis_frame *frame, struct cursor *cursor,
						 struct packet *packet, __u32 offset)
{
	struct ipv6hdr *ip = take(cursor, sizeof(*ip));
	bool on_link = true;
	__u32 room;
	__u8 next;

	if (!ip || ip->version != 6)
		return VERDICT(DROP, MALFORMED);
	packet->network = offset;
	offset += sizeof(*ip);
	room = length_said(frame, ip->payload_len, offset);
	if (!measure_up_to(frame, packet, offset + room))
		return VERDICT(DROP, MALFORMED);
	packet->family = AEGIS_FAMILY_V6;
	packet->hop_limit = ip->hop_limit;
	packet->length = room + sizeof(*ip) < 0xffff ? room + sizeof(*ip) : 0xffff;
	packet->traffic_class = ip->priority << 4 | ip->flow_lbl[0] >> 4;
	__builtin_memcpy(&packet->peer, frame_leaves(frame) ? &ip->daddr : &ip->saddr, sizeof(packet->peer));
	__builtin_memcpy(&packet->local, frame_leaves(frame) ? &ip->saddr : &ip->daddr,
			 sizeof(packet->local));
	if (is_mapped(&packet->peer))
		return VERDICT(DROP, MALFORMED);
	next = ip->nexthdr;

	/* Unrolled: before 6.8 the verifier rejects a loop whose end the compiler puts before its head. */
#pragma unroll
	for (int i = 0; i <= IPV6_EXTENSION_HEADERS; i++) {
		__u32 extension, length;

		if (!is_extension(next))
			break;
		if (i == IPV6_EXTENSION_HEADERS)
			return VERDICT(DROP, EXTENSION_HEADERS);
		/* RFC 6980: neighbour discovery is not allowed behind a fragment header, not even an atomic
		 * one. */
		if (next == IPPROTO_FRAGMENT)
			on_link = false;
		extension = read_extension(frame, offset, next);
		length = extension >> EXTENSION_LENGTH_SHIFT;
		if (!length || length > room)
			return VERDICT(DROP, MALFORMED);
		next = extension & EXTENSION_NEXT;
		room -= length;
		offset += length;
		if (extension & EXTENSION_FRAGMENT)
			packet->traits |= PACKET_FRAGMENT;
		if (extension & EXTENSION_LATER) {
			packet->traits |= PACKET_LATER_FRAGMENT;
			break;
		}
		/* The compiler works out how far it can be, which the verifier does not. */
		asm volatile("" : "+r"(offset));
		/* Bounded for the verifier; anything further is beyond the frame or rejected above. */
		cursor->at = frame_start(frame) + (offset & 0x7fff);
	}
	packet->protocol = next;
	packet->transport = offset;
	return parse_transport(cursor, packet, room, !(packet->traits & PACKET_FRAGMENT),
			       on_link ? packet->hop_limit : 0);
}

#endif
