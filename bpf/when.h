/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts a profile into force by itself, while more packets are received than a rate. */
#ifndef AEGIS_WHEN_H
#define AEGIS_WHEN_H

#include "count.h"
#include "profile.h"

/* Returns whether it is over; if not, charges it. As in gcra.h: what is over is not charged. */
static __always_inline bool is_received_over(struct aegis_profile *head, __u64 samples, __u64 now)
{
	__u64 tat = *(volatile __u64 *)&head->when_tat;
	__u64 from = tat > now ? tat : now;

	if (from - now > head->when_depth)
		return true;
	/* A sample that another CPU forestalls is lost, among many. */
	__sync_val_compare_and_swap(&head->when_tat, tat, from + samples * head->when_interval);
	return false;
}

/*
 * Puts the profile into force, or leaves it there for longer. One that somebody put into force, besides main,
 * stays; who switches at the same moment wins.
 */
static __always_inline void engage(struct aegis_profile *head, __u64 now)
{
	__u64 word = *(volatile __u64 *)&head->in_force, until = word & AEGIS_PROFILE_UNTIL;
	__u64 end = (now + head->when_hold) >> AEGIS_PROFILE_UNTIL_SHIFT;
	__u64 number = word >> AEGIS_PROFILE_SHIFT, wanted = head->when_profile;
	bool is_main = number == AEGIS_PROFILE_MAIN || (until && now >> AEGIS_PROFILE_UNTIL_SHIFT >= until);

	if (!is_main && (number != wanted || !until || until >= end))
		return;
	if (__sync_val_compare_and_swap(&head->in_force, word, wanted << AEGIS_PROFILE_SHIFT | end) != word)
		return;
	if (is_main) {
		head->engaged = now;
		__sync_fetch_and_add(&head->when_count, 1);
	}
}

/* A global function: only samples pay for it. */
AEGIS_GLOBAL __u32 take_samples(__u64 samples)
{
	__u32 main = AEGIS_PROFILE_MAIN;
	struct aegis_profile *head = bpf_map_lookup_elem(&profiles, &main);
	__u64 now = boottime_ns();

	if (!head || !head->when_interval)
		return 0;
	if (is_received_over(head, samples, now))
		engage(head, now);
	return 0;
}

/*
 * Samples one in AEGIS_WHEN_SAMPLE packets of each CPU, interface and reason: those at which their counter,
 * which has just counted them, passes a multiple of it.
 */
static __always_inline void sample_received(const struct aegis_counters *counts, struct verdict verdict,
					    const struct packet *packet)
{
	__u32 reason = verdict.reason;
	__u64 after, samples;

	asm volatile("" : "+r"(reason));
	if (!counts || reason >= AEGIS_REASON_ROOM)
		return;
	after = counts->reason[reason].packets;
	samples = after / AEGIS_WHEN_SAMPLE - (after - packets_of(packet)) / AEGIS_WHEN_SAMPLE;
	if (samples)
		take_samples(samples);
}

#endif
