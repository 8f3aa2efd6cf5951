/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the datapath asks of the kernel: its helpers or, in a program of user space, what stands in for them.
 */
#ifndef AEGIS_KERNEL_H
#define AEGIS_KERNEL_H

#include "global.h"

#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#else
#include "host/kernel.h"
#endif

#endif
