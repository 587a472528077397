/* Owns: where a cell's files are. */
#include "engine/paths.h"

#include <string.h>

#include "store/store.h"
#include "sys/file.h"

#define SYSTEM_DIR "/var/lib/pic"
#define SYSTEM_RUN "/run/pic"

char *pic__run_dir(const char *dir)
{
        size_t len = strlen(dir);

        while (len > 1 && dir[len - 1] == '/')
                len--;
        if (len == strlen(SYSTEM_DIR) && memcmp(dir, SYSTEM_DIR, len) == 0)
                return pic__strdup(SYSTEM_RUN);
        return pic__path_join(dir, "run");
}

char *pic__log_dir(const char *dir)
{
        return pic__path_join(dir, "log");
}

char *pic__socket_path(const char *run_dir)
{
        return pic__path_join(run_dir, PIC__SOCKET_NAME);
}

int pic__cell_there(const char *dir, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__STORE_FILE);
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;

        if (path == NULL)
                return pic__nomem(err);
        return pic__file_exists(path) ? 0 : pic__store_open(dir, 0, &pic__clock_real, &st, err);
}
