/* Owns: what only connections have: a provider's file, how they are, where their users go, a test, a new start. */
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
#include "common/text.h"

/* --- after a change ------------------------------------------------------------------------------------------- */

/* A key that the cell made is not known at the far end. */
void cli_say_connection(struct cli *cli, const char *name)
{
        pic_obj *obj = NULL;
        char *type, *key;
        size_t i;
        int given = 0;

        if (pic_get(cli->ctx, "connection", name, &obj, NULL) < 0)
                return;
        type = pic_obj_get(obj, "type");
        key = pic_obj_get(obj, "public_key");
        for (i = 0; i < cli->field_count; i++)
                given |= strcmp(cli->fields[i].name, "private_key") == 0;
        if (key != NULL && !given)
                cli_note(cli, "Its public key, for the far end: %s", key);
        if (type != NULL && strcmp(type, "block") == 0)
                cli_note(cli, "Who shall not leave at all: pic peer set NAME --exit %s", name);
        else
                cli_note(cli,
                         "Who shall leave by it: pic peer set NAME --exit %s. Does it work: pic connection test %s",
                         name, name);
        pic_text_free(type);
        pic_text_free(key);
        pic_obj_unref(obj);
}

/* --- import --------------------------------------------------------------------------------------------------- */

struct beside {
        char *folder; /* NULL: standard input has no neighbours */
        char *bytes;  /* of the file that was asked for last */
        size_t size;
};

/* A regular file of that folder; the library asks for plain names only. */
static int get_file(const char *name, const void **ret_data, size_t *ret_size, void *data)
{
        struct beside *b = data;
        char path[4096];
        struct stat st;
        ssize_t n = -1;
        int fd;

        if (b->folder == NULL)
                return PIC_NOTFOUND;
        snprintf(path, sizeof(path), "%s/%s", b->folder, name);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return errno == ENOENT ? PIC_NOTFOUND : errno == EACCES ? PIC_DENIED : PIC_IO;
        cli_wipe(b->bytes, b->size);
        b->bytes = NULL;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= 1 << 20) {
                b->size = (size_t)st.st_size + 1;
                b->bytes = malloc(b->size);
                n = b->bytes != NULL ? read(fd, b->bytes, b->size) : -1;
        }
        close(fd);
        *ret_data = b->bytes;
        *ret_size = n > 0 ? (size_t)n : 0;
        return n < 0 ? PIC_IO : 0;
}

enum { NAME_ROOM = 256, FILE_LIMIT = 1 << 20 };

/* "/home/me/mullvad-ch1.conf" to "mullvad-ch1"; "" when that is no name. Whether it is too long, its field's rule
 * says: nothing is cut. */
static void name_of(const char *path, char name[NAME_ROOM])
{
        const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
        char *dot;

        snprintf(name, NAME_ROOM, "%s", strcmp(path, "-") == 0 ? "" : base);
        dot = strrchr(name, '.');
        if (dot != NULL && dot != name)
                *dot = '\0';
}

/* What is no file could keep us waiting for ever, and no provider's file is that large. */
static int check_file(const struct cli *cli, const char *path)
{
        struct stat st;

        if (strcmp(path, "-") == 0 || stat(path, &st) < 0) /* reading it tells why */
                return EXIT_DONE;
        if (!S_ISREG(st.st_mode))
                return cli_refuse(cli, PIC_VALUE, "%s: is no file but a %s; '-' reads standard input", path,
                                  S_ISDIR(st.st_mode)    ? "directory"
                                  : S_ISFIFO(st.st_mode) ? "pipe"
                                  : S_ISSOCK(st.st_mode) ? "socket"
                                                         : "device");
        if (st.st_size > FILE_LIMIT)
                return cli_refuse(cli, PIC_VALUE, "%s: is larger than 1 MiB: that is no provider's file", path);
        return EXIT_DONE;
}

static const char *field_value(const struct cli *cli, const char *name)
{
        size_t i;

        for (i = 0; i < cli->field_count; i++)
                if (strcmp(cli->fields[i].name, name) == 0)
                        return cli->fields[i].value;
        return NULL;
}

/* The type goes to the reader; what is left overrides the file. */
static void drop_type(struct cli *cli)
{
        size_t i;

        for (i = 0; i < cli->field_count; i++)
                if (strcmp(cli->fields[i].name, "type") == 0) {
                        memmove(&cli->fields[i], &cli->fields[i + 1],
                                (cli->field_count - i - 1) * sizeof(cli->fields[0]));
                        cli->field_count--;
                }
}

