/* Owns: the exit's own name server: one small unbound that asks the cell for the cell's names and everything else
 * through the exit. Started anew when its text changes: there is nothing in it to lose but a cache. Samples of the
 * text: tests/golden/exit. */
#include <string.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "model/domain.h"
#include "model/own.h"
#include "sys/file.h"

#define CONF "unbound.conf"
#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"

/* The three about dead servers: with unbound's defaults one that is silent means no answer at all for a minute. */
static const char fixed[] = "        directory: \"" PIC__EXIT_HOME "\"\n"
                            "        username: \"\"\n"
                            "        chroot: \"\"\n"
                            "        pidfile: \"\"\n"
                            "        do-daemonize: no\n"
                            "        use-syslog: no\n"
                            "        logfile: \"\"\n"
                            "        verbosity: 0\n"
                            "        num-threads: 1\n"
                            "        so-reuseport: no\n"
                            "        msg-cache-size: 1m\n"
                            "        msg-cache-slabs: 1\n"
                            "        rrset-cache-size: 2m\n"
                            "        rrset-cache-slabs: 1\n"
                            "        key-cache-size: 256k\n"
                            "        key-cache-slabs: 1\n"
                            "        neg-cache-size: 64k\n"
                            "        infra-cache-numhosts: 500\n"
                            "        infra-cache-slabs: 1\n"
                            "        infra-host-ttl: 1\n" /* backend/dns/README.md */
                            "        outgoing-range: 128\n"
                            "        num-queries-per-thread: 128\n"
                            "        incoming-num-tcp: 128\n"
                            "        outgoing-num-tcp: 32\n"
                            "        outbound-msg-retry: 1\n"
                            "        hide-identity: yes\n"
                            "        hide-version: yes\n"
                            "        deny-any: yes\n"
                            "        qname-minimisation: yes\n"
                            "        harden-glue: yes\n"
                            "        harden-large-queries: yes\n"
                            "        harden-short-bufsize: yes\n"
                            "        unwanted-reply-threshold: 10000\n";

static const char *text_of(const pic__addr *a, char text[PIC__ADDR_TEXT])
{
        return pic__addr_print(a, text);
}

static int tls_servers(const pic__exit_conf *c)
{
        size_t i;

        for (i = 0; i < c->dns.count; i++)
                if (c->dns.at[i].tls[0] == '\0')
                        return 0;
        return c->dns.count > 0;
}

static void put_listen(pic__buf *out, const pic__exit_conf *c)
{
        const pic__addr *both[] = { &c->exit4, &c->exit6 };
        char text[PIC__ADDR_TEXT];
        size_t i;

        if (pic__exit_sieved(c))
                pic__buf_putf(out,
                              "        interface: 127.0.0.1@%u\n        interface-action: 127.0.0.1@%u allow\n"
                              "        proxy-protocol-port: %u\n",
                              PIC__SIEVE_PORT, PIC__SIEVE_PORT, PIC__SIEVE_PORT);
        for (i = 0; i < 2 && !pic__exit_sieved(c); i++)
                pic__buf_putf(out, "        interface: %s\n        interface-action: %s allow\n",
                              text_of(both[i], text), text_of(both[i], text));
        pic__buf_puts(out, "        ip-freebind: yes\n");
}

/* Servers of a provider often cannot tell signatures, and Tor's never: what they say is believed, as far as they are
 * reached through the exit. */
static void put_modules(pic__buf *out, const pic__exit_conf *c, unsigned flags, const char *root_key)
{
        int validate = root_key != NULL && (flags & PIC__CARRIER_DNS) == 0 && (c->dns.count == 0 || tls_servers(c));

        pic__buf_putf(out, "        module-config: \"%siterator\"\n", validate ? "validator " : "");
        if (validate)
                pic__buf_putf(out, "        trust-anchor-file: \"%s\"\n", root_key);
        if (tls_servers(c))
                pic__buf_puts(out, "        tls-cert-bundle: \"" CA_FILE "\"\n");
}

/* The cell's names in the internet lead to the cell from here too. What is beside them is asked for by the exit. */
static void put_publics(pic__buf *out, const pic__exit_conf *c)
{
        char text[PIC__ADDR_TEXT];
        pic__public p;
        size_t i, k;

        for (i = 0; i < c->public_names.count; i++) {
                (void)pic__public_parse(c->public_names.at[i], &p); /* was read before */
                pic__buf_putf(out, "        local-zone: \"%s.\" %s\n", p.name, p.wild ? "redirect" : "typetransparent");
                for (k = 0; k < p.count; k++)
                        pic__buf_putf(out, "        local-data: \"%s. 60 %s %s\"\n", p.name,
                                      p.at[k].family == 4 ? "A" : "AAAA", text_of(&p.at[k], text));
        }
}

