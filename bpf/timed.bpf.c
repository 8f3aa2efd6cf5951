// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath between two reads of the clock, until a deadline. */
#define AEGIS_TIMES
#include "exit.h"
#include "log2.h"

/* By action, like `latency`, but of one measurement; behind that, the part of the operator's program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, AEGIS_ACTIONS + 1);
	__type(key, __u32);
	__type(value, struct aegis_latency);
} timing SEC(".maps");

/* ns of CLOCK_MONOTONIC. In its own map, so that it can be set just before links run this program. */
volatile __u64 timed_until SEC(".data.until") = 0;
bool timed_out;

/* A separate function: the verifier walks it once, and not for every path through the datapath. */
__attribute__((noinline)) int note_time(__u32 action, __u64 ns)
{
	__u32 log = log2_of(ns | 1 << AEGIS_LATENCY_SHIFT) - AEGIS_LATENCY_SHIFT;
	__u32 bucket = (log << AEGIS_LATENCY_SHIFT) + (__u32)(ns >> log);
	struct aegis_latency *noted = bpf_map_lookup_elem(&timing, &action);

	if (!noted)
		return 0;
	if (!noted->packets || ns < noted->least)
		noted->least = ns;
	if (ns > noted->most)
		noted->most = ns;
	noted->packets++;
	noted->ns += ns;
	if (bucket >= AEGIS_LATENCY_BUCKETS)
		bucket = AEGIS_LATENCY_BUCKETS - 1;
	noted->bucket[bucket]++;
	return 0;
}

SEC("xdp.frags")
int aegis_timed(struct xdp_md *frame)
{
	struct aegis_hook_work *work = hook_work_of();
	__u64 begin = timed_out ? 0 : bpf_ktime_get_ns(), end;
	struct verdict verdict;

	/* A packet that is given to the operator's program ends in leave(). */
	if (work)
		work->begun = begin;
	verdict = filter(frame);
	if (!begin)
		return act(verdict);
	end = bpf_ktime_get_ns();
	if (end < timed_until)
		note_time(verdict.action, end - begin);
	else
		timed_out = true;
	return act(verdict);
}

static __always_inline int leave(struct xdp_md *frame, struct verdict verdict)
{
	__u64 back = bpf_ktime_get_ns(), given = 0, end;
	struct aegis_hook_work *work = hook_work_of();

	if (work && work->layout == packet_layout())
		given = work->given;
	verdict = finish(frame, work, verdict);
	if (given) {
		end = bpf_ktime_get_ns();
		if (end < timed_until) {
			note_time(verdict.action, end - work->begun);
			note_time(AEGIS_ACTIONS, back - given);
		}
	}
	return act(verdict);
}

AEGIS_EXITS(leave)

/* Measures the clock itself: runs on any frame, as often as needed. */
SEC("xdp.frags")
int aegis_clock(struct xdp_md *frame)
{
	__u64 begin = bpf_ktime_get_ns();

	note_time(AEGIS_PASS, bpf_ktime_get_ns() - begin);
	return XDP_DROP;
}
