/* Owns: the text of the table: its sets, the rules (rules.c) with a cell's values in them, its elements. */
#include "backend/nft/shape.h"

#include <stdio.h>
#include <string.h>

#include "backend/nft/elem_raw.h"
#include "backend/nft/rules.h"
#include "model/exit.h"
#include "model/service.h"

static int parse_net(const char *text, uint8_t family, pic__prefix *ret)
{
        return pic__prefix_parse(text, ret) == 0 && ret->addr.family == family ? 0 : -1;
}

static int take_word(const char **at, const char *name, char *to, size_t room)
{
        size_t name_len = strlen(name), len;

        if (strncmp(*at, name, name_len) != 0)
                return -1;
        *at += name_len;
        len = strcspn(*at, " ");
        if (len >= room)
                return -1;
        memcpy(to, *at, len);
        to[len] = '\0';
        *at += len;
        return 0;
}

static int parse_port(const char *text, uint16_t *ret)
{
        unsigned n = 0;

        if (*text < '1' || *text > '9')
                return -1;
        for (; *text >= '0' && *text <= '9'; text++) {
                n = n * 10 + (unsigned)(*text - '0');
                if (n > 65535)
                        return -1;
        }
        *ret = (uint16_t)n;
        return *text == '\0' ? 0 : -1;
}

int pic__nft_shape_parse(const char *value, pic__nft_shape *ret, pic_error **err)
{
        char net4[PIC__PREFIX_TEXT], net6[PIC__PREFIX_TEXT], port[8];
        pic__nft_shape s = { .port = 0 };
        const char *at = value;

        if (take_word(&at, "dev=", s.dev, sizeof(s.dev)) < 0 || take_word(&at, " net4=", net4, sizeof(net4)) < 0 ||
            take_word(&at, " net6=", net6, sizeof(net6)) < 0 || take_word(&at, " port=", port, sizeof(port)) < 0 ||
            *at != '\0')
                return pic__fail(err, PIC_INVALID, "nft: '%s' is no shape", value);
        if (!pic__nft_dev_ok(s.dev, strlen(s.dev)) || parse_net(net4, 4, &s.net4) < 0 ||
            parse_net(net6, 6, &s.net6) < 0 || parse_port(port, &s.port) < 0)
                return pic__fail(err, PIC_INVALID, "nft: '%s' is no shape", value);
        *ret = s;
        return 0;
}

/* Has rules of its own, and comes and goes. */
static int is_exit(const char *dev)
{
        return strncmp(dev, "picx", 4) == 0 && dev[4] >= '1' && dev[4] <= '9';
}

int pic__nft_shape_close(pic__nft_shape *shape, int family, const char *dev)
{
        pic__nft_closed *c = &shape->closed[shape->closed_count];

        if (strcmp(dev, shape->dev) == 0 || is_exit(dev))
                return 0;
        if (!pic__nft_dev_ok(dev, strlen(dev)) || shape->closed_count == PIC__NFT_CLOSED)
                return -1;
        c->family = family;
        snprintf(c->dev, sizeof(c->dev), "%s", dev);
        shape->closed_count++;
        return 0;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static void put_cell(const pic__prefix *net, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];
        pic__addr cell;

        if (pic__addr_add(&net->addr, 1, &cell) < 0)
                cell = net->addr;
        pic__buf_puts(out, pic__addr_print(&cell, text));
}

static void put_net(const pic__prefix *net, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];

        pic__buf_puts(out, pic__prefix_print(net, text));
}

/* Writes what stands for the name at `name`; returns the name's length. */
static size_t put_value(const pic__nft_shape *s, const char *name, pic__buf *out)
{
        pic__prefix links;

        if (strncmp(name, "dev", 3) == 0) {
                pic__buf_puts(out, s->dev);
                return 3;
        }
        if (strncmp(name, "names", 5) == 0) {
                pic__buf_putf(out, "%d", PIC__EXIT_PORT);
                return 5;
        }
        if (strncmp(name, "sieved", 6) == 0) {
                pic__buf_putf(out, "%d", PIC__SIEVED_PORT);
                return 6;
        }
        if (strncmp(name, "full", 4) == 0) {
                pic__buf_putf(out, "%d", PIC__FULL_PORT);
                return 4;
        }
        if (strncmp(name, "plain", 5) == 0) {
                pic__buf_putf(out, "%d", PIC__SERVICE_PORT);
                return 5;
        }
        if (strncmp(name, "doors", 5) == 0) {
                pic__buf_putf(out, "%d-%d", PIC__SERVICE_DOORS, PIC__SERVICE_DOORS + PIC__SERVICES_MAX - 1);
                return 5;
        }
        if (strncmp(name, "tls", 3) == 0) {
                pic__buf_putf(out, "%d", PIC__SERVICE_TLS_PORT);
                return 3;
        }
        if (strncmp(name, "net", 3) == 0) {
                put_net(name[3] == '4' ? &s->net4 : &s->net6, out);
                return 4;
        }
        if (strncmp(name, "link", 4) == 0) {
                pic__exit_links(name[4] - '0', &links);
                put_net(&links, out);
        } else {
                put_cell(name[4] == '4' ? &s->net4 : &s->net6, out);
        }
        return 5;
}

