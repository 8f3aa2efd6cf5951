/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_CLASSES_H
#define AEGIS_ABI_CLASSES_H

#include <linux/types.h>
#include "counters.h"
#include "geo.h"

/*
 * A class is a name for a part of all addresses. An address has exactly one: that of the longest prefix that
 * contains it, or else that of its country, or else foreign.
 */
#define AEGIS_CLASSES 64u

enum aegis_class_number {
	AEGIS_CLASS_NONE,    /* no address was read, or nothing asks for classes */
	AEGIS_CLASS_FOREIGN, /* no class names the address */
	AEGIS_CLASS_FIRST,   /* of the classes with a name of their own */
};

/* Value of `classes`, by number. */
struct aegis_class {
	char name[32]; /* zero terminated and padded; empty: there is no such class */
};

/* The one value of `country_class`: the class of each code of a country; AEGIS_CLASS_NONE: no class names it.
 */
struct aegis_country_classes {
	__u8 number[1u << AEGIS_GEO_CODE_BITS];
};

/* Value of `class_prefix`; its key has neither protocol nor port. */
struct aegis_class_prefix {
	__u32 number; /* of the class */
	__u32 length; /* of its key: a lookup may return a shorter prefix */
};

/* Value of `class_counters`, by number, per CPU: packets of all interfaces whose address was judged. */
struct aegis_class_counters {
	struct aegis_counter verdict[2]; /* by enum aegis_action */
	struct aegis_counter would_drop; /* as in struct aegis_counters */
};

/* Prefixes of all classes together. */
#define AEGIS_CLASS_PREFIXES 8192u

_Static_assert(AEGIS_CLASS_FOREIGN == 1, "the datapath makes it of AEGIS_CLASS_NONE");
_Static_assert(sizeof(struct aegis_class_counters) == 48, "ABI");

#endif
