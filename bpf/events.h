/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports decisions on packets to a reader, within a budget: unlimited reporting would itself be an attack.
 */
#ifndef AEGIS_EVENTS_H
#define AEGIS_EVENTS_H

#include "bucket.h"
#include "frame.h"
#include "verdict.h"

/* Packets: the longest pause of a CPU after the budget is used up, unless the reader polls again earlier. */
#define EVENT_BACKOFF 1024u

static __always_inline __u32 direction_of(const struct packet *packet)
{
	return packet->traits & PACKET_LEAVES ? AEGIS_DIRECTION_OUT : AEGIS_DIRECTION_IN;
}

static __always_inline bool is_from(const struct aegis_event_filter *filter, const struct packet *packet)
{
	const __u64 *mask = (const __u64 *)&filter->mask, *wanted = (const __u64 *)&filter->source;
	const __u64 *source = (const __u64 *)source_of(packet);

	return filter->family == packet->family && (source[0] & mask[0]) == wanted[0] &&
	       (source[1] & mask[1]) == wanted[1];
}

/* Bit 0 of would_drop means none, because reason 0 is a reason to pass. */
static __always_inline bool is_wanted(const struct aegis_event_filter *filter, struct aegis_frame *frame,
				      const struct packet *packet, __u32 reason)
{
	__u64 reasons = 1ull << (reason & 63) | (1ull << (packet->would_drop & 63) & ~1ull);

	if (!(filter->reasons & reasons))
		return false;
	if (filter->ifindex && filter->ifindex != frame_interface(frame))
		return false;
	if (filter->directions && !(filter->directions & 1ull << direction_of(packet)))
		return false;
	if (filter->classes && !(filter->classes & 1ull << (packet->class & 63)))
		return false;
	return filter->family == AEGIS_FAMILY_ANY || is_from(filter, packet);
}

/* Random numbers from 0 to twice `mean`, averaging `mean`, so that sampling is never in step with the
 * traffic. */
static __always_inline __u32 random_about(__u32 mean)
{
	return mean ? bpf_get_prandom_u32() % (2 * mean + 1) : 0;
}

static __always_inline bool take_from_budget(struct aegis_event_filter *filter,
					     struct aegis_event_state *state, __u64 now)
{
	__u64 cost = aegis_cost(&filter->budget, 1);

	if (!filter->budget.interval || (aegis_limit(&filter->line, &filter->budget, 1, now, cost) &
					 AEGIS_OUTCOME_MASK) == AEGIS_CONFORMS) {
		state->backoff /= 2;
		return true;
	}
	if (state->backoff < EVENT_BACKOFF)
		state->backoff = state->backoff * 2 + 1;
	state->pause = random_about(state->backoff);
	return false;
}

static __always_inline void fill_event(struct aegis_event *event, struct aegis_frame *frame,
				       const struct packet *packet, __u32 reason)
{
	/* The length of all packets that it is cut into may be more than there is to read. */
	__u32 length = FRAME_MAY_BE_CUT ? frame_size(frame) : packet->frame_length;
	__u32 captured = length < AEGIS_EVENT_SNAP ? length : AEGIS_EVENT_SNAP;

	__builtin_memset(event, 0, __builtin_offsetof(struct aegis_event, packet));
	event->time = bpf_ktime_get_boot_ns();
	/* What only counts is behind a key that was found later. */
	event->found = (packet->found & ((1ull << AEGIS_FOUND_LIST_SHIFT) - 1)) |
		       (__u64)packet->list << AEGIS_FOUND_LIST_SHIFT;
	event->source = *source_of(packet);
	event->ifindex = frame_interface(frame);
	event->length = packet->frame_length;
	event->reason = reason;
	event->would_drop = packet->would_drop;
	event->rates = packet->rates;
	event->class = packet->class;
	event->rule = packet->rule;
	event->direction = direction_of(packet);
	event->family = packet->family;
	event->protocol = packet->protocol;
	event->network = packet->network;
	event->transport = packet->traits & PACKET_LATER_FRAGMENT ? 0 : packet->transport;
	event->destination = *destination_of(packet);
	event->source_port = packet->source_port;
	event->destination_port = packet->destination_port;
	/* The compiler knows that it is 1 to AEGIS_EVENT_SNAP, but the verifier must see it, without a
	 * branch: the verifier of Linux 6.1 learns nothing about a register from a copy of it. */
	asm volatile("" : "+r"(captured));
	captured = ((captured - 1) & (AEGIS_EVENT_SNAP - 1)) + 1;
	if (!frame_load(frame, 0, event->packet, captured))
		event->captured = captured;
}

/* Global functions, so that a packet that is not reported does not pay for them. */
AEGIS_GLOBAL __u32 tell(struct aegis_frame *frame, const struct packet *packet, __u32 reason)
{
	__u32 zero = 0;
	struct aegis_event_filter *filter = bpf_map_lookup_elem(&event_filter, &zero);
	struct aegis_event_state *state = bpf_map_lookup_elem(&event_state, &zero);
	struct aegis_event *event;

	if (!packet || !filter || !state)
		return 0;
	state->skip = filter->sample > 1 ? random_about(filter->sample - 1) : 0;
	if (!take_from_budget(filter, state, bpf_ktime_get_ns()))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		state->lost++;
		return 0;
	}
	fill_event(event, frame, packet, reason);
	/* The reader polls: waking it would cost more than the event. */
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	state->told++;
	return 0;
}

/* Reads the clock. Returns 0 if the reader is gone, and then switches events off in the datapath. */
AEGIS_GLOBAL __u32 check_reader(__u64 tick)
{
	__u32 zero = 0;
	const struct aegis_event_filter *filter = bpf_map_lookup_elem(&event_filter, &zero);
	struct aegis_event_state *state = bpf_map_lookup_elem(&event_state, &zero);
	struct aegis_config *settings = bpf_map_lookup_elem(&config, &zero);

	if (!filter || !state || !settings)
		return 0;
	state->tick = tick;
	if (bpf_ktime_get_ns() < filter->until)
		return 1;
	__sync_fetch_and_and(&settings->stages, ~AEGIS_STAGE_EVENTS);
	return 0;
}

/* The cost for packets that are not reported while there is a reader. */
static __always_inline void offer(struct aegis_frame *frame, struct packet *packet, struct verdict verdict)
{
	__u32 zero = 0;
	const struct aegis_event_filter *filter = bpf_map_lookup_elem(&event_filter, &zero);
	struct aegis_event_state *state = bpf_map_lookup_elem(&event_state, &zero);
	__u64 tick = bpf_jiffies64();

	if (!filter || !state)
		return;
	/* Reading the clock is expensive, and once per tick is enough. This comes first: otherwise nothing
	 * would notice that the reader is gone while the filter lets nothing through. */
	if (state->tick != tick && !check_reader(tick))
		return;
	if (!is_wanted(filter, frame, packet, verdict.reason))
		return;
	state->matched++;
	if (state->turn != filter->turn) {
		state->turn = filter->turn;
		state->pause = 0;
	}
	if (state->skip) {
		state->skip--;
		state->skipped++;
	} else if (state->pause) {
		state->pause--;
	} else {
		if (!packet->family)
			packet->peer = packet->local = (struct aegis_address){};
		tell(frame, packet, verdict.reason);
	}
}

#endif
