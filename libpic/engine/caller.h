/* Who is at the other end of a connection, as the kernel has it. */
#ifndef PIC_ENGINE_CALLER_H
#define PIC_ENGINE_CALLER_H

#include <sys/types.h>

#include "base/err.h"

#define PIC__GROUP "pic"
#define PIC__CALLER_TEXT 32

/* 0 with actor "root" or "uid 1000"; PIC_DENIED unless root, `owner`, this process's own user, or a member of group
 * pic. */
int pic__caller_check(int fd, uid_t owner, char actor[PIC__CALLER_TEXT], pic_error **err);
/* The same question without a connection. */
int pic__caller_allowed(uid_t uid, gid_t gid, uid_t owner);
/* 1: the process has the group, or its user is in it. */
int pic__caller_member(uid_t uid, gid_t gid, gid_t wanted);
/* Whose the other end is. 0, or -1. */
int pic__caller_uid(int fd, uid_t *ret);
/* The group's number; -1 when there is none. */
int pic__caller_group(const char *name, gid_t *ret);

#endif
