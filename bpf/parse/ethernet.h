/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_PARSE_ETHERNET_H
#define AEGIS_PARSE_ETHERNET_H

#include <linux/if_ether.h>

#include "ipv4.h"
#include "ipv6.h"

#define VLAN_TAGS 4
#define VLAN_NUMBER 0x0fff /* the bits of its number in a tag */

struct vlan_tag {
	__be16 tci;
	__be16 protocol;
};

/* An LLC header that says SNAP (IEEE 802), with the type of the frame in it. */
struct snap {
	__u8 service[3]; /* AA, AA, 3 */
	__u8 organization[3];
	__be16 protocol;
};

static __always_inline bool is_tag(__be16 protocol)
{
	switch (protocol) {
	case bpf_htons(ETH_P_8021Q):
	case bpf_htons(ETH_P_8021AD):
	case bpf_htons(ETH_P_QINQ1):
	case bpf_htons(ETH_P_QINQ2):
	case bpf_htons(ETH_P_QINQ3):
		return true;
	default:
		return false;
	}
}

/*
 * Whether the frame continues with a type instead of a length (RFC 1042, IEEE 802.1H). Linux takes no IP from
 * such a frame, but who is behind a wire may: VU#855201 is about filters that do not look.
 */
static __always_inline bool take_snap(struct cursor *cursor, __be16 *protocol)
{
	const struct snap *snap = cursor->at;

	if (bpf_ntohs(*protocol) > ETH_DATA_LEN || (void *)(snap + 1) > cursor->end)
		return false;
	if (snap->service[0] != 0xaa || snap->service[1] != 0xaa || snap->service[2] != 3 ||
	    snap->organization[0] || snap->organization[1] ||
	    (snap->organization[2] && snap->organization[2] != 0xf8))
		return false;
	*protocol = snap->protocol;
	cursor->at = (void *)(snap + 1);
	return true;
}

/*
 * Frames that bonds, bridges and ports with 802.1X depend on: untagged, and to a group address whose frames
 * stay on the link (IEEE 802.1Q table 8-1). No receiver treats any of them as IP.
 */
static __always_inline bool is_link_control(const struct ethhdr *ethernet, const void *end)
{
	const __u8 *to = ethernet->h_dest;

	if ((const void *)(ethernet + 1) > end || to[0] != 0x01 || to[1] != 0x80 || to[2] != 0xc2 || to[3] ||
	    to[4] || to[5] > 0x0f)
		return false;
	switch (ethernet->h_proto) {
	case bpf_htons(ETH_P_SLOW):
	case bpf_htons(ETH_P_PAE):
	case bpf_htons(ETH_P_LLDP):
		return true;
	case bpf_htons(ETH_P_1588):
		return to[5] == 0x0e; /* of the peer delay mechanism */
	default:
		return to[5] == 0 && bpf_ntohs(ethernet->h_proto) <= ETH_DATA_LEN; /* STP */
	}
}

/* The header of the network, behind that of the link. */
struct network {
	struct cursor cursor;
	__be16 protocol;
	bool is_tagged; /* the outermost tag was stripped */
};

/* Reads the header of the link. Returns GO_ON, or a verdict on a frame that cannot be read. */
static __always_inline struct verdict read_link(struct aegis_frame *frame, struct packet *packet,
						struct network *network)
{
	struct ethhdr *ethernet = take(&network->cursor, sizeof(*ethernet));
	__u32 tags;

	network->is_tagged = frame_tag(frame, &packet->vlan);
	tags = network->is_tagged;
	if (!ethernet)
		return VERDICT(DROP, MALFORMED);
	network->protocol = ethernet->h_proto;
	/* Linux strips any number of tags of VLAN 0, and reads the header behind them. SNAP counts as a tag.
	 */
#pragma unroll
	for (int i = 0; i <= VLAN_TAGS; i++, tags++) {
		bool is_snap = take_snap(&network->cursor, &network->protocol);
		struct vlan_tag *tag;

		if (!is_snap && !is_tag(network->protocol))
			break;
		if (tags == VLAN_TAGS)
			return VERDICT(DROP, VLAN_TAGS);
		if (is_snap)
			continue;
		tag = take(&network->cursor, sizeof(*tag));
		if (!tag)
			return VERDICT(DROP, MALFORMED);
		/* A tag of VLAN 0 only says a priority: the one behind it names the VLAN. */
		if (!(packet->vlan & bpf_htons(VLAN_NUMBER)))
			packet->vlan = tag->tci;
		network->protocol = tag->protocol;
	}
	return GO_ON;
}

/* Fills in the packet. is_bare: the frame has no header of the link, as those of tun. */
static __always_inline struct verdict parse(struct aegis_frame *frame, struct packet *packet, bool is_bare)
{
	void *start = frame_start(frame);
	struct network network = {{start, frame_end(frame)}, frame_protocol(frame), is_bare};
	struct verdict link = GO_ON;
	__u32 offset;

	if (!is_bare)
		link = read_link(frame, packet, &network);
	if (decides(link))
		return link;
	offset = network.cursor.at - start;
	/* The verifier would walk the rest for every offset. */
	asm volatile("" : "+r"(offset));
	offset &= 63;
	network.cursor.at = start + offset;
	switch (network.protocol) {
	case bpf_htons(ETH_P_IP):
		return parse_ipv4(frame, &network.cursor, packet, offset);
	case bpf_htons(ETH_P_IPV6):
		return parse_ipv6(frame, &network.cursor, packet, offset);
	case bpf_htons(ETH_P_ARP):
		return VERDICT(PASS, ARP);
	default:
		return !network.is_tagged && is_link_control(start, frame_end(frame))
			       ? VERDICT(PASS, LINK_CONTROL)
			       : VERDICT(DROP, NOT_IP);
	}
}

#endif
