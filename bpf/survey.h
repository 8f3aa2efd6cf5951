/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_SURVEY_H
#define AEGIS_SURVEY_H

#include "bucket.h"

static __always_inline struct aegis_survey *surveyed(const struct aegis_survey_key *wanted)
{
	struct aegis_survey *known = bpf_map_lookup_elem(&survey, wanted), fresh = {};

	if (known)
		return known;
	bpf_map_update_elem(&survey, wanted, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&survey, wanted);
}

/* Counts what a source sends. Racing CPUs may lose a packet of a window, which a survey can tolerate. */
AEGIS_GLOBAL __u32 take_survey(const struct packet *packet)
{
	struct aegis_survey_key wanted = {}, missed = {};
	const struct aegis_config *settings = settings_of();
	struct aegis_survey *known;
	__u64 now = bpf_ktime_get_ns(), window = now / AEGIS_SURVEY_WINDOW;

	if (!packet || !settings || now >= settings->survey_until)
		return 0;
	wanted.source = limited_peer(settings, packet);
	wanted.family = packet->family;
	known = surveyed(&wanted);
	if (!known)
		known = bpf_map_lookup_elem(&survey, &missed);
	if (!known)
		return 0;
	__sync_fetch_and_add(&known->packets, packets_of(packet));
	__sync_fetch_and_add(&known->bytes, packet->frame_length);
	if (known->window != window) {
		known->window = window;
		known->current = 0;
	}
	known->current += packets_of(packet);
	if (known->current > known->peak)
		known->peak = known->current;
	return 0;
}

#endif
