/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The datapath as a library. Its maps lie in the memory of the caller, over those of the kernel or over
 * nothing; what it answers is what the program of the same source answers in the kernel.
 */
#ifndef AEGIS_HOST_H
#define AEGIS_HOST_H

#include <linux/types.h>

#include "aegis.h"

/* The maps that a policy is in. One belongs to one thread at a time. */
struct aegis_host;

/*
 * Looks into the map below. For a trie, the key is one to look for, and the value found may be that of a
 * shorter prefix. Returns 0, -ENOENT, or another negative errno.
 */
typedef int (*aegis_host_below)(void *context, enum aegis_map map, const void *key, void *value);

/* When, and where, a frame is judged; times in ns. */
struct aegis_host_moment {
	__u64 monotonic;
	__u64 boottime;
	__u32 cpu;
	__u32 pad;
};

struct aegis_host_frame {
	const __u8 *bytes;
	__u32 length;
	__u32 linear; /* of those, the bytes that a driver has laid out: at least the Ethernet header */
	__u32 ifindex;
	__u32 pad;
};

/* below: NULL for maps that are empty. NULL without memory. */
struct aegis_host *aegis_host_make(aegis_host_below below, void *context);
void aegis_host_free(struct aegis_host *host);

/* What was read of the maps below is forgotten, so that their values of now are seen. What was put stays. */
void aegis_host_forget(struct aegis_host *host);

/* Nothing of the map below is seen any more; an array has so many values, all zero. */
void aegis_host_begin_anew(struct aegis_host *host, enum aegis_map map, __u32 entries);

/* Lays a value, or the absence of one, over the map below. Returns 0, -ENOMEM or, for a longer prefix than
 * any key has, -EINVAL. */
int aegis_host_put(struct aegis_host *host, enum aegis_map map, const void *key, const void *value);
int aegis_host_remove(struct aegis_host *host, enum aegis_map map, const void *key);

/* The value of exactly this key; NULL where there is none. Good until the next change of the map. */
const void *aegis_host_value(struct aegis_host *host, enum aegis_map map, const void *key);

/* As bpf_map_lookup_elem(): of a trie, the value of the longest prefix. */
const void *aegis_host_look_up(struct aegis_host *host, enum aegis_map map, const void *key);

/* What below said since the last time it was asked for: a negative errno, or 0. */
int aegis_host_error(struct aegis_host *host);

/*
 * Judges a frame as aegis_trace() does in the kernel; the times of `trace` hold. Returns the reason, or a
 * negative errno: of what below said, -ENOMEM, or -EINVAL for a frame without an Ethernet header.
 */
int aegis_host_judge(struct aegis_host *host, const struct aegis_host_frame *frame, __u32 cpu,
		     struct aegis_trace *trace);

/* Judges and counts a frame as the attached program does; `action` gets an enum aegis_action. */
int aegis_host_filter(struct aegis_host *host, const struct aegis_host_frame *frame,
		      const struct aegis_host_moment *moment, __u32 *action);

#endif
