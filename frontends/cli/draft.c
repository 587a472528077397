/* Owns: a draft: changes that are collected from command to command and made all at once. It is a file of the one who
 * makes it, in the cell's directory: wishes as pic_edit_json() writes them. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/text.h"

enum { PATH_ROOM = 4096, LOCK_MS = 5000 };

static void draft_path(const struct cli *cli, char path[PATH_ROOM])
{
        snprintf(path, PATH_ROOM, "%s/draft-%u.json", cli->dir != NULL ? cli->dir : "/var/lib/pic",
                 (unsigned)geteuid());
}

/* Something is there. Whether it is a draft of ours is told when it is read: what cannot be read must not mean that
 * changes are made at once. */
static int is_open(const struct cli *cli)
{
        char path[PATH_ROOM];
        struct stat st;

        draft_path(cli, path);
        return lstat(path, &st) == 0;
}

static int no_draft(const struct cli *cli)
{
        return cli_refuse(cli, PIC_NOTFOUND, "there is no draft: pic begin");
}

/* Two commands at once would lose what one of them adds. Held until this process ends; the file is never removed. */
static int lock(const struct cli *cli)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        const struct timespec nap = { .tv_nsec = 10 * 1000000 };
        char path[PATH_ROOM], file[PATH_ROOM + 8];
        int fd, left;

        draft_path(cli, path);
        snprintf(file, sizeof(file), "%s.lock", path);
        fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0)
                return cli_refuse(cli, PIC_IO, "cannot open %s: %s", file, strerror(errno));
        for (left = LOCK_MS / 10; fcntl(fd, F_OFD_SETLK, &whole) < 0; left--) {
                if (left == 0 || (errno != EAGAIN && errno != EACCES && errno != EINTR))
                        return cli_refuse(cli, PIC_BUSY, "another command is at work on the draft: try again (%s: %s)",
                                          file, strerror(errno));
                (void)nanosleep(&nap, NULL);
        }
        return EXIT_DONE;
}

/* Only what its user wrote is the draft of that user. NULL after having said why not. */
static FILE *open_own(const struct cli *cli, const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        FILE *in = NULL;
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                cli_refuse(cli, PIC_IO, "cannot read %s: %s", path, strerror(errno));
        else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
                cli_refuse(cli, PIC_DENIED, "%s is no file of this user (uid %u): look at it; pic abort removes it",
                           path, (unsigned)geteuid());
        else
                in = fdopen(fd, "r");
        if (in == NULL && fd >= 0)
                (void)close(fd);
        return in;
}

/* EXIT_DONE, or the exit status after having said why. */
static int load(struct cli *cli, pic_edit *edit)
{
        char path[PATH_ROOM];
        pic_error *err = NULL;
        size_t len = 0;
        char *text;
        FILE *in;
        int r;

        draft_path(cli, path);
        in = open_own(cli, path);
        text = in != NULL ? cli_read_stream(cli, in, path, &len) : NULL;
        if (in != NULL)
                fclose(in);
        if (text == NULL)
                return EXIT_REFUSED;
        r = pic_edit_load(edit, text, len, path, 0, &err);
        free(text);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

int cli_begin(struct cli *cli, pic_edit **ret)
{
        pic_error *err = NULL;
        int status = EXIT_DONE;

        if (pic_edit_new(cli->ctx, ret, &err) < 0)
                return cli_fail(cli, err);
        if (cli->if_revision > 0) /* first: a plan that was kept is for the revision that it says, or is refused */
                pic_edit_if_revision(*ret, cli->if_revision);
        if (is_open(cli))
                status = lock(cli);
        cli->draft = status == EXIT_DONE && is_open(cli); /* it may have been ended meanwhile */
        if (cli->draft)
                status = load(cli, *ret);
        if (status != EXIT_DONE)
                *ret = pic_edit_unref(*ret);
        return status;
}

/* All of it or nothing: a draft that is cut short would be another wish. */
static int write_draft(const struct cli *cli, const char *json)
{
        char path[PATH_ROOM], fresh[PATH_ROOM + 8];
        int bad, fd;
        FILE *f;

        draft_path(cli, path);
        snprintf(fresh, sizeof(fresh), "%s.new", path);
        (void)unlink(fresh);
        fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        f = fd >= 0 ? fdopen(fd, "w") : NULL;
        if (f == NULL)
                return cli_refuse(cli, PIC_IO, "cannot write %s: %s", fresh, strerror(errno));
        bad = fputs(json, f) < 0 || fflush(f) != 0 || fsync(fileno(f)) != 0;
        bad = fclose(f) != 0 || bad;
        if (bad || rename(fresh, path) != 0) {
                int e = errno;

                (void)unlink(fresh);
                return cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(e));
        }
        return EXIT_DONE;
}

static size_t count_wishes(const char *json)
{
        json_t *root = json_loads(json, 0, NULL);
        size_t n = json_array_size(json_object_get(root, "wishes"));

        json_decref(root);
        return n;
}

/* Nothing is wrong but that assertions do not hold: what mends them may follow, or a reason at the draft's end. */
static int only_assertions(const pic_error *err)
{
        for (; err != NULL; err = pic_error_next(err))
                if (pic_error_code(err) != PIC_CONFLICT || pic_error_detail(err, "packet") == NULL)
                        return 0;
        return 1;
}

