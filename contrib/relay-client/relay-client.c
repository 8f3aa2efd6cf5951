/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any UDP program becomes a client of the relay of Aegis: what it sends to a local address goes to the relay,
 * with the header of aegis-relay(7) in front, and what the relay sends goes to the program that sent last.
 * See README.md.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 32, UDP_HEADER = 8, LONGEST = 65535, SECRET = 16, BURST = 64, LAG = 100000 /* µs */ };

struct token {
	uint64_t session, key, expires, user;
	uint8_t secret[SECRET];
	char relay[80]; /* ADDR:PORT */
};

struct address {
	struct sockaddr_storage storage;
	socklen_t length;
};

static volatile sig_atomic_t stopped;

static _Noreturn void fail(int status, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	fputs("relay-client: ", stderr);
	vfprintf(stderr, format, values);
	fputc('\n', stderr);
	exit(status);
}

static void put(uint8_t *to, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *from, size_t bytes)
{
	uint64_t value = 0;
	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

#define ROTATE(value, bits) ((value) << (bits) | (value) >> (64 - (bits)))

static void rounds(uint64_t v[4], int count)
{
	while (count-- > 0) {
		v[0] += v[1], v[1] = ROTATE(v[1], 13) ^ v[0], v[0] = ROTATE(v[0], 32);
		v[2] += v[3], v[3] = ROTATE(v[3], 16) ^ v[2];
		v[0] += v[3], v[3] = ROTATE(v[3], 21) ^ v[0];
		v[2] += v[1], v[1] = ROTATE(v[1], 17) ^ v[2], v[2] = ROTATE(v[2], 32);
	}
}

/* SipHash-2-4, with a result of 8 or 16 bytes. */
static void siphash(uint8_t *result, int size, const uint8_t key[SECRET], const uint8_t *data, size_t length)
{
	uint64_t k0 = get(key, 8), k1 = get(key + 8, 8);
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			 k1 ^ 0x7465646279746573};
	v[1] ^= size == 16 ? 0xee : 0;
	for (size_t at = 0; at <= length; at += 8) {
		size_t left = length - at;
		uint64_t word = left >= 8 ? get(data + at, 8) : get(data + at, left) | (uint64_t)length << 56;
		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= size == 16 ? 0xee : 0xff;
	rounds(v, 4);
	put(result, v[0] ^ v[1] ^ v[2] ^ v[3], 8);
	if (size == 16) {
		v[1] ^= 0xdd;
		rounds(v, 4);
		put(result + 8, v[0] ^ v[1] ^ v[2] ^ v[3], 8);
	}
}

static void write_header(uint8_t *to, const struct token *token, uint64_t counter, size_t udp_length)
{
	uint8_t covered[26];
	memset(covered, 0, sizeof(covered));
	covered[0] = 1;
	covered[1] = (uint8_t)token->key;
	put(covered + 4, token->session, 4);
	put(covered + 8, token->expires, 4);
	put(covered + 12, token->user, 4);
	put(covered + 16, counter, 8);
	put(covered + 24, udp_length, 2);
	memcpy(to, covered, 24);
	siphash(to + 24, 8, token->secret, covered, sizeof(covered));
}

/* One more than the last, so that a burst stays within the window; but never far behind the clock, µs. */
static uint64_t next_counter(uint64_t last, uint64_t now)
{
	return now > last + 1 + LAG ? now : last + 1;
}

/* The value of a member of the outermost object, or "". */
static const char *member(const char *json, const char *name)
{
	size_t length = strlen(name);
	for (int depth = 0; *json; json++) {
		if (*json == '"') {
			const char *text = ++json;
			while (*json && *json != '"')
				json += *json == '\\' && json[1] ? 2 : 1;
			if (!*json)
				break;
			const char *after = json + 1 + strspn(json + 1, " \t\r\n");
			if (depth == 1 && *after == ':' && (size_t)(json - text) == length &&
			    !memcmp(text, name, length))
				return after + 1 + strspn(after + 1, " \t\r\n");
		} else if (strchr("{[", *json)) {
			depth++;
		} else if (strchr("}]", *json)) {
			depth--;
		}
	}
	return "";
}

static uint64_t number(const char *file, const char *json, const char *name, uint64_t most)
{
	const char *text = member(json, name);
	char *end;
	errno = 0;
	uint64_t value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || value > most || !strchr(", \t\r\n}", *end))
		fail(65, "%s: '%s' is not a number up to %ju", file, name, (uintmax_t)most);
	return value;
}

