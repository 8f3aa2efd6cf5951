/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The only place that returns an action to the kernel. */
#ifndef AEGIS_ACT_H
#define AEGIS_ACT_H

#include "frame.h"
#include "verdict.h"

static __always_inline int act(struct verdict verdict)
{
	if (verdict.action == AEGIS_DROP)
		return FRAME_DROP;
	if (verdict.action == AEGIS_REPLY)
		return FRAME_REPLY;
	return verdict.route == ROUTE_WIRE ? FRAME_REDIRECT : FRAME_PASS;
}

#endif