static void say_told(struct cli *cli, const pic_report *told, const char *name)
{
        json_t *root = json_loads(pic_report_text(told), 0, NULL);
        const json_t *warnings = json_object_get(root, "warnings");
        size_t i;

        for (i = 0; i < json_array_size(warnings); i++) {
                const json_t *w = json_array_get(warnings, i);
                const char *hint = json_string_value(json_object_get(w, "hint"));

                cli_note(cli, "passed over: %s%s%s", json_string_value(json_object_get(w, "message")),
                         hint != NULL ? "; " : "", hint != NULL ? hint : "");
        }
        if (json_is_true(json_object_get(root, "login")) && field_value(cli, "user") == NULL)
                cli_note(cli,
                         "The far end wants a user and a password: pic connection set %s --user NAME "
                         "--password-file FILE",
                         name);
        json_decref(root);
}

/* It could not be carried. A draft may say it later, and a connection that is there may have it already. */
static int lacks_login(const struct cli *cli, const pic_report *told)
{
        json_t *root = json_loads(pic_report_text(told), 0, NULL);
        int login = json_is_true(json_object_get(root, "login"));

        json_decref(root);
        return login && field_value(cli, "user") == NULL && cli_option(cli, "replace") == NULL && !cli->draft;
}

/* *ret_told: a report to be released. */
static int import(struct cli *cli, pic_edit *edit, const char *name, const char *text, size_t len,
                  pic_report **ret_told)
{
        pic_import_opts opts = PIC_IMPORT_OPTS_INIT;
        struct beside beside = { NULL, NULL, 0 };
        struct errors errors = { .count = 0 };
        const char *path = cli->words[0];
        pic_report *told = NULL;
        pic_error *err = NULL;
        char *slash;

        if (strcmp(path, "-") != 0)
                beside.folder = strdup(path);
        slash = beside.folder != NULL ? strrchr(beside.folder, '/') : NULL;
        if (slash != NULL)
                *slash = '\0';
        else if (beside.folder != NULL)
                strcpy(beside.folder, ".");
        opts.type = field_value(cli, "type");
        opts.file = path;
        opts.get_file = get_file;
        opts.data = &beside;
        opts.flags = cli_option(cli, "replace") != NULL ? PIC_IMPORT_REPLACE : 0;
        if (pic_connection_import(edit, name, text, len, &opts, &told, &err) < 0)
                errors.at[errors.count++] = err;
        drop_type(cli);
        if (errors.count == 0)
                cli_set_fields(cli, edit, "connection", name, &errors);
        if (errors.count == 0 && !cli->said)
                say_told(cli, told, name);
        cli_wipe(beside.bytes, beside.size);
        free(beside.folder);
        *ret_told = told;
        return errors.count > 0 ? cli_fail_all(cli, &errors) : cli->said ? EXIT_REFUSED : EXIT_DONE;
}

int cmd_connection_import(struct cli *cli)
{
        pic_report *told = NULL;
        pic_edit *edit = NULL;
        char name[NAME_ROOM], *text;
        size_t len = 0;
        int status;

        name_of(cli->words[0], name);
        if (cli->word_count > 1)
                snprintf(name, sizeof(name), "%s", cli->words[1]);
        if (name[0] == '\0')
                return cli_usage(cli, "what comes from standard input needs a name: pic connection import - NAME");
        if (check_file(cli, cli->words[0]) != EXIT_DONE)
                return EXIT_REFUSED;
        text = cli_read_document(cli, cli->words[0], &len);
        if (text == NULL)
                return EXIT_REFUSED;
        status = cli_begin(cli, &edit) == EXIT_DONE ? import(cli, edit, name, text, len, &told) : EXIT_REFUSED;
        cli_wipe(text, len);
        if (status == EXIT_DONE && lacks_login(cli, told))
                status = cli_refuse(cli, PIC_VALUE,
                                    "the far end wants a user and a password: --user NAME --password-file FILE");
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                pic_report_unref(told);
                return status;
        }
        cli->told = pic_report_text(told);
        status = cli_finish(cli, edit, "connection", name);
        cli->told = NULL;
        pic_report_unref(told);
        if (status == EXIT_DONE && !cli->plan && !cli->draft && !cli->json)
                cli_note(cli,
                         "Who shall leave by it: pic peer set NAME --exit %s. Does it work: pic connection test %s",
                         name, name);
        return status;
}

