/* Owns: the files behind the zones, from which unbound answers for whatever has no record of its own: by a wildcard, by
 * that there is no such name, and, while a name is taken out and put in again, by what it is going to have. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/dns/inside.h"
#include "sys/file.h"

#define PATH_ROOM 256 /* the directory holds a socket, whose path is short */

static const char *path_of(const pic__dns *b, size_t n, char path[PATH_ROOM])
{
        snprintf(path, PATH_ROOM, PIC__DNS_BEHIND, b->dir, n);
        return path;
}

static int write_zone(const pic__dns *b, const pic__dns_server *server, size_t n, const pic__buf *lines,
                      pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[PATH_ROOM];

        pic__dns_conf_put_behind(&text, server, n, &b->names, lines);
        if (text.failed || (lines != NULL && lines->failed))
                return pic__nomem(err);
        return pic__file_write(path_of(b, n, path), text.data, text.len, 0600, err);
}

int pic__dns_behind_write(pic__dns *b, const pic__dns_server *server, pic_error **err)
{
        size_t n;
        int r = 0;

        for (n = 0; r == 0 && pic__dns_server_zone_at(server, n) != NULL; n++)
                if (pic__dns_server_backed(server, n))
                        r = write_zone(b, server, n, NULL, err);
        return r;
}

void pic__dns_behind_drop(const pic__dns *b)
{
        char path[PATH_ROOM];
        size_t n;

        for (n = 0; n < PIC__DNS_ZONES; n++)
                unlink(path_of(b, n, path));
}

static int load(pic__dns *b, size_t n, const pic__buf *lines, pic_error **err)
{
        char command[300];
        int r = write_zone(b, &b->server, n, lines, err);

        snprintf(command, sizeof(command), "auth_zone_reload %s.", pic__dns_server_zone_at(&b->server, n));
        return r < 0 ? r : pic__dns_ask(b, command, NULL, NULL, err);
}

int pic__dns_behind_load(pic__dns *b, pic_error **err)
{
        size_t n;
        int r = 0;

        for (n = 0; r == 0 && pic__dns_server_zone_at(&b->server, n) != NULL; n++)
                if (pic__dns_server_backed(&b->server, n))
                        r = load(b, n, NULL, err);
        return r;
}

/* --- cover ---------------------------------------------------------------------------------------------------- */

void pic__dns_cover_free(pic__dns_cover *c)
{
        size_t n;

        for (n = 0; n < PIC__DNS_ZONES; n++)
                pic__buf_free(&c->lines[n]);
}

static size_t number_of(const pic__dns_server *s, const char *zone)
{
        size_t n = 0;

        while (pic__dns_server_zone_at(s, n) != zone)
                n++;
        return n;
}

struct put {
        pic__buf *out;
        int aliases; /* only these, or all but these */
};

static int put(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        struct put *p = data;

        return (type == PIC__DNS_CNAME) == p->aliases ? pic__dns_put_lines(p->out, name, len, type, value) : 0;
}

void pic__dns_cover_add(pic__dns_cover *c, const pic__dns *b, const char *name, size_t len)
{
        const char *zone = name[0] != '*' ? pic__dns_server_zone_of(&b->server, name, len) : NULL;
        size_t n = zone != NULL ? number_of(&b->server, zone) : 0, before;
        struct put p = { &c->lines[n], 0 };

        if (zone == NULL || !pic__dns_server_backed(&b->server, n))
                return;
        before = p.out->len;
        (void)pic__dns_names_each(&b->names, name, len, put, &p);
        p.aliases = 1;
        if (p.out->len == before) /* beside what it leads to, an alias may not stand in a zone */
                (void)pic__dns_names_each(&b->names, name, len, put, &p);
        c->bytes += p.out->len - before;
}

int pic__dns_cover_tell(pic__dns_cover *c, pic__dns *b, pic_error **err)
{
        size_t n;
        int r = 0;

        for (n = 0; r == 0 && n < PIC__DNS_ZONES; n++) {
                int some = c->lines[n].len > 0 || c->lines[n].failed;

                if (!some && !c->told[n])
                        continue;
                r = load(b, n, &c->lines[n], err);
                c->told[n] = (uint8_t)some;
                pic__buf_clear(&c->lines[n]);
        }
        c->bytes = 0;
        return r;
}
