/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the datapath needs from the kernel: its helpers or, in a user-space program, their substitutes. */
#ifndef AEGIS_KERNEL_H
#define AEGIS_KERNEL_H

#include "global.h"

/* Hides where a number comes from: Linux 6.1 forgets a bound that was not set right at the use. */
#define OPAQUE(number) asm volatile("" : "+r"(number))

#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#else
#include "host/kernel.h"
#endif

#endif
