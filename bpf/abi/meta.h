/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_META_H
#define AEGIS_ABI_META_H

#include <linux/types.h>
#include "reasons.h"

/*
 * Bumped when a value changes its shape or meaning, so that what is there cannot be read any more. What only
 * adds, a reason, a map, a bit of `stages` or a field behind the last, leaves it: a later tool takes over
 * what an earlier one loaded, and an earlier one reads, but does not change, what a later one loaded.
 */
#define AEGIS_ABI_VERSION 5u

#define AEGIS_PROGRAM "aegis"

/* The one value of `meta`: what is loaded, in its own words. */
struct aegis_meta {
	__u64 layout;     /* hash of the shapes, by the tool; equal where nothing was added */
	__u64 loaded_at;  /* seconds since the Unix epoch */
	__u32 abi;        /* AEGIS_ABI_VERSION */
	__u32 uid;        /* of who loaded it */
	char version[32]; /* of the tool that loaded it, zero terminated */
	__u64 object;     /* hash of the BPF object: tells two builds of one layout apart */
	__u64 stages;     /* all bits of enum aegis_stage that it knows */
	__u32 maps;       /* how many there are in its catalogue */
	__u32 reasons;    /* how many of `reason` are given out */
	__u32 value_size; /* bytes of a value of each map, in sum */
	__u32 pad;
	struct aegis_reason_row reason[AEGIS_REASON_ROOM];
};

_Static_assert(sizeof(struct aegis_meta) == 88 + 32 * AEGIS_REASON_ROOM, "ABI");

#endif
