// SPDX-License-Identifier: Apache-2.0
/*
 * Feeds policies and frames to the datapath, built for user space as it is attached and as it is asked. An
 * input is a policy, in `struct order`s up to one of kind 0, and then frames, each behind a `struct arrival`.
 * Whatever they hold, these must be true of each frame:
 *
 * - both builds give the same reason, would drop for the same, and ask the same of the kernel;
 * - just that reason is counted, for each packet that the frame is cut into later, with all bytes of the
 * frame, or, if its first piece is shorter than any that a driver makes, at least those of the first piece,
 * and with the headers of each packet;
 * - the action is the one of the reason;
 * - asking once more charges nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include "host.h"

#define LINES 64
#define MOST_ORDERS 64
#define MOST_FRAMES 32
#define LONGEST_FRAME 2048

#define CHECK(condition)                                                            \
	do {                                                                        \
		if (!(condition)) {                                                 \
			fprintf(stderr, "line %d: not " #condition "\n", __LINE__); \
			abort();                                                    \
		}                                                                   \
	} while (0)

struct order {
	uint8_t kind; /* enum order_kind */
	uint8_t flags;
	uint8_t length; /* of the prefix */
	uint8_t protocol;
	uint16_t port;
	uint16_t number;
	uint8_t address[16];
};

enum order_kind { FRAMES, DROP, KEY, PORT_RATE, PREFIX_RATE, DEFAULT_RATE, SETTINGS, ORDER_KINDS };

/* Of `flags`. */
enum order_flag {
	IS_V6 = 1 << 0,
	IS_EXPIRED = 1 << 1,
	IS_MONITORED = 1 << 2,
	IS_PROTECTED = 1 << 3,
	IS_TOTAL = 1 << 4,
	IS_BYTES = 1 << 5,
	IS_WINDOW = 1 << 6,
	IS_PER_CPU = 1 << 7,
};

struct arrival {
	uint16_t length;
	uint16_t linear; /* bytes that a driver has laid out; 0 is all */
	uint32_t pause;  /* ns since the one before, times 2^10 */
	uint8_t cpu;
	uint8_t flags; /* enum arrival_flag */
	uint16_t packets;
};

enum arrival_flag {
	LEAVES = 1 << 0,
	IS_REPLY = 1 << 1,
	IS_BARE = 1 << 2,
	IS_BARE_V6 = 1 << 3,
	IS_WEIGHED = 1 << 4,
};

struct input {
	const uint8_t *data;
	size_t size;
};

static int take(struct input *input, void *to, size_t size)
{
	if (input->size < size)
		return 0;
	memcpy(to, input->data, size);
	input->data += size;
	input->size -= size;
	return 1;
}

/*
 * A drop list of one family: every filter says that everything may be there, and all entries are in the lines
 * of two buckets, so that look-ups walk.
 */
struct drops {
	union aegis_prefix_element element[160];
};

struct policy {
	struct aegis_host *host[2]; /* attached, asked */
	struct aegis_config config;
	uint32_t rates;        /* numbers given out */
	struct drops drops[2]; /* IPv4, IPv6 */
};

static void put(struct policy *policy, enum aegis_map map, const void *key, const void *value)
{
	for (int i = 0; i < 2; i++)
		CHECK(!aegis_host_put(policy->host[i], map, key, value));
}

/* Zero behind so many bits. */
static void mask(uint8_t *address, uint32_t bits)
{
	for (uint32_t i = 0; i < 16; i++, bits -= bits < 8 ? bits : 8)
		address[i] &= bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
}

static uint32_t width(const struct order *order)
{
	return order->flags & IS_V6 ? 128 : 32;
}

static uint32_t length(const struct order *order)
{
	return order->length % (width(order) + 1);
}

static struct aegis_entry entry(const struct order *order)
{
	return (struct aegis_entry){
		.expires = order->flags & IS_EXPIRED ? 1 : 0,
		.flags = order->flags & IS_MONITORED ? AEGIS_ENTRY_MONITOR : 0,
		.prefix_length = length(order),
	};
}

enum drops_place {
	FILTER = 1,
	BLOCKS = 5,
	BLOOM = 8,
	BUCKETS = 9,
	ENTRIES = 12,
	RECORDS = 156,
	ELEMENTS = 160,
	LINES_OF_DROPS = 3,
	BLOCK_LINES = 3,
};

static struct aegis_prefix_head *head_of(struct drops *drops)
{
	return (struct aegis_prefix_head *)drops->element;
}

