/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decides on a packet. It changes nothing in the frame. */
#ifndef AEGIS_RELAY_JUDGE_H
#define AEGIS_RELAY_JUDGE_H

#include "hop.h"
#include "token.h"
#include "user.h"

/* How a packet is to leave. */
struct relayed {
	struct verdict verdict;
	struct aegis_relay_user *user;
	struct leaving leaving;
	struct aegis_relay_hop hop;
	struct token token;
	__u32 mtu; /* bytes, if the packet is too long and its sender should know */
};

static __always_inline bool is_plain(const struct packet *packet)
{
	__u32 length = packet->family == AEGIS_FAMILY_V4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

	return packet->network == LINK_LENGTH && packet->transport == LINK_LENGTH + length;
}

/* Bytes from the IP header on. */
static __always_inline __u32 ip_length(struct aegis_frame *frame, const struct packet *packet)
{
	void *start = frame_start(frame);

	if (start + LINK_LENGTH + sizeof(struct iphdr) > frame_end(frame))
		return ~0u;
	if (packet->family == AEGIS_FAMILY_V4)
		return bpf_ntohs(((struct iphdr *)(start + LINK_LENGTH))->tot_len);
	return sizeof(struct ipv6hdr) + bpf_ntohs(((struct ipv6hdr *)(start + LINK_LENGTH))->payload_len);
}

static __always_inline bool read_token(struct aegis_frame *frame, const struct packet *packet,
				       struct token *token, __u16 *length)
{
	void *start = frame_start(frame);
	struct udphdr *udp =
		start + LINK_LENGTH +
		(packet->family == AEGIS_FAMILY_V4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	if ((void *)(udp + 1) + sizeof(*token) > frame_end(frame))
		return false;
	*length = bpf_ntohs(udp->len);
	*token = *(const struct token *)(udp + 1);
	return *length >= sizeof(*udp) + sizeof(*token);
}

static __always_inline struct aegis_relay_user *user_at(__u32 index)
{
	struct aegis_relay_user *user = bpf_map_lookup_elem(&relay_user, &index);

	return user && user->family != AEGIS_FAMILY_ANY ? user : NULL;
}

static __always_inline bool is_alive(const struct aegis_relay_user *user, __u64 now)
{
	return !user->expires || user->expires > now;
}

/* The user that a token names, whether it is right or not. */
static __always_inline struct aegis_relay_user *user_of(const struct token *token)
{
	__u32 session = token_session(token);
	struct aegis_relay_user *user = user_at(session & ((1 << AEGIS_RELAY_INDEX_BITS) - 1));

	return user && user->hash == token_user(token) &&
			       user->generation == session >> AEGIS_RELAY_INDEX_BITS
		       ? user
		       : NULL;
}

/* A counter of the client is its clock, or a little behind. */
static __always_inline bool is_counter_sane(const struct aegis_relay *settings,
					    const struct aegis_relay_user *user, __u64 counter, __u64 real)
{
	return counter >= settings->started && counter <= (real + AEGIS_RELAY_SKEW) / 1000 &&
	       counter + AEGIS_RELAY_LATE > *(const volatile __u64 *)&user->newest;
}

/* The part of the way that is the same in both directions. */
static __always_inline struct verdict find_way(struct aegis_frame *frame, struct packet *packet,
					       struct relayed *relayed, struct aegis_relay_hop *kept,
					       __u32 cut, __u64 now)
{
	__u32 length = ip_length(frame, packet) - cut;

	if (!find_hop(frame, packet, &relayed->leaving, now, kept, &relayed->hop))
		return VERDICT(DROP, RELAY_UNROUTABLE);
	if (length <= relayed->hop.mtu)
		return VERDICT(PASS, RELAY);
	relayed->mtu = relayed->hop.mtu + cut;
	return VERDICT(DROP, TOO_BIG);
}

/* Compares all of the tag at once. */
static __always_inline bool is_authentic(struct aegis_relay_user *user, const struct aegis_relay_key *master,
					 __u32 mark, const struct token *token, __u16 length)
{
	struct aegis_relay_key own;

	if (find_own(user, token, mark, &own))
		return token_tag(&own, token, length) == token->word[3];
	own = derive_own(master, token);
	if (token_tag(&own, token, length) != token->word[3])
		return false;
	keep_own(user, token, mark, &own);
	return true;
}

static __always_inline struct verdict judge_forth(struct aegis_frame *frame,
						  const struct aegis_relay *settings, struct packet *packet,
						  struct relayed *relayed)
{
	const struct aegis_relay_key *master;
	struct aegis_relay_user *user;
	__u64 now, real;
	__u16 length;
	__u32 mark;
	bool newest;

