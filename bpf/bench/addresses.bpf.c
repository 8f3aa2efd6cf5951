// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The look-up of the table of prefixes beside the kernel's trie and hash, as they were used for drops. */
#include "../test/prefix.bpf.c"

#define TRIE(name, key_type)                          \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);  \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(max_entries, 1);               \
		__type(key, key_type);                \
		__type(value, struct aegis_entry);    \
	} name SEC(".maps")

#define HASH(name, key_type)                       \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_HASH);   \
		__uint(max_entries, 1);            \
		__type(key, key_type);             \
		__type(value, struct aegis_entry); \
	} name SEC(".maps")

TRIE(trie_v4, struct aegis_prefix_v4);
TRIE(trie_v6, struct aegis_prefix_v6);
HASH(hash_v4, __be32);
HASH(hash_v6, struct aegis_address);

AEGIS_GLOBAL __u64 find_trie_v4(const struct aegis_address *address, __u32 slot)
{
	struct aegis_prefix_v4 wanted = {.length = 32};

	if (!address)
		return 0;
	wanted.address = *(const __be32 *)address;
	return look_up(&trie_v4, &wanted);
}

AEGIS_GLOBAL __u64 find_trie_v6(const struct aegis_address *address, __u32 slot)
{
	struct aegis_prefix_v6 wanted = {.length = 128};

	if (!address)
		return 0;
	wanted.address = *address;
	return look_up(&trie_v6, &wanted);
}

AEGIS_GLOBAL __u64 find_hash_v4(const struct aegis_address *address, __u32 slot)
{
	__be32 wanted;

	if (!address)
		return 0;
	wanted = *(const __be32 *)address;
	return look_up(&hash_v4, &wanted);
}

AEGIS_GLOBAL __u64 find_hash_v6(const struct aegis_address *address, __u32 slot)
{
	struct aegis_address wanted;

	if (!address)
		return 0;
	wanted = *address;
	return look_up(&hash_v6, &wanted);
}

SEC("xdp")
int trie_prefixes_v4(struct xdp_md *frame)
{
	return ask(find_trie_v4);
}

SEC("xdp")
int trie_prefixes_v6(struct xdp_md *frame)
{
	return ask(find_trie_v6);
}

SEC("xdp")
int hash_prefixes_v4(struct xdp_md *frame)
{
	return ask(find_hash_v4);
}

SEC("xdp")
int hash_prefixes_v6(struct xdp_md *frame)
{
	return ask(find_hash_v6);
}