/* What cannot be made is not collected. EXIT_DONE; *ret_breaks: the assertions that do not hold so far, or NULL. */
static int judge(struct cli *cli, pic_edit *edit, pic_error **ret_breaks)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL, *breaks = NULL;
        int r = pic_edit_plan(edit, &plan, &err);

        if (r < 0 && only_assertions(err)) {
                breaks = err;
                err = NULL;
                r = pic_edit_override(edit, "judged at the draft's end", &err);
                if (r == 0)
                        r = pic_edit_plan(edit, &plan, &err);
        }
        pic_plan_unref(plan);
        if (r == 0) {
                *ret_breaks = breaks;
                return EXIT_DONE;
        }
        pic_error_free(breaks);
        return cli_fail(cli, err);
}

static void say_kept(const struct cli *cli, const char *json, const pic_error *breaks)
{
        const pic_error *e;

        if (cli->json) {
                printf("{\"draft\":%s,\"breaks\":[", json);
                for (e = breaks; e != NULL; e = pic_error_next(e)) {
                        fputs(e != breaks ? "," : "", stdout);
                        text_json(stdout, pic_error_message(e));
                }
                puts("]}");
                return;
        }
        cli_note(cli,
                 "Added to the draft (wishes: %zu). Look: pic draft. Make them: pic commit. Forget them: pic abort",
                 count_wishes(json));
        for (e = breaks; e != NULL; e = pic_error_next(e))
                cli_note(cli, "So far %s", pic_error_message(e));
        if (breaks != NULL)
                cli_note(cli, "  hint: mend it in the draft, or say why it may be: pic commit --override REASON");
}

int cli_keep(struct cli *cli, pic_edit *edit)
{
        pic_error *breaks = NULL;
        char *json;
        int status = judge(cli, edit, &breaks);

        if (status != EXIT_DONE)
                return status;
        json = pic_edit_json(edit);
        status = json != NULL ? write_draft(cli, json) : cli_refuse(cli, PIC_NOMEM, "out of memory");
        if (status == EXIT_DONE)
                say_kept(cli, json, breaks);
        pic_text_free(json);
        pic_error_free(breaks);
        return status;
}

/* An empty one that can be made: so there is a cell. Its JSON, or NULL after having said why. */
static char *empty(struct cli *cli)
{
        pic_edit *edit = NULL;
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        char *json = NULL;

        if (pic_edit_new(cli->ctx, &edit, &err) < 0 || pic_edit_plan(edit, &plan, &err) < 0) {
                cli_fail(cli, err);
        } else {
                json = pic_edit_json(edit);
                if (json == NULL)
                        cli_refuse(cli, PIC_NOMEM, "out of memory");
        }
        pic_plan_unref(plan);
        pic_edit_unref(edit);
        return json;
}

int cmd_begin(struct cli *cli)
{
        char *json = empty(cli);
        int status = json != NULL ? lock(cli) : EXIT_REFUSED;

        if (status == EXIT_DONE && is_open(cli))
                status = cli_refuse(cli, PIC_BADSTATE, "a draft is open: pic draft, pic commit or pic abort");
        if (status == EXIT_DONE)
                status = write_draft(cli, json);
        if (status == EXIT_DONE && cli->json)
                printf("{\"draft\":%s}\n", json);
        else if (status == EXIT_DONE)
                cli_note(cli,
                         "Changes are collected from here on. Look: pic draft. Make them, all or none: pic commit. "
                         "Forget them: pic abort");
        pic_text_free(json);
        return status;
}

int cmd_draft(struct cli *cli)
{
        pic_edit *edit = NULL;
        int status;

        if (!is_open(cli))
                return no_draft(cli);
        status = cli_begin(cli, &edit);
        if (status == EXIT_DONE && !cli->draft) {
                pic_edit_unref(edit);
                return no_draft(cli);
        }
        cli->plan = 1;
        return status != EXIT_DONE ? status : cli_finish(cli, edit, NULL, NULL);
}

int cmd_commit(struct cli *cli)
{
        char path[PATH_ROOM];
        pic_edit *edit = NULL;
        int status;

        if (!is_open(cli))
                return no_draft(cli);
        status = cli_begin(cli, &edit);
        if (status != EXIT_DONE)
                return status;
        if (!cli->draft) {
                pic_edit_unref(edit);
                return no_draft(cli);
        }
        cli->draft = 0; /* here it ends */
        status = cli_finish(cli, edit, NULL, NULL);
        draft_path(cli, path);
        if (cli->committed)
                (void)unlink(path);
        return status;
}

int cmd_abort(struct cli *cli)
{
        char path[PATH_ROOM];

        draft_path(cli, path);
        if (is_open(cli) && lock(cli) != EXIT_DONE)
                return EXIT_REFUSED;
        if (unlink(path) < 0)
                return errno == ENOENT ? no_draft(cli)
                                       : cli_refuse(cli, PIC_IO, "cannot remove %s: %s", path, strerror(errno));
        if (cli->json)
                puts("{\"draft\":null}");
        else
                cli_note(cli, "Forgotten. Nothing was changed.");
        return EXIT_DONE;
}
