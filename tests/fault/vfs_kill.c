/* Owns: the file system that kills. It stands in front of sqlite's own, file by file. */
#include "vfs_kill.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
        sqlite3_file base;
        sqlite3_file *real; /* behind this struct, in the same memory */
};

static sqlite3_vfs shim;
static sqlite3_vfs *own;
static unsigned long count, kill_at;
static enum vfs_way how;

static sqlite3_file *real_of(sqlite3_file *f)
{
        return ((struct file *)f)->real;
}

static int at_the_point(void)
{
        return ++count == kill_at;
}

static void die(void)
{
        (void)kill(getpid(), SIGKILL);
        for (;;)
                pause();
}

static int do_close(sqlite3_file *f)
{
        return real_of(f)->pMethods->xClose(real_of(f));
}

static int do_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
        return real_of(f)->pMethods->xRead(real_of(f), to, len, at);
}

static int do_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
        if (at_the_point()) {
                if (how == VFS_TORN && len > 1)
                        (void)real_of(f)->pMethods->xWrite(real_of(f), from, len / 2, at);
                die();
        }
        return real_of(f)->pMethods->xWrite(real_of(f), from, len, at);
}

static int do_truncate(sqlite3_file *f, sqlite3_int64 size)
{
        if (at_the_point())
                die();
        return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int do_sync(sqlite3_file *f, int flags)
{
        if (at_the_point())
                die();
        return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int do_size(sqlite3_file *f, sqlite3_int64 *size)
{
        return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int do_lock(sqlite3_file *f, int level)
{
        return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int do_unlock(sqlite3_file *f, int level)
{
        return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int do_reserved(sqlite3_file *f, int *out)
{
        return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int do_control(sqlite3_file *f, int op, void *arg)
{
        return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int do_sector(sqlite3_file *f)
{
        return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int do_traits(sqlite3_file *f)
{
        return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int do_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
        return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int do_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
        return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}

static void do_shm_barrier(sqlite3_file *f)
{
        real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int do_shm_unmap(sqlite3_file *f, int del)
{
        return real_of(f)->pMethods->xShmUnmap(real_of(f), del);
}

static const sqlite3_io_methods methods = {
        2,           do_close,       do_read,      do_write,   do_truncate, do_sync,   do_size,
        do_lock,     do_unlock,      do_reserved,  do_control, do_sector,   do_traits, do_shm_map,
        do_shm_lock, do_shm_barrier, do_shm_unmap, NULL,       NULL,
};

static int do_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
        struct file *file = (struct file *)f;
        int rc;

        (void)v;
        file->real = (sqlite3_file *)(file + 1);
        rc = own->xOpen(own, name, file->real, flags, out);
        f->pMethods = file->real->pMethods != NULL ? &methods : NULL;
        return rc;
}

static int do_delete(sqlite3_vfs *v, const char *name, int sync)
{
        (void)v;
        if (at_the_point())
                die();
        return own->xDelete(own, name, sync);
}

void vfs_kill_at(unsigned long n, enum vfs_way way)
{
        if (own == NULL) {
                own = sqlite3_vfs_find(NULL);
                shim = *own;
                shim.zName = "kill";
                shim.szOsFile += (int)sizeof(struct file);
                shim.xOpen = do_open;
                shim.xDelete = do_delete;
                shim.pNext = NULL;
                if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
                        abort();
        }
        count = 0;
        kill_at = n;
        how = way;
}

unsigned long vfs_count(void)
{
        return count;
}
