/* Owns: public names on the command line: what there is beside adding and changing them. */
#include <stdio.h>
#include <string.h>

#include "cli/told.h"
#include "common/text.h"

/* --- pic help domains ----------------------------------------------------------------------------------------- */

static const char domains[] =
        "A domain is a name of the cell in the internet. Without one the cell's own names and its own CA are all it "
        "takes "
        "(pic help certificates). Inside the tunnel the name leads to the cell by itself, whatever the internet says; "
        "where the mode has all names below it, these too. The cell publishes its addresses where the mode can; "
        "certificates that everybody trusts come by http-01 (port 80 must reach the cell), or by dns-01 where the mode "
        "can change the zone. A mode is changed like any other field; what the new one cannot use is unset with it.";

static const struct {
        const char *left;
        const char *help;
} modes[] = {
        { "pic_ngo", "NAME.pic.ngo; no account: the cell's own key signs for it (addresses, dns-01, all names below)" },
        { "cloudflare", "a domain of your own there; --token-file (addresses, dns-01, all names below)" },
        { "duckdns", "NAME.duckdns.org; --token-file (addresses, dns-01, all names below)" },
        { "rfc2136", "any name server that takes signed updates; --server, --key-file (addresses, dns-01, all below)" },
        { "dyndns2", "no-ip, dyn, many routers' providers; --server, --user, --password-file (addresses)" },
        { "url", "any provider with an address to fetch; --url 'https://…{name}…{ip}' (addresses)" },
        { "exec",
          "a program of yours: --script; called as SCRIPT update NAME IPV4|- IPV6|-, or SCRIPT txt-set|txt-clear "
          "NAME TEXT, with the token on its standard input (addresses, dns-01, all names below). Only root may "
          "be able to write it, and the folders and links of its path" },
        { "http01", "you keep the name yourself; certificates for the name alone" },
};

int cli_domains_help(void)
{
        size_t i, width = cli_width() >= 40 ? cli_width() : 80;

        text_wrap(stdout, domains, 0, width);
        putchar('\n');
        for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
                cli_help_entry(stdout, modes[i].left, modes[i].help);
        puts("\n  pic domain add home.duckdns.org --mode duckdns --token-file token\n"
             "  pic domain add home.example.org --mode rfc2136 --server ns1.example.org --key-file home.key\n"
             "  pic domain set home.example.org --ddns no\n"
             "  pic cell set --endpoint home.example.org:51820");
        return EXIT_DONE;
}

/* --- status, publish ------------------------------------------------------------------------------------------ */

static void addresses_text(const char *label, const json_t *o)
{
        const char *v4 = told_str(o, "ipv4"), *v6 = told_str(o, "ipv6");

        printf("%s%s%s%s", label, v4, v4[0] != '\0' && v6[0] != '\0' ? ", " : "", v6);
        puts(v4[0] == '\0' && v6[0] == '\0' ? "none known" : "");
}

static void one_text(const json_t *d)
{
        static const char *const rows[][2] = { { "published", "published at  " }, { "tried", "tried at      " },
                                               { "next", "not before    " },      { "said", "they said     " },
                                               { "error", "trouble       " },     { "hint", "hint          " } };
        size_t i;

        printf("\n%s  %s: %s\n", told_str(d, "name"), told_str(d, "mode"), told_str(d, "state"));
        if (told_str(d, "published")[0] != '\0')
                addresses_text("  leads to      ", d);
        for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (told_str(d, rows[i][0])[0] != '\0')
                        printf("  %s%s\n", rows[i][1], told_str(d, rows[i][0]));
}

static void status_text(const json_t *t)
{
        const json_t *list = json_object_get(t, "domains"), *router = json_object_get(t, "router");
        size_t i;

        addresses_text("seen at       ", t);
        if (told_is(t, "behind") && told_str(t, "ipv4")[0] != '\0')
                printf("              a router's, as %s says: it %s\n", told_str(t, "asked"),
                       strcmp(told_str(router, "state"), "led") == 0
                               ? "leads the cell's UDP port here, asked to by the cell"
                               : "has to lead the cell's UDP port here");
        if (told_str(t, "above")[0] != '\0')
                printf("router        is itself behind another one: its address is %s\n", told_str(t, "above"));
        if (told_str(router, "why")[0] != '\0')
                printf("router        does not lead the port here: %s\n", told_str(router, "why"));
        if (told_str(t, "why")[0] != '\0')
                printf("trouble       %s\n", told_str(t, "why"));
        for (i = 0; i < json_array_size(list); i++)
                one_text(json_array_get(list, i));
        if (i == 0)
                puts("\nThere is no public name: pic help domains");
}

int cmd_domain_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_domain_status(cli->ctx, &report, &err) < 0 ? cli_fail(cli, err)
                                                              : told_answer(cli, report, status_text);
}

int cmd_domain_publish(struct cli *cli)
{
        const char *name = cli->word_count > 0 ? cli->words[0] : NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_domain_publish(cli->ctx, name, &report, &err) < 0 ? cli_fail(cli, err)
                                                                     : told_answer(cli, report, status_text);
}
