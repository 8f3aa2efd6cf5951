/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the first rule that matches a packet. */
#ifndef AEGIS_RULES_H
#define AEGIS_RULES_H

#include <linux/in.h>
#include <linux/in6.h>

#include "count.h"
#include "lookup.h"
#include "profile.h"
#include "socket.h"
#include "verdict.h"
#include "who.h"

/* How a packet is classified in all dimensions; only those that some rule asks for are filled in. */
struct rule_view {
#define RULE_MEMBER(name, field, ...) __u16 field;
	AEGIS_RULE_DIMENSIONS(RULE_MEMBER)
#undef RULE_MEMBER
	__u16 peer;
	__u16 local;
};

static __always_inline const struct aegis_rule_set *rule_set_at(__u32 index)
{
	__u32 zero = 0;
	void *set = bpf_map_lookup_elem(&rules, &index);

	return set ? bpf_map_lookup_elem(set, &zero) : NULL;
}

/*
 * The index of a set in the slot in force. The slot is read once, because the other one may come into force
 * meanwhile.
 */
static __always_inline __u32 rule_index(const __u32 *slot, enum aegis_rule_kind kind)
{
	return *(const volatile __u32 *)slot - 1 + 2 * kind;
}

static __always_inline __u32 rule_header(const struct packet *packet)
{
	__u32 kind = AEGIS_RULE_OTHER;

	if (packet->traits & PACKET_LATER_FRAGMENT)
		return 0;
	if (packet->protocol == IPPROTO_TCP)
		kind = AEGIS_RULE_TCP;
	else if (packet->protocol == IPPROTO_ICMP && packet->family == AEGIS_FAMILY_V4)
		kind = AEGIS_RULE_ICMP;
	else if (packet->protocol == IPPROTO_ICMPV6 && packet->family == AEGIS_FAMILY_V6)
		kind = AEGIS_RULE_ICMPV6;
	return kind ? kind << 8 | packet->tcp_flags : 0;
}

/* 1 if the start is not above the key, or else 0, without a branch. */
static __always_inline __u64 rule_begins_by(__u64 start, __u64 key)
{
	__u64 borrow = (~key & start) | ((~key | start) & (key - start));

	return ~borrow >> 63;
}

/* The last of the ranges from `first` on that begins at or before the key. */
static __always_inline __u32 rule_search(const struct aegis_rule_ranges *ranges,
					 const struct aegis_rule_search *search, __u64 key)
{
	__u64 place = search->first;
	__u32 step = search->step;

	for (__u32 i = 0; i < AEGIS_RULE_STEPS && step; i++) {
		__u64 next = place + step;

		OPAQUE(next);
		next &= AEGIS_RULE_RANGES - 1;
		place += step & -rule_begins_by(ranges->start[next], key);
		step >>= 1;
	}
	OPAQUE(place);
	return ranges->entry[place & (AEGIS_RULE_RANGES - 1)];
}

static __always_inline __u32 rule_search_part(const struct aegis_rule_ranges *ranges, __u64 key)
{
	__u64 part;

	if (key < ranges->base)
		return ranges->entry[0];
	part = (key - ranges->base) >> (ranges->shift & 63);
	if (part >= AEGIS_RULE_PARTS)
		part = AEGIS_RULE_PARTS - 1;
	OPAQUE(part);
	return rule_search(ranges, &ranges->part[part & (AEGIS_RULE_PARTS - 1)], key);
}

/* A global function, so that the verifier walks it once. */
AEGIS_GLOBAL __u32 rule_classify(const struct aegis_rule_place *place, const struct aegis_address *address,
				 __u32 family)
{
	__u64 entry;

	if (!place || !address)
		return 0;
	if (family == AEGIS_FAMILY_V4)
		return rule_search_part(&place->v4, address_word(address, 0) >> 32);
	entry = rule_search_part(&place->high, address_word(address, 0));
	if (!(entry & AEGIS_RULE_DEEPER))
		return entry;
	OPAQUE(entry);
	return rule_search(&place->low, &place->half[entry & (AEGIS_RULE_HALVES - 1)],
			   address_word(address, 1));
}

/* The type of an ICMP message whose code matters too. */
static __always_inline __u32 rule_code(const struct aegis_rule_set *set, const struct packet *packet,
				       __u64 entry)
{
	__u64 code = packet->icmp_code;

	if (!(entry & AEGIS_RULE_DEEPER))
		return entry;
	OPAQUE(entry);
	OPAQUE(code);
	return set->code_entry[entry & (AEGIS_RULE_CODES - 1)][code & 255];
}

/* How a port is classified. none: how a packet without ports is */
static __always_inline __u32 rule_port(const struct packet *packet, const __u16 *entries, __be16 port,
				       __u16 none)
{
	__u64 value = port;

	OPAQUE(value);
	return packet->traits & PACKET_HAS_PORTS ? entries[value & 65535] : none;
}

