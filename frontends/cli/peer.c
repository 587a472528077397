/* Owns: what only devices have: configuration, QR code, new keys, on and off. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/text.h"

/* 0 or what went wrong. A file that was there may have been readable for others: a private key goes in. */
static int write_all(int fd, const char *data, size_t size)
{
        struct stat st;
        size_t at = 0;

        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0600) < 0)
                return errno;
        while (at < size) {
                ssize_t n = write(fd, data + at, size - at);

                if (n < 0)
                        return errno;
                at += (size_t)n;
        }
        return 0;
}

int cli_write_bytes(const struct cli *cli, const char *path, const char *bytes, size_t size)
{
        int fd, why;

        if (strcmp(path, "-") == 0) { /* whether that went well is seen at the end: the stream remembers */
                (void)fwrite(bytes, 1, size, stdout);
                return EXIT_DONE;
        }
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0)
                why = write_all(fd, bytes, size);
        else
                why = errno;
        if (fd >= 0 && close(fd) < 0 && why == 0)
                why = errno;
        return why == 0 ? EXIT_DONE : cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(why));
}

static int write_blob(const struct cli *cli, const char *path, const pic_blob *blob)
{
        return cli_write_bytes(cli, path, pic_blob_data(blob), pic_blob_size(blob));
}

static int show_qr(struct cli *cli, const pic_blob *text, int format, const char *path)
{
        pic_blob *image = NULL;
        pic_error *err = NULL;
        int status;

        if (pic_qr_make(pic_blob_data(text), format, &image, &err) < 0)
                return cli_fail(cli, err);
        status = write_blob(cli, path, image);
        pic_blob_unref(image);
        return status;
}

/* Columns of the first line, without the sequences that colour it. */
static size_t columns_of(const pic_blob *drawn)
{
        const char *p = pic_blob_data(drawn);
        size_t n = 0;

        for (; *p != '\0' && *p != '\n'; p++) {
                if (*p == '\033')
                        p += strcspn(p, "m");
                else
                        n += ((unsigned char)*p & 0xc0) != 0x80;
        }
        return n;
}

/* On the terminal. A code whose lines are broken cannot be read, and the key may be gone from the cell by now: then the
 * text is shown in its place. `also`: it was shown already. */
static int draw_qr(struct cli *cli, const char *name, const pic_blob *text, int also)
{
        size_t width = cli_width(), need;
        pic_blob *drawn = NULL;
        pic_error *err = NULL;
        int status = EXIT_DONE;

        if (pic_qr_make(pic_blob_data(text), cli->plain ? PIC_QR_PLAIN : PIC_QR_TEXT, &drawn, &err) < 0)
                return cli_fail(cli, err);
        need = columns_of(drawn);
        if (width > 0 && need > width) {
                if (!also)
                        status = write_blob(cli, "-", text);
                cli_note(
                        cli,
                        "The QR code is %zu columns wide, this terminal %zu: so here is the text. For a code widen the "
                        "window, or take a picture: pic peer rekey %s; pic peer qr %s --png FILE",
                        need, width, name, name);
        } else {
                status = write_blob(cli, "-", drawn);
                if (!text_is_utf8())
                        cli_note(cli,
                                 "This terminal is not known to show UTF-8 ($LANG). If the code looks broken: pic peer "
                                 "rekey %s; pic peer qr %s --png FILE",
                                 name, name);
        }
        pic_blob_unref(drawn);
        return status;
}

/* A key that the cell does not have any more cannot be shown again. */
static void say_once(struct cli *cli, const char *name)
{
        pic_obj *peer = NULL;
        char *mode = NULL;

        if (cli->quiet || pic_get(cli->ctx, "peer", name, &peer, NULL) < 0)
                return;
        mode = pic_obj_get(peer, "key_mode");
        if (mode != NULL && strcmp(mode, "sealed") == 0)
                cli_note(cli, "Shown once: its private key is gone from the cell now. A new one: pic peer rekey %s",
                         name);
        pic_text_free(mode);
        pic_obj_unref(peer);
}

/* The private key may be gone from the cell once it was read: so the places it goes to are tried before. */
int cli_writable(const struct cli *cli, const char *path)
{
        int fd;

        if (path == NULL || strcmp(path, "-") == 0)
                return 1;
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
                cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(errno));
                return 0;
        }
        close(fd);
        return 1;
}

/* The files that the options name. */
static int put_files(struct cli *cli, const pic_blob *text)
{
        const char *output = cli_option(cli, "output"), *png = cli_option(cli, "png"), *svg = cli_option(cli, "svg");
        int status = EXIT_DONE;

        if (output != NULL)
                status = write_blob(cli, output, text);
        if (status == EXIT_DONE && png != NULL)
                status = show_qr(cli, text, PIC_QR_PNG, png);
        if (status == EXIT_DONE && svg != NULL)
                status = show_qr(cli, text, PIC_QR_SVG, svg);
        return status;
}

