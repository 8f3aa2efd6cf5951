/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The differences in layouts up to 4: reasons to drop were counted from a separate start number, every slot
 * had its own counters, and `meta` did not describe the instance.
 */
#ifndef AEGIS_PAST_ABI4_H
#define AEGIS_PAST_ABI4_H

#include "abi5.h"

#define AEGIS4_LAYOUT 5810327585731435805ull /* of `meta` */
#define AEGIS4_FIRST_DROP 16u
#define AEGIS4_REASONS 32u
#define AEGIS4_PASS_REASONS 12u /* number of them in use; drop reasons start at this number now */

/* By slot; the one after the last counts packets from interfaces without a slot. */
struct aegis4_counters {
	struct aegis_counter reason[AEGIS4_REASONS];
	struct aegis_counter would_drop[AEGIS4_REASONS - AEGIS4_FIRST_DROP];
	__u64 shared;
	__u64 contended;
};

struct aegis4_interface {
	__u64 word[4]; /* the first of aegis_interface */
};

struct aegis4_meta {
	__u64 word[8]; /* the first of aegis_meta */
};

_Static_assert(sizeof(struct aegis4_counters) == 784, "ABI 4");
_Static_assert(__builtin_offsetof(struct aegis_interface, block) == sizeof(struct aegis4_interface), "ABI 4");
_Static_assert(__builtin_offsetof(struct aegis_meta, stages) == sizeof(struct aegis4_meta), "ABI 4");
_Static_assert((int)AEGIS4_PASS_REASONS == (int)AEGIS_DROP_HOST, "ABI 4");

#endif
