/* Owns: options for secrets. A secret is never a word of the command line, where every process could read it: it is
 * read from a file, or from standard input, which on a terminal is not shown. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

enum { SECRET_MAX = 512 << 10 };

int cli_is_secret(const char *kind, size_t field)
{
        return (pic_field_flags(kind, field) & (PIC_FIELD_SECRET | PIC_FIELD_SYSTEM)) == PIC_FIELD_SECRET;
}

const char *cli_field_option(const char *kind, size_t field, char name[64])
{
        size_t i;

        snprintf(name, 64, "%s%s", pic_field_name(kind, field), cli_is_secret(kind, field) ? "-file" : "");
        for (i = 0; name[i] != '\0'; i++)
                name[i] = name[i] == '_' ? '-' : name[i];
        return name;
}

/* All of it, or what went wrong. The room is taken at once: growing would leave copies behind. */
static int read_fd(int fd, char *text, size_t *ret_len)
{
        size_t len = 0;

        while (len <= SECRET_MAX) {
                ssize_t n = read(fd, text + len, SECRET_MAX + 1 - len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno;
                if (n == 0)
                        break;
                len += (size_t)n;
        }
        *ret_len = len;
        return len > SECRET_MAX ? EFBIG : 0;
}

/* One line, typed without being shown. */
static int ask(const char *what, char *text, size_t *ret_len)
{
        struct termios was, quiet;
        ssize_t n;

        if (tcgetattr(STDIN_FILENO, &was) < 0)
                return errno;
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        fprintf(stderr, "%s: ", what); /* now: what is typed before would be shown, or lost */
        n = read(STDIN_FILENO, text, SECRET_MAX);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
        fputc('\n', stderr);
        *ret_len = n > 0 ? (size_t)n : 0;
        return n < 0 ? errno : 0;
}

static int read_secret(const char *field, const char *path, char *text, size_t *ret_len)
{
        int fd, why;

        if (strcmp(path, "-") == 0)
                return isatty(STDIN_FILENO) && strcmp(field, "key") != 0 && strcmp(field, "profile") != 0
                               ? ask(field, text, ret_len)
                               : read_fd(STDIN_FILENO, text, ret_len);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        why = read_fd(fd, text, ret_len);
        close(fd);
        return why;
}

char *cli_read_secret(const struct cli *cli, const char *field, const char *path)
{
        char *text = malloc(SECRET_MAX + 2);
        size_t len = 0;
        int why = text != NULL ? read_secret(field, path, text, &len) : ENOMEM;

        if (why == 0 && memchr(text, '\0', len) != NULL)
                why = EILSEQ;
        if (why != 0) {
                cli_refuse(cli, why == ENOENT ? PIC_NOTFOUND : PIC_IO, "cannot read the %s from %s: %s", field, path,
                           strerror(why));
                cli_wipe(text, SECRET_MAX + 2);
                return NULL;
        }
        text[len] = '\0';
        if (len > 0 && text[len - 1] == '\n') /* an editor's, not the secret's */
                text[--len] = '\0';
        if (len > 0 && text[len - 1] == '\r')
                text[--len] = '\0';
        return text;
}

char *cli_ask_secret(const struct cli *cli, const char *what)
{
        char *text = malloc(SECRET_MAX + 2);
        size_t len = 0;
        int why = text != NULL ? ask(what, text, &len) : ENOMEM;

        if (why == 0 && memchr(text, '\0', len) != NULL)
                why = EILSEQ;
        if (why != 0) {
                cli_refuse(cli, PIC_IO, "cannot read from the terminal: %s", strerror(why));
                cli_wipe(text, SECRET_MAX + 2);
                return NULL;
        }
        text[len] = '\0';
        text[strcspn(text, "\r\n")] = '\0';
        return text;
}

void cli_wipe(char *text, size_t size)
{
        if (text == NULL)
                return;
        explicit_bzero(text, size);
        free(text);
}