	/* What costs least comes first: for made-up tokens, neither the tag nor the clock is needed. */
	if (!read_token(frame, packet, &relayed->token, &length))
		return VERDICT(DROP, RELAY_TOKEN);
	/* Before the key: they are changed in that order. */
	mark = *(const volatile __u32 *)&settings->mark;
	master = master_of(settings, &relayed->token);
	if (!master)
		return VERDICT(DROP, RELAY_TOKEN);
	user = user_of(&relayed->token);
	if (!user)
		return VERDICT(DROP, RELAY_UNKNOWN);
	fetch_user(user);
	if (!is_authentic(user, master, mark, &relayed->token, length))
		return VERDICT(DROP, RELAY_TOKEN);
	now = bpf_ktime_get_boot_ns();
	real = now + settings->epoch;
	if (token_expires(&relayed->token) <= real / 1000000000)
		return VERDICT(DROP, RELAY_EXPIRED);
	if (!is_alive(user, now))
		return VERDICT(DROP, RELAY_UNKNOWN);
	if (user->family != packet->family)
		return VERDICT(DROP, RELAY_UNROUTABLE);
	if (!is_counter_sane(settings, user, token_counter(&relayed->token), real) ||
	    !take_counter(user, token_counter(&relayed->token)))
		return VERDICT(DROP, RELAY_REPLAY);
	newest = is_newest(user, token_counter(&relayed->token));
	if (!conforms(user, &user->tat, now))
		return VERDICT(DROP, RELAY_RATE);
	if (newest) {
		user->heard = now;
		note_client(user, packet);
	}
	relayed->user = user;
	relayed->leaving.source = packet->local;
	relayed->leaving.source_port = user->own_port;
	relayed->leaving.destination = user->destination;
	relayed->leaving.destination_port = user->port;
	return find_way(frame, packet, relayed, &user->forth, HEADER_LENGTH, now);
}

static __always_inline struct verdict judge_back(struct aegis_frame *frame,
						 const struct aegis_relay *settings, struct packet *packet,
						 struct relayed *relayed)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct aegis_relay_user *user = user_at(packet->relay >> RELAY_WAY_BITS);

	if (!user || !is_alive(user, now))
		return VERDICT(DROP, RELAY_UNKNOWN);
	if (!conforms(user, &user->tat_back, now))
		return VERDICT(DROP, RELAY_RATE);
	if (!find_client(user, &relayed->leaving.destination, &relayed->leaving.destination_port))
		return VERDICT(DROP, RELAY_UNROUTABLE);
	relayed->user = user;
	relayed->leaving.source = packet->local;
	relayed->leaving.source_port = settings->port;
	return find_way(frame, packet, relayed, &user->back, 0, now);
}

static __always_inline struct verdict judge_relayed(struct aegis_frame *frame, struct packet *packet,
						    struct relayed *relayed)
{
	const struct aegis_relay *settings;
	__u32 zero = 0;

	settings = bpf_map_lookup_elem(&relay, &zero);
	if (!settings)
		return VERDICT(DROP, RELAY_UNROUTABLE);
	if (packet->traits & PACKET_FRAGMENT)
		return VERDICT(DROP, RELAY_FRAGMENT);
	if (!is_plain(packet))
		return VERDICT(DROP, RELAY_UNROUTABLE);
	if (packet->hop_limit <= 1)
		return VERDICT(DROP, RELAY_TTL);
	return RELAY_WAY(packet) == RELAY_FORTH ? judge_forth(frame, settings, packet, relayed)
						: judge_back(frame, settings, packet, relayed);
}

#endif
