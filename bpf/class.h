/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the class of an address, and counts the packets of each class. */
#ifndef AEGIS_CLASS_H
#define AEGIS_CLASS_H

#include "count.h"
#include "geo.h"
#include "trace.h"
#include "verdict.h"

/* A global function so that its stack is not taken for every packet. */
AEGIS_GLOBAL __u32 class_by_prefix(const struct packet *packet)
{
	struct aegis_key_prefix wanted = {};
	const struct aegis_class_prefix *found;

	if (!packet)
		return AEGIS_CLASS_NONE;
	wanted.length = whole_key_bits(packet);
	wanted.key.family = packet->family;
	wanted.key.source = packet->peer;
	found = bpf_map_lookup_elem(&class_prefix, &wanted);
	return found ? found->number : AEGIS_CLASS_NONE;
}

/*
 * slot: of the table of countries, plus one; 0 is none. What is no country has a class too, and what has no
 * class is foreign, without a branch: one would double what the verifier walks from here on.
 */
static __always_inline __u32 class_by_country(const struct packet *packet, __u32 slot)
{
	const struct aegis_country_classes *classes;
	__u32 zero = 0, number;
	__u64 code = 0;

	classes = bpf_map_lookup_elem(&country_class, &zero);
	if (!classes)
		return AEGIS_CLASS_FOREIGN;
	if (slot)
		code = country_of(packet, slot);
	OPAQUE(code);
	number = classes->number[code & AEGIS_GEO_CODE_MASK];
	OPAQUE(number);
	return number | (number - 1) >> 31;
}

/* The class of the peer. The longest prefix that contains it decides, or else its country. */
static __always_inline void classify(const struct aegis_config *settings, struct packet *packet)
{
	__u32 number = traced_class();

	if (!(settings->stages & AEGIS_STAGE_CLASS))
		return;
	if (!number && (settings->stages & AEGIS_STAGE_CLASS_PREFIX))
		number = class_by_prefix(packet);
	if (!number)
		number = class_by_country(packet, *(const volatile __u32 *)&settings->geo);
	packet->class = number;
}

/* Counts a packet by its class; AEGIS_CLASS_NONE has counters too. */
static __always_inline void count_class(const struct packet *packet, __u32 action)
{
	__u32 number = packet->class;
	struct aegis_class_counters *counts = bpf_map_lookup_elem(&class_counters, &number);

	if (!counts)
		return;
	if (action != AEGIS_REPLY)
		add(&counts->verdict[action == AEGIS_DROP], packet);
	if (packet->would_drop)
		add(&counts->would_drop, packet);
}

#endif
