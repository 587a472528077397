/* Owns: ways out by the Tor network: tor's transparent port takes what the namespace redirects to it, of both families;
 * its DNS port answers the exit's resolver and nobody else (one malformed datagram kills Debian's tor: seen with
 * 0.4.9.11 and libevent 2.1.12).
 *
 * tor runs without any capability, and under its own seccomp filter where it need not start a bridge's program.
 *
 * Names in .onion get an address of 198.18.0.0/15 or 2001:2::/64 (benchmarks, RFC 2544 and 5180: nobody's networks,
 * and of what devices call the internet), which tor takes for the name when a device connects to it.
 *
 * Of what it says of applications and directories only warnings are kept: for each connection that waits for a
 * directory it has a line each time another one comes (26 MB in two minutes were seen).
 *
 * All devices come from one address, so their streams may share circuits: an exit each is what keeps them apart. */
#include "backend/exit/tor.h"

#include <stdio.h>
#include <string.h>

#include "backend/exit/fault.h"
#include "backend/exit/keep.h"
#include "backend/exit/needs.h"
#include "model/connection.h"
#include "model/text.h"
#include "sys/file.h"

#define NAME "tor"
#define CONF "torrc"
#define LOG_TAIL 32768
#define GEOIP "/usr/share/tor/geoip"

/* --- bridges ------------------------------------------------------------------------------------------------------ */

/* What obfuscates, and by which program of Debian. It goes over TCP to the bridge's address. */
static const struct {
        const char *name, *program, *package;
} transports[] = {
        { "obfs4", "obfs4proxy", "obfs4proxy" },
        { "obfs3", "obfs4proxy", "obfs4proxy" },
        { "scramblesuit", "obfs4proxy", "obfs4proxy" },
        { "meek_lite", "obfs4proxy", "obfs4proxy" },
};

/* The next one of "BRIDGE; BRIDGE", without "Bridge" before it and blanks around it; 0: no more. */
static int next_bridge(const char **at, const char **ret, size_t *ret_len)
{
        while (**at != '\0') {
                const char *one = *at;
                size_t len = strcspn(one, ";");

                *at += len + (one[len] == ';');
                for (; len > 0 && *one == ' '; len--)
                        one++;
                if (len > 7 && strncmp(one, "Bridge ", 7) == 0) {
                        one += 7;
                        len -= 7;
                }
                while (len > 0 && one[len - 1] == ' ')
                        len--;
                if (len == 0)
                        continue;
                *ret = one;
                *ret_len = len;
                return 1;
        }
        return 0;
}

/* Number of its transport in the table; -1: none (the line begins with an address); -2: not known. */
static int transport_of(const char *bridge, size_t len)
{
        const char *blank = memchr(bridge, ' ', len);
        size_t word = blank != NULL ? (size_t)(blank - bridge) : len, i;

        for (i = 0; i < PIC__COUNT(transports); i++)
                if (strlen(transports[i].name) == word && memcmp(transports[i].name, bridge, word) == 0)
                        return (int)i;
        return memchr(bridge, ':', word) != NULL ? -1 : -2;
}

/* "ADDR:PORT", alone or behind the transport. */
static int check_far(const char *at, size_t len, int has_transport)
{
        char text[128], host[256];
        const char *blank;
        uint16_t port;
        pic__addr a;

        if (has_transport) {
                blank = memchr(at, ' ', len);
                if (blank == NULL)
                        return -1;
                len -= (size_t)(blank + 1 - at);
                at = blank + 1;
        }
        blank = memchr(at, ' ', len);
        snprintf(text, sizeof(text), "%.*s", (int)(blank != NULL ? blank - at : (long)len), at);
        return pic__endpoint_parse(text, host, &port) < 0 || pic__addr_parse(host, &a) < 0 ? -1 : 0;
}

