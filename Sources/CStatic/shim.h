#ifndef AEGIS_CSTATIC_SHIM_H
#define AEGIS_CSTATIC_SHIM_H

/* Nothing is called by its name: the linker puts these functions in the place of others. */

#endif
