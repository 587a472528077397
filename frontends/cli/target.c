/* Owns: backup targets on the command line: making a backup there now, how they do, what they hold. */
#include <inttypes.h>
#include <jansson.h>
#include <pic/target.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"

#define LOOK_NS 300000000L

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
        (void)number;
        interrupted = 1;
}

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static json_int_t num(const json_t *o, const char *key)
{
        return json_integer_value(json_object_get(o, key));
}

/* Of one target, or of all (NULL). */
static int is_meant(const json_t *one, const char *target)
{
        return target == NULL || strcmp(str(one, "name"), target) == 0;
}

/* --- following --------------------------------------------------------------------------------------------------- */

/* What is under way, on one line that is written over. */
static void show_progress(const struct cli *cli, const json_t *list)
{
        const json_t *one;
        size_t i;

        if (cli->json || cli->quiet || !isatty(STDERR_FILENO))
                return;
        json_array_foreach(list, i, one)
        {
                const json_t *doing = json_object_get(one, "doing");

                if (json_is_object(doing))
                        fprintf(stderr, "\r%s: %s, %" JSON_INTEGER_FORMAT " bytes   ", str(one, "name"),
                                str(doing, "phase")[0] != '\0' ? str(doing, "phase") : str(doing, "what"),
                                num(doing, "bytes"));
        }
        fflush(stderr);
}

static int is_busy(const json_t *list, const char *target)
{
        const json_t *one;
        size_t i;

        json_array_foreach(list, i,
                           one) if (is_meant(one, target) && (json_is_object(json_object_get(one, "doing")) ||
                                                              strcmp(str(one, "state"), "queued") == 0)) return 1;
        return 0;
}

static json_t *take(pic_report *report)
{
        json_t *root = json_loads(pic_report_text(report), 0, NULL);

        pic_report_unref(report);
        return root;
}

/* Until nothing is under way there; Ctrl-C ends it. *root: the last status. */
static int wait_for(struct cli *cli, const char *target, json_t **root)
{
        struct sigaction action = { .sa_handler = on_interrupt }, before;
        pic_error *err = NULL;
        int told = 0, shown = 0, r = 0;

        sigaction(SIGINT, &action, &before);
        while (r >= 0 && is_busy(json_object_get(*root, "targets"), target)) {
                const struct timespec t = { 0, LOOK_NS };
                pic_report *report = NULL;

                show_progress(cli, json_object_get(*root, "targets"));
                shown = 1;
                nanosleep(&t, NULL);
                r = interrupted && !told++ ? pic_target_cancel(cli->ctx, target, &report, &err)
                                           : pic_target_status(cli->ctx, &report, &err);
                if (r < 0)
                        break;
                json_decref(*root);
                *root = take(report);
        }
        sigaction(SIGINT, &before, NULL);
        if (shown && !cli->json && !cli->quiet && isatty(STDERR_FILENO))
                fputs("\r\033[K", stderr);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

static int do_and_wait(struct cli *cli, const char *what, const char *target, const char *name, json_t **root)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_target_do(cli->ctx, what, target, name, &report, &err) < 0)
                return cli_fail(cli, err);
        *root = take(report);
        return wait_for(cli, target, root);
}

/* --- showing ----------------------------------------------------------------------------------------------------- */

/* Whether its backups come back, as far as anybody tried. */
static void show_drill(const json_t *drill, const char *target)
{
        const json_t *good = json_object_get(drill, "restorable");

        if (json_is_boolean(good))
                printf("          drill %s, restorable: %s, %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT " s%s%s\n",
                       str(drill, "at"), json_is_true(good) ? "yes" : "no", num(drill, "milliseconds") / 1000,
                       num(drill, "milliseconds") % 1000 / 100, json_is_true(good) ? "" : ": ", str(drill, "failed"));
        if (str(drill, "error")[0] != '\0')
                printf("          no drill: %s\n", str(drill, "error"));
        if (str(drill, "needs")[0] != '\0')
                printf("          a drill needs the identity, by hand: pic backup drill %s: -i FILE\n", target);
}

static void show_target(const json_t *one)
{
        printf("%-9s %s, %s\n", str(one, "name"), str(one, "state"), str(one, "url"));
        if (str(one, "last")[0] != '\0')
                printf("          last %s, %" JSON_INTEGER_FORMAT " bytes in %" JSON_INTEGER_FORMAT
                       ".%" JSON_INTEGER_FORMAT " s: %s\n",
                       str(one, "last"), num(one, "size"), num(one, "milliseconds") / 1000,
                       num(one, "milliseconds") % 1000 / 100, str(one, "backup"));
        show_drill(json_object_get(one, "drill"), str(one, "name"));
        if (str(one, "next")[0] != '\0')
                printf("          next %s\n", str(one, "next"));
        if (str(one, "error")[0] != '\0')
                printf("          %s\n", str(one, "error"));
        if (str(one, "hint")[0] != '\0')
                printf("          %s\n", str(one, "hint"));
}

