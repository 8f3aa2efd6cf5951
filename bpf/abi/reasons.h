/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_REASONS_H
#define AEGIS_ABI_REASONS_H

#include <linux/types.h>

/*
 * Every packet gets exactly one reason. REASON(ACTION, NAME, "shown as", "meaning"). The position in the list
 * is the number of the counter: new reasons are added at the end, whatever their action, and none is ever
 * removed.
 */
#define AEGIS_REASONS(REASON)                                                                                \
	REASON(PASS, DEFAULT, "default", "no entry names it and the default is allow")                       \
	REASON(PASS, PROTECTED, "protected", "a protected key lets it in")                                   \
	REASON(PASS, KEY, "key", "an allow key lets it in")                                                  \
	REASON(PASS, ARP, "arp", "ARP, never filtered")                                                      \
	REASON(PASS, NEIGHBOUR, "neighbour", "IPv6 neighbour discovery or a multicast listener query")       \
	REASON(PASS, LINK_CONTROL, "link-control", "LACP, STP, LLDP, 802.1X or PTP peer delay, untagged")    \
	REASON(PASS, PACKET_TOO_BIG, "packet-too-big", "path MTU discovery, when the default is deny")       \
	REASON(PASS, FRAGMENT, "fragment", "a later fragment, when the default is allow")                    \
	REASON(PASS, NOT_IP, "not-ip", "neither IP nor ARP, when the default is allow")                      \
	REASON(PASS, UNCONFIGURED, "unconfigured", "the datapath has no configuration and fails open")       \
	REASON(PASS, UNCONFIRMED, "unconfirmed", "the policy was not confirmed in time: everything passes")  \
	REASON(PASS, MONITORED, "monitored", "it would be dropped, but the mode is monitor")                 \
	REASON(DROP, HOST, "host", "its source address is on the drop list")                                 \
	REASON(DROP, PREFIX, "prefix", "its source is in a prefix on the drop list")                         \
	REASON(DROP, RATE, "rate", "its source is over its rate")                                            \
	REASON(DROP, DEFAULT, "default", "no key names it and the default is deny")                          \
	REASON(DROP, MALFORMED, "malformed", "a truncated or lying header")                                  \
	REASON(DROP, EXTENSION_HEADERS, "extension-headers", "more IPv6 extension headers than are walked")  \
	REASON(DROP, FRAGMENT, "fragment", "a later fragment no key names, when the default is deny")        \
	REASON(DROP, NOT_IP, "not-ip", "neither IP nor ARP, when the default is deny")                       \
	REASON(DROP, VLAN_TAGS, "vlan-tags", "more VLAN tags than are read")                                 \
	REASON(PASS, TRUSTED, "trusted", "it came in by the trusted port of a wire")                         \
	REASON(DROP, TOO_BIG, "too-big", "too long for the other port of the wire, or the relay's next hop") \
	REASON(DROP, WIRE_DOWN, "wire-down", "the other port of the wire is gone")                           \
	REASON(PASS, REPLY, "reply", "it belongs to a connection that its receiver opened")                  \
	REASON(PASS, RELAY, "relay", "the relay forwards it")                                                \
	REASON(DROP, RELAY_TOKEN, "relay-token", "to the relay, without a valid tag")                        \
	REASON(DROP, RELAY_EXPIRED, "relay-expired", "to the relay, with a token that has expired")          \
	REASON(DROP, RELAY_REPLAY, "relay-replay", "to the relay, and its counter came before or is wrong")  \
	REASON(DROP, RELAY_UNKNOWN, "relay-unknown", "to the relay, of no user that is there")               \
	REASON(DROP, RELAY_RATE, "relay-rate", "through the relay, over the rate of its user")               \
	REASON(DROP, RELAY_UNROUTABLE, "relay-unroutable", "the relay has no way to its destination")        \
	REASON(DROP, RELAY_TTL, "relay-ttl", "its TTL or hop limit ends at the relay")                       \
	REASON(DROP, RELAY_FRAGMENT, "relay-fragment", "a fragment to the relay")                            \
	REASON(PASS, RULE, "rule", "a rule lets it in")                                                      \
	REASON(DROP, RULE, "rule", "a rule drops it")                                                        \
	REASON(PASS, HOOK, "hook", "the hook lets it in")                                                    \
	REASON(DROP, HOOK, "hook", "the hook drops it")                                                      \
	REASON(REPLY, HOOK, "hook", "the hook answers it")                                                   \
	REASON(PASS, HOOK_MISSING, "hook-missing", "it is for the hook, whose program is not there")         \
	REASON(DROP, HOOK_MISSING, "hook-missing", "the same, with --on-missing drop")

/* Room in the counters: a reason that a later version adds changes no size. */
#define AEGIS_REASON_ROOM 64u

enum aegis_reason {
#define AEGIS_ENUMERATOR(action, name, text, meaning) AEGIS_##action##_##name,
	AEGIS_REASONS(AEGIS_ENUMERATOR)
#undef AEGIS_ENUMERATOR
	/* */ AEGIS_REASON_COUNT
};

/* What happens to a packet. */
enum aegis_action {
	AEGIS_PASS,
	AEGIS_DROP,
	AEGIS_REPLY, /* it is sent back out as an answer */
	AEGIS_ACTIONS,
};

/* How an instance of the datapath describes its reasons: an older tool can show those it does not know. */
struct aegis_reason_row {
	char name[28]; /* zero terminated and padded */
	__u32 action;  /* enum aegis_action */
};

_Static_assert(AEGIS_REASON_COUNT <= AEGIS_REASON_ROOM, "ABI");
_Static_assert(sizeof(struct aegis_reason_row) == 32, "ABI");

#ifndef __bpf__
struct aegis_reason_text {
	const char *name;
	const char *meaning;
	enum aegis_action action;
};

/* The name is NULL for a reason of another version of aegisctl. */
static inline struct aegis_reason_text aegis_reason_text(__u32 reason)
{
	switch (reason) {
#define AEGIS_CASE(action, name, text, meaning) \
	case AEGIS_##action##_##name:           \
		return (struct aegis_reason_text){text, meaning, AEGIS_##action};
		AEGIS_REASONS(AEGIS_CASE)
#undef AEGIS_CASE
	default:
		return (struct aegis_reason_text){0};
	}
}
#endif

#endif
