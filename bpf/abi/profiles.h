/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_PROFILES_H
#define AEGIS_ABI_PROFILES_H

#include <linux/types.h>

/*
 * A profile is a set of settings, rates, rules and keys in both directions. Everything else is common to all.
 * Its number is the index of its settings in `config`, and part of the keys of its rates and keys.
 */
#define AEGIS_PROFILES 16u
#define AEGIS_PROFILE_MAIN 0u /* it always exists, has no name, and its keys hold in every profile */

/* The profile in force, in one word, so that one store switches every packet of both directions. */
#define AEGIS_PROFILE_SHIFT 56u
#define AEGIS_PROFILE_UNTIL ((1ull << AEGIS_PROFILE_SHIFT) - 1) /* 0: for good; then it is main again */
#define AEGIS_PROFILE_UNTIL_SHIFT 10u                           /* of ns of CLOCK_BOOTTIME */

/* Where the number is in the `family` of a key, whose lower bits are an enum aegis_family. */
#define AEGIS_PROFILE_FAMILY_SHIFT 4u

/* Where the profile of an interface is in its `flags`: its number plus one; 0: the one in force. */
#define AEGIS_PORT_PROFILE_SHIFT 24u
#define AEGIS_PORT_PROFILE_MASK 0x1fu

/* One in this many received packets is looked at for `when_rate`. */
#define AEGIS_WHEN_SAMPLE 64u

/* Value of `profiles`, by number. */
struct aegis_profile {
	__u64 in_force; /* of main: the profile in force << AEGIS_PROFILE_SHIFT | until when */
	__u64 since;    /* of main: ms since the Unix epoch when it was put into force; 0: never */
	__u64 switches; /* of main: how often */
	__u32 user;     /* of main: who put it into force */
	__u32 flags;    /* none yet */
	char name[40];  /* zero terminated and padded; empty: there is no such profile */
	/* Of main: a profile that the datapath puts into force by itself. */
	__u64 when_interval; /* ns in which AEGIS_WHEN_SAMPLE packets come at the rate; 0: there is none */
	__u64 when_depth;    /* ns that the packets may be ahead of the rate */
	__u64 when_tat;      /* ns of CLOCK_BOOTTIME, see rates.h */
	__u64 when_hold;     /* ns that it stays in force after the last time that the rate was exceeded */
	__u64 when_rate;     /* packets a second, as the operator gave it */
	__u64 engaged;       /* ns of CLOCK_BOOTTIME when it last came into force so; 0: never */
	__u32 when_profile;
	__u32 when_count; /* how often it came into force so */
};

_Static_assert(sizeof(struct aegis_profile) == 128, "ABI");

#endif
