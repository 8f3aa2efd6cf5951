// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "table.h"

#define FEWEST_SLOTS 16

void host_table_make(struct host_table *table, enum aegis_map map, aegis_host_below below, void *context)
{
	memset(table, 0, sizeof(*table));
	table->row = aegis_map_row(map);
	table->below = below;
	table->context = context;
	table->entries = table->row.size == AEGIS_SIZE_FIXED ? table->row.entries : ~0u;
	table->key_at = (table->row.value_size + 7) & ~7u;
}

void host_table_empty(struct host_table *table)
{
	for (__u64 i = 0; table->slot && i <= table->mask; i++) {
		for (struct host_node *node = table->slot[i], *next; node; node = next) {
			next = node->next;
			free(node);
		}
	}
	free(table->slot);
	table->slot = NULL;
	table->mask = table->count = 0;
	table->error = 0;
	memset(table->put, 0, sizeof(table->put));
}

void host_table_forget(struct host_table *table)
{
	for (__u64 i = 0; table->slot && i <= table->mask; i++) {
		struct host_node **link = &table->slot[i];

		while (*link) {
			struct host_node *node = *link;

			if (node->state != HOST_READ) {
				link = &node->next;
				continue;
			}
			*link = node->next;
			table->count--;
			free(node);
		}
	}
}

static bool is_trie(const struct host_table *table)
{
	return table->row.type == BPF_MAP_TYPE_LPM_TRIE;
}

static bool is_array(const struct host_table *table)
{
	return table->row.type == BPF_MAP_TYPE_ARRAY || table->row.type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/* FNV-1a with a finalizer, because its own low bits are poor. */
static __u64 hash_of(const __u8 *key, __u32 size)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	for (__u32 i = 0; i < size; i++)
		hash = (hash ^ key[i]) * 0x100000001b3ULL;
	return hash ^ hash >> 29;
}

static __u32 length_of(const void *key)
{
	__u32 length;

	memcpy(&length, key, sizeof(length));
	return length;
}

/* Shortens the key of a trie to that length; the bits after it become zero. */
static void shorten(const struct host_table *table, void *key, __u32 length)
{
	__u32 whole = length / 8, bits = length % 8;
	__u8 *data = (__u8 *)key + sizeof(length);
	__u32 size = table->row.key_size - sizeof(length);

	memcpy(key, &length, sizeof(length));
	if (whole >= size)
		return;
	data[whole] &= (__u8)(0xff00 >> bits);
	memset(data + whole + 1, 0, size - whole - 1);
}

/* The length of the prefix that has this value, in bits of a key. */
static __u32 length_found(const struct host_table *table, const void *value)
{
	if (table->row.value_size == sizeof(struct aegis_rates))
		return ((const struct aegis_rates *)value)->length;
	if (table->row.role == AEGIS_ROLE_CLASSES)
		return ((const struct aegis_class_prefix *)value)->length;
	return ((const struct aegis_entry *)value)->prefix_length + AEGIS_KEY_HEAD_BITS;
}

static struct host_node *find(const struct host_table *table, const void *key)
{
	__u64 hash = hash_of(key, table->row.key_size);

	if (!table->slot)
		return NULL;
	for (struct host_node *node = table->slot[hash & table->mask]; node; node = node->next) {
		if (node->hash == hash && !memcmp(node->value + table->key_at, key, table->row.key_size))
			return node;
	}
	return NULL;
}

static int grow(struct host_table *table)
{
	__u64 slots = table->slot ? (table->mask + 1) * 2 : FEWEST_SLOTS;
	struct host_node **slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	for (__u64 i = 0; table->slot && i <= table->mask; i++) {
		for (struct host_node *node = table->slot[i], *next; node; node = next) {
			next = node->next;
			node->next = slot[node->hash & (slots - 1)];
			slot[node->hash & (slots - 1)] = node;
		}
	}
	free(table->slot);
	table->slot = slot;
	table->mask = slots - 1;
	return 0;
}

static struct host_node *insert(struct host_table *table, const void *key)
{
	struct host_node *node;

