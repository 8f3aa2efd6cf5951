/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Continues with a packet when the operator's program is done with it. */
#ifndef AEGIS_EXIT_H
#define AEGIS_EXIT_H

#include "datapath.h"

/* The program may have changed the frame. */
static __always_inline struct verdict finish(struct xdp_md *frame, struct aegis_hook_work *work,
					     struct verdict verdict)
{
	struct port port = port_of(frame_interface(frame));
	const struct aegis_config *settings = settings_of(), *own;
	struct packet *packet;

	/* Nobody gave it a packet, or a build that keeps packets otherwise. */
	if (!work || work->layout != packet_layout())
		return verdict;
	work->layout = 0;
	work->returned++;
	packet = (struct packet *)work->packet;
	own = settings ? settings_beside(settings, packet) : NULL;
	if (own)
		verdict = enforce(own, packet, verdict);
	packet->frame_length = frame_length(frame);
	return conclude(frame, settings, &port, counters_of(&port), packet, verdict);
}

static __always_inline struct aegis_hook_work *hook_work_of(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&hook_work, &zero);
}

/* A program for each verdict. */
#define AEGIS_EXITS(leave)                                 \
	SEC("xdp.frags")                                   \
	int aegis_hook_pass(struct xdp_md *frame)          \
	{                                                  \
		return leave(frame, VERDICT(PASS, HOOK));  \
	}                                                  \
	SEC("xdp.frags")                                   \
	int aegis_hook_drop(struct xdp_md *frame)          \
	{                                                  \
		return leave(frame, VERDICT(DROP, HOOK));  \
	}                                                  \
	SEC("xdp.frags")                                   \
	int aegis_hook_reply(struct xdp_md *frame)         \
	{                                                  \
		return leave(frame, VERDICT(REPLY, HOOK)); \
	}

#endif
