// SPDX-License-Identifier: Apache-2.0
/*
 * Feeds packets to the relay, built for user space. An input is a `struct setup`, and then frames, each
 * behind a `struct arrival`. A frame is what the input holds, or is made and signed as a client does it, and
 * then damaged. Whatever they hold, these must be true:
 *
 * - nothing is read or written outside of the linear part of the frame;
 * - what goes to a destination has a right tag, has not expired, is of the user it names, and comes once: all
 * found out here again, from the bytes and not from what the relay has read;
 * - it leaves without the header and with the same payload, and what comes back leaves with the same payload;
 * - addresses are those of the user, and checksums that were right are right afterwards.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>

#include "frame.h"

#define CHECK(condition)                                                            \
	do {                                                                        \
		if (!(condition)) {                                                 \
			fprintf(stderr, "line %d: not " #condition "\n", __LINE__); \
			abort();                                                    \
		}                                                                   \
	} while (0)

#define USERS 4
#define MOST_FRAMES 64
#define LONGEST_FRAME 2048
#define INTERFACE 7
#define REAL 1764288000000000000ull /* ns, when the host started */

/* Helpers that only XDP has. */

static long bpf_xdp_adjust_head(struct aegis_frame *frame, int delta)
{
	if (frame->data + delta + ETH_HLEN > frame->data_end)
		return -1;
	frame->data += delta;
	frame->whole += delta;
	frame->size -= delta;
	return 0;
}

static long bpf_xdp_adjust_tail(struct aegis_frame *frame, int delta)
{
	CHECK(delta <= 0);
	if (frame->size + delta < ETH_HLEN)
		return -1;
	frame->size += delta;
	if (frame->size < (__u64)(frame->data_end - frame->data))
		frame->data_end = frame->data + frame->size;
	return 0;
}

static struct bpf_fib_lookup answer; /* what the kernel answers */
static long answered;
static uint32_t sent_to; /* an interface */

static long bpf_fib_lookup(void *frame, struct bpf_fib_lookup *asked, int size, __u32 flags)
{
	CHECK(size == sizeof(*asked) && asked->ifindex == INTERFACE);
	asked->ifindex = answer.ifindex;
	asked->mtu_result = answer.mtu_result;
	memcpy(asked->smac, answer.smac, sizeof(asked->smac));
	memcpy(asked->dmac, answer.dmac, sizeof(asked->dmac));
	return answered;
}

static long bpf_redirect(__u32 ifindex, __u64 flags)
{
	sent_to = ifindex;
	return XDP_REDIRECT;
}

#include "parse/ethernet.h"
#include "relay/forward.h"
#include "relay/judge.h"

/* The maps. */

static struct aegis_relay settings;
static struct aegis_relay_user users[USERS];
static struct aegis_host_moment moment;

void *host_look_up(enum aegis_map map, const void *key)
{
	static __u32 index;

	memcpy(&index, key, sizeof(index));
	if (map == AEGIS_MAP_relay)
		return index ? NULL : &settings;
	if (map == AEGIS_MAP_relay_user)
		return index < USERS ? &users[index] : NULL;
	if (map != AEGIS_MAP_relay_back)
		return NULL;
	for (index = 0; index < USERS; index++) {
		struct aegis_relay_back back = {.destination = users[index].destination,
						.port = users[index].port,
						.own_port = users[index].own_port,
						.family = users[index].family};

		if (!memcmp(&back, key, sizeof(back)))
			return &index;
	}
	return NULL;
}

const struct aegis_host_moment *host_moment(void)
{
	return &moment;
}

long host_update(enum aegis_map map, const void *key, const void *value, __u64 flags)
{
	CHECK(!"the relay writes no map");
	return -1;
}

struct aegis_trace *host_trace(void)
{
	return NULL;
}

__u32 host_random(void)
{
	return 4;
}

void *host_reserve(void)
{
	return NULL;
}

/* SipHash-2-4 once more, of bytes, with a result of 8 or 16. */

