/* Owns: PiVPN's own files. Its shell reads setupVars.conf and so would run what stands there; here it is words. */
#include "household/pivpn.h"

#include <string.h>

#include "codec/import.h"
#include "model/text.h"

enum { LINE = 1024 };

struct reader {
        pic__household *h;
        pic__import in;
        pic__importer lines;
        const char *file;
        unsigned line;
};

static pic__spot here(const struct reader *r)
{
        return (pic__spot){ r->file, r->line };
}

static int start(struct reader *r, const char *text, size_t len)
{
        r->in = (pic__import){ .text = text, .len = len, .name = r->file };
        if (pic__import_start(&r->lines, &r->in, PIC__PIVPN_TEXT) == 0)
                return 0;
        pic__household_tell(r->h, PIC__TALE_LOST, here(r), NULL, NULL, NULL, "the file cannot be read: not taken");
        return -1;
}

static void end(struct reader *r)
{
        (void)pic__import_finish(&r->lines, NULL, NULL);
}

/* The next line with something in it, as a text of its own. */
static int next(struct reader *r, char out[LINE + 1])
{
        pic__import_line l;

        while (pic__import_next(&r->lines, &l)) {
                r->line = l.number;
                if (l.len > LINE) {
                        pic__household_tell(r->h, PIC__TALE_LOST, here(r), NULL, NULL, NULL, "a line that is too long");
                        continue;
                }
                memcpy(out, l.text, l.len);
                out[l.len] = '\0';
                if (out[strspn(out, " \t")] != '\0' && out[strspn(out, " \t")] != '#')
                        return 1;
        }
        return 0;
}

/* --- setupVars.conf ------------------------------------------------------------------------------------------- */

static char *unquote(char *value)
{
        size_t len;

        while (pic__is_space(*value))
                value++;
        len = strlen(value);
        while (len > 0 && pic__is_space(value[len - 1]))
                value[--len] = '\0';
        if (len > 1 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
                value[len - 1] = '\0';
                value++;
        }
        return value;
}

static void take_keepalive(struct reader *r, const char *value)
{
        int64_t n = pic__household_number(r->h, value, 0, 65535, here(r), "pivpnPERSISTENTKEEPALIVE");
        size_t i;

        for (i = 0; n >= 0 && i < r->h->devices.count; i++)
                if (r->h->devices.at[i]->keepalive < 0)
                        r->h->devices.at[i]->keepalive = (int)n;
}

static void take_number(struct reader *r, const char *value, const char *what, int64_t *to)
{
        int64_t n = pic__household_number(r->h, value, 1, 65535, here(r), what);

        if (n > 0 && *to == 0)
                *to = n;
}

static void other(struct reader *r, const char *key)
{
        size_t i;

        for (i = 0; pic__is_alnum(key[i]) || key[i] == '_'; i++)
                ;
        if (key[i] == '\0' && i > 0 && i < 40)
                pic__household_tell(r->h, PIC__TALE_NOTE, here(r), NULL, NULL, NULL,
                                    "%s is a setting of PiVPN's own: not taken", key);
        else
                pic__household_tell(r->h, PIC__TALE_LOST, here(r), NULL, NULL, NULL,
                                    "a line that is no NAME=VALUE: a shell would have run it");
}

static void variable(struct reader *r, char *line)
{
        char *equals = strchr(line, '='), *value;

        if (equals == NULL) {
                other(r, "");
                return;
        }
        *equals = '\0';
        value = unquote(equals + 1);
        if (strpbrk(value, "$`") != NULL)
                pic__household_tell(r->h, PIC__TALE_UNSAFE, here(r), NULL, NULL, NULL,
                                    "a shell would have run what stands in this line: not taken");
        else if (strcmp(line, "pivpnHOST") == 0)
                pic__household_endpoint(r->h, value, NULL, here(r), "pivpnHOST");
        else if (strcmp(line, "pivpnPORT") == 0)
                take_number(r, value, "pivpnPORT", &r->h->listen_port);
        else if (strcmp(line, "pivpnMTU") == 0)
                take_number(r, value, "pivpnMTU", &r->h->mtu);
        else if (strcmp(line, "pivpnDNS1") == 0 || strcmp(line, "pivpnDNS2") == 0)
                pic__household_dns(r->h, value, NULL, here(r), "pivpnDNS");
        else if (strcmp(line, "pivpnPERSISTENTKEEPALIVE") == 0)
                take_keepalive(r, value);
        else if (strcmp(line, "UNATTUPG") == 0 && strcmp(value, "1") != 0)
                pic__household_tell(r->h, PIC__TALE_UNSAFE, here(r), NULL, "UNATTUPG",
                                    "turn them on: apt install unattended-upgrades",
                                    "security updates did not install by themselves there");
        else
                other(r, line);
}

void pic__pivpn_vars(pic__household *h, const char *text, size_t len, const char *file)
{
        struct reader r = { .h = h, .file = file };
        char line[LINE + 1];

        if (start(&r, text, len) == 0)
                while (!h->failed && next(&r, line))
                        variable(&r, line);
        end(&r);
}

/* --- clients.txt ---------------------------------------------------------------------------------------------- */

static void client(struct reader *r, char *line)
{
        char *at = line, *name = strsep(&at, " \t"), *key = at != NULL ? strsep(&at, " \t") : NULL;
        pic__device *d;

        if (key == NULL) {
                pic__household_tell(r->h, PIC__TALE_LOST, here(r), NULL, NULL, NULL, "a line without a key");
                return;
        }
        d = pic__map_get(&r->h->by_key, key, strlen(key));
        if (d != NULL)
                pic__household_call(r->h, d, name, strlen(name));
        else
                pic__household_tell(r->h, PIC__TALE_LOST, here(r), NULL, NULL, NULL,
                                    "'%.*s' is in the list of clients, and the server knows no such key", 60, name);
}

void pic__pivpn_clients(pic__household *h, const char *text, size_t len, const char *file)
{
        struct reader r = { .h = h, .file = file };
        char line[LINE + 1];

        if (start(&r, text, len) == 0)
                while (!h->failed && next(&r, line))
                        client(&r, line);
        end(&r);
}
