/* Files that root alone can change, the way to them too: who may write a folder on the way may put another file in the
 * place of one that was looked at. */
#ifndef PIC_SYS_ROOTED_H
#define PIC_SYS_ROOTED_H

#include "base/err.h"

/* The path without symbolic links, to be used in place of this one: from here on it is the same file until root makes
 * it another. The file, and each folder and link on the way, must be root's and written by nobody else; in a folder
 * with the sticky bit (/tmp) others can only add to what is root's. PIC_UNSUPPORTED: it is not there, or is no file;
 * PIC_DENIED: others can change it, with a hint. */
int pic__rooted(const char *path, char **ret, pic_error **err);

#endif
