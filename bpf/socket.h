/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The socket of this host that a packet is for. */
#ifndef AEGIS_SOCKET_H
#define AEGIS_SOCKET_H

#include <linux/in.h>

#include "frame.h"
#include "packet.h"

#define TCP_SYN 0x02
#define TCP_SYN_ACK 0x12

#ifdef __bpf__
/* Fills in the tuple of a socket of this host; returns its size in bytes. */
static __always_inline __u32 socket_tuple(struct bpf_sock_tuple *tuple, const struct packet *packet,
					  __be16 peer_port, __be16 local_port)
{
	if (packet->family == AEGIS_FAMILY_V4) {
		tuple->ipv4.saddr = *(const __be32 *)packet->peer.octet;
		tuple->ipv4.daddr = *(const __be32 *)packet->local.octet;
		tuple->ipv4.sport = peer_port;
		tuple->ipv4.dport = local_port;
		return sizeof(tuple->ipv4);
	}
	__builtin_memcpy(tuple->ipv6.saddr, &packet->peer, sizeof(tuple->ipv6.saddr));
	__builtin_memcpy(tuple->ipv6.daddr, &packet->local, sizeof(tuple->ipv6.daddr));
	tuple->ipv6.sport = peer_port;
	tuple->ipv6.dport = local_port;
	return sizeof(tuple->ipv6);
}

#ifndef AEGIS_OUT
/*
 * What a TCP packet with these flags is to a socket in this state. What a listener accepted is a connection
 * too.
 */
static __always_inline enum aegis_socket tcp_socket(__u32 state, __u32 flags)
{
	/* A request opens a connection, unless both ends do so at once. */
	if ((flags & TCP_SYN_ACK) == TCP_SYN)
		return state == BPF_TCP_SYN_SENT ? AEGIS_SOCKET_ESTABLISHED : AEGIS_SOCKET_LISTEN;
	return state == BPF_TCP_LISTEN || state == BPF_TCP_NEW_SYN_RECV ? AEGIS_SOCKET_LISTEN
									: AEGIS_SOCKET_ESTABLISHED;
}

/* A global function, so that the verifier walks it once. */
AEGIS_GLOBAL __u32 find_socket(struct aegis_frame *frame, const struct packet *packet)
{
	struct bpf_sock_tuple tuple = {};
	enum aegis_socket found;
	struct bpf_sock *socket;
	bool is_tcp;
	__u32 size;

	if (!packet)
		return AEGIS_SOCKET_NONE;
	is_tcp = packet->protocol == IPPROTO_TCP;
	size = socket_tuple(&tuple, packet, packet->source_port, packet->destination_port);
	if (is_tcp)
		socket = bpf_skc_lookup_tcp(frame, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	else
		socket = bpf_sk_lookup_udp(frame, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	if (!socket)
		return AEGIS_SOCKET_NONE;
	/* A socket of UDP that is not connected takes what anybody sends. */
	if (is_tcp)
		found = tcp_socket(socket->state, packet->tcp_flags);
	else
		found = socket->dst_port ? AEGIS_SOCKET_ESTABLISHED : AEGIS_SOCKET_LISTEN;
	bpf_sk_release(socket);
	return found;
}
#endif
#endif

/* What a packet that arrives has to do with the sockets of this host. */
static __always_inline __u32 socket_of(struct aegis_frame *frame, const struct packet *packet)
{
	if (frame_leaves(frame))
		return AEGIS_SOCKET_UNASKED;
	/* A fragment is no whole packet yet; see also shapes_for(). */
	if (!(packet->traits & PACKET_HAS_PORTS) || (packet->traits & PACKET_FRAGMENT))
		return AEGIS_SOCKET_UNASKED;
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return AEGIS_SOCKET_UNASKED;
#if !defined(__bpf__)
	return frame->socket;
#elif defined(AEGIS_OUT)
	return AEGIS_SOCKET_UNASKED;
#else
	return find_socket(frame, packet);
#endif
}

#endif