static uint64_t load(const uint8_t *from, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

static void store(uint8_t *to, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t left(uint64_t value, int by)
{
	return value << by | value >> (64 - by);
}

static void mix(uint64_t v[4], int count)
{
	while (count-- > 0) {
		v[0] += v[1], v[1] = left(v[1], 13) ^ v[0], v[0] = left(v[0], 32);
		v[2] += v[3], v[3] = left(v[3], 16) ^ v[2];
		v[0] += v[3], v[3] = left(v[3], 21) ^ v[0];
		v[2] += v[1], v[1] = left(v[1], 17) ^ v[2], v[2] = left(v[2], 32);
	}
}

static void hash(uint8_t *result, int size, const uint8_t key[16], const uint8_t *data, size_t length)
{
	uint64_t low = load(key, 8), high = load(key + 8, 8);
	uint64_t v[4] = {low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d, low ^ 0x6c7967656e657261,
			 high ^ 0x7465646279746573};

	v[1] ^= size == 16 ? 0xee : 0;
	for (size_t at = 0; at <= length; at += 8) {
		uint64_t word = length - at >= 8 ? load(data + at, 8)
						 : load(data + at, length - at) | (uint64_t)length << 56;

		v[3] ^= word;
		mix(v, 2);
		v[0] ^= word;
	}
	v[2] ^= size == 16 ? 0xee : 0xff;
	mix(v, 4);
	store(result, v[0] ^ v[1] ^ v[2] ^ v[3], 8);
	if (size == 16) {
		v[1] ^= 0xdd;
		mix(v, 4);
		store(result + 8, v[0] ^ v[1] ^ v[2] ^ v[3], 8);
	}
}

/* The tag that a header is to have. */
static uint64_t tag_of(const struct aegis_relay_key *master, const uint8_t *header, uint32_t udp_length)
{
	uint8_t own[16], tag[8], covered[26];

	hash(own, 16, (const uint8_t *)master, header + 4, 12);
	memcpy(covered, header, 24);
	store(covered + 24, udp_length, 2);
	hash(tag, 8, own, covered, sizeof(covered));
	return load(tag, 8);
}

/* The input. */

struct setup {
	uint8_t flags; /* enum setup_flag */
	uint8_t live;
	uint8_t number[2];
	uint16_t mtu;
	uint16_t rate; /* ms that a packet costs */
};

enum setup_flag { IS_UNROUTED = 1 << 0, IS_ELSEWHERE = 1 << 1, IS_NAMELESS = 1 << 2 };

struct arrival {
	uint16_t length;
	uint16_t linear; /* bytes that a driver has laid out; 0 is all */
	uint32_t pause;  /* ns since the one before, times 2^6 */
	int32_t ahead;   /* µs that the counter is ahead of the clock */
	uint16_t flip;   /* a bit that is changed at last, of the first 128 bytes; others: none */
	uint8_t user;
	uint8_t flags; /* enum arrival_flag */
};

enum arrival_flag {
	IS_MADE = 1 << 0,
	IS_BACK = 1 << 1,
	IS_ERROR = 1 << 2,  /* an ICMP error about what was sent to a destination */
	IS_SECOND = 1 << 3, /* under the second key */
	IS_EXPIRED = 1 << 4,
	IS_OLD = 1 << 5,   /* of another generation */
	IS_OTHER = 1 << 6, /* names another user */
	IS_MOVED = 1 << 7, /* the client has another port */
};

static bool is_v6(uint32_t user)
{
	return user & 1;
}

static struct aegis_address address(bool v6, uint8_t number)
{
	struct aegis_address made = {};

	made.octet[0] = v6 ? 0x20 : 192;
	made.octet[1] = v6 ? 0x01 : 0;
	made.octet[2] = 2;
	made.octet[v6 ? 15 : 3] = number;
	return made;
}

static void begin(const struct setup *setup)
{
	moment = (struct aegis_host_moment){.monotonic = 1ull << 40, .boottime = 1ull << 40};
	answer = (struct bpf_fib_lookup){.ifindex = setup->flags & IS_ELSEWHERE ? 9 : INTERFACE,
					 .mtu_result = setup->mtu,
					 .smac = {2, 1},
					 .dmac = {2, 2}};
	answered = setup->flags & IS_UNROUTED ? BPF_FIB_LKUP_RET_NO_NEIGH : BPF_FIB_LKUP_RET_SUCCESS;
	settings = (struct aegis_relay){.v4 = address(false, 1),
					.v6 = address(true, 1),
					.key = {{{1, 2}}, {{3, 4}}},
					.started = REAL / 1000,
					.epoch = REAL,
					.port = htons(4500),
					.first = 10000,
					.last = 10000 + USERS,
					.number = {setup->number[0], setup->number[1]},
					.live = setup->live,
					.mark = setup->live >> 2 & 1};
	memset(users, 0, sizeof(users));
	for (uint32_t i = 0; i < USERS; i++) {
		users[i].destination = address(is_v6(i), 100 + i);
		users[i].interval = (setup->rate * 1000000ull) << AEGIS_RELAY_TICK_SHIFT;
		users[i].depth = 8 * users[i].interval;
		users[i].port = htons(51820);
		users[i].own_port = htons(10000 + i);
		users[i].generation = i + 1;
		users[i].hash = 0x9e3779b9u * (i + 1);
		users[i].family = is_v6(i) ? AEGIS_FAMILY_V6 : AEGIS_FAMILY_V4;
		if (i == USERS - 1 && (setup->flags & IS_NAMELESS))
			users[i].family = AEGIS_FAMILY_ANY;
	}
}

/* A sum of words of 16 bits as they are in memory, folded: 0xffff over what has a right checksum. */
static uint32_t sum(uint32_t before, const uint8_t *data, uint32_t length)
{
	uint64_t total = before;

	for (uint32_t i = 0; i < length; i++)
		total += (uint64_t)data[i] << (i & 1 ? 8 : 0);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

/* Where the header behind IP begins; 0: it is not a plain packet that the frame holds all of. */
static uint32_t transport_of(const uint8_t *frame, uint32_t length, uint32_t *size)
{
	bool v6 = length > 14 && frame[14] >> 4 == 6;
	uint32_t start = v6 ? 54 : 34;

	if (length < start + 8 || (!v6 && frame[14] != 0x45))
		return 0;
	*size = v6 ? frame[18] << 8 | frame[19] : (uint32_t)(frame[16] << 8 | frame[17]) - 20;
	return *size >= 8 && *size <= length - start ? start : 0;
}

/* Of the header of IP and of what follows. */
static bool are_sums_right(const uint8_t *frame, uint32_t length)
{
	uint32_t size, start = transport_of(frame, length, &size), pseudo;
	bool v6 = start == 54;
	uint8_t protocol;

	if (!start || (!v6 && sum(0, frame + 14, 20) != 0xffff))
		return false;
	protocol = frame[v6 ? 20 : 23];
	if (protocol == IPPROTO_UDP && (uint32_t)(frame[start + 4] << 8 | frame[start + 5]) != size)
		return false;
	if (protocol == IPPROTO_UDP && !frame[start + 6] && !frame[start + 7])
		return true;
	pseudo = protocol == IPPROTO_ICMP
			 ? 0
			 : sum(htons(protocol) + htons(size), frame + (v6 ? 22 : 26), v6 ? 32 : 8);
	return sum(pseudo, frame + start, size) == 0xffff;
}

static void set_sums(uint8_t *frame, uint32_t start, uint32_t size)
{
	bool v6 = start == 54;
	uint8_t protocol = frame[v6 ? 20 : 23];
	uint32_t at = start + (protocol == IPPROTO_UDP ? 6 : 2);
	uint32_t pseudo = protocol == IPPROTO_ICMP
				  ? 0
				  : sum(htons(protocol) + htons(size), frame + (v6 ? 22 : 26), v6 ? 32 : 8);

	if (!v6)
		store(frame + 24, ~sum(0, frame + 14, 20), 2);
	store(frame + at, ~sum(pseudo, frame + start, size), 2);
	if (protocol == IPPROTO_UDP && !frame[at] && !frame[at + 1])
		store(frame + at, 0xffff, 2);
}

/* Writes a header of IP; returns its length. */
static uint32_t put_ip(uint8_t *to, bool v6, uint8_t protocol, const struct aegis_address *source,
		       const struct aegis_address *destination, uint32_t size)
{
	if (v6) {
		struct ipv6hdr ip = {.version = 6, .nexthdr = protocol, .hop_limit = 64};

		ip.payload_len = htons(size);
		memcpy(&ip.saddr, source, 16);
		memcpy(&ip.daddr, destination, 16);
		memcpy(to, &ip, sizeof(ip));
		return sizeof(ip);
	}
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = protocol};

	ip.tot_len = htons(size + sizeof(ip));
	ip.frag_off = htons(0x4000);
	memcpy(&ip.saddr, source, 4);
	memcpy(&ip.daddr, destination, 4);
	memcpy(to, &ip, sizeof(ip));
	return sizeof(ip);
}

static void put_udp(uint8_t *to, __be16 source, __be16 destination, uint32_t size)
{
	struct udphdr udp = {.source = source, .dest = destination, .len = htons(size)};

	memcpy(to, &udp, sizeof(udp));
}

static void put_header(uint8_t *to, const struct arrival *arrival, uint32_t udp_length)
{
	uint32_t number = arrival->user % USERS, second = !!(arrival->flags & IS_SECOND);
	uint64_t real = REAL + moment.boottime;
	const struct aegis_relay_user *user = &users[number];
	uint32_t generation = user->generation + !!(arrival->flags & IS_OLD);

	memset(to, 0, 32);
	to[0] = 1;
	to[1] = settings.number[second];
	store(to + 4, generation << AEGIS_RELAY_INDEX_BITS | number, 4);
	store(to + 8, real / 1000000000 + (arrival->flags & IS_EXPIRED ? 0 : 1), 4);
	store(to + 12, users[(number + !!(arrival->flags & IS_OTHER)) % USERS].hash, 4);
	store(to + 16, real / 1000 + arrival->ahead, 8);
	store(to + 24, tag_of(&settings.key[second], to, udp_length), 8);
}

/* Returns the length of the frame; its payload is what the input holds. */
static uint32_t make(uint8_t *frame, const struct arrival *arrival, const uint8_t *payload, uint32_t length)
{
	uint32_t number = arrival->user % USERS, start = is_v6(number) ? 54 : 34, size;
	bool v6 = is_v6(number), forth = !(arrival->flags & (IS_BACK | IS_ERROR));
	const struct aegis_address *own = v6 ? &settings.v6 : &settings.v4;
	struct aegis_address client = address(v6, 50), router = address(v6, 60);
	struct aegis_relay_user *user = &users[number];

	memset(frame, 0, 14);
	store(frame + 12, htons(v6 ? ETH_P_IPV6 : ETH_P_IP), 2);
	if (arrival->flags & IS_ERROR) {
		uint32_t inner = v6 ? 40 : 20;

		size = 8 + inner + 8 + length;
		put_ip(frame + 14, v6, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &router, own, size);
		memset(frame + start, 0, 8);
		frame[start] = v6 ? ICMPV6_PACKET_TOO_BIG : ICMP_DEST_UNREACHABLE;
		frame[start + 1] = v6 ? 0 : ICMP_FRAGMENTATION_NEEDED;
		store(frame + start + 6, htons(1400), 2);
		put_ip(frame + start + 8, v6, IPPROTO_UDP, own, &user->destination, 1000);
		put_udp(frame + start + 8 + inner, user->own_port, user->port, 1000);
		memcpy(frame + start + 8 + inner + 8, payload, length);
	} else {
		size = 8 + (forth ? 32 : 0) + length;
		put_ip(frame + 14, v6, IPPROTO_UDP, forth ? &client : &user->destination, own, size);
		put_udp(frame + start, forth ? htons(arrival->flags & IS_MOVED ? 6000 : 5000) : user->port,
			forth ? settings.port : user->own_port, size);
		if (forth)
			put_header(frame + start + 8, arrival, size);
		memcpy(frame + start + size - length, payload, length);
	}
	set_sums(frame, start, size);
	return start + size;
}

/* What is checked. */

static uint64_t taken[MOST_FRAMES][2]; /* user, counter */
static int taken_count;

static void check_forth(const uint8_t *before, uint32_t length)
{
	uint32_t size, start = transport_of(before, length, &size), index, udp_length;
	const uint8_t *header = before + start + 8;
	const struct aegis_relay_user *user;
	bool is_valid = false;

	CHECK(start && size >= 40);
	udp_length = before[start + 4] << 8 | before[start + 5];
	CHECK(udp_length >= 40 && udp_length <= size);
	CHECK(header[0] == 1 && !header[2] && !header[3]);
	for (int i = 0; i < 2; i++)
		is_valid |= (settings.live >> i & 1) && settings.number[i] == header[1] &&
			    tag_of(&settings.key[i], header, udp_length) == load(header + 24, 8);
	CHECK(is_valid);
	CHECK(load(header + 8, 4) > (REAL + moment.boottime) / 1000000000);
	index = load(header + 4, 4) & ((1 << AEGIS_RELAY_INDEX_BITS) - 1);
	CHECK(index < USERS);
	user = &users[index];
	CHECK(user->family == (start == 54 ? AEGIS_FAMILY_V6 : AEGIS_FAMILY_V4));
	CHECK(user->generation == load(header + 4, 4) >> AEGIS_RELAY_INDEX_BITS);
	CHECK(user->hash == load(header + 12, 4));
	CHECK(load(header + 16, 8) <= (REAL + moment.boottime) / 1000 + 60000000);
	for (int i = 0; i < taken_count; i++) {
		CHECK(taken[i][0] != index || taken[i][1] != load(header + 16, 8));
		CHECK(taken[i][0] != index || taken[i][1] < load(header + 16, 8) + 1000000);
	}
	taken[taken_count][0] = index;
	taken[taken_count++][1] = load(header + 16, 8);
}

static void check_sent(const uint8_t *before, uint32_t length, const uint8_t *after, uint32_t left,
		       const struct relayed *relayed, uint32_t cut)
{
	uint32_t size, start = transport_of(after, left, &size), bytes;

	CHECK(left == length - cut && start);
	bytes = start == 54 ? 16 : 4;
	CHECK(!memcmp(after + start + 8, before + start + 8 + cut, left - start - 8));
	CHECK(!memcmp(after + (start == 54 ? 22 : 26), &relayed->leaving.source, bytes));
	CHECK(!memcmp(after + (start == 54 ? 38 : 30), &relayed->leaving.destination, bytes));
	CHECK(after[start == 54 ? 21 : 22] == before[start == 54 ? 21 : 22] - 1);
	CHECK(!are_sums_right(before, length) || are_sums_right(after, left));
}

static void check_frame(const uint8_t *bytes, uint32_t length, uint32_t linear)
{
	uint8_t *copy = malloc(linear + 2), after[LONGEST_FRAME + 256];
	struct aegis_frame frame = {.data = copy + 2,
				    .data_end = copy + 2 + linear,
				    .whole = bytes,
				    .size = length,
				    .ifindex = INTERFACE,
				    .packets = 1};
	struct relayed relayed = {};
	struct packet packet;
	uint32_t left, way;
	int action;

	CHECK(copy);
	memcpy(copy + 2, bytes, linear);
	begin_packet(&packet, length);
	if (decides(parse(&frame, &packet, false)) || !(packet.relay = find_relay(&frame, &packet))) {
		free(copy);
		return;
	}
	way = RELAY_WAY(&packet);
	relayed.verdict = judge_relayed(&frame, &packet, &relayed);
	CHECK(!memcmp(copy + 2, bytes, linear));
	CHECK(relayed.verdict.action == aegis_reason_text(relayed.verdict.reason).action);
	if (relayed.mtu && way != RELAY_TOO_BIG)
		action = refuse(&frame, &packet, relayed.mtu);
	else if (relayed.verdict.action != AEGIS_PASS || !relayed.user)
		action = XDP_DROP;
	else
		action = way == RELAY_TOO_BIG ? translate(&frame, &packet, &relayed)
					      : forward(&frame, &packet, &relayed);
	/* Whatever is answered or sent on has proved itself, if it is from a client. */
	if (way == RELAY_FORTH && action != XDP_DROP)
		check_forth(bytes, length);
	CHECK(action == XDP_DROP || action == XDP_TX || action == XDP_REDIRECT);
	CHECK(action != XDP_REDIRECT || sent_to == (relayed.mtu ? INTERFACE : answer.ifindex));
	left = frame.size;
	CHECK(left <= length);
	memcpy(after, frame.data, frame.data_end - frame.data);
	if (left > (uint32_t)(frame.data_end - frame.data))
		memcpy(after + (frame.data_end - frame.data), bytes + linear,
		       left - (frame.data_end - frame.data));
	if (action != XDP_DROP && relayed.mtu && way != RELAY_TOO_BIG)
		CHECK(are_sums_right(after, left));
	else if (action != XDP_DROP && way == RELAY_TOO_BIG)
		CHECK(left == length && (!are_sums_right(bytes, length) || are_sums_right(after, left)));
	else if (action != XDP_DROP)
		check_sent(bytes, length, after, left, &relayed, way == RELAY_FORTH ? 32 : 0);
	free(copy);
}

static int take_input(const uint8_t **data, size_t *size, void *to, size_t bytes)
{
	if (*size < bytes)
		return 0;
	memcpy(to, *data, bytes);
	*data += bytes;
	*size -= bytes;
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t frame[LONGEST_FRAME + 256];
	struct arrival arrival;
	struct setup setup;

	if (!take_input(&data, &size, &setup, sizeof(setup)))
		return 0;
	begin(&setup);
	taken_count = 0;
	for (int i = 0; i < MOST_FRAMES && take_input(&data, &size, &arrival, sizeof(arrival)); i++) {
		uint32_t length = arrival.length % LONGEST_FRAME, linear;

		if (length > size)
			length = size;
		moment.monotonic = moment.boottime += (uint64_t)arrival.pause << 6;
		data += length;
		size -= length;
		if (arrival.flags & IS_MADE) {
			length = make(frame, &arrival, data - length, length);
			if (arrival.flip && arrival.flip / 8u < (length < 128 ? length : 128))
				frame[arrival.flip / 8] ^= 1 << arrival.flip % 8;
		} else {
			memcpy(frame, data - length, length);
		}
		linear = arrival.linear && arrival.linear < length ? arrival.linear : length;
		if (linear >= ETH_HLEN)
			check_frame(frame, length, linear);
	}
	return 0;
}
