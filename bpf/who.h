/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks the sender: the drop list. */
#ifndef AEGIS_WHO_H
#define AEGIS_WHO_H

#include "count.h"
#include "prefix/ipv4.h"
#include "prefix/ipv6.h"
#include "verdict.h"

/* The slot is read once, because the other one may come into force meanwhile. for_rules: as of
 * prefix_find_v4() */
static __always_inline __u64 find_drop(const struct aegis_config *settings, __u32 family,
				       const struct aegis_address *address, __u32 for_rules)
{
	if (family == AEGIS_FAMILY_V4) {
		if (!(settings->stages & AEGIS_STAGE_DROP_V4))
			return 0;
		return prefix_find_v4(address_word(address, 0) >> 32,
				      (*(const volatile __u32 *)&settings->drop_v4 - 1) * 2, for_rules);
	}
	if (!(settings->stages & AEGIS_STAGE_DROP_V6))
		return 0;
	return prefix_find_v6(address, (*(const volatile __u32 *)&settings->drop_v6 - 1) * 2 + 1, for_rules);
}

/* The entry drops the packet, or only counts it as would-drop; one may do so before another one drops. */
static __always_inline struct verdict judge_peer(const struct aegis_config *settings, struct packet *packet)
{
	__u64 found = find_drop(settings, packet->family, &packet->peer, false);

	traced_reached(AEGIS_TRACED_DROP);
	if (!found)
		return GO_ON;
	packet->found = found;
	packet->list = found >> AEGIS_FOUND_LIST_SHIFT;
	if (found & AEGIS_FOUND_MONITOR)
		packet->would_drop = found & AEGIS_FOUND_MONITOR_HOST ? AEGIS_DROP_HOST : AEGIS_DROP_PREFIX;
	if (!(found & AEGIS_FOUND))
		return GO_ON;
	return found & AEGIS_FOUND_HOST ? VERDICT(DROP, HOST) : VERDICT(DROP, PREFIX);
}

/* Counts what a list drops, or would drop; a global function, so that only packets of lists pay for it. */
AEGIS_GLOBAL __u32 count_list(const struct packet *packet, __u32 reason)
{
	struct aegis_list_counters *counts;
	__u32 number;

	if (!packet)
		return 0;
	number = packet->list;
	counts = bpf_map_lookup_elem(&list_counters, &number);
	if (!counts)
		return 0;
	if (reason == AEGIS_DROP_HOST || reason == AEGIS_DROP_PREFIX)
		add(&counts->dropped, packet);
	else if (packet->would_drop == AEGIS_DROP_HOST || packet->would_drop == AEGIS_DROP_PREFIX)
		add(&counts->would_drop, packet);
	return 0;
}

#endif
