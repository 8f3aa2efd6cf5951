/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Substitutes for the kernel's helpers where the datapath is part of a user-space program. */
#ifndef AEGIS_HOST_KERNEL_H
#define AEGIS_HOST_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/bpf.h>

#include "host.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* A frame whose headers are in `data` to `data_end`. */
struct host_frame {
	const __u8 *data;
	const __u8 *data_end;
	const __u8 *whole;
	__u64 size; /* bytes of `whole` */
	__u32 ifindex;
	__u32 packets;
	__u32 sent;      /* bytes of all packets; 0 is unknown */
	__u32 segment;   /* bytes of payload in the first packet */
	__be16 protocol; /* of a frame without a header of the link; 0: it has one of Ethernet */
	bool leaves;
	__u8 socket; /* as in struct aegis_host_frame */
};

/* The type of a map's variable: its number in the catalogue. */
struct host_map {
	enum aegis_map map;
};

/* The host that this thread works for. */
void *host_look_up(enum aegis_map map, const void *key);
long host_update(enum aegis_map map, const void *key, const void *value, __u64 flags);
const struct aegis_host_moment *host_moment(void);
struct aegis_trace *host_trace(void);
__u32 host_random(void);
void *host_reserve(void);

static inline void *bpf_map_lookup_elem(const void *map, const void *key)
{
	return host_look_up(((const struct host_map *)map)->map, key);
}

static inline long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags)
{
	return host_update(((const struct host_map *)map)->map, key, value, flags);
}

static inline __u64 bpf_ktime_get_ns(void)
{
	return host_moment()->monotonic;
}

static inline __u64 bpf_ktime_get_boot_ns(void)
{
	return host_moment()->boottime;
}

static inline __u64 bpf_jiffies64(void)
{
	return host_moment()->monotonic / 4000000;
}

static inline __u32 bpf_get_smp_processor_id(void)
{
	return host_moment()->cpu;
}

static inline __u32 bpf_get_prandom_u32(void)
{
	return host_random();
}

/* Room for one event, which nothing reads. */
static inline void *bpf_ringbuf_reserve(const void *map, __u64 size, __u64 flags)
{
	return size == sizeof(struct aegis_event) ? host_reserve() : NULL;
}

static inline void bpf_ringbuf_submit(void *event, __u64 flags)
{
}

static inline long host_load(const struct host_frame *frame, __u32 offset, void *to, __u32 size)
{
	if (offset > frame->size || size > frame->size - offset)
		return -EFAULT;
	memcpy(to, frame->whole + offset, size);
	return 0;
}

#endif