static int check_bridges(const char *bridges, pic_error **err)
{
        const char *one;
        size_t len, count = 0;
        int r = 0;

        while (r == 0 && next_bridge(&bridges, &one, &len)) {
                int transport = transport_of(one, len);

                if (transport == -2) {
                        pic__fail(err, PIC_UNSUPPORTED, "bridge %zu: it is neither ADDRESS:PORT nor obfs4 ADDRESS:PORT",
                                  count + 1);
                        pic__hint(err, "snowflake and webtunnel cannot be carried; ask for bridges of obfs4");
                        return PIC_UNSUPPORTED;
                }
                if (check_far(one, len, transport >= 0) < 0)
                        return pic__fail(err, PIC_VALUE, "bridge %zu has no ADDRESS:PORT", count + 1);
                if (++count > PIC__BRIDGES_MAX)
                        return pic__fail(err, PIC_VALUE, "more than %d bridges", PIC__BRIDGES_MAX);
                r = transport >= 0
                            ? pic__exit_program(transports[transport].program, transports[transport].package, err)
                            : 0;
        }
        return r;
}

static int check(const pic__exit_conf *c, pic_error **err)
{
        const char *cc = c->country;
        int r;

        if (cc[0] != '\0') {
                if (strlen(cc) != 2 || pic__lower(cc[0]) < 'a' || pic__lower(cc[0]) > 'z' || pic__lower(cc[1]) < 'a' ||
                    pic__lower(cc[1]) > 'z')
                        return pic__fail(err, PIC_VALUE, "a country has two letters");
                if (!pic__file_exists(GEOIP)) {
                        pic__fail(err, PIC_UNSUPPORTED, "tor does not know which relay is in which country");
                        pic__hint(err, "apt-get install tor-geoipdb");
                        return PIC_UNSUPPORTED;
                }
        }
        r = check_bridges(c->bridges, err);
        return r < 0 ? r : pic__exit_program("tor", "tor", err);
}

/* --- texts ---------------------------------------------------------------------------------------------------------
 */

static const char fixed[] = "DataDirectory " PIC__EXIT_OWN_HOME "/tor\n"
                            "RunAsDaemon 0\n"
                            "Log [~app,~dir]notice warn stderr\n"
                            "LogTimeGranularity 1 second\n"
                            "SafeLogging 1\n"
                            "AvoidDiskWrites 1\n"
                            "ClientOnly 1\n"
                            "ClientUseIPv6 1\n"
                            "SocksPort 0\n"
                            "ControlPort 0\n"
                            "AutomapHostsOnResolve 1\n"
                            "AutomapHostsSuffixes .onion\n"
                            "VirtualAddrNetworkIPv4 198.18.0.0/15\n"
                            "VirtualAddrNetworkIPv6 [2001:2::]/64\n";

static void put_bridges(pic__buf *out, const char *bridges)
{
        const char *at = bridges, *one;
        unsigned used = 0;
        size_t len, i;

        while (next_bridge(&at, &one, &len)) {
                int transport = transport_of(one, len);

                pic__buf_puts(out, used == 0 ? "UseBridges 1\n" : "");
                pic__buf_puts(out, "Bridge ");
                pic__buf_put(out, one, len);
                pic__buf_putc(out, '\n');
                used |= transport >= 0 ? 1u << transport : 1u << 31;
        }
        for (i = 0; i < PIC__COUNT(transports); i++)
                if ((used & 1u << i) != 0)
                        pic__buf_putf(out, "ClientTransportPlugin %s exec /usr/bin/%s\n", transports[i].name,
                                      transports[i].program);
        /* While tor has no directory, each connection that comes puts off its next look for one by a second, so that
         * it never looks again where devices do not stop asking and the first look was in vain. Of who has chosen whom
         * to enter by it only tries those once more. This is everybody, so it chooses nothing (not beside bridges). */
        if (used == 0)
                pic__buf_puts(out, "EntryNodes *\n");
        /* Its filter lets it start no program. */
        pic__buf_putf(out, "Sandbox %d\n", (used & ~(1u << 31)) == 0);
}

void pic__tor_put(pic__buf *out, const pic__exit_conf *c)
{
        pic__buf_puts(out, fixed);
        pic__buf_putf(out, "TransPort 0.0.0.0:%d\nTransPort [::]:%d\nDNSPort 127.0.0.1:%d\n", PIC__EXIT_TCP_PORT,
                      PIC__EXIT_TCP_PORT, PIC__EXIT_DNS_PORT);
        if (c->country[0] != '\0')
                pic__buf_putf(out, "ExitNodes {%c%c}\nStrictNodes 1\n", pic__lower(c->country[0]),
                              pic__lower(c->country[1]));
        put_bridges(out, c->bridges);
}

