#define _GNU_SOURCE
#include "shim.h"

#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct geo_database {
	MMDB_s mmdb;
};

/* The metadata begins with a mark that is this near to the end, in bytes. */
#define METADATA_SIZE (128 << 10)

int geo_database_is(const void *bytes, size_t size)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";
	size_t start = size > METADATA_SIZE ? size - METADATA_SIZE : 0;

	return size && memmem((const char *)bytes + start, size - start, mark, sizeof(mark) - 1);
}

/* A file in memory, or -1. */
static int copy_of(const char *bytes, size_t size)
{
	int file = memfd_create("aegis-geo", MFD_CLOEXEC);
	ssize_t written;

	if (file < 0)
		return -1;
	while (size) {
		written = write(file, bytes, size);
		if (written <= 0) {
			close(file);
			return -1;
		}
		bytes += written;
		size -= (size_t)written;
	}
	return file;
}

/* The library multiplies with 32 bits, and takes a tree that is larger than the file for a small one. */
static int holds_tree(const MMDB_s *mmdb)
{
	return (uint64_t)mmdb->metadata.node_count * mmdb->full_record_byte_size <= (uint64_t)mmdb->file_size;
}

int geo_database_open(const void *bytes, size_t size, struct geo_database **database)
{
	struct geo_database *opened = calloc(1, sizeof(*opened));
	char path[64];
	int error, file;

	if (!opened)
		return MMDB_OUT_OF_MEMORY_ERROR;
	file = copy_of(bytes, size);
	if (file < 0) {
		free(opened);
		return MMDB_IO_ERROR;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	error = MMDB_open(path, MMDB_MODE_MMAP, &opened->mmdb);
	close(file);
	if (error) {
		free(opened);
		return error;
	}
	if (!holds_tree(&opened->mmdb)) {
		geo_database_close(opened);
		return MMDB_INVALID_METADATA_ERROR;
	}
	*database = opened;
	return 0;
}

void geo_database_close(struct geo_database *database)
{
	MMDB_close(&database->mmdb);
	free(database);
}

const char *geo_database_error(int error)
{
	return MMDB_strerror(error);
}

uint32_t geo_database_nodes(const struct geo_database *database)
{
	return database->mmdb.metadata.node_count;
}

uint32_t geo_database_ipv4_node(const struct geo_database *database)
{
	return database->mmdb.ipv4_start_node.node_value;
}

uint16_t geo_database_version(const struct geo_database *database)
{
	return database->mmdb.metadata.ip_version;
}

uint64_t geo_database_built(const struct geo_database *database)
{
	return database->mmdb.metadata.build_epoch;
}

static enum geo_record kind_of(uint8_t type)
{
	switch (type) {
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		return GEO_RECORD_NODE;
	case MMDB_RECORD_TYPE_EMPTY:
		return GEO_RECORD_EMPTY;
	case MMDB_RECORD_TYPE_DATA:
		return GEO_RECORD_DATA;
	default:
		return GEO_RECORD_INVALID;
	}
}

static uint64_t value_of(uint8_t type, uint64_t record, const MMDB_entry_s *entry)
{
	return type == MMDB_RECORD_TYPE_DATA ? entry->offset : record;
}

int geo_database_node(const struct geo_database *database, uint32_t number, struct geo_node *node)
{
	MMDB_search_node_s read;
	int error = MMDB_read_node(&database->mmdb, number, &read);

	if (error)
		return error;
	node->kind[0] = kind_of(read.left_record_type);
	node->kind[1] = kind_of(read.right_record_type);
	node->value[0] = value_of(read.left_record_type, read.left_record, &read.left_record_entry);
	node->value[1] = value_of(read.right_record_type, read.right_record, &read.right_record_entry);
	return 0;
}

static const char *const paths[][3] = {
	{"country", "iso_code", NULL},
	{"registered_country", "iso_code", NULL},
	{"country_code", NULL},
	{"country", NULL},
};

int geo_database_country(struct geo_database *database, uint64_t data, const char **text)
{
	MMDB_entry_s entry = {.mmdb = &database->mmdb, .offset = (uint32_t)data};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		MMDB_entry_data_s found;
		int error = MMDB_aget_value(&entry, &found, paths[i]);

		if (error == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
			continue;
		if (error)
			return -error;
		if (found.has_data && found.type == MMDB_DATA_TYPE_UTF8_STRING) {
			*text = found.utf8_string;
			return (int)(found.data_size < 64 ? found.data_size : 64);
		}
	}
	return 0;
}
