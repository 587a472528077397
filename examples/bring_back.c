/* The ways back: some of a backup as a change of the cell that runs, and a restore that is taken back.
 *
 *     bring_back DIR some FILE KEYFILE KINDS [fake]   "peers,dns", "peer:anna", "all"; KEYFILE "-": it is not encrypted
 *     bring_back DIR undo [NAME] [fake]               the cell that a restore put aside is the cell again
 *     bring_back DIR look [NAME] [fake]               what that would change
 *     bring_back DIR order [NAME] [fake]              the agent that runs does it, between its end and its next start
 *     bring_back DIR kept [fake]                      which there are
 *     bring_back DIR forget NAME [fake]               one of them goes for good
 */
#include <fcntl.h>
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int identities(const char *path, pic_age_keys **ret, pic_error **err)
{
        char text[4096];
        int fd = open(path, O_RDONLY), r = pic_age_keys_new(ret, err);
        ssize_t len = read(fd, text, sizeof(text));

        close(fd);
        if (r >= 0)
                r = pic_age_keys_file(*ret, PIC_AGE_IDENTITIES, text, len > 0 ? (size_t)len : 0, err);
        memset(text, 0, sizeof(text));
        return r;
}

/* A change like others: it could be looked at first (pic_edit_plan), and can be undone. */
static int some(pic_ctx *ctx, char **words, pic_report **told, pic_error **err)
{
        int fd = open(words[0], O_RDONLY), r = 0;
        pic_age_keys *keys = NULL;
        pic_edit *edit = NULL;

        if (strcmp(words[1], "-") != 0)
                r = identities(words[1], &keys, err);
        if (r >= 0)
                r = pic_edit_new(ctx, &edit, err);
        if (r >= 0)
                r = pic_backup_pick(edit, keys, fd, words[2], NULL, told, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        pic_edit_unref(edit);
        pic_age_keys_unref(keys);
        close(fd);
        return r;
}

static int look(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_plan *plan = NULL;
        int r = pic_backup_undo_diff(ctx, name, &plan, err);

        if (r >= 0)
                puts(pic_plan_json(plan));
        pic_plan_unref(plan);
        return r;
}

static int run(pic_ctx *ctx, int count, char **words, pic_report **told, pic_error **err)
{
        const char *what = words[0], *name = count > 1 ? words[1] : NULL;

        if (strcmp(what, "some") == 0 && count == 4)
                return some(ctx, words + 1, told, err);
        if (strcmp(what, "look") == 0)
                return look(ctx, name, err);
        if (strcmp(what, "order") == 0)
                return pic_backup_undo_order(ctx, name, told, err);
        if (strcmp(what, "undo") == 0)
                return pic_backup_undo(ctx, name, told, err);
        if (strcmp(what, "forget") == 0)
                return pic_backup_forget(ctx, name, err);
        return pic_backup_kept(ctx, told, err);
}

int main(int argc, char **argv)
{
        int fake = argc > 1 && strcmp(argv[argc - 1], "fake") == 0, r;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;

        if (argc - fake < 3) {
                fprintf(stderr, "usage: bring_back DIR some|undo|look|order|kept|forget [WORD…] [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = fake ? "fake" : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = run(ctx, argc - fake - 2, argv + 2, &told, &err);
        if (told != NULL)
                puts(pic_report_text(told));
        if (err != NULL)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_report_unref(told);
        pic_ctx_unref(ctx);
        return r < 0;
}
