/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The settings of the profile that a packet is judged by. What is common to all profiles is in those of
 * settings_of(), what each has in those of its profile; for main they are the same.
 */
#ifndef AEGIS_PROFILE_H
#define AEGIS_PROFILE_H

#include "count.h"

static __always_inline __u32 profile_in_force(void)
{
	__u32 head = AEGIS_PROFILE_MAIN;
	const struct aegis_profile *profile = bpf_map_lookup_elem(&profiles, &head);
	__u64 word, until;

	if (!profile)
		return AEGIS_PROFILE_MAIN;
	word = *(const volatile __u64 *)&profile->in_force;
	until = word & AEGIS_PROFILE_UNTIL;
	if (until && boottime_ns() >> AEGIS_PROFILE_UNTIL_SHIFT >= until)
		return AEGIS_PROFILE_MAIN;
	return word >> AEGIS_PROFILE_SHIFT;
}

/* Chooses the profile of a packet, once: a switch meanwhile is for the next one. */
static __always_inline const struct aegis_config *
choose_profile(const struct aegis_config *common, const struct port *port, struct packet *packet)
{
	const struct aegis_config *own;
	__u32 number = 0;

	if (!(common->stages & AEGIS_STAGE_PROFILES))
		return common;
	if (port->known)
		number = port->known->flags >> AEGIS_PORT_PROFILE_SHIFT & AEGIS_PORT_PROFILE_MASK;
	number = number ? number - 1 : profile_in_force();
	own = bpf_map_lookup_elem(&config, &number);
	if (!own || !(own->stages & AEGIS_STAGE_CONFIGURED))
		return common;
	packet->profile = number;
	return own;
}

/* Those that were chosen. */
static __always_inline const struct aegis_config *settings_for(const struct packet *packet)
{
	__u32 number = packet->profile;

	return bpf_map_lookup_elem(&config, &number);
}

/* The same, where what is common to all is known. */
static __always_inline const struct aegis_config *settings_beside(const struct aegis_config *common,
								  const struct packet *packet)
{
	return packet->profile == AEGIS_PROFILE_MAIN ? common : settings_for(packet);
}

#endif
