/* Owns: backups on the command line: making one, looking at one. What comes of one: restore.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"

#define ENDING ".tar.zst"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static long long num(const json_t *o, const char *key)
{
        return (long long)json_integer_value(json_object_get(o, key));
}

static int is_dir(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --- keys -------------------------------------------------------------------------------------------------------- */

static int is_locked(const struct cli *cli)
{
        return cli_option(cli, "passphrase") != NULL || cli_option(cli, "passphrase-file") != NULL;
}

static int is_named(const struct cli *cli)
{
        return cli_option(cli, "recipient") != NULL || cli_option(cli, "recipients-file") != NULL;
}

static int has_keys(const struct cli *cli)
{
        return is_locked(cli) || is_named(cli) || cli_option(cli, "identity") != NULL;
}

/* The keys that the options name; *ret is NULL when there is none. */
static int get_keys(struct cli *cli, int makes, pic_age_keys **ret)
{
        pic_age_keys *keys = NULL;
        pic_error *err = NULL;
        int status;

        if (!has_keys(cli))
                return EXIT_DONE;
        if (pic_age_keys_new(&keys, &err) < 0)
                return cli_fail(cli, err);
        status = cli_age_keys(cli, keys);
        if (status == EXIT_DONE && is_locked(cli))
                status = cli_age_passphrase(cli, keys, makes);
        if (status == EXIT_DONE)
                *ret = keys;
        else
                pic_age_keys_unref(keys);
        return status;
}

/* --- create ------------------------------------------------------------------------------------------------------ */

/* In a directory: the cell's name and the moment. The caller frees. */
static char *name_in(struct cli *cli, const char *dir, int plain)
{
        char when[32], path[4096];
        time_t now = time(NULL);
        pic_obj *cell = NULL;
        pic_error *err = NULL;
        struct tm tm;
        int n;

        if (pic_get(cli->ctx, "cell", NULL, &cell, &err) < 0) {
                cli_fail(cli, err);
                return NULL;
        }
        strftime(when, sizeof(when), "%Y-%m-%dT%H-%M-%SZ", gmtime_r(&now, &tm));
        n = snprintf(path, sizeof(path), "%s/%s-%s" ENDING "%s", dir, pic_obj_name(cell), when, plain ? "" : ".age");
        pic_obj_unref(cell);
        if (n > 0 && (size_t)n < sizeof(path))
                return strdup(path);
        cli_refuse(cli, PIC_IO, "cannot write into %s: its name is too long", dir);
        return NULL;
}

static int check_create(struct cli *cli, const char *path, int plain)
{
        int kinds = plain + is_locked(cli) + is_named(cli);

        if (kinds == 0)
                return cli_misuse(cli, "--recipient age1…, --passphrase, or --plain",
                                  "for whom? who opens a backup has the cell, with all its keys");
        if (kinds > 1)
                return cli_usage(cli, "recipients, a passphrase, or --plain: give one of them");
        if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO) && cli_option(cli, "armor") == NULL)
                return cli_misuse(cli, "a file, or a directory", "this would write binary data to the terminal");
        return EXIT_DONE;
}

static int show_created(const struct cli *cli, const char *path, pic_report *report)
{
        json_t *doc = json_loads(pic_report_text(report), 0, NULL), *file = json_string(path != NULL ? path : "-");

        if (cli->json && path != NULL) {
                json_object_set(doc, "file", file);
                json_dumpf(doc, stdout, JSON_COMPACT);
                putchar('\n');
        } else if (!cli->json && path != NULL) {
                printf("%s\n", path);
        }
        cli_note(cli, "Revision %lld of %s, %zu files%s", num(json_object_get(doc, "cell"), "revision"),
                 str(json_object_get(doc, "cell"), "name"), json_array_size(json_object_get(doc, "members")),
                 cli_option(cli, "plain") != NULL ? ", not encrypted: whoever reads it has the cell" : "");
        json_decref(file);
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}