/* Which words of the set of rules remain after a value was classified. */
static __always_inline __u32 rule_live(__u32 entry)
{
	return entry >> AEGIS_RULE_LIVE_SHIFT & ((1 << AEGIS_RULE_WORDS) - 1);
}

/*
 * Classifies a packet in the dimensions that rules ask for; returns the words of the set of rules that may
 * have a match, a bit each. Inlined, because a return costs some 9 ns where the kernel mitigates speculation
 * at returns.
 * interface: the slot of the interface, plus one
 */
static __always_inline __u32 rule_look(const struct aegis_rule_set *set, const struct packet *packet,
				       __u32 interface, struct rule_view *view)
{
	__u32 dimensions = set->head.dimensions, live = set->head.live;

/* Most packets match no rule, and are done after one or two fields. */
#define RULE_LEAVES(entry)              \
	live &= rule_live(view->entry); \
	if (!live)                      \
		return 0;
#define RULE_LOOK(name, field, index, values)                           \
	if (dimensions & 1 << AEGIS_RULE_##name) {                      \
		__u64 value = index;                                    \
		OPAQUE(value);                                          \
		view->field = set->field##_entry[value & ((values)-1)]; \
		RULE_LEAVES(field)                                      \
	}
	if (dimensions & 1 << AEGIS_RULE_SOURCE_PORT) {
		view->source_port =
			rule_port(packet, set->source_port_entry, packet->source_port, set->head.no_ports[1]);
		RULE_LEAVES(source_port)
	}
	if (dimensions & 1 << AEGIS_RULE_PORT) {
		view->port =
			rule_port(packet, set->port_entry, packet->destination_port, set->head.no_ports[0]);
		RULE_LEAVES(port)
	}
	RULE_LOOK(PROTOCOL, protocol, packet->protocol, 256)
	RULE_LOOK(LENGTH, length, packet->length, 65536)
	if (dimensions & 1 << AEGIS_RULE_HEADER) {
		__u64 value = rule_header(packet);

		OPAQUE(value);
		view->header = rule_code(set, packet, set->header_entry[value & 1023]);
		RULE_LEAVES(header)
	}
	RULE_LOOK(HOP_LIMIT, hop_limit, packet->hop_limit, 256)
	RULE_LOOK(DSCP, dscp, packet->traffic_class >> 2, 64)
	RULE_LOOK(VLAN, vlan, bpf_ntohs(packet->vlan), 4096)
	RULE_LOOK(FRAGMENT, fragment, !!(packet->traits & PACKET_FRAGMENT), 2)
	RULE_LOOK(PEER_CLASS, peer_class, packet->class, 64)
	RULE_LOOK(INTERFACE, interface, interface, 128)
	RULE_LOOK(SOCKET, socket, packet->socket, 4)
#undef RULE_LOOK
	if (dimensions & 1 << AEGIS_RULE_PEER) {
		view->peer = rule_classify(&set->peer, &packet->peer, packet->family);
		RULE_LEAVES(peer)
	}
	if (dimensions & 1 << AEGIS_RULE_LOCAL) {
		view->local = rule_classify(&set->local, &packet->local, packet->family);
		RULE_LEAVES(local)
	}
#undef RULE_LEAVES
	return live;
}

/* The lists that rules name and an address is in. */
struct rule_lists {
	__u64 peer;
	__u64 local;
};

/* The rules of one word that name one of these lists. A global function, so that the verifier walks it once.
 */
AEGIS_GLOBAL __u64 rule_by_lists(const struct aegis_rule_by_list *by_list, __u64 lists, __u64 word)
{
	__u64 rules = 0;

	if (!by_list)
		return 0;
	for (__u32 i = 0; i < AEGIS_RULE_LISTS; i++)
		rules |= by_list->rules[i][word & (AEGIS_RULE_WORDS - 1)] & -(lists >> i & 1);
	return rules;
}

/* The rules that an address leaves, in one word. lists: those that it is in. */
static __always_inline __u64 rule_place_word(const struct aegis_rule_place *place, __u64 class, __u64 lists,
					     __u64 word)
{
	__u64 rules, excluded;

	OPAQUE(class);
	class &= AEGIS_RULE_CLASS_MASK;
	rules = place->rules[class][word];
	excluded = place->excluded[class][word];
	if (lists) {
		rules |= rule_by_lists(&place->by_list, lists, word);
		excluded |= rule_by_lists(&place->excluded_by_list, lists, word);
	}
	return rules & ~excluded;
}

