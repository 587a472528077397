/* Owns: entries of the machine's journal, by its documented native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one
 * datagram of fields. Not by libsystemd: sd_journal_sendv() has its socket compiled in, so that no test could stand
 * there, and the library would bring two more (gcrypt, gpg-error; lzma and lz4 are here already) into the agent, for
 * sixty lines. An entry that nobody takes at once is given up: the agent's own log has it. */
#include "common/journal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/options.h"

#define SOCKET "/run/systemd/journal/socket"
#define ENTRY_MAX 16384
#define MESSAGE_MAX 12288

struct entry {
        char text[ENTRY_MAX];
        size_t len;
};

static void put_bytes(struct entry *e, const void *bytes, size_t len)
{
        if (len <= sizeof(e->text) - e->len) {
                memcpy(e->text + e->len, bytes, len);
                e->len += len;
        }
}

/* Values with a newline tell their length; nobody can end one and begin another. */
static void put_field(struct entry *e, const char *key, const char *value, size_t len)
{
        uint8_t size[8];
        size_t i;

        put_bytes(e, key, strlen(key));
        if (memchr(value, '\n', len) == NULL) {
                put_bytes(e, "=", 1);
        } else {
                for (i = 0; i < sizeof(size); i++)
                        size[i] = (uint8_t)((uint64_t)len >> (8 * i));
                put_bytes(e, "\n", 1);
                put_bytes(e, size, sizeof(size));
        }
        put_bytes(e, value, len);
        put_bytes(e, "\n", 1);
}

static void put_text(struct entry *e, const char *key, const char *value)
{
        put_field(e, key, value, strlen(value));
}

/* The agent's messages name what they are about: "connection far is down", "configuration of peer 'anna' shown". */
static void put_about(struct entry *e, const char *message, const char *words, const char *key)
{
        static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
        size_t len;

        if (strncmp(message, words, strlen(words)) != 0)
                return;
        message += strlen(words);
        len = strspn(message, name);
        if (len > 0 && len < 64)
                put_field(e, key, message, len);
}

static void address(struct sockaddr_un *to)
{
        const char *path = getenv("PIC_JOURNAL");

        *to = (struct sockaddr_un){ .sun_family = AF_UNIX };
        snprintf(to->sun_path, sizeof(to->sun_path), "%s", path != NULL ? path : SOCKET);
}

/* JOURNAL_STREAM is the device and inode of what the service manager gave us as standard error. */
static int is_journal(int fd)
{
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long dev, ino;
        struct stat st;

        return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && fstat(fd, &st) == 0 &&
               st.st_dev == dev && st.st_ino == ino;
}

void journal_open(const char *program, struct journal *ret)
{
        struct sockaddr_un to;
        struct stat st;

        *ret = (struct journal){ .program = program, .fd = -1 };
        address(&to);
        if (to.sun_path[0] != '/' || stat(to.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
                return;
        ret->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ret->only = ret->fd >= 0 && is_journal(STDERR_FILENO);
}

void journal_close(struct journal *j)
{
        if (j->fd >= 0)
                close(j->fd);
        j->fd = -1;
}

static int send_entry(const struct journal *j, int level, const char *area, const char *program, const char *connection,
                      const char *message)
{
        static const char *const priorities[] = { "3", "4", "6", "7" };
        struct sockaddr_un to;
        struct entry e;

        e.len = 0;
        put_text(&e, "PRIORITY", priorities[level & 3]);
        put_text(&e, "SYSLOG_IDENTIFIER", program != NULL ? program : j->program);
        put_text(&e, "PIC_AREA", area);
        if (connection != NULL)
                put_text(&e, "PIC_CONNECTION", connection);
        if (program == NULL) {
                put_about(&e, message, "connection ", "PIC_CONNECTION");
                put_about(&e, message, "configuration of peer '", "PIC_PEER");
        }
        put_field(&e, "MESSAGE", message, strnlen(message, MESSAGE_MAX));
        address(&to);
        return sendto(j->fd, e.text, e.len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to)) < 0
                       ? -1
                       : 0;
}

void journal_log(int level, const char *area, const char *message, void *data)
{
        const struct journal *j = data;
        int sent = j->fd >= 0 && send_entry(j, level, area, NULL, NULL, message) == 0;

        if (!sent || !j->only)
                options_log(level, area, message, NULL);
}

int journal_line(int level, const char *area, const char *program, const char *connection, const char *text, void *data)
{
        const struct journal *j = data;

        return j->fd < 0 ? -1 : send_entry(j, level, area, program, connection, text);
}
