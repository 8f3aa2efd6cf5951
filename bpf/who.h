/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks the sender: the drop list. */
#ifndef AEGIS_WHO_H
#define AEGIS_WHO_H

#include "lookup.h"
#include "verdict.h"

/* These are rare, and global functions so that the verifier walks their loop once. Linux 6.1 does not accept
 * an argument of a global function as a map key, only a copy. */
AEGIS_GLOBAL __u64 shorter_drop_v4(const struct aegis_prefix_v4 *wanted)
{
	struct aegis_prefix_v4 next;

	if (!wanted)
		return 0;
	next = *wanted;
	return look_up_shorter(&drop_prefix_v4, &next, &next.length, 0);
}

AEGIS_GLOBAL __u64 shorter_drop_v6(const struct aegis_prefix_v6 *wanted)
{
	struct aegis_prefix_v6 next;

	if (!wanted)
		return 0;
	next = *wanted;
	return look_up_shorter(&drop_prefix_v6, &next, &next.length, 0);
}

static __always_inline __u64 find_host(const struct packet *packet, __u32 stages)
{
	if (packet->family == AEGIS_FAMILY_V4)
		return stages & AEGIS_STAGE_DROP_V4 ? look_up(&drop_v4, &packet->peer) : 0;
	return stages & AEGIS_STAGE_DROP_V6 ? look_up(&drop_v6, &packet->peer) : 0;
}

static __always_inline __u64 find_prefix(const struct packet *packet, __u32 stages)
{
	__u64 what;

	if (packet->family == AEGIS_FAMILY_V4) {
		struct aegis_prefix_v4 wanted = {32, peer_v4(packet)};

		if (!(stages & AEGIS_STAGE_DROP_PREFIX_V4))
			return 0;
		what = look_up_longest(&drop_prefix_v4, &wanted);
		return what == HIDDEN ? shorter_drop_v4(&wanted) : what;
	} else {
		struct aegis_prefix_v6 wanted = {128, packet->peer};

		if (!(stages & AEGIS_STAGE_DROP_PREFIX_V6))
			return 0;
		what = look_up_longest(&drop_prefix_v6, &wanted);
		return what == HIDDEN ? shorter_drop_v6(&wanted) : what;
	}
}

/* Either the entry drops the packet, or it only counts it as would-drop. */
static __always_inline struct verdict judge_entry(__u64 found, struct packet *packet, struct verdict drop)
{
	if (found)
		packet->found = found;
	if (found & AEGIS_FOUND_MONITOR)
		packet->would_drop = drop.reason;
	return found & AEGIS_FOUND ? drop : GO_ON;
}

static __always_inline struct verdict judge_peer(const struct aegis_config *settings, struct packet *packet)
{
	__u64 found = find_host(packet, settings->stages);
	struct verdict verdict;

	traced_reached(AEGIS_TRACED_DROP);
	traced_drop_host(found);
	verdict = judge_entry(found, packet, VERDICT(DROP, HOST));
	if (decides(verdict))
		return verdict;
	found = find_prefix(packet, settings->stages);
	traced_drop_prefix(found);
	return judge_entry(found, packet, VERDICT(DROP, PREFIX));
}

#endif
