// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include <linux/if_ether.h>

#include "run.h"
#include "table.h"

/* Bytes, as in the kernel. */
#define NET_IP_ALIGN 2

/* A map in a map of maps, by a number after those of the catalogue. */
struct host_inner {
	struct host_map map;
	bool is_known; /* put, or read from below */
	bool is_put;
	struct aegis_host_nodes nodes;
};

/* Those of `geo`, behind them those of `drop`, and then those of `rules`. */
#define HOST_INNER_RULES (AEGIS_GEO_TABLES + AEGIS_PREFIX_TABLES)
#define HOST_INNER_MAPS (HOST_INNER_RULES + AEGIS_RULE_SETS)

struct aegis_host {
	struct host_table table[AEGIS_MAPS];
	struct host_inner inner[HOST_INNER_MAPS];
	struct aegis_host_moment moment;
	struct aegis_trace *trace;
	struct aegis_event event;
	__u32 random;
};

static _Thread_local struct aegis_host *current;

struct aegis_host *aegis_host_make(aegis_host_below below, void *context)
{
	struct aegis_host *host = calloc(1, sizeof(*host));

	if (!host)
		return NULL;
	for (__u32 map = 0; map < AEGIS_MAPS; map++)
		host_table_make(&host->table[map], map, below, context);
	for (__u32 i = 0; i < HOST_INNER_MAPS; i++)
		host->inner[i].map.map = AEGIS_MAPS + i;
	host->random = 1;
	return host;
}

void aegis_host_free(struct aegis_host *host)
{
	if (!host)
		return;
	for (__u32 map = 0; map < AEGIS_MAPS; map++)
		host_table_empty(&host->table[map]);
	free(host);
}

void aegis_host_begin_anew(struct aegis_host *host, enum aegis_map map, __u32 entries)
{
	host_table_empty(&host->table[map]);
	host->table[map].below = NULL;
	host->table[map].entries = entries;
}

void aegis_host_forget(struct aegis_host *host)
{
	for (__u32 map = 0; map < AEGIS_MAPS; map++)
		host_table_forget(&host->table[map]);
	for (__u32 i = 0; i < HOST_INNER_MAPS; i++)
		host->inner[i].is_known = host->inner[i].is_put;
}

/* NULL if the map of maps has no such index. */
static struct host_inner *inner_of(struct aegis_host *host, enum aegis_map map, __u32 index)
{
	if (index >= host->table[map].entries)
		return NULL;
	if (map == AEGIS_MAP_rules)
		index += HOST_INNER_RULES;
	else if (map == AEGIS_MAP_drop)
		index += AEGIS_GEO_TABLES;
	return &host->inner[index];
}

void aegis_host_put_inner(struct aegis_host *host, enum aegis_map map, __u32 index,
			  struct aegis_host_nodes nodes)
{
	struct host_inner *inner = inner_of(host, map, index);

	if (!inner)
		return;
	inner->nodes = nodes;
	inner->is_known = inner->is_put = true;
}

int aegis_host_put(struct aegis_host *host, enum aegis_map map, const void *key, const void *value)
{
	return host_table_set(&host->table[map], key, value);
}

int aegis_host_remove(struct aegis_host *host, enum aegis_map map, const void *key)
{
	return host_table_set(&host->table[map], key, NULL);
}

const void *aegis_host_value(struct aegis_host *host, enum aegis_map map, const void *key)
{
	return host_table_exact(&host->table[map], map, key);
}

const void *aegis_host_look_up(struct aegis_host *host, enum aegis_map map, const void *key)
{
	return host_table_look_up(&host->table[map], map, key);
}

int aegis_host_error(struct aegis_host *host)
{
	int error = 0;

	for (__u32 map = 0; map < AEGIS_MAPS; map++) {
		error = error ? error : host->table[map].error;
		host->table[map].error = 0;
	}
	return error;
}

static __u32 index_of(const void *key)
{
	__u32 index;

	memcpy(&index, key, sizeof(index));
	return index;
}

