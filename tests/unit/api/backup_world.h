/* A cell with a device, and a backup of it in a file. */
#ifndef PIC_TEST_API_BACKUP_WORLD_H
#define PIC_TEST_API_BACKUP_WORLD_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../api/world.h"

static world w;
static char file[128];

static int setup(void **state)
{
        static const char *const fields[] = { "endpoint", "a.example:51820", NULL };
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;

        (void)state;
        world_init(&w);
        ok(world_set(&w, "cell", NULL, fields[0], fields[1], &err));
        ok(world_add(&w, "peer", "anna", NULL, &err));
        snprintf(file, sizeof(file), "%s.backup", w.dir);
        o.output = file;
        o.flags = PIC_BACKUP_PLAIN;
        ok(pic_backup_create(w.ctx, NULL, -1, &o, &told, &err));
        pic_report_unref(told);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        unlink(file);
        world_end(&w);
        return 0;
}

#endif
