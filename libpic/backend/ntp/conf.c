/* Owns: reading the SERVER item, and chronyd's command line; tests/golden/ntp holds samples of it. */
#include "backend/ntp/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static int take_listen(pic__ntp_conf *c, const char *word)
{
        if (c->listens == PIC__NTP_LISTEN_MAX)
                return -1;
        return pic__addr_parse(word, &c->listen[c->listens++]);
}

static int take_allow(pic__ntp_conf *c, const char *word)
{
        if (c->allows == PIC__NTP_ALLOW_MAX)
                return -1;
        return pic__prefix_parse(word, &c->allow[c->allows++]);
}

static int take_server(pic__ntp_conf *c, const char *word)
{
        pic__addr a;

        if (c->server_count == PIC__NTP_SERVERS_MAX || strlen(word) >= sizeof(c->servers[0]) ||
            (pic__addr_parse(word, &a) < 0 && !pic__hostname_ok(word)))
                return -1;
        snprintf(c->servers[c->server_count++], sizeof(c->servers[0]), "%s", word);
        return 0;
}

static int take_clock(pic__ntp_conf *c, const char *word)
{
        c->clock = strcmp(word, "yes") == 0;
        return c->clock ? 0 : -1;
}

static const struct {
        const char *name;
        int (*take)(pic__ntp_conf *c, const char *word);
} parts[] = { { "listen", take_listen }, { "allow", take_allow }, { "servers", take_server }, { "clock", take_clock } };

static int take_part(pic__ntp_conf *c, char *part)
{
        char *equals = strchr(part, '='), *save = NULL, *word;
        size_t i = 0;

        if (equals == NULL)
                return -1;
        *equals = '\0';
        while (i < PIC__COUNT(parts) && strcmp(parts[i].name, part) != 0)
                i++;
        if (i == PIC__COUNT(parts))
                return -1;
        for (word = strtok_r(equals + 1, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
                if (parts[i].take(c, word) < 0)
                        return -1;
        return 0;
}

int pic__ntp_conf_parse(const char *value, pic__ntp_conf *ret, pic_error **err)
{
        pic__auto_free char *text = pic__strdup(value);
        char *save = NULL, *part;
        int bad = 0;

        memset(ret, 0, sizeof(*ret));
        if (text == NULL)
                return pic__nomem(err);
        for (part = strtok_r(text, " ", &save); part != NULL && !bad; part = strtok_r(NULL, " ", &save))
                bad = take_part(ret, part) < 0;
        if (bad || ret->listens == 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no time server", value);
        return 0;
}

static void arg(pic__buf *out, const char *text)
{
        pic__buf_put(out, text, strlen(text) + 1);
}

static void arg2(pic__buf *out, const char *first, const char *second)
{
        pic__buf_putf(out, "%s %s", first, second);
        pic__buf_putc(out, '\0');
}

int pic__ntp_conf_args(const pic__ntp_conf *c, pic__buf *out)
{
        /* Started as the user that it stays (-U), in the foreground, with its own filter of system calls. */
        static const char *const first[] = { "chronyd", "-U", "-d", "-F", "1" };
        /* Nobody commands it, and it remembers nobody who asked. Without other clocks this machine's is told as it
         * is, and that nobody vouches for it: with the cable out all devices still agree. */
        static const char *const fixed[] = { "cmdport 0", "bindcmdaddress /", "pidfile pid", "noclientlog",
                                             "local stratum 10" };
        char text[PIC__PREFIX_TEXT];
        size_t i;

        for (i = 0; i < PIC__COUNT(first); i++)
                arg(out, first[i]);
        if (!c->clock)
                arg(out, "-x");
        for (i = 0; i < PIC__COUNT(fixed); i++)
                arg(out, fixed[i]);
        for (i = 0; i < c->listens; i++)
                arg2(out, "bindaddress", pic__addr_print(&c->listen[i], text));
        for (i = 0; i < c->allows; i++)
                arg2(out, "allow", pic__prefix_print(&c->allow[i], text));
        for (i = 0; i < c->server_count; i++) {
                pic__buf_putf(out, "server %s iburst", c->servers[i]);
                pic__buf_putc(out, '\0');
        }
        if (c->server_count > 0)
                arg(out, "driftfile drift"); /* how fast the clock goes wrong, over a restart */
        if (c->clock) {
                arg(out, "makestep 1 3");
                arg(out, "rtcsync");
        }
        return out->failed ? -1 : 0;
}