static int has_text(const char *value, const char *text)
{
	size_t length = strlen(text);
	return *value == '"' && !strncmp(value + 1, text, length) && value[1 + length] == '"';
}

static void read_token(const char *file, struct token *token)
{
	static char json[LONGEST];
	size_t used = 0;
	ssize_t count;
	struct stat status;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		fail(66, "%s: %s", file, strerror(errno));
	if (status.st_mode & 077)
		fail(77, "%s: others can read it: run chmod 600 %s", file, file);
	while ((count = read(fd, json + used, sizeof(json) - 1 - used)) > 0)
		used += (size_t)count;
	close(fd);
	if (!has_text(member(json, "apiVersion"), "aegis/v1") ||
	    !has_text(member(json, "kind"), "RelayToken"))
		fail(65, "%s: not what aegisctl relay-token -o json prints", file);
	token->session = number(file, json, "session", UINT32_MAX);
	token->key = number(file, json, "key", UINT8_MAX);
	token->expires = number(file, json, "expiresUnix", UINT32_MAX);
	token->user = number(file, json, "userHash", UINT32_MAX);
	const char *secret = member(json, "secret");
	if (*secret != '"' || strspn(secret + 1, "0123456789abcdefABCDEF") != 2 * SECRET ||
	    secret[1 + 2 * SECRET] != '"')
		fail(65, "%s: 'secret' is not 32 hexadecimal digits", file);
	for (int i = 0; i < SECRET; i++) {
		char digits[3] = {secret[1 + 2 * i], secret[2 + 2 * i], 0};
		token->secret[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	sscanf(member(json, "listen"), "[ \"%79[^\"]", token->relay);
	explicit_bzero(json, sizeof(json));
}

static void read_address(char *text, struct address *address)
{
	char *colon = strrchr(text, ':'), *host = text;
	if (!colon || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strtoul(colon + 1, NULL, 10) > 65535)
		fail(64, "'%s' is not ADDR:PORT", text);
	*colon = 0;
	if (*host == '[' && colon[-1] == ']')
		host++, colon[-1] = 0;
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM},
			*found;
	int error = getaddrinfo(host, colon + 1, &hints, &found);
	if (error)
		fail(64, "'%s' port '%s' is not an address: %s", host, colon + 1, gai_strerror(error));
	memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
	address->length = found->ai_addrlen;
	freeaddrinfo(found);
}

static void print_address(const char *name, const struct address *address, const char *end)
{
	char host[64], port[8];
	getnameinfo((const struct sockaddr *)&address->storage, address->length, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	printf(strchr(host, ':') ? "%s [%s]:%s%s" : "%s %s:%s%s", name, host, port, end);
}

static int open_socket(int family)
{
	int v6 = family == AF_INET6, mode = v6 ? IPV6_PMTUDISC_DO : IP_PMTUDISC_DO;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, v6 ? (int)IPPROTO_IPV6 : (int)IPPROTO_IP,
				 v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &mode, sizeof(mode)))
		fail(71, "socket: %s", strerror(errno));
	return fd;
}

static ssize_t receive(int fd, uint8_t *to, struct address *from)
{
	memset(from, 0, sizeof(*from));
	from->length = sizeof(from->storage);
	return recvfrom(fd, to, LONGEST, 0, (struct sockaddr *)&from->storage, &from->length);
}

static int deliver(int fd, const uint8_t *data, size_t length, const struct address *to)
{
	return sendto(fd, data, length, 0, (const struct sockaddr *)&to->storage, to->length) < 0 ? errno : 0;
}