/* The text and the images, each to its place. */
static int put_config(struct cli *cli, const char *name, const pic_blob *text, int qr)
{
        int files = cli_option(cli, "png") != NULL || cli_option(cli, "svg") != NULL;
        int image_only =
                cli->command->run == cmd_peer_qr || (cli->command->run == cmd_add && cli_option(cli, "config") == NULL);
        int shown = !image_only && cli_option(cli, "output") == NULL, status = EXIT_DONE;

        if (shown)
                status = write_blob(cli, "-", text);
        if (status == EXIT_DONE)
                status = put_files(cli, text);
        if (status == EXIT_DONE && qr && (cli_option(cli, "qr") != NULL || !files))
                status = draw_qr(cli, name, text, shown);
        if (status == EXIT_DONE)
                say_once(cli, name);
        return status;
}

static int json_config(struct cli *cli, const pic_blob *text)
{
        static const char *const files[] = { "output", "png", "svg" };
        int status = put_files(cli, text);
        size_t i;

        fputs("{\"config\":", stdout);
        text_json(stdout, cli_option(cli, "output") == NULL || status != EXIT_DONE ? pic_blob_data(text) : NULL);
        for (i = 0; i < 3; i++) {
                if (cli_option(cli, files[i]) == NULL)
                        continue;
                printf(",\"%s\":", files[i]);
                text_json(stdout, cli_option(cli, files[i]));
        }
        puts("}");
        return status;
}

int cli_show_config(struct cli *cli, const char *name, int qr)
{
        static const char *const files[] = { "output", "png", "svg" };
        int status = EXIT_DONE;
        pic_blob *text = NULL;
        pic_error *err = NULL;
        size_t i;

        for (i = 0; i < 3; i++) {
                const char *path = cli_option(cli, files[i]);

                if (cli->json && path != NULL && strcmp(path, "-") == 0)
                        return cli_usage(cli, "--json and --%s - both want the standard output", files[i]);
                if (!cli_writable(cli, path))
                        return EXIT_REFUSED;
        }
        if (pic_peer_config(cli->ctx, name, &text, &err) < 0)
                return cli_fail(cli, err);
        status = cli->json ? json_config(cli, text) : put_config(cli, name, text, qr);
        pic_blob_unref(text);
        if (fflush(stdout) == 0 && !ferror(stdout))
                return status;
        return cli_refuse(cli, PIC_IO,
                          "cannot write the configuration: %s; if its key was to be shown only once, make a new one: "
                          "pic peer rekey %s",
                          strerror(errno), name);
}

int cmd_peer_config(struct cli *cli)
{
        return cli_show_config(cli, cli->words[0], cli_option(cli, "qr") != NULL);
}

int cmd_peer_qr(struct cli *cli)
{
        return cli_show_config(cli, cli->words[0], 1);
}

int cmd_peer_installed(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_error *err = NULL;
        int check = cli_option(cli, "check") != NULL;
        int r = check ? pic_peer_outdated(cli->ctx, name, &err) : pic_peer_installed(cli->ctx, name, &err);

        if (r < 0)
                return cli_fail(cli, err);
        if (cli->json)
                printf("{\"outdated\":%s}\n", r > 0 ? "true" : "false");
        else if (r > 0)
                printf("%s needs its configuration anew: pic peer config %s\n", name, name);
        return r > 0 ? EXIT_REFUSED : EXIT_DONE;
}

/* A device, or a connection. */
static int set_enabled(struct cli *cli, const char *value)
{
        const char *noun = cli->command->noun;
        pic_edit *edit = NULL;
        pic_error *err = NULL;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_set(edit, noun, cli->words[0], "enabled", value, &err) < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, noun, cli->words[0]);
}

int cmd_enable(struct cli *cli)
{
        return set_enabled(cli, "true");
}

int cmd_disable(struct cli *cli)
{
        return set_enabled(cli, "false");
}

int cmd_peer_rekey(struct cli *cli)
{
        const char *key = cli_option(cli, "public-key"), *name = cli->words[0];
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int status, r;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        r = pic_edit_rekey(edit, name, &err);
        if (r >= 0 && key != NULL)
                r = pic_edit_set(edit, "peer", name, "public_key", key, &err);
        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        status = cli_finish(cli, edit, "peer", name);
        if (status == EXIT_DONE && !cli->plan && !cli->draft)
                cli_note(cli, "The old configuration of %s is dead. The new one: pic peer qr %s", name, name);
        return status;
}
