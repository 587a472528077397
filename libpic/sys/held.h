/* Files that have a name before they are whole: whoever writes one holds it (a lock) until it has its own name or is
 * gone, and a dead one's hold ends with it, however it died. So what is left half done can be told from what another
 * process writes now. */
#ifndef PIC_SYS_HELD_H
#define PIC_SYS_HELD_H

/* A new file of that name in a directory, held by its descriptor (or by nobody, where the file system has no locks);
 * -1: errno says why. Nobody who finds it a moment before it is held takes it away. */
int pic__held_make(int dirfd, const char *name, int flags, unsigned mode);
/* 0: this file is held from now on, or nobody can; -1: another one holds it. */
int pic__held_take(int fd);
/* 1: a file that nobody writes any more; 0: somebody does, or it is no file; -1: a lock of another machine cannot be
 * seen here (a network's file system, or one of a program): its age has to tell. */
int pic__held_left(int dirfd, const char *name);
/* Removes it if nobody writes it: 1: it went; 0, -1: as above. */
int pic__held_drop(int dirfd, const char *name);

#endif
