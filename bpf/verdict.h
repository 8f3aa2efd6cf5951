/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_VERDICT_H
#define AEGIS_VERDICT_H

#include <stdbool.h>

#include "aegis.h"

/* Where a packet goes that passes. */
enum route {
	ROUTE_STACK, /* to this host's own stack */
	ROUTE_WIRE,  /* out of the other port of the wire */
	ROUTE_RELAY, /* to the relay's program, which decides */
};

/* The verdict of a stage on a packet. */
struct verdict {
	__u32 action; /* enum aegis_action; AEGIS_ACTIONS: the next stage decides */
	__u32 reason; /* enum aegis_reason */
	__u32 route;  /* enum route, of a packet that passes */
};

#define VERDICT(does, name) ((struct verdict){.action = AEGIS_##does, .reason = AEGIS_##does##_##name})
#define GO_ON ((struct verdict){.action = AEGIS_ACTIONS})

static __always_inline bool decides(struct verdict verdict)
{
	return verdict.action != AEGIS_ACTIONS;
}

#endif