/* --- files and processes --------------------------------------------------------------------------------------------
 */

static int files(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        int r = pic__exit_own_make(env, err);

        if (r == 0)
                r = pic__exit_kept(env, NAME, "tor", "state", err);
        if (r < 0)
                return r;
        pic__tor_put(&text, c);
        return text.failed ? pic__nomem(err) : pic__carrier_file(env, CONF, text.data, text.len, err);
}

/* It takes connections long before it can carry any. */
static int listens(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        (void)c;
        (void)err;
        return pic__carrier_listens(env, PIC__EXIT_TCP_PORT) == 1;
}

/* Its guards are remembered: one that begins with others after each boot meets a bad one sooner. */
static int stands(const pic__exit_conf *c, const pic__carrier_env *env)
{
        (void)c;
        pic__exit_keep(env, NAME, "tor/state");
        return 1;
}

static int processes(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                     pic_error **err)
{
        (void)c;
        (void)env;
        (void)max;
        (void)err;
        /* Debian's defaults are for its service: another user, ports of its own. */
        out[0] = (pic__process_spec){ .name = NAME,
                                      .argv = { NAME, "--defaults-torrc", "/dev/null", "-f", PIC__EXIT_HOME "/" CONF },
                                      .reads = { CONF },
                                      .ready = listens };
        return 1;
}

/* The probes come by that port, and it takes them whatever becomes of them. */
static const char *silent(const pic__exit_conf *c, const pic__carrier_env *env)
{
        (void)c;
        return pic__carrier_waits(env, PIC__EXIT_TCP_PORT) ? NAME : NULL;
}

/* --- what went wrong
 * -------------------------------------------------------------------------------------------------- */

static const pic__exit_fault faults[] = {
        { "Bootstrapped 100%", NULL, NULL, 0 },
        { "Our clock is", "the clock of this machine is wrong", "set it: tor needs the time within some minutes", 0 },
        { "clock is skewed", "the clock of this machine is wrong", "set it: tor needs the time within some minutes",
          0 },
        { "Received NETINFO cell with skewed time", "the clock of this machine is wrong",
          "set it: tor needs the time within some minutes", 0 },
        { "Proxy Client: unable to connect", "the bridge does not answer", "ask for other bridges", 0 },
        { "Managed proxy * terminated with status", "the bridges' program does not run", "is obfs4proxy installed?",
          0 },
        { "Problem bootstrapping. Stuck at * CONNECTREFUSED", "nobody of the Tor network answers",
          "use bridges, if the "
          "provider blocks it",
          0 },
        { "Problem bootstrapping. Stuck at", "nobody of the Tor network answers",
          "is the internet up? If the provider blocks Tor, use bridges", 0 },
        { "No available nodes when trying to choose node", "no relay fits what is asked for",
          "another country, or none", 0 },
        { "consensus has no exit nodes", "no relay that leads out is known", "wait, or another country", 0 },
        { "Failed to parse/validate config", "tor does not understand its configuration",
          "are the bridges written right?", 0 },
        { "Could not bind to", "another program has tor's port", NULL, 0 },
        { "Network is unreachable", "there is no way to the Tor network", "is the internet up?", 0 },
        { "Bootstrapped * (conn)", "it is still looking for the Tor network",
          "is the internet up? If the provider blocks Tor, use bridges", 0 },
        { "Bootstrapped", "it is still getting to know the Tor network", "wait", 0 },
};

int pic__tor_fault_in(const char *log, pic__buf *why)
{
        return pic__exit_fault_find(faults, PIC__COUNT(faults), log, why);
}

static void fault(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;

        (void)c;
        pic__carrier_log(env, NAME, LOG_TAIL, &log);
        pic__tor_fault_in(pic__buf_str(&log), why);
}

const pic__carrier pic__carrier_tor = {
        .type = "tor",
        .flags = PIC__CARRIER_TCP_ONLY | PIC__CARRIER_DNS | PIC__CARRIER_ANYWHERE | PIC__CARRIER_TCP_REMOTE |
                 PIC__CARRIER_HOLDS,
        .check = check,
        .files = files,
        .processes = processes,
        .stands = stands,
        .silent = silent,
        .fault = fault,
};
