/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The differences in layouts up to 5: the drop list was in hash maps for hosts and tries for prefixes, whose
 * sizes were that of `load --max-drops`. The stages said of each of them whether it was empty.
 */
#ifndef AEGIS_PAST_ABI5_H
#define AEGIS_PAST_ABI5_H

#include "../aegis.h"

/* Of the last build of layout 5; earlier ones lack some of its maps. */
#define AEGIS5_STAGES 0x7fffu
#define AEGIS5_MAPS 42u
#define AEGIS5_REASONS 34u
#define AEGIS5_VALUE_SIZE 23300u

/* Key of `drop_v4` is a __be32, and of `drop_v6` a struct aegis_address. */
#define AEGIS5_DROP_V4 "drop_v4"
#define AEGIS5_DROP_V6 "drop_v6"
#define AEGIS5_DROP_PREFIX_V4 "drop_prefix_v4"
#define AEGIS5_DROP_PREFIX_V6 "drop_prefix_v6"

enum aegis5_stage {
	AEGIS5_STAGE_DROP_V4 = 1 << 2,
	AEGIS5_STAGE_DROP_V6 = 1 << 3,
	AEGIS5_STAGE_DROP_PREFIX_V4 = 1 << 4,
	AEGIS5_STAGE_DROP_PREFIX_V6 = 1 << 5,
	AEGIS5_STAGES_DROP = AEGIS5_STAGE_DROP_V4 | AEGIS5_STAGE_DROP_V6 | AEGIS5_STAGE_DROP_PREFIX_V4 |
			     AEGIS5_STAGE_DROP_PREFIX_V6,
};

struct aegis5_config {
	__u64 word[37]; /* the first of aegis_config */
};

struct aegis5_meta {
	__u64 word[11]; /* the first of aegis_meta */
	struct aegis_reason_row reason[AEGIS_REASON_ROOM];
};

_Static_assert(__builtin_offsetof(struct aegis_config, drop_v4) == sizeof(struct aegis5_config), "ABI 5");
_Static_assert(__builtin_offsetof(struct aegis_meta, drops) == sizeof(struct aegis5_meta), "ABI 5");

#endif
