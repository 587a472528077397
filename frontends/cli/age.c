/* Owns: `pic age`: files encrypted and decrypted as age(1) does, and the making of keys. Needs no cell. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { SECRET_SIZE = 1 }; /* what is wiped is counted by its length */

static void wipe(char *text)
{
        if (text != NULL)
                cli_wipe(text, strlen(text) + SECRET_SIZE);
}

static const char *name_of(const char *path)
{
        return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* A file of keys. EXIT_DONE, or the exit status after having said why. */
static int add_file(struct cli *cli, pic_age_keys *keys, int what, const char *path)
{
        char *text = cli_read_secret(cli, what == PIC_AGE_IDENTITIES ? "key" : "recipients", path);
        pic_error *err = NULL;
        int r;

        if (text == NULL)
                return EXIT_REFUSED;
        r = pic_age_keys_file(keys, what, text, strlen(text), &err);
        wipe(text);
        if (r >= 0)
                return EXIT_DONE;
        cli_note(cli, "pic: in %s:", name_of(path));
        return cli_fail(cli, err);
}

/* Who is named by the options. */
int cli_age_keys(struct cli *cli, pic_age_keys *keys)
{
        pic_error *err = NULL;
        int status = EXIT_DONE;
        size_t i;

        for (i = 0; i < cli->option_count && status == EXIT_DONE; i++) {
                const struct setting *o = &cli->options[i];

                if (strcmp(o->name, "recipient") == 0 && pic_age_keys_recipient(keys, o->value, &err) < 0)
                        status = cli_fail(cli, err);
                else if (strcmp(o->name, "recipients-file") == 0)
                        status = add_file(cli, keys, PIC_AGE_RECIPIENTS, o->value);
                else if (strcmp(o->name, "identity") == 0)
                        status = add_file(cli, keys, PIC_AGE_IDENTITIES, o->value);
        }
        return status;
}

/* Asked for twice when nobody could tell later that it was mistyped. NULL after having said why. */
static char *ask(struct cli *cli, int twice)
{
        char *first, *second;

        if (!isatty(STDIN_FILENO)) {
                cli_misuse(cli, "--passphrase-file FILE", "there is no terminal to ask for the passphrase");
                return NULL;
        }
        first = cli_ask_secret(cli, "passphrase");
        if (first == NULL || !twice)
                return first;
        second = cli_ask_secret(cli, "the same again");
        if (second != NULL && strcmp(first, second) == 0) {
                wipe(second);
                return first;
        }
        if (second != NULL)
                cli_refuse(cli, PIC_VALUE, "the two are not the same");
        wipe(first);
        wipe(second);
        return NULL;
}

int cli_age_passphrase(struct cli *cli, pic_age_keys *keys, int twice)
{
        const char *path = cli_option(cli, "passphrase-file");
        char *text = path != NULL ? cli_read_secret(cli, "passphrase", path) : ask(cli, twice);
        pic_error *err = NULL;
        int r;

        if (text == NULL)
                return EXIT_REFUSED;
        r = pic_age_keys_passphrase(keys, text, &err);
        wipe(text);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

/* Standard input is read once: of all that may come from it one does. */
static int check_stdin(struct cli *cli, const char *input)
{
        size_t i, uses = input == NULL || strcmp(input, "-") == 0;

        for (i = 0; i < cli->option_count; i++)
                uses += strcmp(cli->options[i].name, "output") != 0 && strcmp(cli->options[i].value, "-") == 0;
        return uses > 1 ? cli_usage(cli, "standard input can be one of: the file, its keys, its passphrase")
                        : EXIT_DONE;
}

static int open_input(const struct cli *cli, const char *path, int *ret_fd)
{
        *ret_fd = STDIN_FILENO;
        if (path == NULL || strcmp(path, "-") == 0)
                return EXIT_DONE;
        *ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (*ret_fd >= 0)
                return EXIT_DONE;
        return cli_refuse(cli, errno == ENOENT ? PIC_NOTFOUND : PIC_IO, "cannot read %s: %s", path, strerror(errno));
}

int cli_age_work(const struct cli *cli, uint32_t *ret)
{
        int64_t n;
        int status = cli_number(cli, "work-factor", &n);

        if (status != EXIT_DONE || n < 0)
                return status;
        if (n < 1 || n > 30)
                return cli_usage(cli, "--work-factor is a number from 1 to 30");
        *ret = (uint32_t)n;
        return EXIT_DONE;
}

static int is_given(const struct cli *cli, const char *one, const char *other)
{
        return cli_option(cli, one) != NULL || (other != NULL && cli_option(cli, other) != NULL);
}

static int check_decrypt(struct cli *cli)
{
        if (is_given(cli, "encrypt", NULL))
                return cli_usage(cli, "--encrypt and --decrypt: give one of them");
        if (is_given(cli, "recipient", "recipients-file") || is_given(cli, "armor", NULL))
                return cli_usage(cli, "--decrypt takes no recipients and no --armor: it finds out by itself");
        if (is_given(cli, "passphrase", "passphrase-file") && is_given(cli, "identity", NULL))
                return cli_usage(cli, "--identity and --passphrase: give one of them");
        return EXIT_DONE;
}

static int check_encrypt(struct cli *cli)
{
        int locked = is_given(cli, "passphrase", "passphrase-file");
        int named = is_given(cli, "recipient", "recipients-file") || is_given(cli, "identity", NULL);

        if (!locked && !named)
                return cli_misuse(cli, "pic age -r age1… or pic age -p",
                                  "for whom? a recipient or a passphrase is needed");
        if (locked && named)
                return cli_usage(cli, "a passphrase and recipients do not go together in one file");
        if (!is_given(cli, "armor", "output") && isatty(STDOUT_FILENO))
                return cli_misuse(cli, "--armor, or --output FILE", "this would write binary data to the terminal");
        return EXIT_DONE;
}

/* What the options ask for, before anything is read. */
static int check_age(struct cli *cli, const char *input, int decrypts, pic_age_opts *o)
{
        const char *output = cli_option(cli, "output");
        int status;

        if (cli->json)
                return cli_usage(cli, "--json is for 'pic age keygen': what this writes is a file");
        status = decrypts ? check_decrypt(cli) : check_encrypt(cli);
        if (status == EXIT_DONE)
                status = check_stdin(cli, input);
        o->output = output != NULL && strcmp(output, "-") != 0 ? output : NULL;
        o->flags = is_given(cli, "armor", NULL) ? PIC_AGE_ARMOR : 0;
        return status == EXIT_DONE ? cli_age_work(cli, &o->work_factor) : status;
}

static int convey(struct cli *cli, pic_age_keys *keys, const char *input, const pic_age_opts *o, int decrypts)
{
        int out = o->output != NULL ? -1 : STDOUT_FILENO, in, r;
        pic_error *err = NULL;

        if (open_input(cli, input, &in) != EXIT_DONE)
                return EXIT_REFUSED;
        r = decrypts ? pic_age_decrypt(keys, in, out, o, &err) : pic_age_encrypt(keys, in, out, o, &err);
        if (in != STDIN_FILENO)
                close(in);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

static int run_age(struct cli *cli, pic_age_keys *keys, const char *input)
{
        int decrypts = cli_option(cli, "decrypt") != NULL, keyed = cli_option(cli, "identity") != NULL;
        int locked = is_given(cli, "passphrase", "passphrase-file");
        pic_age_opts o = PIC_AGE_OPTS_INIT;
        pic_error *err = NULL;
        int status = check_age(cli, input, decrypts, &o);

        if (status == EXIT_DONE)
                status = cli_age_keys(cli, keys);
        if (status == EXIT_DONE && (locked || (decrypts && !keyed)))
                status = cli_age_passphrase(cli, keys, !decrypts);
        if (status == EXIT_DONE && !decrypts && keyed && pic_age_keys_own(keys, &err) < 0)
                status = cli_fail(cli, err);
        return status == EXIT_DONE ? convey(cli, keys, input, &o, decrypts) : status;
}

/* --- keygen ----------------------------------------------------------------------------------------------------- */

/* Where the identity went and what belongs to it. */
static void say_key(const struct cli *cli, const char *file, const char *recipient)
{
        const char *identity = strstr(file, "AGE-SECRET-KEY-");

        if (!cli->json) {
                cli_note(cli, "Public key: %.*s", (int)strcspn(recipient, "\n"), recipient);
                return;
        }
        printf("{\"recipient\":\"%.*s\",\"identity\":", (int)strcspn(recipient, "\n"), recipient);
        if (cli_option(cli, "output") == NULL && identity != NULL)
                printf("\"%.*s\"}\n", (int)strcspn(identity, "\n"), identity);
        else
                puts("null}");
}

/* A file that is there stays: what was encrypted for its key would be lost. */
static int write_key(const struct cli *cli, const char *path, const pic_blob *file)
{
        int fd, bad;

        if (path == NULL || strcmp(path, "-") == 0) {
                if (!cli->json)
                        (void)fwrite(pic_blob_data(file), 1, pic_blob_size(file), stdout);
                return EXIT_DONE;
        }
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return cli_refuse(cli, errno == EEXIST ? PIC_EXISTS : PIC_IO, "cannot make %s: %s", path,
                                  strerror(errno));
        bad = write(fd, pic_blob_data(file), pic_blob_size(file)) != (ssize_t)pic_blob_size(file) || fsync(fd) < 0;
        bad |= close(fd) < 0;
        if (!bad)
                return EXIT_DONE;
        unlink(path);
        return cli_refuse(cli, PIC_IO, "cannot write %s", path);
}

static int new_key(struct cli *cli, pic_age_keys *keys)
{
        pic_blob *file = NULL, *recipient = NULL;
        pic_error *err = NULL;
        int status = EXIT_DONE;

        if (pic_age_keygen(&file, &err) < 0)
                return cli_fail(cli, err);
        if (pic_age_keys_file(keys, PIC_AGE_IDENTITIES, pic_blob_data(file), pic_blob_size(file), &err) < 0 ||
            pic_age_keys_own(keys, &err) < 0 || pic_age_keys_text(keys, &recipient, &err) < 0)
                status = cli_fail(cli, err);
        if (status == EXIT_DONE)
                status = write_key(cli, cli_option(cli, "output"), file);
        if (status == EXIT_DONE)
                say_key(cli, pic_blob_data(file), pic_blob_data(recipient));
        pic_blob_unref(recipient);
        pic_blob_unref(file);
        return status;
}

/* The recipients that belong to a file of identities. */
static int convert(struct cli *cli, pic_age_keys *keys, const char *path)
{
        int status = add_file(cli, keys, PIC_AGE_IDENTITIES, path != NULL ? path : "-");
        pic_blob *text = NULL;
        pic_error *err = NULL;

        if (status != EXIT_DONE)
                return status;
        if (pic_age_keys_own(keys, &err) < 0 || pic_age_keys_text(keys, &text, &err) < 0)
                return cli_fail(cli, err);
        status = cli_write_bytes(cli, cli_option(cli, "output") != NULL ? cli_option(cli, "output") : "-",
                                 pic_blob_data(text), pic_blob_size(text));
        pic_blob_unref(text);
        return status;
}

static int keygen(struct cli *cli, pic_age_keys *keys)
{
        int converts = cli_option(cli, "convert") != NULL;
        size_t i;

        for (i = 0; i < cli->option_count; i++)
                if (strcmp(cli->options[i].name, "output") != 0 && strcmp(cli->options[i].name, "convert") != 0)
                        return cli_usage(cli, "--%s is not for 'pic age keygen'", cli->options[i].name);
        if (!converts && cli->word_count > 1)
                return cli_misuse(cli, "pic age keygen -y FILE", "'pic age keygen' takes no file without --convert");
        return converts ? convert(cli, keys, cli->word_count > 1 ? cli->words[1] : NULL) : new_key(cli, keys);
}

int cmd_age(struct cli *cli)
{
        const char *first = cli->word_count > 0 ? cli->words[0] : NULL;
        int makes = first != NULL && strcmp(first, "keygen") == 0, status;
        pic_age_keys *keys = NULL;
        pic_error *err = NULL;

        if (!makes && cli->word_count > 1)
                return cli_usage(cli, "one file at a time: 'pic age' writes one");
        if (!makes && cli_option(cli, "convert") != NULL)
                return cli_usage(cli, "--convert is for 'pic age keygen'");
        if (pic_age_keys_new(&keys, &err) < 0)
                return cli_fail(cli, err);
        status = makes ? keygen(cli, keys) : run_age(cli, keys, first);
        pic_age_keys_unref(keys);
        return status;
}
