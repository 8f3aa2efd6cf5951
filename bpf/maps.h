/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_MAPS_H
#define AEGIS_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "aegis.h"

/* Sizes of 1 are set by the loader. Pins carry the variable's name (AEGIS_MAP_*). */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_meta);
} meta SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_config);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AEGIS_SLOTS);
	__type(key, __u32);
	__type(value, struct aegis_interface);
} interfaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, AEGIS_SLOTS + 1);
	__type(key, __u32);
	__type(value, struct aegis_counters);
} counters SEC(".maps");

/* Never read by the datapath, as are `notes`; here so that one object describes every pin. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AEGIS_SLOTS + 1);
	__type(key, __u32);
	__type(value, struct aegis_counters);
} carried SEC(".maps");

/* Page aligned by BPF_F_MMAPABLE, which makes a value exactly one cache line. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_line);
} cells SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __be32);
	__type(value, struct aegis_entry);
} drop_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct aegis_address);
	__type(value, struct aegis_entry);
} drop_v6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct aegis_prefix_v4);
	__type(value, struct aegis_entry);
} drop_prefix_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct aegis_prefix_v6);
	__type(value, struct aegis_entry);
} drop_prefix_v6 SEC(".maps");

/* Protected keys have maps of their own: in one trie a longer plain prefix would hide a shorter protected
 * one. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct aegis_key);
	__type(value, struct aegis_entry);
} key SEC(".maps"), protect SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct aegis_key_prefix);
	__type(value, struct aegis_entry);
} key_prefix SEC(".maps"), protect_prefix SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AEGIS_RATE_PORTS);
	__type(key, struct aegis_port);
	__type(value, struct aegis_rates);
} rate_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, AEGIS_RATE_PREFIXES);
	__type(key, struct aegis_key_prefix);
	__type(value, struct aegis_rates);
} rate_prefix SEC(".maps"), total_prefix SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AEGIS_KEY_RATES);
	__type(key, __u32);
	__type(value, struct aegis_rates);
} key_rate SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, AEGIS_OFFENDERS);
	__type(key, struct aegis_offender_key);
	__type(value, struct aegis_offender);
} offenders SEC(".maps");

/* Takes memory only while it is used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, AEGIS_SURVEY_SOURCES);
	__type(key, struct aegis_survey_key);
	__type(value, struct aegis_survey);
} survey SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, AEGIS_EVENTS_SIZE);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_event_filter);
} event_filter SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aegis_event_state);
} event_state SEC(".maps");

/* Never written by the datapath: what measurements found stays here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct aegis_latency);
} latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, AEGIS_NOTES);
	__type(key, __u32);
	__type(value, struct aegis_note);
} notes SEC(".maps");

static __always_inline struct aegis_config *settings_of(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

#endif