static int is_good(const json_t *one)
{
        return strcmp(str(one, "state"), "failed") != 0 && strcmp(str(one, "state"), "stale") != 0 &&
               str(one, "error")[0] == '\0' &&
               !json_is_false(json_object_get(json_object_get(one, "drill"), "restorable"));
}

/* 1 when all that are meant are well. */
static int show_all(const struct cli *cli, const json_t *root, const char *target)
{
        const json_t *list = json_object_get(root, "targets"), *one;
        int good = 1;
        size_t i;

        if (cli->json) {
                json_dumpf(root, stdout, JSON_COMPACT);
                putchar('\n');
        } else if (json_array_size(list) == 0) {
                puts("Backups go nowhere by themselves: pic target add NAME --url /mnt/disk/backups --recipients "
                     "age1…");
        }
        json_array_foreach(list, i, one)
        {
                if (!is_meant(one, target))
                        continue;
                good &= is_good(one);
                if (!cli->json)
                        show_target(one);
        }
        return good;
}

static int show_damaged(const struct cli *cli, const json_t *root)
{
        const json_t *one, *held;
        int found = 0;
        size_t i, k;

        json_array_foreach(json_object_get(root, "targets"), i, one)
        {
                json_array_foreach(json_object_get(one, "held"), k, held)
                {
                        if (strcmp(str(held, "state"), "damaged") != 0)
                                continue;
                        found = 1;
                        if (!cli->json)
                                printf("          %s is damaged: %s\n", str(held, "name"), str(held, "why"));
                }
        }
        return found;
}

int cmd_backup_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *root;
        int good;

        if (pic_target_status(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        root = take(report);
        good = show_all(cli, root, NULL);
        good &= !show_damaged(cli, root);
        json_decref(root);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

static int cancel(struct cli *cli, const char *target)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *root;
        int status;

        if (pic_target_cancel(cli->ctx, target, &report, &err) < 0)
                return cli_fail(cli, err);
        root = take(report);
        status = wait_for(cli, target, &root);
        if (status == EXIT_DONE)
                (void)show_all(cli, root, target);
        json_decref(root);
        return status;
}

int cmd_backup_run(struct cli *cli)
{
        const char *target = cli->word_count > 0 ? cli->words[0] : NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *root = NULL;
        int status = EXIT_DONE, good = 1;

        if (cli_option(cli, "cancel") != NULL)
                return cancel(cli, target);
        if (cli_option(cli, "background") != NULL) {
                if (pic_target_do(cli->ctx, "run", target, NULL, &report, &err) < 0)
                        return cli_fail(cli, err);
                root = take(report);
                (void)show_all(cli, root, target);
        } else {
                status = do_and_wait(cli, "run", target, NULL, &root);
                if (status == EXIT_DONE)
                        good = show_all(cli, root, target);
        }
        json_decref(root);
        return status == EXIT_DONE && !good ? EXIT_REFUSED : status;
}

/* --- what they hold ---------------------------------------------------------------------------------------------- */

char *cli_target_of(struct cli *cli, const char *word, char **ret_name)
{
        struct stat st;

        *ret_name = NULL;
        if (strcmp(word, "-") == 0 || (stat(word, &st) == 0 && !S_ISDIR(st.st_mode)))
                return NULL;
        return cli_target_named(cli, word, ret_name);
}

char *cli_target_named(struct cli *cli, const char *word, char **ret_name)
{
        const char *colon = strchr(word, ':');
        char *target = colon != NULL ? strndup(word, (size_t)(colon - word)) : strdup(word);
        pic_obj *obj = NULL;

        *ret_name = NULL;
        if (strchr(word, '/') != NULL || target == NULL || pic_get(cli->ctx, "target", target, &obj, NULL) < 0) {
                free(target);
                return NULL;
        }
        free(target);
        target = strdup(pic_obj_name(obj));
        pic_obj_unref(obj);
        if (colon != NULL && colon[1] != '\0')
                *ret_name = strdup(colon + 1);
        return target;
}

static const json_t *find(const json_t *root, const char *target)
{
        const json_t *one;
        size_t i;

        json_array_foreach(json_object_get(root, "targets"), i, one) if (is_meant(one, target)) return one;
        return NULL;
}

/* Why it could not be looked at, as the agent was told. */
static int tell_error(struct cli *cli, const json_t *one)
{
        const char *hint = str(one, "hint");

        return cli_advise(cli, PIC_BACKEND, hint[0] != '\0' ? hint : NULL, "%s: %s", str(one, "name"),
                          str(one, "error"));
}

int cli_target_list(struct cli *cli, const char *target)
{
        static const char *const heads[] = { "made", "size", "state", "~backup" };
        const json_t *one, *held;
        json_t *root = NULL;
        int status = do_and_wait(cli, "list", target, NULL, &root);
        struct table *t;
        char text[32];
        size_t i;

        one = root != NULL ? find(root, target) : NULL;
        if (status == EXIT_DONE && one != NULL && str(one, "error")[0] != '\0' && num(one, "failures") == 0)
                status = tell_error(cli, one);
        if (status == EXIT_DONE && one != NULL && cli->json) {
                json_dumpf(json_object_get(one, "held"), stdout, JSON_COMPACT);
                putchar('\n');
        } else if (status == EXIT_DONE && one != NULL) {
                t = table_new(heads, 4);
                json_array_foreach(json_object_get(one, "held"), i, held)
                {
                        table_cell(t, str(held, "created"));
                        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, num(held, "size"));
                        table_cell(t, text);
                        table_cell(t, str(held, "state"));
                        table_cell(t, str(held, "name"));
                }
                cli_table_show(cli, t);
        }
        json_decref(root);
        return status;
}

