/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_SURVEY_H
#define AEGIS_ABI_SURVEY_H

#include <linux/types.h>
#include "address.h"

/*
 * What sources really send, recorded only on request, to propose a rate. Counts packets that reach the
 * limiter. Sources that come when the map is full are not recorded, but count as missed.
 */
#define AEGIS_SURVEY_SOURCES 65536u
#define AEGIS_SURVEY_WINDOW 100000000ULL /* ns */

/* Key of `survey`; the all-zero key holds the missed ones. */
struct aegis_survey_key {
	struct aegis_address source; /* masked as the limiter sees it */
	__u32 family;                /* enum aegis_family */
};

struct aegis_survey {
	__u64 packets;
	__u64 bytes;
	__u64 window;  /* ns of CLOCK_MONOTONIC / AEGIS_SURVEY_WINDOW of the last packet */
	__u32 current; /* packets in that window */
	__u32 peak;    /* packets in the fullest window */
};

_Static_assert(sizeof(struct aegis_survey_key) == 20, "ABI");
_Static_assert(sizeof(struct aegis_survey) == 32, "ABI");

#endif