/* Record 1 is expired, 2 monitors, and 3 does both. */
static void begin(struct drops *drops, int is_v6)
{
	struct aegis_prefix_head *head = head_of(drops);

	memset(drops, 0, sizeof(*drops));
	*head = (struct aegis_prefix_head){
		.seed = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9},
		.always = is_v6 ? 0xffff000000000001 : 1ull << 32,
		.filter = FILTER,
		.blocks = BLOCKS,
		.bloom = BLOOM,
		.buckets = BUCKETS,
		.entries = ENTRIES,
		.records = RECORDS,
		.elements = ELEMENTS,
		.lines = LINES_OF_DROPS,
		.block_lines = BLOCK_LINES,
		.shift = is_v6 ? 59 : 26,
		.bloom_shift = 54,
	};
	memset(&drops->element[FILTER], 0xff, (BLOCKS - FILTER) * sizeof(drops->element[0]));
	memset(&drops->element[BLOOM], 0xff, sizeof(drops->element[0]));
	for (int i = 1; i < 4; i++) {
		drops->element[RECORDS].record[i].expires = i & 1;
		drops->element[RECORDS].record[i].flags = i & 2 ? AEGIS_ENTRY_MONITOR : 0;
	}
}

static uint64_t word_of(const uint8_t *octets)
{
	uint64_t word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | octets[i];
	return word;
}

/* Puts a word in the first free place of its lines; what does not fit is left out. */
static void put_word(struct drops *drops, uint64_t mixed, uint64_t word, int is_v6)
{
	uint32_t line = aegis_prefix_line(mixed, LINES_OF_DROPS);

	for (int i = 0; i < LINES_OF_DROPS; i++) {
		__u64 *words =
			drops->element[BUCKETS + (is_v6 ? line / 2 : line)].word + (is_v6 ? line % 2 * 8 : 0);

		for (int place = 0; place < 8; place++) {
			if (words[place] >> AEGIS_PREFIX_KEY_SHIFT)
				continue;
			words[place] |= word;
			return;
		}
		words[0] |= AEGIS_PREFIX_OVERFLOW;
		line = (line + aegis_prefix_step(mixed, LINES_OF_DROPS)) % LINES_OF_DROPS;
	}
}

/* Has every length looked for below the first 32 bits. */
static void cover(struct drops *drops, uint64_t high)
{
	uint32_t top = high >> 32;
	uint64_t mixed = aegis_prefix_mix_block(top, head_of(drops)->seed[1]);
	uint32_t line = aegis_prefix_line(mixed, BLOCK_LINES);

	for (int i = 0; i < BLOCK_LINES; i++) {
		struct aegis_prefix_blocks *blocks = &drops->element[BLOCKS + line].blocks;

		for (unsigned int place = 0; place < AEGIS_PREFIX_BLOCKS; place++) {
			if (blocks->subs[place] && blocks->top[place] != top)
				continue;
			blocks->top[place] = top;
			blocks->subs[place] = ~0u;
			blocks->coarse[place] = ~0u;
			blocks->fine[place] = ~0ull;
			return;
		}
		blocks->overflow = 1;
		line = (line + aegis_prefix_step(mixed, BLOCK_LINES)) % BLOCK_LINES;
	}
}

static void drop_v4(struct policy *policy, const struct order *order, uint32_t record)
{
	struct drops *drops = &policy->drops[0];
	uint64_t seed = head_of(drops)->seed[0];
	uint64_t key = aegis_prefix_key_v4(word_of(order->address) >> 32, 1ull << (32 - length(order)));

	put_word(drops, aegis_prefix_mix_v4(key, seed),
		 key << AEGIS_PREFIX_KEY_SHIFT | (uint64_t)length(order) << AEGIS_PREFIX_LENGTH_SHIFT |
			 record,
		 0);
}

static void drop_v6(struct policy *policy, const struct order *order, uint32_t record)
{
	struct drops *drops = &policy->drops[1];
	struct aegis_prefix_head *head = head_of(drops);
	uint32_t number = head->entries_used, bits = length(order);
	uint64_t high = word_of(order->address), low = word_of(order->address + 8), mixed;

	if (number == (RECORDS - ENTRIES) * 4)
		return;
	if (bits > 64) {
		low = bits == 128 ? low : aegis_prefix_key_v6(low, 1ull << (128 - bits));
	} else {
		low = bits == 64 ? 1ull << 63 : 0;
		high = bits ? aegis_prefix_key_v6(high, 1ull << (64 - bits)) : 1ull << 63;
	}
	head->entries_used++;
	drops->element[ENTRIES + number / 4].entry[number % 4] = (struct aegis_prefix_entry){
		.high = high,
		.low = low,
		.record = record,
		.length = bits,
	};
	mixed = aegis_prefix_mix_v6(high, low, bits == 128, head->seed[0], head->seed[1]);
	if (bits > 32)
		cover(drops, high);
	put_word(drops, mixed, aegis_prefix_tag(mixed) << AEGIS_PREFIX_KEY_SHIFT | number, 1);
}

