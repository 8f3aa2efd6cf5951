/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef AEGIS_TEST_COUNTRY_H
#define AEGIS_TEST_COUNTRY_H

#include "../abi/address.h"

#define COUNTRY_QUESTIONS 65536
#define COUNTRY_RUN 1024 /* questions that one run answers; the next one goes on with the next ones */

struct country_questions {
	struct aegis_address address[COUNTRY_QUESTIONS];
	__u32 family;
	__u32 next;
	__u32 code[COUNTRY_QUESTIONS];
};

#endif
