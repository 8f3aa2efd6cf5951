/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The datapath as a library. Its maps are in the memory of the caller, layered over those of the kernel or
 * over empty maps. It returns what the program built from the same source returns in the kernel.
 */
#ifndef AEGIS_HOST_H
#define AEGIS_HOST_H

#include <linux/types.h>

#include "aegis.h"

/* The maps that hold a policy. Only one thread may use it at a time. */
struct aegis_host;

/*
 * Looks up a key in the map below. For a trie, this is a longest-prefix match: the value found may be that of
 * a shorter prefix. Returns 0, -ENOENT, or another negative errno.
 */
typedef int (*aegis_host_below)(void *context, enum aegis_map map, const void *key, void *value);

/* When and where a frame is judged; times in ns. */
struct aegis_host_moment {
	__u64 monotonic;
	__u64 boottime;
	__u32 cpu;
	__u32 pad;
};

struct aegis_host_frame {
	const __u8 *bytes;
	__u32 length;
	__u32 linear; /* of these, the bytes in the linear part: at least the header of the link */
	__u32 ifindex;
	__u32 packets;   /* that it is cut into later; 0 is 1 */
	__be16 protocol; /* of a frame without a header of the link; 0: it has one of Ethernet */
	__u8 leaves;     /* it is on its way out */
	/* enum aegis_socket; of a packet that leaves, established: of a connection that the host accepted */
	__u8 socket;
	__u32 sent;    /* bytes of all its packets, if the kernel worked them out; else 0 */
	__u32 segment; /* bytes of payload in the first of these packets; only if there are several */
};

/* below: NULL if the maps are empty. Returns NULL if there is no memory. */
struct aegis_host *aegis_host_make(aegis_host_below below, void *context);
void aegis_host_free(struct aegis_host *host);

/* Forgets what was read from the maps below, so that their current values are seen. Values put stay. */
void aegis_host_forget(struct aegis_host *host);

/* Hides the map below from now on. An array has `entries` values, all zero. */
void aegis_host_begin_anew(struct aegis_host *host, enum aegis_map map, __u32 entries);

/* Lays a value, or the absence of one, over the map below. Returns 0, -ENOMEM or, for a longer prefix than
 * any key has, -EINVAL. */
int aegis_host_put(struct aegis_host *host, enum aegis_map map, const void *key, const void *value);
int aegis_host_remove(struct aegis_host *host, enum aegis_map map, const void *key);

/* The value of exactly this key; NULL if there is none. Valid until the map changes. */
const void *aegis_host_value(struct aegis_host *host, enum aegis_map map, const void *key);

/* Like bpf_map_lookup_elem(): for a trie, the value of the longest prefix. */
const void *aegis_host_look_up(struct aegis_host *host, enum aegis_map map, const void *key);

/* A value of a map in `geo` or `drop`, or the beginning of the one of a map in `rules`. */
union aegis_host_node {
	struct aegis_geo_node geo;
	union aegis_prefix_element prefix;
};

/* One map in `geo`, `drop` or `rules`: what `below` returns for a key of these, valid for as long as the
 * host. */
struct aegis_host_nodes {
	const union aegis_host_node *node;
	__u32 count;
	__u32 pad;
};

/* Lays a map in one of these over the one below. The nodes stay the caller's. Without nodes, it is absent.
 */
void aegis_host_put_inner(struct aegis_host *host, enum aegis_map map, __u32 index,
			  struct aegis_host_nodes nodes);

/* The code of an address by the table in force; 0 is unknown. A negative errno is that of `below`. */
int aegis_host_country(struct aegis_host *host, __u8 family, const struct aegis_address *address);

/* The error of `below` since the last call: a negative errno, or 0. */
int aegis_host_error(struct aegis_host *host);

/*
 * Judges a frame as aegis_trace() does in the kernel; the times in `trace` apply. Returns the reason, or a
 * negative errno: that of `below`, -ENOMEM, or -EINVAL for a frame without an Ethernet header.
 */
int aegis_host_judge(struct aegis_host *host, const struct aegis_host_frame *frame, __u32 cpu,
		     struct aegis_trace *trace);

/* Judges and counts a frame as the attached program does. Stores an enum aegis_action in `action`. */
int aegis_host_filter(struct aegis_host *host, const struct aegis_host_frame *frame,
		      const struct aegis_host_moment *moment, __u32 *action);

#endif
