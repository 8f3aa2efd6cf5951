/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The limiter, independent of the kernel: the time and the set are arguments, so that the host can compile it
 * too and a test can control the clock.
 */
#ifndef AEGIS_GCRA_H
#define AEGIS_GCRA_H

#include <stdbool.h>

#include "aegis.h"
#include "global.h"

#define AEGIS_CAS_ATTEMPTS 8

/*
 * ns. A debt may look larger than its rate allows because `now` was read before another CPU charged the
 * bucket; cutting that debt would admit too much. Only a debt that is larger by more than any such delay
 * comes from another rate.
 */
#define AEGIS_CLOCK_SLACK 1000000000ULL

/*
 * Powers of two: the most packets and bytes that a buffer is charged for which is cut into packets later (BIG
 * TCP, with room for short segments). It is charged even if it is more than the depth, and a debt of that
 * size must not be cut either.
 */
#define AEGIS_MOST_PACKETS_SHIFT 11u
#define AEGIS_MOST_BYTES_SHIFT 20u

enum aegis_outcome {
	AEGIS_CONFORMS,
	AEGIS_EXCEEDS,
	AEGIS_CONTENDED, /* EXCEEDS, because the way changed under every attempt */
	AEGIS_OUTCOME_MASK = 3,
	AEGIS_SHARED = 1 << 2, /* set beside the outcome: no way was free, so the shared word judged */
};

