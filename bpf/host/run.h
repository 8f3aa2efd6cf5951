/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two builds of the datapath in the library; each returns the reason. */
#ifndef AEGIS_HOST_RUN_H
#define AEGIS_HOST_RUN_H

#include "kernel.h"

__u32 host_try(struct host_frame *frame);
__u32 host_country(__u8 family, const struct aegis_address *address);
__u32 host_filter(struct host_frame *frame, __u32 *action);

#endif