int cmd_backup_create(struct cli *cli)
{
        int plain = cli_option(cli, "plain") != NULL, status = check_create(cli, cli->words[0], plain);
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_age_keys *keys = NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        char *path = NULL;

        if (status == EXIT_DONE)
                status = cli_age_work(cli, &o.work_factor);
        if (status == EXIT_DONE && strcmp(cli->words[0], "-") != 0) {
                path = is_dir(cli->words[0]) ? name_in(cli, cli->words[0], plain) : strdup(cli->words[0]);
                status = path != NULL ? EXIT_DONE : EXIT_REFUSED;
        }
        if (status == EXIT_DONE)
                status = get_keys(cli, 1, &keys);
        o.output = path;
        o.cancel = cli_interrupt();
        o.flags = plain ? PIC_BACKUP_PLAIN : cli_option(cli, "armor") != NULL ? PIC_BACKUP_ARMOR : 0;
        if (status == EXIT_DONE)
                status = pic_backup_create(cli->ctx, keys, path != NULL ? -1 : STDOUT_FILENO, &o, &report, &err) < 0
                                 ? cli_fail(cli, err)
                                 : show_created(cli, path, report);
        pic_age_keys_unref(keys);
        free(path);
        return status;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

void cli_source_close(struct cli_source *s)
{
        if (s->fd > STDIN_FILENO)
                close(s->fd);
        pic_age_keys_unref(s->keys);
}

/* What it could have been: a file, or a target's. */
static int cannot_open(struct cli *cli, const char *path, int why)
{
        if (is_dir(path))
                return cli_advise(cli, PIC_IO, "pic backup list FOLDER tells those in it", "%s is a folder, no backup",
                                  path);
        if (why != ENOENT || strchr(path, '/') != NULL)
                return cli_refuse(cli, why == ENOENT ? PIC_NOTFOUND : PIC_IO, "cannot read %s: %s", path,
                                  strerror(why));
        return cli_advise(cli, PIC_NOTFOUND, "pic target list tells which targets there are",
                          "there is neither a file nor a target '%s'", path);
}

int cli_source_open(struct cli *cli, const char *path, struct cli_source *s)
{
        char *name = NULL, *target;
        int status;

        *s = (struct cli_source){ NULL, STDIN_FILENO, PIC_BACKUP_OPTS_INIT };
        if (is_locked(cli) && cli_option(cli, "identity") != NULL)
                return cli_usage(cli, "--identity and --passphrase: give one of them");
        status = cli_age_work(cli, &s->o.work_factor);
        if (status == EXIT_DONE)
                status = get_keys(cli, 0, &s->keys);
        s->o.cancel = cli_interrupt();
        if (status != EXIT_DONE || strcmp(path, "-") == 0)
                return status;
        target = cli_target_of(cli, path, &name);
        if (target != NULL) {
                s->fd = cli_target_open(cli, target, name, &status);
                if (s->fd < 0)
                        cli_source_close(s);
                free(target);
                free(name);
                return status;
        }
        s->fd = is_dir(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (s->fd >= 0)
                return EXIT_DONE;
        status = cannot_open(cli, path, errno);
        cli_source_close(s);
        return status;
}

int cli_source_fail(struct cli *cli, const struct cli_source *s, pic_error *err)
{
        int status;

        if (pic_error_code(err) != PIC_DENIED || s->keys != NULL)
                return cli_fail(cli, err);
        status = cli_advise(cli, PIC_DENIED, "--identity FILE, or --passphrase", "%s", pic_error_message(err));
        pic_error_free(err);
        return status;
}

static void show_members(const struct cli *cli, const json_t *doc)
{
        static const char *const heads[] = { "size", "sha256", "~member" };
        struct table *t = table_new(heads, 3);
        const json_t *m;
        char text[32];
        size_t i;

        json_array_foreach(json_object_get(doc, "members"), i, m)
        {
                snprintf(text, sizeof(text), "%lld", num(m, "size"));
                table_cell(t, text);
                snprintf(text, sizeof(text), "%.16s", str(m, "sha256"));
                table_cell(t, text);
                table_cell(t, str(m, "name"));
        }
        cli_table_show(cli, t);
}

static void show_manifest(const json_t *doc)
{
        const json_t *cell = json_object_get(doc, "cell"), *m;
        long long bytes = 0;
        size_t i;

        json_array_foreach(json_object_get(doc, "members"), i, m) bytes += num(m, "size");
        printf("cell      %s.%s\n", str(cell, "name"), str(cell, "domain"));
        printf("revision  %lld\n", num(cell, "revision"));
        printf("made      %s, by version %s\n", str(doc, "created"), str(doc, "version"));
        printf("holds     %zu files, %lld bytes\n", json_array_size(json_object_get(doc, "members")), bytes);
}

enum { SHOW, LIST, VERIFY };

static int look(struct cli *cli, const char *path, int how)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct cli_source s;
        json_t *doc;
        int status = cli_source_open(cli, path, &s), r;

        if (status != EXIT_DONE)
                return status;
        r = how == VERIFY ? pic_backup_verify(s.keys, s.fd, &s.o, &report, &err)
                          : pic_backup_show(s.keys, s.fd, &s.o, &report, &err);
        if (r < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        if (r < 0)
                return status;
        if (cli->json)
                return cli_report_show(cli, report);
        doc = json_loads(pic_report_text(report), 0, NULL);
        if (how == LIST)
                show_members(cli, doc);
        else
                show_manifest(doc);
        if (how == VERIFY)
                puts("all of it is well");
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}

int cmd_backup_show(struct cli *cli)
{
        return look(cli, cli->words[0], SHOW);
}

int cmd_backup_verify(struct cli *cli)
{
        char *name = NULL, *target = has_keys(cli) ? NULL : cli_target_of(cli, cli->words[0], &name);
        int status = target != NULL ? cli_target_verify(cli, target, name) : look(cli, cli->words[0], VERIFY);

        free(target);
        free(name);
        return status;
}

static int is_backup(const struct dirent *e)
{
        return strstr(e->d_name, ENDING) != NULL && e->d_name[0] != '.';
}

/* Files that are called as backups are, the oldest first by their names. */
static int list_dir(struct cli *cli, const char *dir)
{
        static const char *const heads[] = { "made", "size", "~file" };
        struct dirent **found = NULL;
        json_t *list = json_array();
        struct table *t = table_new(heads, 3);
        int n = scandir(dir, &found, is_backup, alphasort), i;

        for (i = 0; i < n; i++) {
                char path[4096], text[32];
                struct stat st;
                struct tm tm;

                snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name);
                free(found[i]);
                if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
                        continue;
                strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&st.st_mtime, &tm));
                table_cell(t, text);
                json_array_append_new(list, json_pack("{s:s,s:I,s:I}", "file", path, "size", (json_int_t)st.st_size,
                                                      "modified", (json_int_t)st.st_mtime));
                snprintf(text, sizeof(text), "%lld", (long long)st.st_size);
                table_cell(t, text);
                table_cell(t, path);
        }
        free(found);
        if (cli->json) {
                json_dumpf(list, stdout, JSON_COMPACT);
                putchar('\n');
                table_free(t);
        } else {
                cli_table_show(cli, t);
        }
        json_decref(list);
        return n < 0 ? cli_refuse(cli, PIC_IO, "cannot read %s: %s", dir, strerror(errno)) : EXIT_DONE;
}

int cmd_backup_list(struct cli *cli)
{
        int dir = is_dir(cli->words[0]), status;
        char *name = NULL, *target = cli_target_of(cli, cli->words[0], &name);

        status = dir                              ? list_dir(cli, cli->words[0])
                 : target != NULL && name == NULL ? cli_target_list(cli, target)
                                                  : look(cli, cli->words[0], LIST);
        if (dir && target != NULL)
                cli_note(cli, "That is the folder. The target of this name: pic backup list %s:", target);
        free(target);
        free(name);
        return status;
}

int cmd_backup_extract(struct cli *cli)
{
        const char *output = cli_option(cli, "output");
        pic_error *err = NULL;
        struct cli_source s;
        int status = cli_source_open(cli, cli->words[0], &s);

        if (status != EXIT_DONE)
                return status;
        s.o.output = output != NULL && strcmp(output, "-") != 0 ? output : NULL;
        if (pic_backup_extract(s.keys, s.fd, cli->words[1], s.o.output != NULL ? -1 : STDOUT_FILENO, &s.o, &err) < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        return status;
}
