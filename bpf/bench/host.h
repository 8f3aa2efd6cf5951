/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_BENCH_HOST_H
#define AEGIS_BENCH_HOST_H

#include <sys/syscall.h>
#include <unistd.h>

/* glibc shows sched_setaffinity and its macros only under _GNU_SOURCE. */
static inline int bench_pin(unsigned cpu)
{
	unsigned long mask = 1UL << cpu;

	return (int)syscall(SYS_sched_setaffinity, 0, sizeof(mask), &mask);
}

#endif
