// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Everything that subjects are measured with: the empty programs, and the senders of many sources. */
#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_workload);
} workload SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_sender);
} sender SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subject SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BENCH_MS);
	__type(key, __u32);
	__type(value, __u64);
} sent SEC(".maps");

static __always_inline __be32 next_source(const struct bench_workload *work, struct bench_sender *state)
{
	__u64 random = state->random * 6364136223846793005ULL + 1442695040888963407ULL;
	__u32 index = (random >> 32) * work->sources >> 32;

	state->random = random;
	if (!(++state->packets & work->heavy_mask) && state->packets > work->heavy_after)
		return bpf_htonl(work->first - 1);
	if (work->in_turn)
		index = (__u32)state->packets % work->sources;
	return bpf_htonl(work->first + index);
}

/*
 * Gives a frame of UDP over IPv4 a random destination of 198.18.0.0/15, ports, TTL and TOS, and a random
 * length of at least `BENCH_SHORTEST` bytes, if the frame has as many.
 */
static __always_inline void vary(struct xdp_md *context, struct iphdr *ip, __u64 random)
{
	void *end = (void *)(long)context->data_end;
	struct udphdr *udp = (void *)(ip + 1);
	__u32 length, room = end - (void *)ip;

	if ((void *)(udp + 1) > end)
		return;
	udp->source = random >> 48;
	udp->dest = random >> 32;
	random = random * 6364136223846793005ULL + 1442695040888963407ULL;
	ip->daddr = bpf_htonl(0xc6120000 | (random >> 47));
	ip->ttl = (random >> 39 & 0xff) | 1;
	ip->tos = random >> 31;
	length = BENCH_SHORTEST + (((random >> 20) & 0x7ff) * (room - BENCH_SHORTEST) >> 11);
	if (room <= BENCH_SHORTEST)
		return;
	ip->tot_len = bpf_htons(length);
	udp->len = bpf_htons(length - sizeof(*ip));
}

static __always_inline __u16 checksum(__u32 sum, __be32 source)
{
	sum += (source & 0xffff) + (source >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Unused time is lost, except for one millisecond, so that no burst makes up for it. */
static __always_inline bool is_due(const struct bench_workload *work, struct bench_sender *state, __u64 now)
{
	__u64 ticks = now << BENCH_INTERVAL_SHIFT, slack = 1000000ULL << BENCH_INTERVAL_SHIFT;

	if (ticks < state->due)
		return false;
	state->due = (ticks - state->due > slack ? ticks : state->due) + work->interval;
	return true;
}

static __always_inline void stamp(const struct bench_workload *work, struct bench_sender *state, __u64 now)
{
	__u32 ms = (now - work->start) / 1000000;
	__u64 *count = bpf_map_lookup_elem(&sent, &ms);

	if (count)
		++*count;
	if (!state->first)
		state->first = now;
	state->last = now;
}

/* Runs the subject on the packet of a test run, which is always the same, with the next source address. */
SEC("xdp.frags")
int drive(struct xdp_md *context)
{
	const struct bench_workload *work = GLOBAL_VALUE(workload);
	struct bench_sender *state = GLOBAL_VALUE(sender);
	struct iphdr *ip = ipv4_of(context);

	if (!work || !state || !ip)
		return XDP_ABORTED;
	ip->saddr = next_source(work, state);
	if (work->is_varied)
		vary(context, ip, state->random);
	bpf_tail_call(context, &subject, 0);
	return XDP_ABORTED;
}

static __always_inline __u64 next_random(struct bench_sender *state)
{
	state->random = state->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return state->random ^ state->random >> 32;
}

/* Likewise over IPv6, from random sources in 2000::/3. */
SEC("xdp.frags")
int drive_v6(struct xdp_md *context)
{
	struct bench_sender *state = GLOBAL_VALUE(sender);
	struct ipv6hdr *ip = ipv6_of(context);
	__u32 *words;
	__u64 random;

	if (!state || !ip)
		return XDP_ABORTED;
	words = ip->saddr.in6_u.u6_addr32;
	random = next_random(state);
	words[0] = bpf_htonl((__u32)(random >> 35) | 0x20000000);
	words[1] = random;
	random = next_random(state);
	words[2] = random >> 32;
	words[3] = random;
	bpf_tail_call(context, &subject, 0);
	return XDP_ABORTED;
}

/* Sends a live frame on with the next source address when it is due. */
SEC("xdp")
int send(struct xdp_md *context)
{
	const struct bench_workload *work = GLOBAL_VALUE(workload);
	struct bench_sender *state = GLOBAL_VALUE(sender);
	struct iphdr *ip = ipv4_of(context);

	if (!work || !state || !ip)
		return XDP_ABORTED;
	if (work->is_stamped) {
		__u64 now = bpf_ktime_get_ns();

		if (work->interval && !is_due(work, state, now))
			return XDP_DROP;
		stamp(work, state, now);
	}
	ip->saddr = next_source(work, state);
	ip->check = checksum(work->sum, ip->saddr);
	if (work->is_varied)
		vary(context, ip, state->random);
	return bpf_redirect(work->interface, 0);
}

SEC("xdp.frags")
int empty_drop(struct xdp_md *context)
{
	return XDP_DROP;
}

SEC("xdp.frags")
int empty_pass(struct xdp_md *context)
{
	return XDP_PASS;
}

/* No limiter can be faster than this. */
SEC("xdp.frags")
int clock_drop(struct xdp_md *context)
{
	return bpf_ktime_get_ns() ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
