/*
 * What Debian's libpcap.a refers to and a reader of files has no use for.
 *
 * Its capture source for D-Bus needs libdbus-1, which needs libsystemd, and that cannot be linked statically.
 * The two functions by which libpcap asks that source are defined here instead, so that the linker leaves the
 * rest of it in the archive: as from a libpcap that was configured without D-Bus, nothing is ever its device.
 */
#include <stddef.h>

struct pcap;

__attribute__((visibility("hidden"))) struct pcap *dbus_create(const char *device, char *errors, int *is_ours)
{
	(void)device;
	(void)errors;
	*is_ours = 0;
	return NULL;
}

__attribute__((visibility("hidden"))) int dbus_findalldevs(void *devices, char *errors)
{
	(void)devices;
	(void)errors;
	return 0;
}
