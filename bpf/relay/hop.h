/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the next hop. The look-up costs more than all the rest, so its result is kept for a while. */
#ifndef AEGIS_RELAY_HOP_H
#define AEGIS_RELAY_HOP_H

#include <linux/if_ether.h>

#include "../parse/transport.h"
#include "../relay.h"

#ifndef AF_INET
#define AF_INET 2
#define AF_INET6 10
#endif

#define LINK_LENGTH 14
#define HEADER_LENGTH sizeof(struct aegis_relay_header)

/* What a packet has when it leaves. */
struct leaving {
	struct aegis_address source;
	struct aegis_address destination;
	__be16 source_port;
	__be16 destination_port;
};

static __always_inline long ask_kernel(struct aegis_frame *frame, const struct packet *packet,
				       const struct leaving *leaving, struct bpf_fib_lookup *asked)
{
	__builtin_memset(asked, 0, sizeof(*asked));
	asked->ifindex = frame_interface(frame);
	asked->l4_protocol = IPPROTO_UDP;
	asked->sport = leaving->source_port;
	asked->dport = leaving->destination_port;
	if (packet->family == AEGIS_FAMILY_V4) {
		asked->family = AF_INET;
		asked->tos = packet->traffic_class & 0x1c; /* IPTOS_RT_MASK */
		asked->ipv4_src = *(const __be32 *)&leaving->source;
		asked->ipv4_dst = *(const __be32 *)&leaving->destination;
	} else {
		asked->family = AF_INET6;
		__builtin_memcpy(asked->ipv6_src, &leaving->source, sizeof(asked->ipv6_src));
		__builtin_memcpy(asked->ipv6_dst, &leaving->destination, sizeof(asked->ipv6_dst));
	}
	return bpf_fib_lookup(frame, asked, sizeof(*asked), 0);
}

/* Fills in the hop, which is that of `kept` if it is fresh. */
static __always_inline bool find_hop(struct aegis_frame *frame, const struct packet *packet,
				     const struct leaving *leaving, __u64 now, struct aegis_relay_hop *kept,
				     struct aegis_relay_hop *hop)
{
	struct bpf_fib_lookup asked;

	*hop = *kept;
	if (hop->until > now && hop->until - now <= AEGIS_RELAY_KEPT && hop->ifindex)
		return true;
	if (ask_kernel(frame, packet, leaving, &asked) != BPF_FIB_LKUP_RET_SUCCESS)
		return false;
	hop->ifindex = asked.ifindex;
	hop->mtu = asked.mtu_result;
	__builtin_memcpy(hop->from, asked.smac, sizeof(hop->from));
	__builtin_memcpy(hop->to, asked.dmac, sizeof(hop->to));
	hop->until = now + AEGIS_RELAY_KEPT;
	kept->ifindex = hop->ifindex;
	kept->mtu = hop->mtu;
	__builtin_memcpy(kept->from, hop->from, sizeof(kept->from));
	__builtin_memcpy(kept->to, hop->to, sizeof(kept->to));
	*(volatile __u64 *)&kept->until = hop->until;
	return true;
}

#endif
