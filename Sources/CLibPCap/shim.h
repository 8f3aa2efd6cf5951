#ifndef AEGIS_CLIBPCAP_SHIM_H
#define AEGIS_CLIBPCAP_SHIM_H

#include <pcap/dlt.h>
#include <stdint.h>

/*
 * What is needed of libpcap without <pcap/pcap.h>: that has structures bpf_insn and bpf_program, which are
 * others than Linux's and libbpf's, and brings half of the C library, which Swift would then find defined
 * twice. The compiler holds the functions of libpcap itself against that header in capture.c.
 */
struct pcap;
struct capture_filter;

#define CAPTURE_ERROR_SIZE 256  /* PCAP_ERRBUF_SIZE */
#define CAPTURE_END (-2)        /* PCAP_ERROR_BREAK */
#define CAPTURE_MAJOR_VERSION 2 /* PCAP_VERSION_MAJOR: of libpcap's own format, not of pcapng */

struct capture_packet {
	int64_t seconds; /* since the Unix epoch */
	int64_t nanoseconds;
	const uint8_t *bytes; /* valid until the next one is read */
	uint32_t captured;
	uint32_t length; /* on the wire */
};

/* pcap_fopen_offline_with_tstamp_precision, of a FILE, which the capture then owns. */
struct pcap *capture_open(void *file, char *errors);

/* pcap_next_ex: 1, CAPTURE_END, or an error that pcap_geterr names. */
int capture_next(struct pcap *capture, struct capture_packet *packet);

/* pcap_compile; NULL for an error that pcap_geterr names. */
struct capture_filter *capture_compile(struct pcap *capture, const char *expression);

/* pcap_offline_filter. */
int capture_matches(const struct capture_filter *filter, const struct capture_packet *packet);

/* pcap_freecode. */
void capture_free(struct capture_filter *filter);

void pcap_close(struct pcap *capture);
int pcap_datalink(struct pcap *capture);
const char *pcap_datalink_val_to_name(int link);
char *pcap_geterr(struct pcap *capture);
int pcap_major_version(struct pcap *capture);

#endif
