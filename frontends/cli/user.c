/* Owns: what only users have: passwords, which are never words of a command line, and the second factor. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/text.h"

enum { NEW_LETTERS = 20 };

/* --- passwords ------------------------------------------------------------------------------------------------ */

/* On a terminal typed twice without being shown, else one line of standard input. NULL after having said why; for
 * cli_wipe(). */
static char *ask_password(struct cli *cli)
{
        char *text, *again;
        int same;

        if (!isatty(STDIN_FILENO))
                return cli_read_secret(cli, "password", "-");
        text = cli_ask_secret(cli, "New password");
        again = text != NULL ? cli_ask_secret(cli, "The same again") : NULL;
        same = again != NULL && strcmp(text, again) == 0;
        if (again != NULL && !same)
                cli_refuse(cli, PIC_VALUE, "the two are not the same: nothing was changed");
        cli_wipe(again, again != NULL ? strlen(again) : 0);
        if (same)
                return text;
        cli_wipe(text, text != NULL ? strlen(text) : 0);
        return NULL;
}

static int has_password(const struct cli *cli)
{
        size_t i;

        for (i = 0; i < cli->field_count; i++)
                if (strcmp(cli->fields[i].name, "password") == 0)
                        return 1;
        return 0;
}

static int wish_password(struct cli *cli, pic_edit *edit, const char *name, const char *text)
{
        pic_error *err = NULL;

        return pic_edit_set(edit, "user", name, "password", text, &err) < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

/* Asked for only on a terminal: a program says --password-file. */
static int add_password(struct cli *cli, pic_edit *edit, const char *name)
{
        char *text;
        int status;

        if (has_password(cli) || cli_option(cli, "no-password") != NULL || cli->plan || !isatty(STDIN_FILENO))
                return EXIT_DONE;
        text = ask_password(cli);
        if (text == NULL)
                return EXIT_REFUSED;
        status = wish_password(cli, edit, name, text);
        cli_wipe(text, strlen(text));
        return status;
}

static void say_added(struct cli *cli, const char *name)
{
        pic_obj *user = NULL;

        if (pic_get(cli->ctx, "user", name, &user, NULL) == 0 && !pic_obj_has(user, "password"))
                cli_note(cli, "%s cannot log in yet. A password: pic user password %s", name, name);
        pic_obj_unref(user);
}

int cmd_user_add(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_edit *edit = NULL;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        status = cli_wish_new(cli, edit, "user", name);
        if (status == EXIT_DONE)
                status = add_password(cli, edit, name);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        status = cli_finish(cli, edit, "user", name);
        if (status == EXIT_DONE && !cli->plan && !cli->draft)
                say_added(cli, name);
        return status;
}

int cmd_user_password(struct cli *cli)
{
        const char *name = cli->words[0], *file = cli_option(cli, "file");
        char *text = file != NULL ? cli_read_secret(cli, "password", file) : ask_password(cli);
        pic_edit *edit = NULL;
        int status = EXIT_REFUSED;

        if (text == NULL || cli_begin(cli, &edit) != EXIT_DONE) {
                cli_wipe(text, text != NULL ? strlen(text) : 0);
                return EXIT_REFUSED;
        }
        status = wish_password(cli, edit, name, text);
        cli_wipe(text, strlen(text));
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        status = cli_finish(cli, edit, "user", name);
        if (status == EXIT_DONE && !cli->plan && !cli->draft)
                cli_note(cli, "%s has a new password, and is logged out everywhere.", name);
        return status;
}

/* "k3v9x-…": four times five letters that are not mistaken for others. -1: no random numbers. */
static int make_password(char text[NEW_LETTERS + 4])
{
        static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyzz"; /* 32 */
        unsigned char bytes[NEW_LETTERS];
        size_t i, n = 0;

        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
                return -1;
        for (i = 0; i < NEW_LETTERS; i++) {
                if (i > 0 && i % 5 == 0)
                        text[n++] = '-';
                text[n++] = alphabet[bytes[i] & 31];
        }
        text[n] = '\0';
        explicit_bzero(bytes, sizeof(bytes));
        return 0;
}

static int wish_reset(struct cli *cli, pic_edit *edit, const char *name, const char *text)
{
        pic_error *err = NULL;
        int r = pic_edit_set(edit, "user", name, "password", text, &err);

        if (r >= 0)
                r = pic_edit_set(edit, "user", name, "must_change", "yes", &err);
        if (r >= 0)
                r = pic_edit_unset(edit, "user", name, "enabled", &err);
        if (r >= 0 && cli_option(cli, "totp") != NULL)
                r = pic_edit_unset(edit, "user", name, "totp", &err);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

static void say_reset(struct cli *cli, const char *name)
{
        cli_note(cli, "That is the password of %s now, for one login: then a new one is asked for.%s", name,
                 cli_option(cli, "totp") == NULL ? " A lost second factor: pic user reset NAME --totp" : "");
        if (cli_has_passkeys(cli, name))
                cli_note(cli, "Passkeys go on letting %s in; one that was lost: pic user passkey list %s", name, name);
}

int cmd_user_reset(struct cli *cli)
{
        const char *name = cli->words[0];
        char text[NEW_LETTERS + 4], told[64];
        pic_edit *edit = NULL;
        int status;

        if (make_password(text) < 0)
                return cli_refuse(cli, PIC_IO, "the system gives no random numbers: %s", strerror(errno));
        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        status = wish_reset(cli, edit, name, text);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        snprintf(told, sizeof(told), "{\"password\":\"%s\"}", text);
        if (!cli->plan)
                cli->told = told;
        status = cli_finish(cli, edit, "user", name);
        cli->told = NULL;
        if (status == EXIT_DONE && !cli->plan && !cli->json)
                printf("%s\n", text);
        if (status == EXIT_DONE && !cli->plan && !cli->draft)
                say_reset(cli, name);
        explicit_bzero(text, sizeof(text));
        explicit_bzero(told, sizeof(told));
        return status;
}

/* --- the second factor ---------------------------------------------------------------------------------------- */

static void show_offer(struct cli *cli, const char *secret, const char *uri)
{
        pic_blob *drawn = NULL;

        if (!cli->quiet && pic_qr_make(uri, cli->plain ? PIC_QR_PLAIN : PIC_QR_TEXT, &drawn, NULL) == 0)
                (void)fwrite(pic_blob_data(drawn), 1, pic_blob_size(drawn), stdout);
        pic_blob_unref(drawn);
        printf("%s\n%s\n", secret, uri);
        (void)fflush(stdout);
}

/* Makes it the user's, and tells the codes. */
static int take_totp(struct cli *cli, const char *name, const char *secret, const char *code)
{
        pic_blob *codes = NULL;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        json_t *told;
        char *text;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_totp(edit, name, secret, code, &codes, &err) < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        told = json_pack("{s:s}", "recovery", pic_blob_data(codes));
        text = json_dumps(told, JSON_COMPACT);
        json_decref(told);
        if (!cli->plan)
                cli->told = text;
        status = cli_finish(cli, edit, "user", name);
        cli->told = NULL;
        if (status == EXIT_DONE && !cli->plan && !cli->json)
                (void)fwrite(pic_blob_data(codes), 1, pic_blob_size(codes), stdout);
        if (status == EXIT_DONE && !cli->plan)
                cli_note(cli, "Each of these codes counts once instead of one of the program's. Keep them elsewhere.");
        cli_wipe(text, text != NULL ? strlen(text) : 0);
        pic_blob_unref(codes);
        return status;
}

static int offer(struct cli *cli, const char *name, pic_report **ret)
{
        pic_error *err = NULL;

        return pic_totp_offer(cli->ctx, name, ret, &err) < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

/* Shows the secret and takes it when the person has it. */
static int talk_totp(struct cli *cli, const char *name)
{
        pic_report *report = NULL;
        char code[32] = "";
        json_t *root;
        int status = offer(cli, name, &report);

        if (status != EXIT_DONE)
                return status;
        if (cli->json)
                return cli_report_show(cli, report);
        root = json_loads(pic_report_text(report), 0, NULL);
        show_offer(cli, json_string_value(json_object_get(root, "secret")),
                   json_string_value(json_object_get(root, "uri")));
        fputs("The six digits that the program shows now: ", stderr);
        if (fgets(code, sizeof(code), stdin) == NULL || code[0] == '\n')
                status = cli_refuse(cli, PIC_CANCELED, "nothing was changed");
        code[strcspn(code, "\n")] = '\0';
        if (status == EXIT_DONE)
                status = take_totp(cli, name, json_string_value(json_object_get(root, "secret")), code);
        json_decref(root);
        pic_report_unref(report);
        return status;
}

static int turn_off(struct cli *cli, const char *name)
{
        pic_edit *edit = NULL;
        pic_error *err = NULL;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_unset(edit, "user", name, "totp", &err) < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, "user", name);
}

int cmd_user_totp(struct cli *cli)
{
        const char *name = cli->words[0], *file = cli_option(cli, "secret-file"), *code = cli_option(cli, "code");
        char *secret;
        int status;

        if (cli_option(cli, "off") != NULL)
                return turn_off(cli, name);
        if ((file != NULL) != (code != NULL))
                return cli_usage(cli,
                                 "--secret-file and --code go together: the code shows that a program has the secret");
        if (file == NULL)
                return talk_totp(cli, name);
        secret = cli_read_secret(cli, "secret", file);
        if (secret == NULL)
                return EXIT_REFUSED;
        status = take_totp(cli, name, secret, code);
        cli_wipe(secret, strlen(secret));
        return status;
}
