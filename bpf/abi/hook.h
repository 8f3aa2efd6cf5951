/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The operator's own program. What it is told is in aegis-hook.h, which it includes too. */
#ifndef AEGIS_ABI_HOOK_H
#define AEGIS_ABI_HOOK_H

#include "../aegis-hook.h"
#include "reasons.h"
#include "relay.h"

/* The place of the program in `parts`. */
#define AEGIS_PART_HOOK 1u

/* Size of `hook_exit`: where the program continues, by enum aegis_hook_verdict. */
#define AEGIS_HOOK_EXITS 4u

/* Value of `hook_work`, per CPU: what continues with a packet when the program is done. */
struct aegis_hook_work {
	__u64 handed;   /* packets given to the program */
	__u64 returned; /* those of them that came back by `hook_exit`; the others the program ended itself */
	__u64 begun;    /* ns of CLOCK_MONOTONIC when the datapath began with it; 0: nobody measures */
	__u64 given;    /* the same when it was given to the program */
	__u32 layout;   /* of the packet that is with the program, see packet_layout(); 0 is none */
	__u32 pad;
	__u64 packet[AEGIS_RELAY_WORK_SIZE / 8]; /* a struct packet */
};

/* What the trial of a program counts. */
struct aegis_hook_trial {
	__u64 tried;    /* frames given to the program */
	__u64 returned; /* those of them that came back by the exits of the trial */
};

/* Value of `hook_info`: what was put in place. The datapath never reads it. */
struct aegis_hook_info {
	__u64 object;   /* hash of the object's bytes; 0 is unknown */
	char name[56];  /* of the program in it, zero terminated, cut if it is longer */
	char file[448]; /* its absolute path, zero terminated; empty if it is unknown or longer */
};

_Static_assert(sizeof(struct aegis_hook_packet) == 64, "ABI");
_Static_assert(sizeof(struct aegis_hook_info) == 512, "ABI");
_Static_assert(sizeof(struct aegis_hook_work) == 136, "ABI");
_Static_assert((__u32)AEGIS_HOOK_PASS == AEGIS_PASS && (__u32)AEGIS_HOOK_DROP == AEGIS_DROP &&
		       (__u32)AEGIS_HOOK_REPLY == AEGIS_REPLY,
	       "the same verdicts");

#endif
