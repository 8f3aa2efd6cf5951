/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The difference in layouts up to 2: `meta` did not identify the build that loaded it. */
#ifndef AEGIS_PAST_ABI2_H
#define AEGIS_PAST_ABI2_H

#include "../aegis.h"

#define AEGIS2_LAYOUT 10186707949638119513ull /* of `meta` */

struct aegis2_meta {
	__u64 word[7]; /* the first of aegis_meta */
};

_Static_assert(__builtin_offsetof(struct aegis_meta, object) == sizeof(struct aegis2_meta), "ABI 2");

#endif
