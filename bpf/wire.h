/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two interfaces joined into one wire: what passes on one port leaves by the other. */
#ifndef AEGIS_WIRE_H
#define AEGIS_WIRE_H

#include "count.h"
#include "maps.h"
#include "packet.h"
#include "verdict.h"

/* The kernel lets one VLAN tag pass on top of the MTU (__is_skb_forwardable). */
#define TAG_LENGTH 4

/* Only XDP can send a frame across. */
static __always_inline bool is_on_wire(const struct port *port)
{
#ifdef AEGIS_TC
	return false;
#else
	return port->known && port->known->peer;
#endif
}

static __always_inline bool is_trusted(const struct port *port)
{
	return is_on_wire(port) && (port->known->flags & AEGIS_PORT_TRUSTED);
}

/*
 * Whether nothing but a wire is configured, not even a key, which may have a rate: then frames cross that
 * cannot be read. Otherwise they could be used to get past the drop list and the rates.
 */
static __always_inline bool is_bare_wire(const struct port *port, const struct aegis_config *settings,
					 const struct aegis_config *own)
{
	const __u32 common = AEGIS_STAGES_DROPPING & ~AEGIS_STAGES_OWN;

	return is_on_wire(port) && !(settings->stages & common) && !settings->key_shapes &&
	       !(own->stages & AEGIS_STAGES_DROPPING) && !own->key_shapes;
}

/* Whether nobody asks what is in a frame: then a bare wire does not read it. */
static __always_inline bool is_unread(const struct port *port, const struct aegis_config *settings,
				      const struct aegis_config *own)
{
	const __u32 asking =
		AEGIS_STAGE_DEADLINE | AEGIS_STAGE_SURVEY | AEGIS_STAGE_EVENTS | AEGIS_STAGE_CLASS;

	return is_bare_wire(port, settings, own) && !(settings->stages & asking);
}

/* Whether the frame will leave by the other port. */
static __always_inline bool send_across(const struct port *port)
{
#if !defined(__bpf__) || defined(AEGIS_TC)
	return true;
#else
	return bpf_redirect_map(&wire, port->slot, 0) == XDP_REDIRECT;
#endif
}

/* A frame that is too long would be lost without a trace: the kernel does not send it. */
static __always_inline struct verdict route(const struct port *port, const struct packet *packet,
					    struct verdict verdict)
{
	if (verdict.action != AEGIS_PASS || !is_on_wire(port))
		return verdict;
	if (packet->frame_length > port->known->longest + TAG_LENGTH)
		return VERDICT(DROP, TOO_BIG);
	if (send_across(port))
		verdict.route = ROUTE_WIRE;
	else if (!(port->known->flags & AEGIS_PORT_OPEN))
		return VERDICT(DROP, WIRE_DOWN);
	return verdict;
}

#endif