static void relay(int local, int remote, const struct token *token, const struct address *server)
{
	static uint8_t packet[HEADER + LONGEST];
	struct pollfd ready[2] = {{.fd = local, .events = POLLIN}, {.fd = remote, .events = POLLIN}};
	struct address peer = {.length = 0}, from;
	uint64_t last = 0;
	unsigned long sent = 0, received = 0, too_long = 0, failed = 0, expired = 0;
	ssize_t length;
	sigset_t none;
	sigemptyset(&none);
	while (!stopped && (ppoll(ready, 2, NULL, &none) >= 0 || errno == EINTR)) {
		for (int i = 0; i < BURST && (length = receive(local, packet + HEADER, &from)) >= 0; i++) {
			struct timespec now;
			clock_gettime(CLOCK_REALTIME, &now);
			last = next_counter(last,
					    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
			peer = from;
			if ((uint64_t)now.tv_sec >= token->expires && !expired++)
				fputs("relay-client: the token has expired: get a new one\n", stderr);
			size_t udp_length = UDP_HEADER + HEADER + (size_t)length;
			write_header(packet, token, last, udp_length);
			int error = udp_length > LONGEST
					    ? EMSGSIZE
					    : deliver(remote, packet, HEADER + (size_t)length, server);
			if (error == EMSGSIZE && !too_long++)
				fprintf(stderr,
					"relay-client: dropped a datagram of %zd bytes, which is too long\n",
					length);
			else if (error && error != EMSGSIZE && !failed++)
				fprintf(stderr, "relay-client: the relay: %s\n", strerror(error));
			sent += !error;
		}
		for (int i = 0; i < BURST && (length = receive(remote, packet, &from)) >= 0; i++)
			if (peer.length && from.length == server->length &&
			    !memcmp(&from.storage, &server->storage, from.length))
				received += !deliver(local, packet, (size_t)length, &peer);
	}
	fprintf(stderr, "relay-client: %lu sent, %lu received, %lu too long, %lu failed\n", sent, received,
		too_long, failed);
}

static void print_hex(const uint8_t *data, int size)
{
	for (int i = 0; i < size; i++)
		printf("%02x", data[i]);
	putchar('\n');
}

/* What Tests/RelayClient/run compares with the other implementation. */
static void self_test(void)
{
	uint8_t master[SECRET], none[SECRET] = {0}, data[64], result[HEADER];
	for (int i = 0; i < 64; i++)
		data[i] = (uint8_t)i;
	memcpy(master, data, SECRET);
	for (int size = 8; size <= 16; size += 8)
		for (size_t length = 0; length < sizeof(data); length++)
			siphash(result, size, master, data, length), print_hex(result, size);
	siphash(result, 8, none, (const uint8_t *)"alice", 5);
	uint64_t alice = get(result, 4);
	for (uint64_t i = 0; i < 64; i++) {
		struct token token = {.session = (0x00100005 + i * 0x01234567) & UINT32_MAX,
				      .key = i,
				      .expires = 1893456000 + i,
				      .user = (alice + i * 0x89abcdef) & UINT32_MAX};
		put(data, token.session, 4);
		put(data + 4, token.expires, 4);
		put(data + 8, token.user, 4);
		siphash(token.secret, 16, master, data, 12);
		write_header(result, &token, 1764288000000000 + i * 0x0123456789abc,
			     8 + 32 + 5 + (size_t)i * 1000);
		print_hex(result, HEADER);
	}
	for (uint64_t last = 0, now = 1000000, i = 0; i < 8; i++, now += 49999)
		printf("%ju\n", (uintmax_t)(last = next_counter(last, now)));
}

static void stop(int number)
{
	stopped = number;
}

int main(int count, char **arguments)
{
	static const struct option options[] = {{"token", required_argument, NULL, 't'},
						{"local", required_argument, NULL, 'l'},
						{"relay", required_argument, NULL, 'r'},
						{"self-test", no_argument, NULL, 's'},
						{NULL, 0, NULL, 0}};
	char standard[] = "127.0.0.1:0", *file = NULL, *local_text = standard, *relay_text = NULL;
	for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
		if (option == 's')
			self_test();
		if (option == '?' || option == 's')
			return option == 's' ? 0 : 64;
		*(option == 't' ? &file : option == 'l' ? &local_text : &relay_text) = optarg;
	}
	if (!file || optind < count)
		fail(64, "usage: relay-client --token FILE [--local ADDR:PORT] [--relay ADDR:PORT]");
	struct rlimit none = {0, 0};
	if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none))
		fail(71, "core dumps: %s", strerror(errno));

	struct token token = {.session = 0};
	struct address local, server;
	read_token(file, &token);
	read_address(relay_text ? relay_text : token.relay, &server);
	read_address(local_text, &local);
	int local_fd = open_socket(local.storage.ss_family),
	    remote_fd = open_socket(server.storage.ss_family);
	if (bind(local_fd, (struct sockaddr *)&local.storage, local.length) ||
	    getsockname(local_fd, (struct sockaddr *)&local.storage, &local.length))
		fail(71, "--local: %s", strerror(errno));
	print_address("local", &local, ", ");
	print_address("relay", &server, "\n");
	fflush(stdout);

	struct sigaction action = {.sa_handler = stop};
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	relay(local_fd, remote_fd, &token, &server);
	return 0;
}
