/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_TRANSPORT_H
#define AEGIS_PARSE_TRANSPORT_H

#include <stdbool.h>

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>

#include "../frame.h"
#include "../packet.h"
#include "../verdict.h"

#define ICMP_DEST_UNREACHABLE 3
#define ICMP_FRAGMENTATION_NEEDED 4
#define ICMPV6_PACKET_TOO_BIG 2
#define ICMPV6_LISTENER_QUERY 130
#define ICMPV6_LISTENER_REPORT 131
#define ICMPV6_LISTENER_DONE 132
#define ICMPV6_ROUTER_SOLICITATION 133
#define ICMPV6_NEIGHBOUR_ADVERTISEMENT 136
#define ICMPV6_LISTENER_REPORT_2 143

struct icmp_header {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest;
};

struct sctp_header {
	__be16 source;
	__be16 dest;
	__be32 tag;
	__be32 checksum;
};

/* The unread part of the frame. Only the linear part of the buffer is read, where drivers put headers. */
struct cursor {
	void *at;
	void *end;
};

static __always_inline void *take(struct cursor *cursor, __u32 size)
{
	void *header = cursor->at;

	if (header + size > cursor->end)
		return NULL;
	cursor->at = header + size;
	return header;
}

static __always_inline struct verdict parse_tcp(struct cursor *cursor, struct packet *packet, __u32 room,
						bool whole)
{
	struct tcphdr *tcp = take(cursor, sizeof(*tcp));

	if (!tcp || room < sizeof(*tcp) || tcp->doff < 5 || (whole && tcp->doff * 4u > room))
		return VERDICT(DROP, MALFORMED);
	packet->source_port = tcp->source;
	packet->destination_port = tcp->dest;
	packet->tcp_flags = ((const __u8 *)tcp)[13];
	packet->traits |= PACKET_HAS_PORTS;
	packet->headers = packet->transport + tcp->doff * 4;
	return GO_ON;
}

static __always_inline struct verdict parse_udp(struct cursor *cursor, struct packet *packet, __u32 room,
						bool whole)
{
	struct udphdr *udp = take(cursor, sizeof(*udp));
	__u32 length;

	if (!udp || room < sizeof(*udp))
		return VERDICT(DROP, MALFORMED);
	length = bpf_ntohs(udp->len);
	if (length < sizeof(*udp) || (whole && length > room))
		return VERDICT(DROP, MALFORMED);
	packet->source_port = udp->source;
	packet->destination_port = udp->dest;
	packet->traits |= PACKET_HAS_PORTS;
	packet->headers = packet->transport + sizeof(*udp);
	return GO_ON;
}

static __always_inline struct verdict parse_sctp(struct cursor *cursor, struct packet *packet, __u32 room)
{
	struct sctp_header *sctp = take(cursor, sizeof(*sctp));

	if (!sctp || room < sizeof(*sctp))
		return VERDICT(DROP, MALFORMED);
	packet->source_port = sctp->source;
	packet->destination_port = sctp->dest;
	packet->traits |= PACKET_HAS_PORTS;
	return GO_ON;
}

/* An ICMP error is never fragmented: RFC 1812 section 4.3.2.3, RFC 4443 section 2.4 (c). */
static __always_inline struct verdict parse_icmp(struct cursor *cursor, struct packet *packet, __u32 room,
						 bool whole)
{
	struct icmp_header *icmp = take(cursor, sizeof(*icmp));

	if (!icmp || room < sizeof(*icmp))
		return VERDICT(DROP, MALFORMED);
	packet->icmp_type = icmp->type;
	packet->icmp_code = icmp->code;
	if (whole && icmp->type == ICMP_DEST_UNREACHABLE && icmp->code == ICMP_FRAGMENTATION_NEEDED)
		packet->traits |= PACKET_TOO_BIG;
	return GO_ON;
}

static __always_inline bool is_link_local(const struct aegis_address *address)
{
	return address->octet[0] == 0xfe && (address->octet[1] & 0xc0) == 0x80;
}

/*
 * A snooping switch forgets a host that does not answer queries, or whose answers do not leave (RFC 2710
 * section 3, RFC 3810 section 5.2).
 */
static __always_inline bool is_listener(const struct packet *packet, __u8 type)
{
	if (packet->traits & PACKET_LEAVES)
		return type == ICMPV6_LISTENER_REPORT || type == ICMPV6_LISTENER_DONE ||
		       type == ICMPV6_LISTENER_REPORT_2;
	return type == ICMPV6_LISTENER_QUERY && is_link_local(&packet->peer);
}

/* Neighbour discovery counts only if RFC 4861 section 7.1 and RFC 6980 accept it: on-link, unfragmented. */
static __always_inline struct verdict parse_icmpv6(struct cursor *cursor, struct packet *packet, __u32 room,
						   bool whole, __u8 hop_limit)
{
	struct icmp_header *icmp = take(cursor, sizeof(*icmp));

	if (!icmp || room < sizeof(*icmp))
		return VERDICT(DROP, MALFORMED);
	packet->icmp_type = icmp->type;
	packet->icmp_code = icmp->code;
	if (!whole)
		return GO_ON;
	if (icmp->type == ICMPV6_PACKET_TOO_BIG)
		packet->traits |= PACKET_TOO_BIG;
	if (hop_limit == 255 && icmp->code == 0 && icmp->type >= ICMPV6_ROUTER_SOLICITATION &&
	    icmp->type <= ICMPV6_NEIGHBOUR_ADVERTISEMENT)
		packet->traits |= PACKET_NEIGHBOUR;
	if (hop_limit == 1 && is_listener(packet, icmp->type))
		packet->traits |= PACKET_NEIGHBOUR;
	return GO_ON;
}

/*
 * room: number of bytes after the IP header and its extensions, according to the IP header. whole: not a
 * fragment, so that inner lengths must fit; a first fragment must still hold the transport header (RFC 1858,
 * RFC 7112). hop_limit: 0 if neighbour discovery is not accepted.
 */
static __always_inline struct verdict parse_transport(struct cursor *cursor, struct packet *packet,
						      __u32 room, bool whole, __u8 hop_limit)
{
	if (packet->traits & PACKET_LATER_FRAGMENT)
		return GO_ON;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(cursor, packet, room, whole);
	case IPPROTO_UDP:
		return parse_udp(cursor, packet, room, whole);
	case IPPROTO_SCTP:
		return parse_sctp(cursor, packet, room);
	case IPPROTO_ICMP:
		return packet->family == AEGIS_FAMILY_V4 ? parse_icmp(cursor, packet, room, whole) : GO_ON;
	case IPPROTO_ICMPV6:
		return packet->family == AEGIS_FAMILY_V6
			       ? parse_icmpv6(cursor, packet, room, whole, hop_limit)
			       : GO_ON;
	default:
		return GO_ON;
	}
}

#endif