static void *look_up_inner(enum aegis_map map, __u32 index)
{
	struct host_table *table = &current->table[map];
	struct host_inner *inner = inner_of(current, map, index);

	if (!inner)
		return NULL;
	if (!inner->is_known) {
		int error = table->below ? table->below(table->context, map, &index, &inner->nodes) : -ENOENT;

		if (error)
			inner->nodes = (struct aegis_host_nodes){0};
		if (error && error != -ENOENT)
			table->error = error;
		inner->is_known = true;
	}
	return inner->nodes.node ? &inner->map : NULL;
}

static void *look_up_node(const struct aegis_host_nodes *nodes, __u32 number)
{
	return number < nodes->count ? (void *)&nodes->node[number] : NULL;
}

void *host_look_up(enum aegis_map map, const void *key)
{
	if (map == AEGIS_MAP_geo || map == AEGIS_MAP_drop || map == AEGIS_MAP_rules)
		return look_up_inner(map, index_of(key));
	if (map >= AEGIS_MAPS)
		return look_up_node(&current->inner[map - AEGIS_MAPS].nodes, index_of(key));
	return host_table_look_up(&current->table[map], map, key);
}

long host_update(enum aegis_map map, const void *key, const void *value, __u64 flags)
{
	if (flags == BPF_NOEXIST && host_table_exact(&current->table[map], map, key))
		return -EEXIST;
	return host_table_set(&current->table[map], key, value);
}

const struct aegis_host_moment *host_moment(void)
{
	return &current->moment;
}

struct aegis_trace *host_trace(void)
{
	return current->trace;
}

/* Xorshift (Marsaglia 2003): the same numbers in every run. */
__u32 host_random(void)
{
	__u32 random = current->random;

	random ^= random << 13;
	random ^= random >> 17;
	random ^= random << 5;
	return current->random = random;
}

void *host_reserve(void)
{
	return &current->event;
}

/*
 * The headers are read from a copy of exactly their size, so that reading beyond it is detected. The IP
 * header is aligned as drivers align it (NET_IP_ALIGN).
 */
static __u8 *copy_linear(const struct aegis_host_frame *frame, size_t align)
{
	__u8 *copy = malloc(frame->linear + align);

	if (copy)
		memcpy(copy + align, frame->bytes, frame->linear);
	return copy;
}

static int run(struct aegis_host *host, const struct aegis_host_frame *frame, __u32 *action)
{
	size_t align = frame->protocol ? 0 : NET_IP_ALIGN;
	struct host_frame headers;
	int reason, error;
	__u8 *copy;

	if (frame->linear < (frame->protocol ? 0 : ETH_HLEN) || frame->linear > frame->length)
		return -EINVAL;
	copy = copy_linear(frame, align);
	if (!copy)
		return -ENOMEM;
	headers = (struct host_frame){
		.data = copy + align,
		.data_end = copy + align + frame->linear,
		.whole = frame->bytes,
		.size = frame->length,
		.ifindex = frame->ifindex,
		.packets = frame->packets ? frame->packets : 1,
		.segment = frame->segment,
		.protocol = frame->protocol,
		.leaves = frame->leaves,
		.socket = frame->socket,
		.sent = frame->sent,
	};
	current = host;
	reason = (int)(action ? host_filter(&headers, action) : host_try(&headers));
	current = NULL;
	free(copy);
	error = aegis_host_error(host);
	return error ? error : reason;
}

int aegis_host_judge(struct aegis_host *host, const struct aegis_host_frame *frame, __u32 cpu,
		     struct aegis_trace *trace)
{
	int result;

	host->moment = (struct aegis_host_moment){trace->now, trace->boot, cpu, 0};
	host->trace = trace;
	result = run(host, frame, NULL);
	host->trace = NULL;
	return result;
}

int aegis_host_filter(struct aegis_host *host, const struct aegis_host_frame *frame,
		      const struct aegis_host_moment *moment, __u32 *action)
{
	host->moment = *moment;
	return run(host, frame, action);
}

int aegis_host_country(struct aegis_host *host, __u8 family, const struct aegis_address *address)
{
	int code, error;

	current = host;
	code = (int)host_country(family, address);
	current = NULL;
	error = aegis_host_error(host);
	return error ? error : code;
}