/* --- how they are --------------------------------------------------------------------------------------------- */

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

/* The status of all; NULL: it is not known. For json_decref(). */
static json_t *get_status(const struct cli *cli)
{
        pic_report *report = NULL;
        json_t *root;

        if (pic_status_get(cli->ctx, 0, &report, NULL) < 0)
                return NULL;
        root = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        return root;
}

static const json_t *find_status(const json_t *root, const char *name)
{
        const json_t *list = json_object_get(root, "connections");
        size_t i;

        for (i = 0; i < json_array_size(list); i++)
                if (strcmp(str(json_array_get(list, i), "name"), name) == 0)
                        return json_array_get(list, i);
        return NULL;
}

static void put_number(struct table *t, const json_t *c, const char *key, double divisor, const char *unit)
{
        const json_t *n = json_object_get(c, key);
        char text[48] = "-";

        if (json_is_number(n))
                snprintf(text, sizeof(text), "%.0f%s", json_number_value(n) / divisor, unit);
        table_cell(t, text);
}

static void put_bytes(struct table *t, const json_t *c, const char *key)
{
        char text[64];

        table_cell(t, text_bytes((uint64_t)json_integer_value(json_object_get(c, key)), text, sizeof(text)));
}

static void put_row(struct table *t, const json_t *c)
{
        const char *address = str(c, "address4")[0] != '\0' ? str(c, "address4") : str(c, "address6");
        char text[96];

        table_cell(t, str(c, "name"));
        snprintf(text, sizeof(text), "%s%s%s", str(c, "type"), str(c, "active")[0] != '\0' ? ": " : "",
                 str(c, "active"));
        table_cell(t, text);
        table_cell(t, str(c, "state")[0] != '\0' ? str(c, "state") : "?");
        table_cell(t, str(c, "since")[0] != '\0' ? text_ago(str(c, "since"), (int64_t)time(NULL), text, sizeof(text))
                                                 : "-");
        put_number(t, c, "users", 1, "");
        put_number(t, c, "latency_us", 1000, " ms");
        put_number(t, c, "loss", 1, " %");
        table_cell(t, address[0] != '\0' ? address : "-");
        put_bytes(t, c, "rx");
        put_bytes(t, c, "tx");
}

static void say_error(const json_t *c, FILE *out)
{
        const json_t *error = json_object_get(c, "error");

        if (!json_is_object(error))
                return;
        fprintf(out, "%s: %s\n", str(c, "name"), str(error, "message"));
        if (str(error, "hint")[0] != '\0')
                fprintf(out, "  hint: %s\n", str(error, "hint"));
}

void cli_show_connections(struct cli *cli, const void *list)
{
        static const char *const heads[] = { "connection", "~type", "state",   "since",    "users",
                                             "latency",    "loss",  "address", "received", "sent" };
        struct table *t = table_new(heads, sizeof(heads) / sizeof(heads[0]));
        size_t i;

        for (i = 0; i < json_array_size(list); i++)
                put_row(t, json_array_get(list, i));
        cli_table_show(cli, t);
        for (i = 0; i < json_array_size(list); i++)
                say_error(json_array_get(list, i), stdout);
}

/* The object with how it is in it. */
static void put_object(const pic_obj *obj, const json_t *root)
{
        const json_t *c = find_status(root, pic_obj_name(obj));
        char *json = pic_obj_json(obj), *status = c != NULL ? json_dumps(c, JSON_COMPACT) : NULL;

        if (json != NULL)
                printf("%.*s,\"status\":%s}", (int)strlen(json) - 1, json, status != NULL ? status : "null");
        free(status);
        pic_text_free(json);
}

static void json_list(const pic_list *list, const json_t *root)
{
        size_t i;

        putchar('[');
        for (i = 0; i < pic_list_count(list); i++) {
                if (i > 0)
                        putchar(',');
                put_object(pic_list_at(list, i), root);
        }
        puts("]");
}

