/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For an XDP program that Aegis calls for packets that pass: see aegis-hook(7). Include <linux/bpf.h> and
 * <bpf/bpf_helpers.h> first.
 *
 *	SEC("xdp.frags")
 *	int match(struct xdp_md *ctx)
 *	{
 *		const struct aegis_hook_packet *packet = aegis_packet();
 *
 *		if (packet && packet->destination_port == bpf_htons(53))
 *			return aegis_finish(ctx, AEGIS_HOOK_DROP);
 *		return aegis_finish(ctx, AEGIS_HOOK_PASS);
 *	}
 */
#ifndef AEGIS_HOOK_H
#define AEGIS_HOOK_H

#include <linux/types.h>

/* What becomes of a packet. */
enum aegis_hook_verdict {
	AEGIS_HOOK_PASS,
	AEGIS_HOOK_DROP,
	AEGIS_HOOK_REPLY, /* the frame, as the program has rewritten it, leaves by the interface it came in by
			   */
	AEGIS_HOOK_VERDICTS,
};

enum aegis_hook_flag {
	AEGIS_HOOK_FRAGMENT = 1 << 0,       /* any fragment of a packet */
	AEGIS_HOOK_LATER_FRAGMENT = 1 << 1, /* it has no header behind IP */
	AEGIS_HOOK_HAS_PORTS = 1 << 2,
	AEGIS_HOOK_MONITOR = 1 << 3, /* the mode is monitor: a drop and a reply pass, so write nothing */
};

/*
 * What Aegis knows of the packet. Addresses and ports are in network byte order, the rest in that of the
 * host. It is a copy: what a program writes here changes nothing. Later versions only add at the end.
 */
struct aegis_hook_packet {
	__u8 source[16]; /* an IPv4 address is the first four bytes */
	__u8 destination[16];
	__u32 frame_length; /* bytes, with the Ethernet header */
	__be16 source_port; /* with AEGIS_HOOK_HAS_PORTS */
	__be16 destination_port;
	__u16 network;   /* offset of the IP header in the frame */
	__u16 transport; /* offset of the header behind IP and its extensions; 0 is none */
	__u16 payload;   /* offset of what TCP or UDP carries; 0 is unknown */
	__u16 length;    /* bytes of the IP packet */
	__u16 flags;     /* enum aegis_hook_flag */
	__be16 vlan;     /* the outermost tag of a VLAN; 0 is none */
	__u8 family;     /* 4 or 6 */
	__u8 protocol;   /* as in the IP header or its last extension */
	__u8 hop_limit;
	__u8 traffic_class; /* DSCP in the upper six bits */
	__u8 tcp_flags;     /* or the type of ICMP */
	__u8 icmp_code;
	__u8 pad[6];
};

#if defined(__bpf__) && !defined(AEGIS_ABI_HOOK_H)
/* Aegis puts its own maps in place of these two, by their names. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_hook_packet);
} hook_packet SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} hook_exit SEC(".maps");

/* What is known of the packet of this call; never NULL there, but the verifier wants to see a check. */
static __always_inline const struct aegis_hook_packet *aegis_packet(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&hook_packet, &zero);
}

/*
 * Ends the program. `verdict` must be a constant: a tail call to a place that is known costs 1 to 3 ns, one
 * to a place that is not costs 12. Returns only if Aegis has been unloaded meanwhile.
 */
static __always_inline int aegis_finish(struct xdp_md *ctx, const enum aegis_hook_verdict verdict)
{
	bpf_tail_call_static(ctx, &hook_exit, verdict);
	return verdict == AEGIS_HOOK_PASS ? XDP_PASS : verdict == AEGIS_HOOK_DROP ? XDP_DROP : XDP_TX;
}
#endif

#endif
