/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_TEST_PREFIX_H
#define AEGIS_TEST_PREFIX_H

#include "../abi/address.h"

#define PREFIX_QUESTIONS 65536
#define PREFIX_RUN 1024 /* questions that one run answers; the next one goes on with the next ones */

struct prefix_questions {
	struct aegis_address address[PREFIX_QUESTIONS];
	__u64 found[PREFIX_QUESTIONS]; /* AEGIS_FOUND */
	__u32 slot;
	__u32 next;
};

#endif
