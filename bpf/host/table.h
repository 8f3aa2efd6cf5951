/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One map in memory: values laid over the map below, and copies of values found there. */
#ifndef AEGIS_HOST_TABLE_H
#define AEGIS_HOST_TABLE_H

#include <stdbool.h>

#include "host.h"

/* The longest prefix of any key, in bits. */
#define HOST_BITS (AEGIS_KEY_HEAD_BITS + 128)

/* Room for a key, and for a value, of any map. */
#define HOST_KEY_MEMBER(name, type, flags, entries, key, value, ...) key name;
#define HOST_VALUE_MEMBER(name, type, flags, entries, key, value, ...) value name;
#define HOST_RAW_MEMBER(name, type, entries, key, value, ...) __u32 name;
union host_key {
	AEGIS_CATALOGUE(HOST_KEY_MEMBER, HOST_RAW_MEMBER)
};
union host_value {
	AEGIS_CATALOGUE(HOST_VALUE_MEMBER, HOST_RAW_MEMBER)
};

enum host_state {
	HOST_PUT,  /* laid over what is below */
	HOST_GONE, /* likewise, but absent */
	HOST_READ, /* a copy of a value below */
};

struct host_node {
	struct host_node *next;
	__u64 hash;
	enum host_state state;
	__u32 pad;
	__u8 value[]; /* aligned like a pointer; padding and the key follow */
};

struct host_table {
	struct aegis_map_row row;
	aegis_host_below below; /* NULL: empty */
	void *context;
	__u32 entries; /* of an array */
	__u32 key_at;  /* offset of the key behind the value */
	__u64 mask;    /* number of slots less one */
	__u64 count;   /* nodes */
	struct host_node **slot;
	__u32 put[HOST_BITS + 1]; /* of a trie: nodes that were put, by length */
	int error;                /* negative errno from the map below; 0 is none */
};

void host_table_make(struct host_table *table, enum aegis_map map, aegis_host_below below, void *context);
void host_table_empty(struct host_table *table);

/* After this, lookups ask the map below again. */
void host_table_forget(struct host_table *table);

/* Like bpf_map_lookup_elem(). */
void *host_table_look_up(struct host_table *table, enum aegis_map map, const void *key);

/* The value of exactly this key; NULL if there is none. */
void *host_table_exact(struct host_table *table, enum aegis_map map, const void *key);

/* Returns 0 or -ENOMEM. value: NULL makes the key absent. */
int host_table_set(struct host_table *table, const void *key, const void *value);

#endif
