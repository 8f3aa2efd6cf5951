/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_ADDRESS_H
#define AEGIS_ABI_ADDRESS_H

#include <linux/types.h>

struct aegis_address {
	__u8 octet[16]; /* network order; an IPv4 address is in the first four, the rest are zero */
};

struct aegis_prefix_v4 {
	__u32 length;   /* bits, 0 to 32 */
	__be32 address; /* host bits zero */
};

struct aegis_prefix_v6 {
	__u32 length; /* bits, 0 to 128 */
	struct aegis_address address;
};

enum aegis_direction {
	AEGIS_DIRECTION_IN,
	AEGIS_DIRECTION_OUT,
	AEGIS_DIRECTIONS,
};

enum aegis_family {
	AEGIS_FAMILY_ANY = 0,
	AEGIS_FAMILY_V4 = 4,
	AEGIS_FAMILY_V6 = 6,
};

_Static_assert(sizeof(struct aegis_prefix_v4) == 8, "ABI");
_Static_assert(sizeof(struct aegis_prefix_v6) == 20, "ABI");

#endif