int cli_target_verify(struct cli *cli, const char *target, const char *name)
{
        json_t *root = NULL;
        const json_t *one;
        int status = do_and_wait(cli, "verify", target, name, &root);

        one = root != NULL ? find(root, target) : NULL;
        if (status == EXIT_DONE && one != NULL && str(one, "error")[0] != '\0')
                status = tell_error(cli, one);
        if (status == EXIT_DONE && cli->json) {
                json_dumpf(one, stdout, JSON_COMPACT);
                putchar('\n');
        } else if (status == EXIT_DONE) {
                printf("%s: it is there, and well\n", name != NULL ? name : "the newest backup");
        }
        json_decref(root);
        return status;
}

/* Of one target, or of each that can be opened. */
static int show_drills(struct cli *cli, const json_t *root, const char *target)
{
        const json_t *one;
        int status = EXIT_DONE;
        size_t i;

        json_array_foreach(json_object_get(root, "targets"), i, one)
        {
                const json_t *drill = json_object_get(one, "drill"), *last = json_object_get(drill, "report");

                if (!is_meant(one, target) || json_object_get(drill, "needs") == NULL ||
                    (target == NULL && str(drill, "needs")[0] != '\0'))
                        continue;
                if (!cli->json)
                        printf("%s: %s\n", str(one, "name"), str(drill, "backup"));
                if (str(drill, "error")[0] != '\0')
                        status = cli_refuse(cli, PIC_BACKEND, "%s: %s", str(one, "name"), str(drill, "error"));
                else if (json_is_object(last) && cli_drill_show(cli, last) != EXIT_DONE)
                        status = EXIT_REFUSED;
        }
        return status;
}

int cli_target_drill(struct cli *cli, const char *target, const char *name)
{
        json_t *root = NULL;
        int status = do_and_wait(cli, "drill", target, name, &root);

        if (status == EXIT_DONE)
                status = show_drills(cli, root, target);
        json_decref(root);
        return status;
}

static int fetch(struct cli *cli, const char *target, const char *name, int fd, const char *output, json_t **ret)
{
        pic_backup_opts opts = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;

        opts.output = output;
        opts.flags = geteuid() != 0 ? PIC_BACKUP_AGENT : 0; /* who may not read the cell's key */
        if (pic_target_fetch(cli->ctx, target, name, output != NULL ? -1 : fd, &opts, &report, &err) < 0)
                return cli_fail(cli, err);
        if (ret != NULL)
                *ret = take(report);
        else
                pic_report_unref(report);
        return EXIT_DONE;
}

int cli_target_open(struct cli *cli, const char *target, const char *name, int *ret_status)
{
        FILE *file = tmpfile(); /* without a name from the beginning */
        int fd = file != NULL ? dup(fileno(file)) : -1;

        if (file != NULL)
                fclose(file);
        *ret_status = fd >= 0 ? fetch(cli, target, name, fd, NULL, NULL)
                              : cli_refuse(cli, PIC_IO, "there is no room for it in /tmp");
        if (*ret_status == EXIT_DONE && lseek(fd, 0, SEEK_SET) == 0)
                return fd;
        if (fd >= 0)
                close(fd);
        return -1;
}

int cmd_backup_fetch(struct cli *cli)
{
        const char *output = cli_option(cli, "output");
        char *name = NULL, *target = cli_target_named(cli, cli->words[0], &name);
        json_t *root = NULL;
        int status;

        if (output != NULL && strcmp(output, "-") == 0)
                output = NULL;
        if (target == NULL)
                status = cli_refuse(cli, PIC_NOTFOUND, "there is no target '%s'", cli->words[0]);
        else if (output == NULL && isatty(STDOUT_FILENO))
                status = cli_misuse(cli, "-o FILE", "this would write binary data to the terminal");
        else
                status = fetch(cli, target, name, STDOUT_FILENO, output, &root);
        if (status == EXIT_DONE)
                cli_note(cli, "%s, %" JSON_INTEGER_FORMAT " bytes", str(root, "name"), num(root, "size"));
        json_decref(root);
        free(target);
        free(name);
        return status;
}
