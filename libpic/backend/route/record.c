/* Owns: the record of settings as they were: its file and its lines. */
#include "backend/route/record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

#define RECORD_MAX (256 << 10)

void pic__formers_free(pic__formers *f)
{
        pic__vec_free(f);
}

int pic__formers_load(const char *path, pic__formers *ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *line, *save = NULL;
        pic__former f;
        int r;

        if (!pic__file_exists(path))
                return 0;
        r = pic__file_read(path, RECORD_MAX, &text, err);
        if (r < 0)
                return r;
        for (line = text.len > 0 ? strtok_r(text.data, "\n", &save) : NULL; line != NULL;
             line = strtok_r(NULL, "\n", &save))
                if (sscanf(line, "%95s %31s %95s", f.key, f.value, f.owner) == 3 && pic__vec_push(ret, f) < 0)
                        return pic__nomem(err);
        return 0;
}

int pic__formers_save(const pic__route *b, const pic__formers *all, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;
        int r;

        if (all->count == 0) {
                unlink(b->record_path);
                return 0;
        }
        for (i = 0; i < all->count; i++)
                pic__buf_putf(&text, "%s %s %s\n", all->at[i].key, all->at[i].value, all->at[i].owner);
        if (text.failed)
                return pic__nomem(err);
        r = pic__dir_make(b->run_dir, 0750, err);
        return r < 0 ? r : pic__file_write(b->record_path, text.data, text.len, 0600, err);
}

const pic__former *pic__formers_find(const pic__formers *all, const char *key)
{
        size_t i;

        for (i = 0; i < all->count; i++)
                if (strcmp(all->at[i].owner, key) == 0 && strcmp(all->at[i].key, key) == 0)
                        return &all->at[i];
        return NULL;
}

int pic__formers_put(pic__formers *all, const char *key, const char *value, const char *owner, pic_error **err)
{
        pic__former f;

        if (strlen(key) >= sizeof(f.key) || strlen(value) >= sizeof(f.value))
                return pic__fail(err, PIC_UNSUPPORTED, "the kernel setting %s is too long to be remembered", key);
        snprintf(f.key, sizeof(f.key), "%s", key);
        snprintf(f.value, sizeof(f.value), "%s", value);
        snprintf(f.owner, sizeof(f.owner), "%s", owner);
        return pic__vec_push(all, f) < 0 ? pic__nomem(err) : 0;
}
