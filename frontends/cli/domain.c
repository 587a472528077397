/* Owns: public names on the command line: what there is beside adding and changing them. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
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
          "be able to write it" },
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