/* The rules of one word that match. A global function, so that its stack is not in that of its callers. */
AEGIS_GLOBAL __u64 rule_word(const struct aegis_rule_set *set, const struct rule_view *view,
			     const struct rule_lists *lists, __u64 word)
{
	__u32 dimensions;
	__u64 rules;

	if (!set || !view || !lists)
		return 0;
	word &= AEGIS_RULE_WORDS - 1;
	dimensions = set->head.dimensions;
	rules = set->head.all[word];

#define RULE_AND(name, field, ...)                                                                \
	if (dimensions & 1 << AEGIS_RULE_##name) {                                                \
		__u64 class = view->field;                                                        \
		OPAQUE(class);                                                                    \
		rules &= set->field##_rules[class & (sizeof(set->field##_rules) / 32 - 1)][word]; \
	}
	AEGIS_RULE_DIMENSIONS(RULE_AND)
#undef RULE_AND
	if (dimensions & 1 << AEGIS_RULE_PEER)
		rules &= rule_place_word(&set->peer, view->peer, lists->peer, word);
	if (dimensions & 1 << AEGIS_RULE_LOCAL)
		rules &= rule_place_word(&set->local, view->local, lists->local, word);
	return rules;
}

static __always_inline void count_rule(const struct packet *packet, __u32 number)
{
	struct aegis_rule_counters *counts;

	if (IS_TRACED)
		return;
	counts = bpf_map_lookup_elem(&rule_counters, &number);
	if (counts)
		add(&counts->matched, packet);
}

/* Whether a rule that matches holds for the packet. */
static __always_inline bool rule_holds(const struct aegis_config *own, const struct packet *packet,
				       const struct aegis_rule_entry *entry)
{
	if (entry->expires && entry->expires <= boottime_ns())
		return false;
	/* As with keys, see shapes_for(). */
	return !((entry->flags & AEGIS_RULE_WHOLE) &&
		 (entry->action == AEGIS_RULE_ALLOW || entry->action == AEGIS_RULE_KEY) &&
		 (packet->traits & PACKET_FRAGMENT) && (own->stages & AEGIS_STAGE_DENY));
}

/* What match_rules() returns: RULE_FOUND, the action and its rate. */
#define RULE_FOUND 1ull
#define RULE_ACTION_SHIFT 8
#define RULE_RATE_SHIFT 32

/* Returns what a rule decides, or 0: the packet goes on to the next one. A global function, so that the
 * verifier walks it once. */
AEGIS_GLOBAL __u64 take_rule(struct packet *packet, const struct aegis_rule_entry *entry)
{
	const struct aegis_config *own;

	if (!packet || !entry)
		return 0;
	own = settings_for(packet);
	if (!own || !rule_holds(own, packet, entry))
		return 0;
	count_rule(packet, entry->number);
	traced_rule(entry);
	if (entry->flags & AEGIS_RULE_MONITOR) {
		if (entry->action != AEGIS_RULE_DROP)
			return 0;
		packet->would_drop = AEGIS_DROP_RULE;
		packet->rule = entry->number + 1;
		return 0;
	}
	/* One that would have dropped the packet stays named, unless another one does drop it. */
	if (entry->action == AEGIS_RULE_DROP || packet->would_drop != AEGIS_DROP_RULE)
		packet->rule = entry->number + 1;
	return RULE_FOUND | (__u64)entry->action << RULE_ACTION_SHIFT | (__u64)entry->rate << RULE_RATE_SHIFT;
}

/* Takes the first of the rules of a word that match; returns its entry. */
static __always_inline const struct aegis_rule_entry *next_match(const struct aegis_rule_set *set,
								 __u64 *matching, __u64 word)
{
	__u64 lowest = *matching & -*matching;
	__u64 place = lowest * AEGIS_RULE_DE_BRUIJN >> 58;

	*matching ^= lowest;
	place = set->head.lowest[place & 63] + word * 64;
	OPAQUE(place);
	return &set->entry[place & (AEGIS_RULES - 1)];
}

/*
 * The first rule that matches and decides; 0: there is none. A global function, so that only packets that are
 * judged by rules pay for it.
 * index: of the set
 * peer_lists, local_lists: those that the addresses are in
 */
AEGIS_GLOBAL __u64 match_rules(struct packet *packet, __u32 index, __u32 interface, __u64 peer_lists,
			       __u64 local_lists)
{
	const struct rule_lists lists = {peer_lists, local_lists};
	const struct aegis_rule_set *set;
	struct rule_view view = {};
	__u32 live;

	if (!packet)
		return 0;
	set = rule_set_at(index);
	if (!set)
		return 0;
	live = rule_look(set, packet, interface, &view);
	for (__u64 word = 0; word < AEGIS_RULE_WORDS; word++) {
		__u64 matching;

		if (!(live >> word & 1))
			continue;
		matching = rule_word(set, &view, &lists, word);
		for (__u32 i = 0; i < 64 && matching; i++) {
			__u64 found = take_rule(packet, next_match(set, &matching, word));

			if (found)
				return found;
		}
	}
	return 0;
}

