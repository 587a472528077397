/* <pic/version.h>: which library this is. */
#ifndef PIC_VERSION_H
#define PIC_VERSION_H

#include <pic/export.h>

#define PIC_VERSION_MAJOR 0
#define PIC_VERSION_MINOR 1
#define PIC_VERSION_PATCH 0
#define PIC_VERSION "0.1.0"

PIC_BEGIN_DECLS

/* The version of the library that runs, "0.1.0"; static text. */
PIC_API const char *pic_version(void);

/* 1 if this build has the named feature, else 0 (also for an unknown name or NULL).
 * Names: "world.fake", "world.real", "wg.kernel", "wg.userspace", "dns.unbound", "qr.png". */
PIC_API int pic_has_feature(const char *name);

PIC_END_DECLS

#endif
