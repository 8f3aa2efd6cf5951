/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The differences in layout 1: its reasons were numbered consecutively, and its configuration ended where the
 * deadline begins now. All its other maps are the same.
 */
#ifndef AEGIS_PAST_ABI1_H
#define AEGIS_PAST_ABI1_H

#include "abi3.h"

#define AEGIS1_LAYOUT 13370385733218025477ull /* of `meta` */
#define AEGIS1_PASS_REASONS 10u
#define AEGIS1_REASONS 18u

struct aegis1_counters {
	struct aegis_counter reason[AEGIS1_REASONS];
	__u64 shared;
	__u64 contended;
};

struct aegis1_config {
	__u64 word[31]; /* the first of aegis3_config */
};

_Static_assert(sizeof(struct aegis1_counters) == 304, "ABI 1");
_Static_assert(sizeof(struct aegis1_config) == 248, "ABI 1");
_Static_assert(__builtin_offsetof(struct aegis3_config, deadline) == sizeof(struct aegis1_config), "ABI 1");

#endif