int cmd_connection_list(struct cli *cli)
{
        pic_list *list = NULL;
        pic_error *err = NULL;
        int status = EXIT_DONE;
        json_t *root;

        if (pic_list_get(cli->ctx, "connection", &list, &err) < 0)
                return cli_fail(cli, err);
        root = get_status(cli);
        if (cli->json)
                json_list(list, root);
        else if (pic_list_count(list) == 0)
                cli_note(cli, "There is none yet: pic connection import FILE, or: pic connection add NAME --type TYPE");
        else if (json_object_get(root, "connections") != NULL)
                cli_show_connections(cli, json_object_get(root, "connections"));
        else
                status = cmd_list(cli); /* nobody tells how they are */
        json_decref(root);
        pic_list_unref(list);
        return status;
}

static void show_live(const json_t *c)
{
        static const char *const texts[] = { "state", "since", "active", "remote", "address4", "address6" };
        size_t i;

        for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                printf("%-14s %s\n", texts[i], str(c, texts[i])[0] != '\0' ? str(c, texts[i]) : "-");
        printf("%-14s %lld\n", "users", (long long)json_integer_value(json_object_get(c, "users")));
        say_error(c, stdout);
}

int cmd_connection_show(struct cli *cli)
{
        pic_obj *obj = NULL;
        pic_error *err = NULL;
        const json_t *c;
        json_t *root;

        if (!cli->json) {
                int status = cmd_show(cli);

                if (status != EXIT_DONE)
                        return status;
        }
        if (pic_get(cli->ctx, "connection", cli->words[0], &obj, &err) < 0)
                return cli_fail(cli, err);
        root = get_status(cli);
        c = find_status(root, pic_obj_name(obj));
        if (cli->json) {
                put_object(obj, root);
                putchar('\n');
        } else if (c != NULL) {
                show_live(c);
        }
        json_decref(root);
        pic_obj_unref(obj);
        return EXIT_DONE;
}

/* --- remove ----------------------------------------------------------------------------------------------------- */

int cmd_connection_remove(struct cli *cli)
{
        const char *name = cli->words[0], *to = cli_option(cli, "to");
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int r = 0;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (to != NULL)
                r = pic_connection_move(edit, name, to, &err);
        if (r >= 0)
                r = pic_edit_remove(edit, "connection", name, &err);
        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, NULL, NULL);
}

/* --- the agent's ---------------------------------------------------------------------------------------------- */

static void show_checks(const json_t *root)
{
        const json_t *checks = json_object_get(root, "checks");
        size_t i;

        for (i = 0; i < json_array_size(checks); i++) {
                const json_t *c = json_array_get(checks, i);

                printf("%-4s %-9s %s%s%s\n", json_is_true(json_object_get(c, "good")) ? "ok" : "BAD", str(c, "what"),
                       str(c, "value"), str(c, "value")[0] != '\0' && str(c, "message")[0] != '\0' ? ": " : "",
                       str(c, "message"));
                if (str(c, "hint")[0] != '\0')
                        printf("     hint: %s\n", str(c, "hint"));
        }
}

/* "state: down since … (3 min ago): no answer for 4 s", and what to do. */
static void show_state(const json_t *root)
{
        const json_t *error = json_object_get(root, "error");
        char ago[64] = "";

        if (str(root, "state")[0] == '\0')
                return;
        if (str(root, "since")[0] != '\0')
                text_ago(str(root, "since"), (int64_t)time(NULL), ago, sizeof(ago));
        printf("state: %s", str(root, "state"));
        if (ago[0] != '\0')
                printf(" since %s (%s)", str(root, "since"), ago);
        if (str(root, "active")[0] != '\0' && strcmp(str(root, "state"), "up") == 0)
                printf(", by %s", str(root, "active"));
        printf("%s%s\n", str(error, "message")[0] != '\0' ? ": " : "", str(error, "message"));
        if (str(error, "hint")[0] != '\0')
                printf("  hint: %s\n", str(error, "hint"));
}

int cmd_connection_test(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *root;
        int good;

        if (pic_connection_test(cli->ctx, cli->words[0], cli_option(cli, "peer"), &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        root = json_loads(pic_report_text(report), 0, NULL);
        show_state(root);
        show_checks(root);
        json_decref(root);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

int cmd_connection_restart(struct cli *cli)
{
        pic_error *err = NULL;

        if (pic_connection_restart(cli->ctx, cli->words[0], &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                puts("{\"restarted\":true}");
        else
                cli_note(cli, "Made anew. How it is: pic connection list");
        return EXIT_DONE;
}

int cmd_connection_policy(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_connection_policy(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, cli->json ? PIC_POLICY_JSON : 0,
                                  &report, &err) < 0)
                return cli_fail(cli, err);
        return cli_report_show(cli, report);
}
