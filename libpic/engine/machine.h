/* What the cell stands on: room on disks, memory, versions of programs that it drives. */
#ifndef PIC_ENGINE_MACHINE_H
#define PIC_ENGINE_MACHINE_H

#include "engine/engine.h"
#include "engine/findings.h"

void pic__machine_look(pic__engine *e, pic__findings *f);
void pic__machine_drop(pic__engine *e);

/* --- pure, for tests ------------------------------------------------------------------------------------------ */

/* What is free of what there is, in bytes and in files (inodes; 0 of 0: this file system does not count them). */
void pic__machine_room(const char *path, uint64_t free, uint64_t files_free, uint64_t files, pic__findings *f);
void pic__machine_logs(long long sum, pic__findings *f); /* bytes of all logs */
/* text: /proc/meminfo; own: bytes that this process and its children have. */
void pic__machine_memory(const char *text, uint64_t own, pic__findings *f);
/* "unbound 1.17.1", "nftables v1.0.6 (…)", "HAProxy version 2.6.12-1…": the first number with a dot, as 1000000 * a +
 * 1000
 * * b + c; 0: there is none. */
unsigned pic__machine_version(const char *text);

#endif