static void put_line(const pic__nft_shape *s, const char *line, pic__buf *out)
{
        const char *dollar;

        while ((dollar = strchr(line, '$')) != NULL) {
                pic__buf_put(out, line, (size_t)(dollar - line));
                line = dollar + 1;
                line += put_value(s, line, out);
        }
        pic__buf_puts(out, line);
        pic__buf_putc(out, '\n');
}

static size_t put_closed(const pic__nft_shape *s, pic__buf *out)
{
        size_t i;

        for (i = 0; i < s->closed_count; i++) {
                const pic__nft_closed *c = &s->closed[i];

                pic__buf_putf(out,
                              "\t\tmeta nfproto ipv%d iifname \"%s\" oifname != { \"%s\", \"%s\" } "
                              "ct state { new, invalid, untracked } ct status & dnat == 0 drop\n",
                              c->family, c->dev, s->dev, c->dev);
        }
        return s->closed_count;
}

static void put_lines(const pic__nft_shape *s, const char *const *lines, size_t count, pic__buf *out,
                      pic__nft_sizes *sizes)
{
        size_t i;

        for (i = 0; i < count; i++) {
                int opens = strncmp(lines[i], "chain ", 6) == 0, closes = lines[i][0] == '}';

                if (strcmp(lines[i], PIC__NFT_CLOSED_LINE) == 0) {
                        sizes->rules += put_closed(s, out);
                        continue;
                }
                pic__buf_puts(out, opens || closes ? "\t" : "\t\t");
                put_line(s, lines[i], out);
                sizes->chains += opens ? 1 : 0;
                sizes->rules += !opens && !closes && strncmp(lines[i], "type ", 5) != 0 ? 1 : 0;
        }
}

static void put_sets(const pic__nft_elem *elements, size_t count, pic__buf *out)
{
        size_t s, i;

        for (s = 0; s < PIC__NFT_SETS; s++) {
                const pic__nft_set *set = &pic__nft_sets[s];
                const char *between = "; elements = {\n\t\t";
                int is_map = set->data != 0;

                pic__buf_putf(out, "\t%s %s {\n\t\ttype %s", is_map ? "map" : "set", set->name, set->type);
                for (i = 0; i < count; i++) {
                        if (elements[i].set != set)
                                continue;
                        pic__buf_puts(out, between);
                        pic__nft_elem_text(&elements[i], out);
                        between = ",\n\t\t";
                }
                pic__buf_puts(out, between[0] == ',' ? " }\n\t}\n" : "\n\t}\n");
        }
}

static void put_counted(const char *name, pic__buf *out)
{
        pic__buf_putf(out, "\tset %s {\n\t\ttype mark; size 256; flags dynamic\n\t}\n", name);
}

/* First `add`, so that `delete` also works when there is none: all of it is one transaction. */
static void put_open(const pic__nft_shape *s, const char *what, pic__buf *out)
{
        pic__buf_puts(out, "add table inet " PIC__NFT_TABLE "\ndelete table inet " PIC__NFT_TABLE
                           "\ntable inet " PIC__NFT_TABLE " {\n");
        pic__buf_putf(out, "\tcomment \"%s dev=%s port=%u\"\n", what, s->dev, s->port);
}

void pic__nft_shape_text(const pic__nft_shape *shape, const pic__nft_elem *elements, size_t count, pic__buf *out,
                         pic__nft_sizes *ret_sizes)
{
        pic__nft_sizes sizes = { 0, 0, PIC__NFT_SETS + PIC__NFT_COUNTED };

        put_open(shape, "Personal Internet Cell:", out);
        put_sets(elements, count, out);
        put_counted(PIC__NFT_SENT, out);
        put_counted(PIC__NFT_RECEIVED, out);
        put_lines(shape, pic__nft_rules, pic__nft_rules_count, out, &sizes);
        pic__buf_puts(out, "}\n");
        if (ret_sizes != NULL)
                *ret_sizes = sizes;
}

void pic__nft_block_text(const pic__nft_shape *shape, pic__buf *out)
{
        pic__nft_sizes sizes = { 0, 0, 0 };

        pic__buf_puts(
                out,
                "# Made by libpic, loaded at boot before any interface is up: nothing passes until the agent runs.\n");
        put_open(shape, "Personal Internet Cell, blocked:", out);
        put_lines(shape, pic__nft_block_rules, pic__nft_block_rules_count, out, &sizes);
        pic__buf_puts(out, "}\n");
}
