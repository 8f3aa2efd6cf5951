/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the class of an address, and counts the packets of each class. */
#ifndef AEGIS_CLASS_H
#define AEGIS_CLASS_H

#include "count.h"
#include "geo.h"
#include "trace.h"
#include "verdict.h"

static __always_inline __u32 class_by_prefix(const struct packet *packet)
{
	struct aegis_key_prefix wanted = {
		.length = whole_key_bits(packet),
		.key = {.family = packet->family, .source = packet->peer},
	};
	const struct aegis_class_prefix *found = bpf_map_lookup_elem(&class_prefix, &wanted);

	return found ? found->number : AEGIS_CLASS_NONE;
}

static __always_inline __u32 class_by_country(const struct packet *packet)
{
	const struct aegis_country_classes *classes;
	__u32 zero = 0;
	__u64 code;

	classes = bpf_map_lookup_elem(&country_class, &zero);
	if (!classes)
		return AEGIS_CLASS_NONE;
	code = country_of(packet);
	GEO_OPAQUE(code);
	return classes->number[code & AEGIS_GEO_CODE_MASK];
}

/* A global function so that the verifier walks it once. */
AEGIS_GLOBAL __u32 class_of(const struct packet *packet)
{
	const struct aegis_config *settings = settings_of();
	__u32 number = AEGIS_CLASS_NONE;

	if (!packet || !settings)
		return AEGIS_CLASS_FOREIGN;
	if (settings->stages & AEGIS_STAGE_CLASS_PREFIX)
		number = class_by_prefix(packet);
	if (!number && settings->geo)
		number = class_by_country(packet);
	return number ?: AEGIS_CLASS_FOREIGN;
}

static __always_inline void classify(const struct aegis_config *settings, struct packet *packet)
{
	if (settings->stages & AEGIS_STAGE_CLASS)
		packet->class = traced_class() ?: class_of(packet);
}

AEGIS_GLOBAL __u32 count_class(const struct packet *packet, __u32 action)
{
	struct aegis_class_counters *counts;
	__u32 number;

	if (!packet)
		return 0;
	number = packet->class;
	counts = bpf_map_lookup_elem(&class_counters, &number);
	if (!counts)
		return 0;
	add(&counts->verdict[action == AEGIS_DROP], packet);
	if (packet->would_drop)
		add(&counts->would_drop, packet);
	return 0;
}

#endif
