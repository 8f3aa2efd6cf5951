// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The datapath, built to be asked: run on a packet it counts nothing, charges no bucket and tells its way. */
#define AEGIS_ONLY_TRIES
#include "datapath.h"

/* Never attached; returns the reason. */
SEC("xdp.frags")
int aegis_trial(struct xdp_md *frame)
{
	struct aegis_trial *tried = trial_of();
	struct verdict verdict;
	struct packet packet;

	begin_packet(&packet, frame_length(frame));
	verdict = judge(frame, settings_of(), &packet, NULL);
	if (tried) {
		tried->reason = verdict.reason;
		tried->action = verdict.action;
		tried->would_drop = packet.would_drop;
		if (packet.family)
			tried->source = packet.peer;
		tried->port = packet.local_port;
		tried->family = packet.family;
		tried->protocol = packet.protocol;
		tried->network = packet.network;
		tried->transport = packet.transport;
		tried->is_fragment = !!(packet.traits & PACKET_FRAGMENT);
	}
	return verdict.reason;
}