static void drop(struct policy *policy, const struct order *order)
{
	uint32_t record = (order->flags & IS_EXPIRED ? 1 : 0) | (order->flags & IS_MONITORED ? 2 : 0);

	if (order->flags & IS_V6) {
		drop_v6(policy, order, record);
		policy->config.stages |= AEGIS_STAGE_DROP_V6;
	} else {
		drop_v4(policy, order, record);
		policy->config.stages |= AEGIS_STAGE_DROP_V4;
	}
}

/* Once all entries are there. */
static void put_drops(struct policy *policy)
{
	for (uint32_t index = 0; index < 2; index++) {
		struct aegis_host_nodes nodes = {
			.node = (union aegis_host_node *)policy->drops[index].element,
			.count = ELEMENTS,
		};

		put(policy, AEGIS_MAP_drop_head, &index, head_of(&policy->drops[index]));
		for (int i = 0; i < 2; i++)
			aegis_host_put_inner(policy->host[i], AEGIS_MAP_drop, index, nodes);
	}
	policy->config.drop_v4 = policy->config.drop_v6 = 1;
}

static struct aegis_rate rate(struct policy *policy, const struct order *order)
{
	uint64_t interval = 1 + order->number * 1024ULL, burst = 1 + order->length;
	struct aegis_rate rate = {
		.interval = interval << AEGIS_INTERVAL_SHIFT,
		.depth = interval * burst,
		.period = 1 + order->protocol,
		.first_line = policy->rates % (LINES - 4),
		.line_mask = order->number & 3,
	};

	if (order->flags & IS_MONITORED)
		rate.flags |= AEGIS_RATE_MONITOR;
	if (order->flags & IS_BYTES)
		rate.flags |= AEGIS_RATE_BYTES;
	if (order->flags & IS_PER_CPU)
		rate.flags |= AEGIS_RATE_PER_CPU;
	if (order->flags & IS_WINDOW)
		rate.flags |= AEGIS_RATE_WINDOW;
	else if (order->number & 4)
		rate.flags |= AEGIS_RATE_FINE;
	return rate;
}

static void put_rate(struct policy *policy, struct aegis_rates *rates, const struct order *order)
{
	struct aegis_rule *rule = order->flags & IS_TOTAL ? &rates->total : &rates->source;

	if (order->flags & IS_BYTES)
		rule->bytes = rate(policy, order);
	else
		rule->packets = rate(policy, order);
	if (!rates->id)
		rates->id = ++policy->rates;
}

static struct aegis_key_prefix key_of(const struct order *order)
{
	struct aegis_key_prefix key = {.length = AEGIS_KEY_HEAD_BITS + length(order)};

	key.key.family = order->flags & IS_V6 ? AEGIS_FAMILY_V6 : AEGIS_FAMILY_V4;
	key.key.protocol = order->protocol;
	key.key.port = order->port;
	memcpy(&key.key.source, order->address, width(order) / 8);
	mask(key.key.source.octet, length(order));
	return key;
}

static void allow(struct policy *policy, const struct order *order)
{
	int protects = order->flags & IS_PROTECTED, host = length(order) == width(order);
	uint32_t source = host ? AEGIS_KEY_SOURCE_HOST : AEGIS_KEY_SOURCE_PREFIX;
	struct aegis_key_prefix key = key_of(order);
	struct aegis_entry value = entry(order);
	struct aegis_rates own = {};
	uint32_t ports = (key.key.protocol ? 0 : 2) + (key.key.port ? 0 : 1);
	uint16_t *shapes = protects ? &policy->config.protect_shapes : &policy->config.key_shapes;

	/* What monitors is a drop. */
	value.flags = protects ? AEGIS_ENTRY_PROTECTED : 0;
	if (order->flags & IS_TOTAL) {
		source = AEGIS_KEY_SOURCE_ANY;
		memset(&key.key.source, 0, sizeof(key.key.source));
		key.key.family = AEGIS_FAMILY_ANY;
		value.prefix_length = 0;
	}
	if ((order->flags & IS_BYTES) && !protects) {
		put_rate(policy, &own, order);
		value.rate = own.id;
		put(policy, AEGIS_MAP_key_rate, &own.id, &own);
	}
	if (source == AEGIS_KEY_SOURCE_PREFIX)
		put(policy, protects ? AEGIS_MAP_protect_prefix : AEGIS_MAP_key_prefix, &key, &value);
	else
		put(policy, protects ? AEGIS_MAP_protect : AEGIS_MAP_key, &key.key, &value);
	*shapes |= 1 << (ports << 2 | source);
}