/* Murmur3's finalizer with secret multipliers: a set cannot be aimed at without them. */
static inline __attribute__((always_inline)) __u64 aegis_hash(const __u64 seed[3], __u64 high, __u64 low,
							      __u32 bucket)
{
	__u64 hash = (high ^ seed[0]) * (seed[1] | 1);

	hash = ((hash ^ hash >> 32) + (low ^ bucket)) * (seed[2] | 1);
	hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

/* The line of a bucket, from any number that distinguishes the rate's buckets. */
static inline __attribute__((always_inline)) __u32 aegis_line_index(const struct aegis_rate *rate,
								    __u32 number)
{
	return rate->first_line + (number & rate->line_mask);
}

/* The tag comes from bits that do not choose the line; it is never 0. */
static inline __attribute__((always_inline)) __u64 aegis_tag(__u64 hash)
{
	__u64 tag = hash >> 49;

	return tag ? tag : 1;
}

/* The way that a source prefers, 1 to AEGIS_WAYS, from bits that neither the tag nor the line uses. */
static inline __attribute__((always_inline)) __u32 aegis_home(__u64 hash)
{
	return 1 + ((__u32)(hash >> 33 & 0xffff) * AEGIS_WAYS >> 16);
}

static inline __attribute__((always_inline)) __u64 aegis_way_tag(__u64 way)
{
	return way >> AEGIS_TAT_BITS & AEGIS_TAG_MASK;
}

/* How many bits finer than 1 ns the way's ticks are. */
static inline __attribute__((always_inline)) __u32 aegis_way_shift(__u64 way)
{
	return (way >> 63) * AEGIS_FINE_SHIFT;
}

/*
 * How far the way's TAT lies ahead, in its own ticks; 0 once it has passed or wrapped. One on the horizon
 * lies beyond it for a CPU that read the clock before. Arithmetic instead of branches: a branch that a flood
 * makes random costs more, and doubles what the verifier walks.
 */
static inline __attribute__((always_inline)) __u64 aegis_ahead(__u64 way, __u64 now)
{
	__u64 ahead = (way - (now << aegis_way_shift(way))) & AEGIS_TAT_MASK;
	__u64 farthest = AEGIS_TAT_HORIZON + (AEGIS_CLOCK_SLACK << AEGIS_FINE_SHIFT);
	__s64 within = (__s64)(ahead - farthest - 1) >> 63;
	__s64 used = (__s64)(way | -way) >> 63;

	return ahead & within & used;
}

static inline __attribute__((always_inline)) bool aegis_swap(__u64 *way, __u64 old, __u64 new)
{
	return __sync_val_compare_and_swap(way, old, new) == old;
}

static inline __attribute__((always_inline)) __u64 aegis_read(const struct aegis_line *line, __u32 i)
{
	return *(const volatile __u64 *)&line->word[i];
}

/*
 * Zeroes TATs that have passed, once per epoch, before an old TAT in 48 bits can be mistaken for a future
 * one: a fine TAT is ambiguous after nearly three epochs without a scrub, a coarse one after 767.
 */
AEGIS_GLOBAL __u32 aegis_scrub(struct aegis_line *line, __u64 now)
{
	__u64 epoch = now >> AEGIS_EPOCH_SHIFT, last;

	if (!line)
		return 0;
	last = *(volatile __u64 *)&line->epoch;
#pragma unroll
	for (__u32 i = 0; i <= AEGIS_WAYS; i++) {
		__u64 word = aegis_read(line, i), most = word & AEGIS_WAY_FINE ? 1 : 512;

		if (word && (epoch - last > most || !aegis_ahead(word, now)))
			aegis_swap(&line->word[i], word, 0);
	}
	*(volatile __u64 *)&line->epoch = epoch;
	return 0;
}

/* Chooses the word for a source that has no way: a free way, or the shared word. */
AEGIS_GLOBAL __u32 aegis_pick(const struct aegis_line *line, __u64 now)
{
	if (!line)
		return 0;
#pragma unroll
	for (__u32 i = 1; i <= AEGIS_WAYS; i++) {
		if (!aegis_ahead(aegis_read(line, i), now))
			return i;
	}
	return AEGIS_SHARED_WORD;
}

static inline __attribute__((always_inline)) __u32 aegis_choose(const struct aegis_line *line, __u64 tag,
								__u64 now)
{
#pragma unroll
	for (__u32 i = 1; i <= AEGIS_WAYS; i++) {
		if (aegis_way_tag(aegis_read(line, i)) == tag)
			return i;
	}
	return aegis_pick(line, now);
}

/* How far the way's TAT lies ahead, in ticks finer than 1 ns by `shift` bits; rounded up, so never laxer. */
static inline __attribute__((always_inline)) __u64 aegis_debt(__u64 way, __u64 now, __u32 shift)
{
	__u64 ahead = aegis_ahead(way, now);
	__u32 own = aegis_way_shift(way);

	return own > shift ? (ahead + (1 << AEGIS_FINE_SHIFT) - 1) >> AEGIS_FINE_SHIFT
			   : ahead << (shift - own);
}

/* Ticks from now until the bucket starts to fill: 0, or the rest of the period. */
static inline __attribute__((always_inline)) __u64 aegis_lead(const struct aegis_rate *rate, __u64 now,
							      __u32 shift)
{
	__u64 period = rate->period * 1000000000ULL;

	return rate->flags & AEGIS_RATE_WINDOW && period ? (period - now % period) << shift : 0;
}

/* Cost in ticks of one packet or byte; rounded up. */
static inline __attribute__((always_inline)) __u64 aegis_unit_cost(const struct aegis_rate *rate)
{
	return (rate->interval + (1 << AEGIS_INTERVAL_SHIFT) - 1) >> AEGIS_INTERVAL_SHIFT;
}

/* Cost in ticks of at most 1 << AEGIS_MOST_BYTES_SHIFT units (packets, or their bytes); rounded up. One
 * beyond the horizon is inexact. */
static inline __attribute__((always_inline)) __u64 aegis_cost(const struct aegis_rate *rate, __u64 units)
{
	const __u64 round = (1 << AEGIS_INTERVAL_SHIFT) - 1;
	__u64 ticks = rate->interval >> AEGIS_INTERVAL_SHIFT;

	if (units == 1)
		return aegis_unit_cost(rate);
	if (rate->interval < ~0ULL >> AEGIS_MOST_BYTES_SHIFT)
		return (rate->interval * units + round) >> AEGIS_INTERVAL_SHIFT;
	if (units > AEGIS_TAT_HORIZON / (ticks + 1))
		return AEGIS_TAT_HORIZON;
	return ticks * units + (((rate->interval & round) * units + round) >> AEGIS_INTERVAL_SHIFT);
}

/* The part of a cost that a source must have room for: a buffer that costs more than the depth waits until
 * its source owes nothing. */
static inline __attribute__((always_inline)) __u64 aegis_entry_cost(const struct aegis_rate *rate, __u64 cost)
{
	return cost < rate->depth ? cost : rate->depth;
}

/* A debt beyond this comes from another rate. It does not wrap: a depth holds a packet, or the bytes of one.
 */
static inline __attribute__((always_inline)) __u64 aegis_most_owed(const struct aegis_rate *rate, __u32 shift)
{
	__u32 bits = rate->flags & AEGIS_RATE_BYTES ? AEGIS_MOST_BYTES_SHIFT : AEGIS_MOST_PACKETS_SHIFT;

	return rate->depth + (AEGIS_CLOCK_SLACK << shift) + (aegis_unit_cost(rate) << bits);
}

/* A TAT that would lie beyond the horizon is put on it. */
static inline __attribute__((always_inline)) __u64 aegis_tat(__u64 now, __u32 shift, __u64 ahead)
{
	return ((now << shift) + (ahead < AEGIS_TAT_HORIZON ? ahead : AEGIS_TAT_HORIZON)) & AEGIS_TAT_MASK;
}

static inline __attribute__((always_inline)) __u32 aegis_rate_shift(const struct aegis_rate *rate)
{
	return rate->flags & AEGIS_RATE_FINE ? AEGIS_FINE_SHIFT : 0;
}

/*
 * What a source owes: by its way or by the shared word. For a source that takes a free way, it is the debt
 * that it may have run up in the shared word, limited to what its own rate lets it owe. The result is never
 * less than the real debt, so sharing is stricter for all sources and laxer for none.
 */
static inline __attribute__((always_inline)) __u64 aegis_owed(const struct aegis_line *line, __u32 i,
							      __u64 word, __u64 tag, __u64 now, __u32 shift)
{
	return aegis_debt(i != AEGIS_SHARED_WORD && aegis_way_tag(word) != tag
				  ? aegis_read(line, AEGIS_SHARED_WORD)
				  : word,
			  now, shift);
}

/* What the bucket owes, in ticks of its rate: how far its TAT is ahead of now, or of the window's end. */
AEGIS_GLOBAL __u64 aegis_owes(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now)
{
	__u64 ahead, lead;
	__u32 i, shift;

	if (!line || !rate)
		return 0;
	shift = aegis_rate_shift(rate);
	if (*(volatile __u64 *)&line->epoch < now >> AEGIS_EPOCH_SHIFT)
		aegis_scrub(line, now);
	i = aegis_choose(line, tag, now);
	asm volatile("" : "+r"(i));
	if (i > AEGIS_WAYS)
		return 0;
	ahead = aegis_owed(line, i, aegis_read(line, i), tag, now, shift);
	lead = aegis_lead(rate, now, shift);
	return ahead - (ahead < lead ? ahead : lead);
}

/* Whether a packet would exceed the rate, without charging it. */
static inline __attribute__((always_inline)) bool
aegis_would_exceed(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now, __u64 cost)
{
	return line && aegis_owes(line, rate, tag, now) + aegis_entry_cost(rate, cost) > rate->depth;
}

/*
 * Judges one packet against the bucket whose hash gave `line` and `tag`, at `now` in ns, and charges it if it
 * conforms. Otherwise it writes nothing, except to cut a debt that is beyond what the rate allows: one from
 * before the rate was raised, or inherited from the shared word.
 */
AEGIS_GLOBAL __u32 aegis_limit(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now,
			       __u64 cost)
{
	__u64 depth, lead;
	__u32 shift;

	if (!line || !rate)
		return AEGIS_CONFORMS;
	depth = rate->depth;
	shift = aegis_rate_shift(rate);
	lead = aegis_lead(rate, now, shift);
	if (*(volatile __u64 *)&line->epoch < now >> AEGIS_EPOCH_SHIFT)
		aegis_scrub(line, now);
	for (int attempt = 0; attempt < AEGIS_CAS_ATTEMPTS; attempt++) {
		__u32 i = aegis_choose(line, tag, now), outcome = AEGIS_CONFORMS, shared;
		__u64 word, ahead, next;

		/* The compiler knows that i is not above the limit, but the verifier must see the check. */
		asm volatile("" : "+r"(i));
		if (i > AEGIS_WAYS)
			break;
		shared = i == AEGIS_SHARED_WORD ? AEGIS_SHARED : 0;
		word = aegis_read(line, i);
		/* Another source has taken the way since it was seen free. */
		if (!shared && aegis_way_tag(word) != tag && aegis_ahead(word, now))
			continue;
		ahead = aegis_owed(line, i, word, tag, now, shift);
		ahead -= ahead < lead ? ahead : lead;
		if (ahead + aegis_entry_cost(rate, cost) > depth) {
			if (shared || ahead <= aegis_most_owed(rate, shift))
				return AEGIS_EXCEEDS | shared;
			ahead = depth;
			outcome = AEGIS_EXCEEDS;
		} else {
			ahead += cost;
		}
		next = aegis_tat(now, shift, lead + ahead);
		next |= (shared ? 1 : tag) << AEGIS_TAT_BITS | (shift ? AEGIS_WAY_FINE : 0);
		if (aegis_swap(&line->word[i], word, next))
			return outcome | shared;
	}
	return AEGIS_CONTENDED;
}

static inline __attribute__((always_inline)) bool aegis_holds(const struct aegis_line *line, __u64 tag)
{
	bool holds = false;

#pragma unroll
	for (__u32 i = 1; i <= AEGIS_WAYS; i++)
		holds |= aegis_way_tag(aegis_read(line, i)) == tag;
	return holds;
}

/*
 * Returns what aegis_limit() returns, without its call and its search, for a source that is in its home way,
 * or that has no way and finds its home way free. This holds for nearly all packets while the table is not
 * crowded.
 */
static inline __attribute__((always_inline)) __u32
aegis_limit_quick(struct aegis_line *line, const struct aegis_rate *rate, __u64 hash, __u64 now, __u64 cost)
{
	__u64 tag = aegis_tag(hash), word, ahead, next;
	__u32 shift = aegis_rate_shift(rate), home = aegis_home(hash);

	/* The compiler knows that home is not above the limit, but the verifier must see the check. */
	asm volatile("" : "+r"(home));
	if (home > AEGIS_WAYS || (rate->flags & AEGIS_RATE_WINDOW) ||
	    *(volatile __u64 *)&line->epoch < now >> AEGIS_EPOCH_SHIFT)
		goto search;
	word = aegis_read(line, home);
	if (aegis_way_tag(word) == tag) {
		if (aegis_way_shift(word) != shift)
			goto search;
		ahead = aegis_ahead(word, now);
	} else {
		if (aegis_ahead(word, now) || aegis_holds(line, tag))
			goto search;
		ahead = aegis_debt(aegis_read(line, AEGIS_SHARED_WORD), now, shift);
	}
	if (ahead + aegis_entry_cost(rate, cost) > rate->depth) {
		if (ahead > aegis_most_owed(rate, shift))
			goto search;
		return AEGIS_EXCEEDS;
	}
	next = aegis_tat(now, shift, ahead + cost);
	next |= tag << AEGIS_TAT_BITS | (shift ? AEGIS_WAY_FINE : 0);
	if (aegis_swap(&line->word[home], word, next))
		return AEGIS_CONFORMS;
search:
	return aegis_limit(line, rate, tag, now, cost);
}

#endif
