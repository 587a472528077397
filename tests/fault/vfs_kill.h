/* A sqlite file system that counts what reaches the disk (writes, syncs, truncations, deletions) and ends the process
 * at the n-th of them, by SIGKILL: before it, or for a write in the middle of it. */
#ifndef TEST_FAULT_VFS_KILL_H
#define TEST_FAULT_VFS_KILL_H

enum vfs_way { VFS_BEFORE, VFS_TORN };

/* Makes it the file system that every new handle of this process uses. n 0: only count. */
void vfs_kill_at(unsigned long n, enum vfs_way way);
unsigned long vfs_count(void);

#endif
