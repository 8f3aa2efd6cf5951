/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_LISTS_H
#define AEGIS_ABI_LISTS_H

#include <linux/types.h>
#include "counters.h"

/* Every drop entry belongs to one list or several. */
#define AEGIS_LISTS 256u
#define AEGIS_LIST_MANUAL 0u /* of entries that an operator made; it always exists and has no properties */

enum aegis_list_flag {
	AEGIS_LIST_MONITOR = 1 << 0, /* its entries are counted as would-drop, and the packet continues */
	AEGIS_LIST_SET = 1 << 1,     /* its entries do nothing by themselves */
	AEGIS_LIST_IN = 1 << 2,      /* it holds for packets that come in */
	AEGIS_LIST_OUT = 1 << 3,     /* it holds for packets that leave */
};

/* Value of `lists`, by number. */
struct aegis_list {
	__u64 expires; /* of all its entries, ns of CLOCK_BOOTTIME; 0 is never */
	__u32 flags;   /* enum aegis_list_flag */
	__u32 note;    /* key into `notes`; 0 is none */
	__u64 changed; /* seconds since the Unix epoch: when a feed last replaced or confirmed it; 0: never */
	__u64 applied; /* times that a feed did so */
	__u64 refused; /* times that a feed was refused */
	char name[40]; /* zero terminated and padded; empty: there is no such list */
	__u32 rule_list; /* its place in `by_list` of struct aegis_rule_place, plus one; 0: rules do not name
			    it */
	__u32 pad;
	__u64 spare[3];
};

/* Value of `list_counters`, by number, per CPU. */
struct aegis_list_counters {
	struct aegis_counter dropped;
	struct aegis_counter would_drop; /* as in struct aegis_counters */
};

_Static_assert(sizeof(struct aegis_list) == 112, "ABI");
_Static_assert(sizeof(struct aegis_list_counters) == 32, "ABI");

#endif
