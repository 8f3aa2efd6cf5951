/*
 * Names in filter expressions are not looked up, only numbers are read: a host under attack must not wait for
 * name servers, and in a static executable the C library would load the host's own lookup modules. The
 * linker's --wrap makes calls of these functions come here.
 */
#include <netdb.h>
#include <netinet/ether.h>
#include <stddef.h>

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **result);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **result)
{
	struct addrinfo numeric = {.ai_flags = 0};

	if (hints)
		numeric = *hints;
	numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
	return __real_getaddrinfo(node, service, &numeric, result);
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