static void rate_port(struct policy *policy, const struct order *order)
{
	struct aegis_port key = {.protocol = order->protocol, .port = order->port};
	struct aegis_rates rates = {};

	put_rate(policy, &rates, order);
	put(policy, AEGIS_MAP_rate_port, &key, &rates);
	policy->config.rate_shapes |= AEGIS_RATE_BY_PORT;
}

static void rate_prefix(struct policy *policy, const struct order *order)
{
	struct aegis_key_prefix key = key_of(order);
	struct aegis_rates rates = {.length = key.length};
	int total = order->flags & IS_TOTAL;

	if (!key.key.port)
		key.key.protocol = 0;
	put_rate(policy, &rates, order);
	put(policy, total ? AEGIS_MAP_total_prefix : AEGIS_MAP_rate_prefix, &key, &rates);
	if (key.key.port)
		policy->config.rate_shapes |=
			total ? AEGIS_TOTAL_BY_PORT_AND_PREFIX : AEGIS_RATE_BY_PORT_AND_PREFIX;
	else
		policy->config.rate_shapes |= total ? AEGIS_TOTAL_BY_PREFIX : AEGIS_RATE_BY_PREFIX;
}

static void settle(struct policy *policy, const struct order *order)
{
	if (order->flags & IS_MONITORED)
		policy->config.stages |= AEGIS_STAGE_MONITOR;
	if (order->flags & IS_EXPIRED) {
		policy->config.stages |= AEGIS_STAGE_DEADLINE;
		policy->config.deadline = order->number;
	}
	if (!(order->flags & IS_V6))
		policy->config.stages |= AEGIS_STAGE_DENY;
	memset(&policy->config.mask_v4, 0xff, 4);
	memset(&policy->config.mask_v6, 0xff, 16);
	mask(policy->config.mask_v4.octet, order->length % 33);
	mask(policy->config.mask_v6.octet, order->length % 129);
	memcpy(policy->config.seed, order->address, 16);
}

static void announce_rates(struct policy *policy)
{
	struct aegis_config *config = &policy->config;
	int simple = config->rates.source.packets.interval && !config->rates.source.bytes.interval &&
		     !config->rates.total.packets.interval && !config->rates.total.bytes.interval;

	if (config->rates.id || config->rate_shapes)
		config->stages |= AEGIS_STAGE_RATE;
	if (simple && !config->rate_shapes)
		config->stages |= AEGIS_STAGE_RATE_SIMPLE;
}

static int read_policy(struct policy *policy, struct input *input)
{
	const uint32_t zero = 0;
	struct order order;

	policy->config.stages = AEGIS_STAGE_CONFIGURED;
	begin(&policy->drops[0], 0);
	begin(&policy->drops[1], 1);
	for (int i = 0; i < MOST_ORDERS; i++) {
		if (!take(input, &order, sizeof(order)))
			return 0;
		switch (order.kind % ORDER_KINDS) {
		case DROP:
			drop(policy, &order);
			continue;
		case KEY:
			allow(policy, &order);
			continue;
		case PORT_RATE:
			rate_port(policy, &order);
			continue;
		case PREFIX_RATE:
			rate_prefix(policy, &order);
			continue;
		case DEFAULT_RATE:
			put_rate(policy, &policy->config.rates, &order);
			continue;
		case SETTINGS:
			settle(policy, &order);
			continue;
		}
		break;
	}
	announce_rates(policy);
	put_drops(policy);
	put(policy, AEGIS_MAP_config, &zero, &policy->config);
	return 1;
}

static struct aegis_counters counters_of(struct aegis_host *host)
{
	const uint32_t other = AEGIS_BLOCK_OTHER;
	const struct aegis_counters *counts = aegis_host_value(host, AEGIS_MAP_counters, &other);

