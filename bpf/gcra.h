/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The limiter without the kernel: time and the set are arguments, so that the host compiles it too and a
 * test can turn the clock.
 */
#ifndef AEGIS_GCRA_H
#define AEGIS_GCRA_H

#include <stdbool.h>

#include "aegis.h"

#define AEGIS_CAS_ATTEMPTS 8

/* A global function is verified once, by itself, instead of once for every path to each of its calls. */
#ifdef __bpf__
#define AEGIS_GLOBAL __attribute__((noinline))
#else
#define AEGIS_GLOBAL static
#endif

enum aegis_outcome {
	AEGIS_CONFORMS,
	AEGIS_EXCEEDS,
	AEGIS_CONTENDED, /* EXCEEDS, because the way changed under every attempt */
	AEGIS_OUTCOME_MASK = 3,
	AEGIS_SHARED = 1 << 2, /* set beside the outcome: judged by another source's way */
};

/* Murmur3's finalizer with secret multipliers: a set cannot be aimed at without them. */
static inline __attribute__((always_inline)) __u64 aegis_hash(const __u64 seed[3], __u64 source, __u32 rule)
{
	__u64 hash = (source ^ seed[0]) * (seed[1] | 1);

	hash = ((hash ^ hash >> 32) + rule) * (seed[2] | 1);
	hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

/* The tag comes from bits that do not choose the line; it is never 0. */
static inline __attribute__((always_inline)) __u64 aegis_tag(__u64 hash)
{
	__u64 tag = hash >> 49;

	return tag ? tag : 1;
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
 * How far the way's TAT lies ahead, in its own ticks; 0 once it has passed or wrapped. Arithmetic instead of
 * branches: a branch that a flood makes random costs more, and doubles what the verifier walks.
 */
static inline __attribute__((always_inline)) __u64 aegis_ahead(__u64 way, __u64 now)
{
	__u64 ahead = (way - (now << aegis_way_shift(way))) & AEGIS_TAT_MASK;
	__s64 within = (__s64)(ahead - AEGIS_TAT_HORIZON - 1) >> 63;
	__s64 used = (__s64)(way | -way) >> 63;

	return ahead & within & used;
}

static inline __attribute__((always_inline)) bool aegis_swap(__u64 *way, __u64 old, __u64 new)
{
	return __sync_val_compare_and_swap(way, old, new) == old;
}

/*
 * Zeroes what has passed, once an epoch, before 48 bits can make an old TAT look like one to come: a fine
 * TAT is ambiguous after three epochs without a scrub, a coarse one after 767.
 */
AEGIS_GLOBAL __u32 aegis_scrub(struct aegis_line *line, __u64 now)
{
	__u64 epoch = now >> AEGIS_EPOCH_SHIFT, last;

	if (!line)
		return 0;
	last = *(volatile __u64 *)&line->epoch;
#pragma unroll
	for (int i = 0; i < (int)AEGIS_WAYS; i++) {
		__u64 way = *(volatile __u64 *)&line->way[i];
		__u64 most = way & AEGIS_WAY_FINE ? 2 : 512;

		if (way && (epoch - last > most || !aegis_ahead(way, now)))
			aegis_swap(&line->way[i], way, 0);
	}
	*(volatile __u64 *)&line->epoch = epoch;
	return 0;
}

/*
 * The way for a source that has none: a free one, else the least loaded. Load and index travel in one word,
 * so that the verifier sees one number and not a path for every outcome.
 */
AEGIS_GLOBAL __u32 aegis_pick(const struct aegis_line *line, __u64 now)
{
	__u64 least = ~0ULL >> 1;

	if (!line)
		return 0;
#pragma unroll
	for (int i = 0; i < (int)AEGIS_WAYS; i++) {
		__u64 way = *(const volatile __u64 *)&line->way[i];
		__u64 load = aegis_ahead(way, now) << (AEGIS_FINE_SHIFT - aegis_way_shift(way));
		__s64 less = (__s64)((load << 3 | i) - least);

		least += less & less >> 63;
	}
	return least & 7;
}

static inline __attribute__((always_inline)) __u32 aegis_choose(const struct aegis_line *line, __u64 tag,
								__u64 now)
{
#pragma unroll
	for (__u32 i = 0; i < AEGIS_WAYS; i++) {
		if (aegis_way_tag(*(const volatile __u64 *)&line->way[i]) == tag)
			return i;
	}
	return aegis_pick(line, now);
}

/*
 * Judges one packet of the source whose hash gave `line` and `tag`, `now` in ns. A source without a free way
 * is judged by another's, whose debt it adds to: stricter for both, laxer for none. Writes only when the
 * packet conforms, or once to cut a debt that a rate raised since has made impossible.
 */
AEGIS_GLOBAL __u32 aegis_limit(struct aegis_line *line, const struct aegis_rate *rate, __u64 tag, __u64 now)
{
	__u64 tolerance, interval;
	__u32 shift;

	if (!line || !rate)
		return AEGIS_CONFORMS;
	tolerance = rate->tolerance;
	interval = rate->interval;
	shift = rate->flags & AEGIS_RATE_FINE ? AEGIS_FINE_SHIFT : 0;
	if (*(volatile __u64 *)&line->epoch < now >> AEGIS_EPOCH_SHIFT)
		aegis_scrub(line, now);
	for (int attempt = 0; attempt < AEGIS_CAS_ATTEMPTS; attempt++) {
		__u32 i = aegis_choose(line, tag, now), outcome = AEGIS_CONFORMS;
		__u64 way, owner, ahead, next;
		bool shared;

		/* The compiler knows that i is below; the verifier must be shown. */
		asm volatile("" : "+r"(i));
		if (i >= AEGIS_WAYS)
			break;
		way = *(volatile __u64 *)&line->way[i];
		ahead = aegis_ahead(way, now);
		if (aegis_way_shift(way) > shift) /* rounded up: never laxer */
			ahead = (ahead + (1 << AEGIS_FINE_SHIFT) - 1) >> AEGIS_FINE_SHIFT;
		else
			ahead <<= shift - aegis_way_shift(way);
		shared = ahead && aegis_way_tag(way) != tag;
		owner = shared ? aegis_way_tag(way) : tag;
		if (ahead > tolerance) {
			if (shared)
				return AEGIS_EXCEEDS | AEGIS_SHARED;
			if (ahead <= tolerance + interval)
				return AEGIS_EXCEEDS;
			ahead = tolerance;
			outcome = AEGIS_EXCEEDS;
		}
		next = ((now << shift) + ahead + interval) & AEGIS_TAT_MASK;
		next |= owner << AEGIS_TAT_BITS | (shift ? AEGIS_WAY_FINE : 0);
		if (aegis_swap(&line->way[i], way, next))
			return outcome | (shared ? AEGIS_SHARED : 0);
	}
	return AEGIS_CONTENDED;
}

#endif
