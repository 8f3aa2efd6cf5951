// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath, built for tracing. */
#define AEGIS_ONLY_TRIES
#include "../datapath.h"

#include "run.h"

__u32 host_try(struct host_frame *frame)
{
	return try_frame(frame);
}
