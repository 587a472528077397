/* A backup of a cell, looked at before it is needed; and a cell out of one.
 *
 *     back_up DIR make RECIPIENT FILE [fake]   for who has the identity; FILE appears when all is done
 *     back_up DIR look KEYFILE FILE [fake]     everything in it is read and compared
 *     back_up DIR try KEYFILE FILE [fake]      restored where nobody is: whether it comes back
 *     back_up DIR take KEYFILE FILE MEMBER     one file of it, to standard output
 *     back_up DIR plan KEYFILE FILE [fake]     what restoring it would change, and what it asks
 *     back_up DIR back KEYFILE FILE [fake]     DIR is that cell then
 */
#include <fcntl.h>
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int identities(pic_age_keys *keys, const char *path, pic_error **err)
{
        char text[4096];
        int fd = open(path, O_RDONLY), r;
        ssize_t len = read(fd, text, sizeof(text));

        close(fd);
        r = pic_age_keys_file(keys, PIC_AGE_IDENTITIES, text, len > 0 ? (size_t)len : 0, err);
        memset(text, 0, sizeof(text));
        return r;
}

static int tell(int r, pic_report *report)
{
        if (r >= 0)
                puts(pic_report_text(report));
        pic_report_unref(report);
        return r;
}

static int make(pic_ctx *ctx, pic_age_keys *keys, const char *recipient, const char *file, pic_error **err)
{
        pic_backup_opts opts = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        int r = pic_age_keys_recipient(keys, recipient, err);

        opts.output = file;
        if (r >= 0)
                r = pic_backup_create(ctx, keys, -1, &opts, &report, err);
        return tell(r, report);
}

static int plan(pic_ctx *ctx, pic_age_keys *keys, int fd, pic_error **err)
{
        pic_plan *plan = NULL;
        int r = pic_backup_diff(ctx, keys, fd, NULL, &plan, err);

        if (r >= 0)
                puts(pic_plan_json(plan));
        pic_plan_unref(plan);
        return r;
}

static int from(pic_ctx *ctx, pic_age_keys *keys, const char *what, const char *file, const char *member,
                pic_error **err)
{
        int fd = open(file, O_RDONLY), r;
        pic_report *report = NULL;

        if (strcmp(what, "take") == 0)
                r = pic_backup_extract(keys, fd, member, STDOUT_FILENO, NULL, err);
        else if (strcmp(what, "plan") == 0)
                r = plan(ctx, keys, fd, err);
        else if (strcmp(what, "try") == 0)
                r = pic_backup_drill(ctx, keys, fd, NULL, &report, err);
        else if (strcmp(what, "back") == 0)
                r = pic_backup_restore(ctx, keys, fd, NULL, &report, err);
        else /* what it claims, without reading on; then whether it is so */
                r = pic_backup_show(keys, fd, NULL, &report, err);
        if (r >= 0 && strcmp(what, "look") == 0) {
                report = pic_report_unref(report);
                lseek(fd, 0, SEEK_SET);
                r = pic_backup_verify(keys, fd, NULL, &report, err);
        }
        close(fd);
        return report != NULL ? tell(r, report) : r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_age_keys *keys = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 5) {
                fprintf(stderr, "usage: back_up DIR make|look|try|take|plan|back KEY FILE [MEMBER] [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = strcmp(argv[argc - 1], "fake") == 0 ? "fake" : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_age_keys_new(&keys, &err);
        if (r >= 0 && strcmp(argv[2], "make") == 0)
                r = make(ctx, keys, argv[3], argv[4], &err);
        else if (r >= 0)
                r = identities(keys, argv[3], &err);
        if (r >= 0 && strcmp(argv[2], "make") != 0)
                r = from(ctx, keys, argv[2], argv[4], argc > 5 ? argv[5] : "key", &err);
        if (err != NULL)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_age_keys_unref(keys);
        pic_ctx_unref(ctx);
        return r < 0;
}
