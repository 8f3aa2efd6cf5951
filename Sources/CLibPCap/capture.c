#include "shim.h"

#include <pcap/pcap.h>
#include <stdlib.h>

_Static_assert(CAPTURE_ERROR_SIZE == PCAP_ERRBUF_SIZE, "shim.h");
_Static_assert(CAPTURE_END == PCAP_ERROR_BREAK, "shim.h");
_Static_assert(CAPTURE_MAJOR_VERSION == PCAP_VERSION_MAJOR, "shim.h");

struct capture_filter {
	struct bpf_program program;
};

struct pcap *capture_open(void *file, char *errors)
{
	return pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, errors);
}

int capture_next(struct pcap *capture, struct capture_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(capture, &header, &bytes);

	if (result != 1)
		return result;
	packet->seconds = header->ts.tv_sec;
	packet->nanoseconds = header->ts.tv_usec;
	packet->bytes = bytes;
	packet->captured = header->caplen;
	packet->length = header->len;
	return 1;
}

struct capture_filter *capture_compile(struct pcap *capture, const char *expression)
{
	struct capture_filter *filter = calloc(1, sizeof(*filter));

	if (filter && pcap_compile(capture, &filter->program, expression, 1, PCAP_NETMASK_UNKNOWN)) {
		free(filter);
		filter = NULL;
	}
	return filter;
}

int capture_matches(const struct capture_filter *filter, const struct capture_packet *packet)
{
	struct pcap_pkthdr header = {.caplen = packet->captured, .len = packet->length};

	return pcap_offline_filter(&filter->program, &header, packet->bytes);
}

void capture_free(struct capture_filter *filter)
{
	if (!filter)
		return;
	pcap_freecode(&filter->program);
	free(filter);
}
