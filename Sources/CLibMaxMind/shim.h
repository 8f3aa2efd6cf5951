#ifndef AEGIS_CLIBMAXMIND_SHIM_H
#define AEGIS_CLIBMAXMIND_SHIM_H

#include <stddef.h>
#include <stdint.h>

/*
 * What is needed of libmaxminddb without <maxminddb.h>, which brings the headers of sockets, and unions whose
 * meaning depends on a number.
 */
struct geo_database;

enum geo_record {
	GEO_RECORD_INVALID,
	GEO_RECORD_NODE,
	GEO_RECORD_EMPTY,
	GEO_RECORD_DATA,
};

struct geo_node {
	uint64_t value[2]; /* of the bits 0 and 1: the number of a node, or the offset of data */
	enum geo_record kind[2];
};

/* Whether the end of a file has the mark of the format. */
int geo_database_is(const void *bytes, size_t size);
/*
 * MMDB_open of a copy of the bytes, for the file itself could shrink meanwhile. 0, or an error that
 * geo_database_error names.
 */
int geo_database_open(const void *bytes, size_t size, struct geo_database **database);
void geo_database_close(struct geo_database *database);
const char *geo_database_error(int error);

uint32_t geo_database_nodes(const struct geo_database *database);
uint32_t geo_database_ipv4_node(const struct geo_database *database);
/* 4 or 6. */
uint16_t geo_database_version(const struct geo_database *database);
/* In seconds since the Unix epoch. */
uint64_t geo_database_built(const struct geo_database *database);

/* MMDB_read_node: 0 or an error. */
int geo_database_node(const struct geo_database *database, uint32_t number, struct geo_node *node);

/* The text of a country, not zero terminated: its length, 0 for none, or a negated error. */
int geo_database_country(struct geo_database *database, uint64_t data, const char **text);

#endif
