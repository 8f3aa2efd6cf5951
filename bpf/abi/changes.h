/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_ABI_CHANGES_H
#define AEGIS_ABI_CHANGES_H

#include <linux/types.h>

/* Changes that `changes` remembers. */
#define AEGIS_CHANGES 128u

/*
 * Value of `changes`, which the datapath never reads. Entry 0 has only the number of the newest change;
 * change n is entry 1 + n % AEGIS_CHANGES. Texts are UTF-8, zero terminated and padded.
 */
struct aegis_change {
	__u64 number; /* from 1; 0 where there is none */
	__u64 time;   /* ms since 1970, UTC */
	__u32 user;
	__u32 login_user; /* of the audit session; all ones if there is none */
	char origin[48];  /* address of the SSH client, or empty */
	char command[312];
	char message[128];
};

_Static_assert(sizeof(struct aegis_change) == 512, "ABI");

#endif