	if ((!table->slot || table->count > table->mask) && grow(table))
		return NULL;
	node = calloc(1, sizeof(*node) + table->key_at + table->row.key_size);
	if (!node)
		return NULL;
	node->hash = hash_of(key, table->row.key_size);
	node->state = HOST_READ;
	memcpy(node->value + table->key_at, key, table->row.key_size);
	node->next = table->slot[node->hash & table->mask];
	table->slot[node->hash & table->mask] = node;
	table->count++;
	return node;
}

int host_table_set(struct host_table *table, const void *key, const void *value)
{
	struct host_node *node = find(table, key);
	__u32 length = is_trie(table) ? length_of(key) : 0;

	if (length > HOST_BITS)
		return -EINVAL;
	if (!node)
		node = insert(table, key);
	if (!node)
		return -ENOMEM;
	table->put[length] -= node->state == HOST_PUT;
	node->state = value ? HOST_PUT : HOST_GONE;
	table->put[length] += node->state == HOST_PUT;
	if (value)
		memcpy(node->value, value, table->row.value_size);
	return 0;
}

static void *shown(struct host_node *node)
{
	return node && node->state != HOST_GONE ? node->value : NULL;
}

/* Asks the map below; NULL if nothing is found. `value` has room for one value. */
static bool ask(struct host_table *table, enum aegis_map map, const void *key, void *value)
{
	int error = table->below ? table->below(table->context, map, key, value) : -ENOENT;

	if (error && error != -ENOENT)
		table->error = error;
	return !error;
}

static struct host_node *keep(struct host_table *table, const void *key, const void *value)
{
	struct host_node *node = insert(table, key);

	if (!node)
		table->error = -ENOMEM;
	else if (value)
		memcpy(node->value, value, table->row.value_size);
	return node;
}

void *host_table_exact(struct host_table *table, enum aegis_map map, const void *key)
{
	union host_value value;
	struct host_node *node = find(table, key);
	bool is_there;

	if (node)
		return shown(node);
	is_there = ask(table, map, key, &value);
	if (is_trie(table) && is_there && length_found(table, &value) != length_of(key))
		return NULL;
	return is_there ? shown(keep(table, key, &value)) : NULL;
}

/* The longest prefix that was put. */
static struct host_node *longest_put(const struct host_table *table, const void *key)
{
	union host_key wanted;
	__u32 length = length_of(key);

	memcpy(&wanted, key, table->row.key_size);
	for (length = length < HOST_BITS ? length : HOST_BITS;; length--) {
		if (table->put[length]) {
			struct host_node *node;

			shorten(table, &wanted, length);
			node = find(table, &wanted);
			if (node && node->state == HOST_PUT)
				return node;
		}
		if (!length)
			return NULL;
	}
}

/* The longest prefix below that no value was laid over. */
static struct host_node *longest_below(struct host_table *table, enum aegis_map map, const void *key)
{
	union host_value value;
	union host_key wanted;

	memcpy(&wanted, key, table->row.key_size);
	while (ask(table, map, &wanted, &value)) {
		__u32 length = length_found(table, &value);
		struct host_node *node;

		/* A match is never longer than the key asked for; otherwise the map is not ours. */
		if (length > length_of(&wanted)) {
			table->error = -EUCLEAN;
			return NULL;
		}
		shorten(table, &wanted, length);
		node = find(table, &wanted);
		if (!node)
			return keep(table, &wanted, &value);
		if (node->state == HOST_READ)
			return node;
		if (!length)
			return NULL;
		shorten(table, &wanted, length - 1);
	}
	return NULL;
}

static void *look_up_trie(struct host_table *table, enum aegis_map map, const void *key)
{
	struct host_node *over = longest_put(table, key);
	struct host_node *below = table->below ? longest_below(table, map, key) : NULL;

	if (!over ||
	    (below && length_of(below->value + table->key_at) > length_of(over->value + table->key_at)))
		return below ? below->value : NULL;
	return over->value;
}

void *host_table_look_up(struct host_table *table, enum aegis_map map, const void *key)
{
	void *value;

	if (is_trie(table))
		return look_up_trie(table, map, key);
	if (!is_array(table))
		return host_table_exact(table, map, key);
	if (length_of(key) >= table->entries)
		return NULL;
	value = host_table_exact(table, map, key);
	return value ? value : shown(keep(table, key, NULL));
}
