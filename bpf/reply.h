/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a packet belongs to a connection that its receiver opened. */
#ifndef AEGIS_REPLY_H
#define AEGIS_REPLY_H

#include <linux/in.h>

#include "frame.h"
#include "packet.h"
#include "socket.h"

#if defined(__bpf__) && defined(AEGIS_OUT)
/* The only fields that are read; where they are depends on the kernel. */
struct inet_bind_bucket {
	signed char fastreuse;
} __attribute__((preserve_access_index));

struct inet_connection_sock {
	struct inet_bind_bucket *icsk_bind_hash;
} __attribute__((preserve_access_index));

struct tcp_sock {
	struct inet_connection_sock inet_conn;
} __attribute__((preserve_access_index));

#define SOCKET_STREAM 1
#define TCP_RESET 0x04

/* A set of the states that the kernel shows to programs, one bit each. */
#define STATE(name) (1u << BPF_TCP_##name)

/* One that has data in its first packet (RFC 7413) may send before it is established. */
#define STATES_CONNECTED                                                                                  \
	(STATE(SYN_RECV) | STATE(ESTABLISHED) | STATE(FIN_WAIT1) | STATE(FIN_WAIT2) | STATE(CLOSE_WAIT) | \
	 STATE(LAST_ACK) | STATE(CLOSING))
/* A request that is answered, and a connection that is over: they have no whole socket. */
#define STATES_SMALL (STATE(NEW_SYN_RECV) | STATE(TIME_WAIT))

/*
 * Whether the peer opened the connection of a socket. A socket that connect(2) gave its port shares the port
 * with none that has it from bind(2): __inet_hash_connect() marks such ports by a negative `fastreuse`.
 */
static __always_inline bool is_accepted(struct bpf_sock *full)
{
	struct inet_bind_bucket *bucket;
	struct tcp_sock *tcp;

	if (full->type != SOCKET_STREAM || full->protocol != IPPROTO_TCP)
		return false;
	tcp = bpf_skc_to_tcp_sock(full);
	if (!tcp)
		return false;
	bucket = tcp->inet_conn.icsk_bind_hash;
	return bucket && bucket->fastreuse >= 0;
}

/* Whether a packet with these flags is one of a socket in this state that its peer may expect. */
static __always_inline bool is_expected(struct bpf_sock *socket, __u32 flags)
{
	__u32 state = 1u << (socket->state & 31);
	struct bpf_sock *full;

	if (state & STATES_SMALL)
		return true;
	if (state & STATE(LISTEN))
		return (flags & TCP_SYN_ACK) == TCP_SYN_ACK || flags & TCP_RESET;
	/* A socket that its owner gave up has no port any more. */
	if (state & STATE(CLOSE))
		return flags & TCP_RESET;
	if (!(state & STATES_CONNECTED))
		return false;
	full = bpf_sk_fullsock(socket);
	return full && is_accepted(full);
}

/* The kernel answers without a socket of its own for requests under a flood, and for sockets that are gone.
 */
static __always_inline bool is_expected_by_address(struct __sk_buff *frame, const struct packet *packet)
{
	struct bpf_sock_tuple tuple = {};
	__u32 size = socket_tuple(&tuple, packet, packet->destination_port, packet->source_port);
	struct bpf_sock *socket = bpf_skc_lookup_tcp(frame, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	bool result;

	if (!socket)
		return false;
	result = is_expected(socket, packet->tcp_flags);
	bpf_sk_release(socket);
	return result;
}

/* A global function: only packets that would be dropped pay for it. */
AEGIS_GLOBAL __u32 belongs_to_connection(struct __sk_buff *frame, const struct packet *packet)
{
	struct bpf_sock *socket, *full;

	if (!packet || packet->protocol != IPPROTO_TCP || !(packet->traits & PACKET_HAS_PORTS))
		return 0;
	/* What is only forwarded could have the port of a listener that takes any address. */
	if (frame->ingress_ifindex)
		return 0;
	socket = frame->sk;
	if (!socket)
		return is_expected_by_address(frame, packet);
	full = bpf_sk_fullsock(socket);
	/* The kernel's own socket for such answers, or one that only sends what it likes. */
	if (full && full->type != SOCKET_STREAM)
		return is_expected_by_address(frame, packet);
	return is_expected(socket, packet->tcp_flags);
}
#endif

/*
 * Whether the port of a packet that arrives is one that the kernel gives to connections of this host: a flood
 * at the ports of servers never pays for the look-up.
 */
static __always_inline bool may_be_reply(const struct aegis_config *own, const struct packet *packet)
{
	__u32 port = bpf_ntohs(packet->destination_port);

	return (own->stages & AEGIS_STAGE_REPLIES) && port >= own->first_port && port <= own->last_port;
}

static __always_inline bool is_reply(struct aegis_frame *frame, const struct aegis_config *own,
				     const struct packet *packet)
{
	if (frame_leaves(frame)) {
#if !defined(__bpf__)
		return frame->socket == AEGIS_SOCKET_ESTABLISHED;
#elif defined(AEGIS_OUT)
		return belongs_to_connection(frame, packet);
#endif
	}
	return may_be_reply(own, packet) &&
	       (packet->socket ?: socket_of(frame, packet)) == AEGIS_SOCKET_ESTABLISHED;
}

#endif
