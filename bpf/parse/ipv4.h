/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_IPV4_H
#define AEGIS_PARSE_IPV4_H

#include <linux/ip.h>

#include "length.h"
#include "transport.h"

#define IP_OFFSET 0x1fff
#define IP_MORE_FRAGMENTS 0x2000

/* offset: of the IP header in the frame. */
static __always_inline struct verdict parse_ipv4(struct aegis_frame *frame, struct cursor *cursor,
						 struct packet *packet, __u32 offset)
{
	struct iphdr *ip = take(cursor, sizeof(*ip));
	__u32 header, total, fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return VERDICT(DROP, MALFORMED);
	header = ip->ihl * 4;
	total = length_said(frame, ip->tot_len, offset);
	if (total < header || !measure_up_to(frame, packet, offset + total) ||
	    !take(cursor, header - sizeof(*ip)))
		return VERDICT(DROP, MALFORMED);

	packet->family = AEGIS_FAMILY_V4;
	packet->network = offset;
	packet->transport = offset + header;
	packet->protocol = ip->protocol;
	packet->hop_limit = ip->ttl;
	packet->length = total < 0xffff ? total : 0xffff;
	packet->traffic_class = ip->tos;
	set_v4(&packet->peer, frame_leaves(frame) ? ip->daddr : ip->saddr);
	set_v4(&packet->local, frame_leaves(frame) ? ip->saddr : ip->daddr);
	fragment = bpf_ntohs(ip->frag_off) & (IP_OFFSET | IP_MORE_FRAGMENTS);
	if (fragment)
		packet->traits |= PACKET_FRAGMENT;
	if (fragment & IP_OFFSET)
		packet->traits |= PACKET_LATER_FRAGMENT;
	return parse_transport(cursor, packet, total - header, !fragment, 0);
}

#endif