	return counts ? *counts : (struct aegis_counters){};
}

/* Of a frame in several pieces, a driver's first one is longer than this. */
#define SHORT_PIECE 1522

static void check_counted(const struct aegis_counters *before, const struct aegis_counters *after, int reason,
			  uint32_t would_drop, const struct aegis_host_frame *frame)
{
	uint32_t least = frame->linear > SHORT_PIECE ? frame->length : frame->linear;
	uint64_t count = frame->packets ? frame->packets : 1;
	/* A fragment need not have all of the header that it tells of. */
	uint64_t most = (frame->length + (count > 1 ? 60 : 0)) * count;

	for (int i = 0; i < (int)AEGIS_REASON_ROOM; i++) {
		uint64_t packets = after->reason[i].packets - before->reason[i].packets;
		uint64_t bytes = after->reason[i].bytes - before->reason[i].bytes;
		uint64_t would = after->would_drop[i].packets - before->would_drop[i].packets;

		CHECK(packets == (i == reason) * count);
		CHECK(bytes >= (i == reason) * least);
		CHECK(bytes <= (i == reason) * (most > frame->sent ? most : frame->sent));
		CHECK(would == (would_drop && (uint32_t)i == would_drop) * count);
	}
}

static void check_frame(struct policy *policy, const struct aegis_host_frame *frame,
			const struct aegis_host_moment *moment)
{
	struct aegis_trace trace = {.now = moment->monotonic, .boot = moment->boottime};
	struct aegis_trace again = trace, charged = trace;
	struct aegis_counters before = counters_of(policy->host[0]), after;
	int looked, reason, traced;
	uint32_t action;

	looked = aegis_host_judge(policy->host[1], frame, moment->cpu, &trace);
	CHECK(aegis_host_judge(policy->host[1], frame, moment->cpu, &again) == looked);
	CHECK(!memcmp(&trace, &again, sizeof(trace)));
	charged.charges = 1;
	traced = aegis_host_judge(policy->host[1], frame, moment->cpu, &charged);
	reason = aegis_host_filter(policy->host[0], frame, moment, &action);
	after = counters_of(policy->host[0]);
	CHECK(reason >= 0 && reason < AEGIS_REASON_COUNT);
	CHECK(traced == reason && looked == reason);
	CHECK(action == aegis_reason_text(reason).action);
	CHECK(charged.action == action && charged.reason == (uint32_t)reason);
	CHECK(charged.would_drop == trace.would_drop);
	check_counted(&before, &after, reason, charged.would_drop, frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct aegis_host_moment moment = {.monotonic = 1ULL << 40, .boottime = 1ULL << 40};
	struct policy policy = {};
	struct arrival arrival;

	for (int i = 0; i < 2; i++) {
		policy.host[i] = aegis_host_make(NULL, NULL);
		CHECK(policy.host[i]);
		aegis_host_begin_anew(policy.host[i], AEGIS_MAP_cells, LINES);
	}
	for (int i = read_policy(&policy, &input) ? 0 : MOST_FRAMES;
	     i < MOST_FRAMES && take(&input, &arrival, sizeof(arrival)); i++) {
		struct aegis_host_frame frame = {.bytes = input.data};

		frame.packets = arrival.packets;
		frame.leaves = !!(arrival.flags & LEAVES);
		frame.socket = arrival.flags & IS_REPLY ? AEGIS_SOCKET_ESTABLISHED : AEGIS_SOCKET_NONE;
		if (arrival.flags & IS_BARE)
			frame.protocol = htons(arrival.flags & IS_BARE_V6 ? ETH_P_IPV6 : ETH_P_IP);
		if (arrival.flags & IS_WEIGHED)
			frame.sent = arrival.pause;
		frame.length = 14 + arrival.length % LONGEST_FRAME;
		if (frame.length > input.size)
			frame.length = input.size;
		frame.linear = arrival.linear ? 14 + arrival.linear % LONGEST_FRAME : frame.length;
		if (frame.linear > frame.length)
			frame.linear = frame.length;
		if (frame.length < 14)
			break;
		moment.monotonic += (uint64_t)arrival.pause << 10;
		moment.boottime += (uint64_t)arrival.pause << 10;
		moment.cpu = arrival.cpu % 4;
		check_frame(&policy, &frame, &moment);
		input.data += frame.length;
		input.size -= frame.length;
	}
	for (int i = 0; i < 2; i++)
		aegis_host_free(policy.host[i]);
	return 0;
}
