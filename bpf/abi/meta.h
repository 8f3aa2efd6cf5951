/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_META_H
#define AEGIS_ABI_META_H

#include <linux/types.h>
#include "reasons.h"

/*
 * Incremented when a value changes its shape or meaning, so that existing maps can no longer be read. Pure
 * additions (a reason, a map, a bit of `stages` or a field after the last one) leave it unchanged: a later
 * tool takes over what an earlier one loaded, and an earlier tool reads, but does not change, what a later
 * one loaded.
 */
#define AEGIS_ABI_VERSION 6u

#define AEGIS_PROGRAM "aegis"

/* The one value of `meta`: the instance's own description of what is loaded. */
struct aegis_meta {
	__u64 layout;     /* hash of the shapes, by the tool; equal if nothing was added */
	__u64 loaded_at;  /* seconds since the Unix epoch */
	__u32 abi;        /* AEGIS_ABI_VERSION */
	__u32 uid;        /* of the user who loaded it */
	char version[32]; /* of the tool that loaded it, zero terminated */
	__u64 object;     /* hash of the BPF object: distinguishes two builds of one layout */
	__u64 stages;     /* all bits of enum aegis_stage that it knows */
	__u32 maps;       /* number of maps in its catalogue */
	__u32 reasons;    /* number of values of `reason` in use */
	__u32 value_size; /* sum of the value sizes of all maps, in bytes */
	__u32 wire;       /* the kernel's number of the map `wire`; 0 if it was not noted */
	struct aegis_reason_row reason[AEGIS_REASON_ROOM];
	__u32 drops; /* load --max-drops: the most entries of each family that a drop list may have */
	__u32 pad;
};

_Static_assert(sizeof(struct aegis_meta) == 96 + 32 * AEGIS_REASON_ROOM, "ABI");

#endif
