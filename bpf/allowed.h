/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decides whether to admit a packet: protected keys, allow keys, the default action. */
#ifndef AEGIS_ALLOWED_H
#define AEGIS_ALLOWED_H

#include "lookup.h"
#include "rules.h"
#include "verdict.h"

/* Like shorter_drop_v4(). */
AEGIS_GLOBAL __u64 shorter_key(const struct aegis_key_prefix *wanted)
{
	struct aegis_key_prefix next;

	if (!wanted)
		return 0;
	next = *wanted;
	return look_up_shorter(&key_prefix, &next, &next.length, AEGIS_KEY_HEAD_BITS);
}

AEGIS_GLOBAL __u64 shorter_protect(const struct aegis_key_prefix *wanted)
{
	struct aegis_key_prefix next;

	if (!wanted)
		return 0;
	next = *wanted;
	return look_up_shorter(&protect_prefix, &next, &next.length, AEGIS_KEY_HEAD_BITS);
}

struct key_probe {
	struct aegis_key_prefix wanted;
	bool any, host, prefix;
};

/* The key to look for, for one of the shapes that exist and the given choice of ports. */
static __always_inline struct key_probe probe_key(const struct packet *packet, __u32 shapes, __u32 ports)
{
	bool by_port = ports == AEGIS_KEY_PROTOCOL_PORT || ports == AEGIS_KEY_PORT;
	bool by_protocol = ports == AEGIS_KEY_PROTOCOL_PORT || ports == AEGIS_KEY_PROTOCOL;
	struct key_probe probe = {};

	shapes >>= ports << 2;
	/* A 0 in a key is a wildcard: the probes that do not ask for the port or protocol find those keys. */
	if ((by_port && !packet->destination_port) || (by_protocol && !packet->protocol))
		return probe;
	probe.wanted.length = whole_key_bits(packet);
	probe.wanted.key.protocol = by_protocol ? packet->protocol : 0;
	probe.wanted.key.port = by_port ? packet->destination_port : 0;
	probe.any = shapes & 1 << AEGIS_KEY_SOURCE_ANY;
	probe.host = shapes & 1 << AEGIS_KEY_SOURCE_HOST;
	probe.prefix = shapes & 1 << AEGIS_KEY_SOURCE_PREFIX;
	return probe;
}

static __always_inline __u64 find_key_prefix(const struct aegis_key_prefix *wanted, bool protects)
{
	__u64 what =
		protects ? look_up_longest(&protect_prefix, wanted) : look_up_longest(&key_prefix, wanted);

	if (what != HIDDEN)
		return what;
	return protects ? shorter_protect(wanted) : shorter_key(wanted);
}

/* Finds the live key of a profile that matches the packet; returns AEGIS_FOUND. */
static __always_inline __u64 match(void *map, const struct packet *packet, __u32 shapes, __u32 profile,
				   bool protects)
{
	for (__u32 ports = 0; ports < AEGIS_KEY_PORTS_COUNT; ports++) {
		struct key_probe probe = probe_key(packet, shapes, ports);
		__u64 what = 0, source = AEGIS_KEY_SOURCE_ANY;

		probe.wanted.key.family = profile << AEGIS_PROFILE_FAMILY_SHIFT;
		if (probe.any)
			what = look_up(map, &probe.wanted.key);
		probe.wanted.key.family = key_family(packet, profile);
		probe.wanted.key.source = packet->peer;
		if (!what && probe.host) {
			source = AEGIS_KEY_SOURCE_HOST;
			what = look_up(map, &probe.wanted.key);
		}
		if (!what && probe.prefix) {
			source = AEGIS_KEY_SOURCE_PREFIX;
			what = find_key_prefix(&probe.wanted, protects);
		}
		if (what)
			return what | (__u64)ports << AEGIS_FOUND_PORTS_SHIFT |
			       source << AEGIS_FOUND_SOURCE_SHIFT |
			       (__u64)profile << AEGIS_FOUND_PROFILE_SHIFT;
	}
	return 0;
}

/* These are global functions so that the verifier walks each of them once. */
AEGIS_GLOBAL __u64 match_key(const struct packet *packet, __u32 shapes, __u32 profile)
{
	return packet ? match(&key, packet, shapes, profile, false) : 0;
}

AEGIS_GLOBAL __u64 match_protect(const struct packet *packet, __u32 shapes)
{
	return packet ? match(&protect, packet, shapes, AEGIS_PROFILE_MAIN, true) : 0;
}

#define SHAPES_WITHOUT_PORTS (0xf << (AEGIS_KEY_PROTOCOL << 2) | 0xf << (AEGIS_KEY_NEITHER << 2))

/*
 * Selects the shapes of keys that may admit the packet. Under deny, a fragment needs a key that admits all
 * fragments of its packet, which a key with a port cannot do. Fragments whose remainder never passes would
 * only fill the reassembly memory that all senders share.
 */
static __always_inline __u32 shapes_for(const struct aegis_config *own, const struct packet *packet,
					__u32 shapes)
{
	if ((packet->traits & PACKET_FRAGMENT) && (own->stages & AEGIS_STAGE_DENY))
		return shapes & SHAPES_WITHOUT_PORTS;
	return shapes;
}

static __always_inline struct verdict judge_protected(const struct aegis_config *settings,
						      const struct aegis_config *own, struct packet *packet)
{
	__u64 found;

	if (!settings->protect_shapes)
		return GO_ON;
	traced_reached(AEGIS_TRACED_PROTECT);
	found = match_protect(packet, shapes_for(own, packet, settings->protect_shapes));
	traced_protect(found);
	if (!found)
		return GO_ON;
	packet->found = found;
	return VERDICT(PASS, PROTECTED);
}

static __always_inline struct verdict by_default(const struct packet *packet, bool deny)
{
	bool fragment = packet->traits & PACKET_LATER_FRAGMENT;

	if (!deny)
		return fragment ? VERDICT(PASS, FRAGMENT) : VERDICT(PASS, DEFAULT);
	if (packet->traits & PACKET_TOO_BIG)
		return VERDICT(PASS, PACKET_TOO_BIG);
	return fragment ? VERDICT(DROP, FRAGMENT) : VERDICT(DROP, DEFAULT);
}

/*
 * The keys of the profile, and then those of main, which hold in every profile.
 * own_rate: if it is 0, set to the rate of the key that admitted the packet; 0 is none.
 */
static __always_inline struct verdict judge_allowed(const struct aegis_config *settings,
						    const struct aegis_config *own, struct packet *packet,
						    __u32 *own_rate)
{
	__u64 found = 0;

	if (packet->profile && own->key_shapes) {
		traced_reached(AEGIS_TRACED_KEY);
		found = match_key(packet, shapes_for(own, packet, own->key_shapes), packet->profile);
		traced_key(found);
	}
	if (!found && settings->key_shapes) {
		traced_reached(AEGIS_TRACED_KEY);
		found = match_key(packet, shapes_for(own, packet, settings->key_shapes), AEGIS_PROFILE_MAIN);
		traced_key(found);
	}
	if (!found && packet->profile && is_let_in_by_ports(own, packet, own_rate))
		return VERDICT(PASS, KEY);
	if (!found && is_let_in_by_ports(settings, packet, own_rate))
		return VERDICT(PASS, KEY);
	if (!found) {
		traced_reached(AEGIS_TRACED_DEFAULT);
		return by_default(packet, own->stages & AEGIS_STAGE_DENY);
	}
	packet->found = found;
	*own_rate = *own_rate ?: rate_found(found);
	return VERDICT(PASS, KEY);
}

#endif