/*
 * Whether the ports of a packet leave any rule of a set. Most packets match none, and are spared the call of
 * match_rules(), whose return costs more than this.
 */
static __always_inline bool may_match(const struct packet *packet, __u32 index)
{
	const struct aegis_rule_set *set = rule_set_at(index);
	__u32 live;

	if (!set)
		return false;
	live = set->head.live;
	if (set->head.dimensions & 1 << AEGIS_RULE_SOURCE_PORT)
		live &= rule_live(rule_port(packet, set->source_port_entry, packet->source_port,
					    set->head.no_ports[1]));
	if (set->head.dimensions & 1 << AEGIS_RULE_PORT)
		live &= rule_live(
			rule_port(packet, set->port_entry, packet->destination_port, set->head.no_ports[0]));
	return live;
}

/* own_rate: set to the rate of the rule that chose the packet. */
static __always_inline struct verdict judge_rules(struct aegis_frame *frame,
						  const struct aegis_config *settings,
						  const struct aegis_config *own, const struct port *port,
						  struct packet *packet, __u32 *own_rate)
{
	__u64 found, peer = 0, local = 0;
	__u32 index;

	if (!(own->stages & AEGIS_STAGE_RULES))
		return GO_ON;
	traced_reached(AEGIS_TRACED_RULES);
	index = rule_index(&own->rules, AEGIS_SET_RULES);
	if (!may_match(packet, index))
		return GO_ON;
	if (own->stages & AEGIS_STAGE_RULE_PEERS)
		peer = find_drop(settings, packet->family, &packet->peer, true);
	if (own->stages & AEGIS_STAGE_RULE_LOCALS)
		local = find_drop(settings, packet->family, &packet->local, true);
	if (own->stages & AEGIS_STAGE_RULE_SOCKETS)
		packet->socket = socket_of(frame, packet);
	found = match_rules(packet, index, port->known ? port->slot + 1 : 0, peer, local);
	if (!found)
		return GO_ON;
	switch (found >> RULE_ACTION_SHIFT & 0xff) {
	case AEGIS_RULE_DROP:
		return VERDICT(DROP, RULE);
	case AEGIS_RULE_ALLOW:
		return VERDICT(PASS, RULE);
	case AEGIS_RULE_HOOK:
		packet->traits |= PACKET_HOOKED;
		return GO_ON;
	default:
		*own_rate = found >> RULE_RATE_SHIFT;
		return GO_ON;
	}
}

/*
 * Whether a key of several ports lets the packet in.
 * settings: of the profile that has the key
 * own_rate: if it is 0, set to the rate of the key
 */
static __always_inline bool is_let_in_by_ports(const struct aegis_config *settings, struct packet *packet,
					       __u32 *own_rate)
{
	__u64 found;
	__u32 index;

	if (!settings->port_keys)
		return false;
	traced_reached(AEGIS_TRACED_KEY);
	index = rule_index(&settings->port_keys, AEGIS_SET_PORT_KEYS);
	if (!may_match(packet, index))
		return false;
	found = match_rules(packet, index, 0, 0, 0);
	if (!found)
		return false;
	packet->found = 0;
	*own_rate = *own_rate ?: found >> RULE_RATE_SHIFT;
	return true;
}

/*
 * The numbers of the groups that have the packet's port, 16 bits each and the first one in the highest that
 * are used; 0: there is none. No port is ever in more than AEGIS_PORT_GROUPS. A global function, as
 * match_rules().
 * index: of the set
 */
AEGIS_GLOBAL __u64 match_groups(const struct packet *packet, __u32 index)
{
	const struct rule_lists lists = {};
	const struct aegis_rule_set *set;
	struct rule_view view = {};
	__u64 groups = 0;
	__u32 live;

	if (!packet)
		return 0;
	set = rule_set_at(index);
	if (!set)
		return 0;
	live = rule_look(set, packet, 0, &view);
	for (__u64 word = 0; word < AEGIS_RULE_WORDS; word++) {
		__u64 matching;

		if (!(live >> word & 1))
			continue;
		matching = rule_word(set, &view, &lists, word);
		for (__u32 i = 0; i < AEGIS_PORT_GROUPS && matching; i++)
			groups = groups << 16 | next_match(set, &matching, word)->number;
	}
	return groups;
}

static __always_inline __u64 port_groups(const struct aegis_config *own, const struct packet *packet)
{
	__u32 index;

	if (!own->port_groups || !(packet->traits & PACKET_HAS_PORTS))
		return 0;
	index = rule_index(&own->port_groups, AEGIS_SET_PORT_GROUPS);
	return may_match(packet, index) ? match_groups(packet, index) : 0;
}

#endif
