/* Owns: reading unbound's statistics. */
#include "backend/dns/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *next_line(const char *text)
{
        const char *end = strchr(text, '\n');

        return end != NULL ? end + 1 : NULL;
}

static const char *value_of(const char *text, const char *name)
{
        size_t len = strlen(name);

        for (; text != NULL; text = next_line(text))
                if (strncmp(text, name, len) == 0 && text[len] == '=')
                        return text + len + 1;
        return NULL;
}

uint64_t pic__dns_stat(const char *text, const char *name)
{
        const char *value = value_of(text, name);

        return value != NULL ? strtoull(value, NULL, 10) : 0;
}

/* "0.012345" seconds in milliseconds. */
static int64_t ms_of(const char *text, const char *name)
{
        const char *value = value_of(text, name);

        return value != NULL ? (int64_t)(strtod(value, NULL) * 1000 + 0.5) : 0;
}

/* All that begins so and is not 0: {"A":12,"AAAA":3}. */
static void put_map(const char *text, const char *key, const char *prefix, pic__json *out)
{
        size_t len = strlen(prefix);

        pic__json_key(out, key);
        pic__json_open(out, '{');
        for (; text != NULL; text = next_line(text)) {
                size_t name = strncmp(text, prefix, len) == 0 ? strcspn(text + len, "=\n") : 0;
                char word[48];

                if (name == 0 || name >= sizeof(word) || text[len + name] != '=' || text[len + name + 1] == '0')
                        continue;
                memcpy(word, text + len, name);
                word[name] = '\0';
                pic__json_kint(out, word, (int64_t)strtoull(text + len + name + 1, NULL, 10));
        }
        pic__json_close(out, '}');
}

void pic__dns_stats_put(const char *text, pic__json *out)
{
        static const struct {
                const char *key, *name;
        } numbers[] = {
                { "queries", "total.num.queries" },        { "cache_hits", "total.num.cachehits" },
                { "cache_misses", "total.num.cachemiss" }, { "waiting", "total.requestlist.current.user" },
                { "validated", "num.answer.secure" },      { "bogus", "num.answer.bogus" },
                { "memory", "mem.cache.rrset" },
        };
        size_t i;

        pic__json_kint(out, "since_s", (int64_t)pic__dns_stat(text, "time.elapsed"));
        for (i = 0; i < PIC__COUNT(numbers); i++)
                pic__json_kint(
                        out, numbers[i].key,
                        (int64_t)(pic__dns_stat(text, numbers[i].name) +
                                  (strcmp(numbers[i].key, "memory") == 0 ? pic__dns_stat(text, "mem.cache.message")
                                                                         : 0)));
        pic__json_kint(out, "average_ms", ms_of(text, "total.recursion.time.avg"));
        pic__json_kint(out, "median_ms", ms_of(text, "total.recursion.time.median"));
        put_map(text, "types", "num.query.type.", out);
        put_map(text, "codes", "num.answer.rcode.", out);
        put_map(text, "blocked", "num.rpz.action.", out);
}

int pic__dns_stats_ping(const char *infra, const char *server)
{
        size_t len = strlen(server);

        for (; infra != NULL; infra = next_line(infra)) {
                char zone[300];
                int ping;

                if (strncmp(infra, server, len) == 0 && infra[len] == ' ' &&
                    sscanf(infra + len, " %299s ttl %*d ping %d", zone, &ping) == 2)
                        return ping > 0 ? ping : -1;
        }
        return -1;
}

int pic__dns_stats_removed(const char *text)
{
        int rrsets = 0, messages = 0;

        return sscanf(text, "ok removed %d rrsets, %d messages", &rrsets, &messages) == 2 ? rrsets + messages : 0;
}

unsigned pic__dns_stats_waited(const char *list)
{
        unsigned most = 0;

        for (; list != NULL; list = next_line(list)) {
                unsigned seconds, micros;

                if (sscanf(list, "%*d %*s %*s %*s %9u.%6u", &seconds, &micros) == 2 &&
                    seconds * 1000 + micros / 1000 > most)
                        most = seconds * 1000 + micros / 1000;
        }
        return most;
}
