// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The look-up of countries, for an address without a packet. */
#include "../geo.h"

#include "run.h"

__u32 host_country(__u8 family, const struct aegis_address *address)
{
	struct packet packet = {.peer = *address, .family = family};
	const struct aegis_config *settings = settings_of();

	return settings && settings->geo ? country_of(&packet, settings->geo) : 0;
}
