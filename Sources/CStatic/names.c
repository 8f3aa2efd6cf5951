/*
 * Names in filter expressions are not looked up, only numbers are read: a host under attack must not wait for
 * name servers, and in a static executable the C library would load the host's own modules to look them up.
 * The linker's --wrap makes calls of these functions come here.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <stddef.h>
#include <stdlib.h>

union address {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* The address right behind it, so that one free() gives back both. */
static struct addrinfo *number(int family, const char *text, const struct addrinfo *hints)
{
	struct addrinfo *info = calloc(1, sizeof(*info) + sizeof(union address));
	union address *address;
	int is_read;

	if (!info)
		return NULL;
	address = (union address *)(info + 1);
	if (family == AF_INET)
		is_read = inet_pton(family, text, &address->v4.sin_addr);
	else
		is_read = inet_pton(family, text, &address->v6.sin6_addr);
	if (is_read != 1) {
		free(info);
		return NULL;
	}
	/* At the same place in both. */
	address->v4.sin_family = (sa_family_t)family;
	info->ai_family = family;
	info->ai_socktype = hints ? hints->ai_socktype : 0;
	info->ai_protocol = hints ? hints->ai_protocol : 0;
	info->ai_addrlen = family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
	info->ai_addr = (struct sockaddr *)address;
	return info;
}

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **result)
{
	int family = hints ? hints->ai_family : AF_UNSPEC;
	struct addrinfo *found = NULL;

	if (!node || service)
		return EAI_NONAME;
	if (family != AF_INET)
		found = number(AF_INET6, node, hints);
	if (!found && family != AF_INET6)
		found = number(AF_INET, node, hints);
	if (!found)
		return EAI_NONAME;
	*result = found;
	return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

struct hostent *__wrap_gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}

int __wrap_getnetbyname_r(const char *name, struct netent *entry, char *buffer, size_t size,
			  struct netent **result, int *error)
{
	(void)name;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	*error = HOST_NOT_FOUND;
	return 0;
}

int __wrap_getprotobyname_r(const char *name, struct protoent *entry, char *buffer, size_t size,
			    struct protoent **result)
{
	(void)name;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}

int __wrap_ether_hostton(const char *name, struct ether_addr *address)
{
	(void)name;
	(void)address;
	return -1;
}