/* The owner's records of names in others' zones. */
static void put_owns(pic__buf *out, const pic__exit_conf *c)
{
        pic__own o;
        size_t i;

        for (i = 0; i < c->own.count; i++) {
                (void)pic__own_parse(c->own.at[i], &o); /* was read before */
                pic__buf_putf(out, "        local-zone: \"%s.\" transparent\n", o.name);
                pic__own_lines(out, &o);
        }
}

/* A name out there may not lead into the networks here, nor to who asks (rebinding). */
static void put_zones(pic__buf *out, const pic__exit_conf *c, unsigned flags)
{
        const char *prefix;
        size_t i;

        for (i = 0; (prefix = pic__prefix_inside(i)) != NULL; i++)
                pic__buf_putf(out, "        private-address: %s\n", prefix);
        for (i = 0; i < c->zones.count; i++)
                pic__buf_putf(out,
                              "        local-zone: \"%s.\" transparent\n        private-domain: \"%s.\"\n        "
                              "domain-insecure: \"%s.\"\n",
                              c->zones.at[i], c->zones.at[i], c->zones.at[i]);
        put_publics(out, c);
        put_owns(out, c);
        if ((flags & PIC__CARRIER_DNS) != 0)
                pic__buf_puts(out, "        local-zone: \"onion.\" nodefault\n        private-domain: \"onion.\"\n"
                                   "        do-not-query-localhost: no\n");
}

static void put_forwards(pic__buf *out, const pic__exit_conf *c, unsigned flags)
{
        int tls = tls_servers(c);
        char text[PIC__ADDR_TEXT];
        size_t i;

        for (i = 0; i < c->zones.count; i++)
                pic__buf_putf(out,
                              "forward-zone:\n        name: \"%s.\"\n        forward-addr: %s\n        "
                              "forward-no-cache: yes\n",
                              c->zones.at[i], text_of(&c->cell4, text));
        if ((flags & PIC__CARRIER_DNS) != 0) {
                pic__buf_putf(out, "forward-zone:\n        name: \".\"\n        forward-addr: 127.0.0.1@%d\n",
                              PIC__EXIT_DNS_PORT);
                return;
        }
        if (c->dns.count == 0)
                return; /* it asks the root and finds its own way */
        pic__buf_puts(out, "forward-zone:\n        name: \".\"\n");
        if (tls)
                pic__buf_puts(out, "        forward-tls-upstream: yes\n");
        for (i = 0; i < c->dns.count; i++) {
                const pic__exit_place *p = &c->dns.at[i];

                pic__buf_putf(out, "        forward-addr: %s@%u", text_of(&p->addr, text),
                              p->port != 0 ? p->port
                              : tls        ? 853
                                           : 53);
                if (tls)
                        pic__buf_putf(out, "#%s", p->tls);
                pic__buf_putc(out, '\n');
        }
}

void pic__resolver_conf(pic__buf *out, const pic__exit_conf *c, unsigned flags, const char *root_key)
{
        int slow = (flags & PIC__CARRIER_TCP_ONLY) != 0;

        pic__buf_puts(out, "# Made by pic at each start; changes are lost.\nserver:\n");
        pic__buf_puts(out, fixed);
        pic__buf_putf(out, "        infra-cache-max-rtt: %d\n        unknown-server-time-limit: %d\n",
                      slow ? 3000 : 500, slow ? 1500 : 300);
        if (slow && (flags & PIC__CARRIER_DNS) == 0)
                pic__buf_puts(out, "        tcp-upstream: yes\n");
        put_listen(out, c);
        put_modules(out, c, flags, root_key);
        put_zones(out, c, flags);
        pic__buf_puts(out, "remote-control:\n        control-enable: no\n");
        put_forwards(out, c, flags);
}

/* As Debian's dns-root-data has it, and as unbound-anchor keeps it. */
static const char *root_key(void)
{
        static const char *const files[] = { "/usr/share/dns/root.key", "/var/lib/unbound/root.key" };
        size_t i;

        for (i = 0; i < PIC__COUNT(files); i++)
                if (pic__file_exists(files[i]))
                        return files[i];
        return NULL;
}

int pic__resolver_files(const pic__exit_space *s, const pic__exit_conf *c, const pic__carrier *carrier, pic_error **err)
{
        pic__carrier_env env = pic__space_env(s, NULL);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__resolver_conf(&text, c, carrier->flags, root_key());
        if (text.failed)
                return pic__nomem(err);
        env.user = pic__space_user(s, 1);
        return pic__carrier_file(&env, CONF, text.data, text.len, err);
}

void pic__resolver_spec(pic__process_spec *ret)
{
        *ret = (pic__process_spec){ .name = "names",
                                    .argv = { "unbound", "-d", "-p", "-c", PIC__EXIT_HOME "/" CONF, NULL },
                                    .reads = { CONF, NULL },
                                    .is_resolver = 1 };
}
