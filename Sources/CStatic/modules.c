/*
 * What parts of Swift's libraries refer to and aegisctl never asks of them: debugging aids of the runtime
 * that are loaded as modules, the owners of files, and names of temporary files. In a static executable the C
 * library would load modules of the host for the first two.
 */
#include <grp.h>
#include <pwd.h>
#include <stddef.h>

void *__wrap_dlopen(const char *path, int flags)
{
	(void)path;
	(void)flags;
	return NULL;
}

int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **result)
{
	(void)name;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}

int __wrap_getpwuid_r(uid_t user, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	(void)user;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}

int __wrap_getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size, struct group **result)
{
	(void)name;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}

int __wrap_getgrgid_r(gid_t group, struct group *entry, char *buffer, size_t size, struct group **result)
{
	(void)group;
	(void)entry;
	(void)buffer;
	(void)size;
	*result = NULL;
	return 0;
}

/* As if no such name could be made. */
char *__wrap_mktemp(char *name)
{
	*name = '\0';
	return name;
}
