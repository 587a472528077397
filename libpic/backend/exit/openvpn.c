/* Owns: ways out by an OpenVPN server.
 *
 * openvpn runs without any capability: the device is there before it, persistent and its user's, and it sets neither
 * addresses nor routes (--ifconfig-noexec, --route-noexec). What the server gives is read from the management socket
 * and set by us: one address of each family, never more; all that leaves goes through the tunnel whatever routes were
 * pushed; pushed name servers are what the resolver asks. A family that the server does not give is refused at once.
 *
 * Whether the far end answers is no condition of a change: it is ready when it is connected, and settled then. */
#include "backend/exit/openvpn.h"

#include <stdio.h>
#include <string.h>

#include "backend/exit/fault.h"
#include "backend/exit/needs.h"
#include "backend/exit/ovpn_state.h"
#include "sys/file.h"

#define NAME "openvpn"
#define CONF "openvpn.conf"
#define AUTH "auth"
#define SOCKET PIC__EXIT_OWN "/mgmt"
#define PUSHED "pushed"
#define LOG_TAIL 32768
#define FILE_MAX 8192
#define DONE "Initialization Sequence Completed"

/* --- texts ------------------------------------------------------------------------------------------------------- */

/* Behind the profile, so that the last word is ours. With several far ends it goes on to the next one after 5 s. Who is
 * not let in ends (no auth-retry), and is started again with our back-off: not every second for ever. A silent far end
 * is dialled anew after 30 s, unless it says another number: the agent's probes see to it that none is silent. */
static const char ours[] = "client\n"
                           "dev " PIC__EXIT_DEVICE "\n"
                           "dev-type tun\n"
                           "disable-dco\n"
                           "nobind\n"
                           "persist-tun\n"
                           "persist-key\n"
                           "ifconfig-noexec\n"
                           "route-noexec\n"
                           "script-security 0\n"
                           "auth-nocache\n"
                           "resolv-retry 0\n"
                           "connect-retry 1 8\n"
                           "server-poll-timeout 5\n"
                           "ping 10\n"
                           "ping-restart 30\n"
                           "management " PIC__EXIT_HOME "/" SOCKET " unix\n"
                           "management-log-cache 400\n"
                           "suppress-timestamps\n"
                           "verb 3\n";

static void put_remote(pic__buf *out, const pic__exit_place *p)
{
        char addr[PIC__ADDR_TEXT];
        int four = p->addr.family == 4;

        pic__buf_putf(out, "remote %s %u %s\n", pic__addr_print(&p->addr, addr), p->port,
                      p->proto == 6 ? four ? "tcp4-client" : "tcp6-client"
                      : four        ? "udp4"
                                    : "udp6");
}

void pic__openvpn_put(pic__buf *out, const pic__exit_conf *c)
{
        size_t i;

        pic__buf_puts(out, c->profile);
        if (out->len > 0 && out->data[out->len - 1] != '\n')
                pic__buf_putc(out, '\n');
        pic__buf_puts(out, ours);
        if (c->user[0] != '\0')
                pic__buf_puts(out, "auth-user-pass " PIC__EXIT_HOME "/" AUTH "\n");
        for (i = 0; i < c->remote.count; i++)
                put_remote(out, &c->remote.at[i]);
}

/* --- check ------------------------------------------------------------------------------------------------------- */

/* The reader of profiles lets through what it knows to be harmless (`dev tun` too: of two, the last one counts); these
 * would undo what is said above. */
static const char *const never[] = { "remote",
                                     "proto",
                                     "port",
                                     "dev-node",
                                     "plugin",
                                     "up",
                                     "down",
                                     "ipchange",
                                     "route-up",
                                     "route-pre-down",
                                     "tls-verify",
                                     "iproute",
                                     "config",
                                     "cd",
                                     "chroot",
                                     "user",
                                     "group",
                                     "daemon",
                                     "log",
                                     "log-append",
                                     "writepid",
                                     "status",
                                     "script-security",
                                     "engine",
                                     "mark",
                                     "local",
                                     "learn-address",
                                     "secret",
                                     "askpass",
                                     "http-proxy",
                                     "socks-proxy",
                                     "lport",
                                     "bind",
                                     "route",
                                     "route-ipv6",
                                     "pkcs11-id",
                                     "tmp-dir",
                                     "client-connect",
                                     "auth-user-pass-verify",
                                     "connection",
                                     "<connection>" };

static int forbidden(const char *line)
{
        size_t len, i;

        line += strncmp(line, "--", 2) == 0 ? 2 : 0;
        len = strcspn(line, " \t\r\n");
        if (len >= 10 && strncmp(line, "management", 10) == 0)
                return 1;
        for (i = 0; i < PIC__COUNT(never); i++)
                if (strlen(never[i]) == len && strncmp(line, never[i], len) == 0)
                        return 1;
        return 0;
}

int pic__openvpn_check_profile(const char *profile, pic_error **err)
{
        char close[48] = "";
        const char *line;
        int number = 1;

        for (line = profile; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n', number++) {
                size_t len = strcspn(line, ">\n");

                if (close[0] != '\0') {
                        if (strncmp(line, close, strlen(close)) == 0)
                                close[0] = '\0';
                } else if (line[strspn(line, " \t")] != '\0' && forbidden(line + strspn(line, " \t"))) {
                        return pic__fail(err, PIC_VALUE, "line %d of the profile cannot be carried", number);
                } else if (line[0] == '<' && line[len] == '>') {
                        snprintf(close, sizeof(close), "</%.*s>", (int)(len - 1), line + 1);
                }
        }
        return 0;
}

static int has_line(const char *text, const char *word)
{
        const char *at = text;

        while ((at = strstr(at, word)) != NULL) {
                char after = at[strlen(word)];

                if ((at == text || at[-1] == '\n') && (after == '\0' || strchr(" \t\r\n", after) != NULL))
                        return 1;
                at++;
        }
        return 0;
}

static int check(const pic__exit_conf *c, pic_error **err)
{
        int r;

        if (c->profile[0] == '\0')
                return pic__fail(err, PIC_VALUE, "openvpn needs a profile: import one");
        if (strpbrk(c->user, "\r\n") != NULL || strpbrk(c->password, "\r\n") != NULL)
                return pic__fail(err, PIC_VALUE, "user and password may not have line ends");
        if (c->user[0] == '\0' && (c->password[0] != '\0' || has_line(c->profile, "auth-user-pass"))) {
                pic__fail(err, PIC_VALUE, "the profile wants a user and a password");
                pic__hint(err, "pic connection set %s --user NAME --password-file FILE", c->name);
                return PIC_VALUE;
        }
        r = pic__openvpn_check_profile(c->profile, err);
        return r < 0 ? r : pic__exit_program("openvpn", "openvpn", err);
}

/* --- files and processes ------------------------------------------------------------------------------------------ */

static int files(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_wipe pic__buf conf = PIC__BUF_SECRET, auth = PIC__BUF_SECRET;
        int r;

        if (c->remote.count == 0)
                return 0;
        pic__openvpn_put(&conf, c);
        pic__buf_putf(&auth, "%s\n%s\n", c->user, c->password);
        if (conf.failed || auth.failed)
                return pic__nomem(err);
        r = pic__exit_own_make(env, err);
        if (r == 0)
                r = pic__carrier_file(env, CONF, conf.data, conf.len, err);
        return r < 0 ? r : pic__carrier_file(env, AUTH, auth.data, auth.len, err);
}

static int state_of(const pic__carrier_env *env, pic__ovpn_state *s, pic_error **err)
{
        const char *path = pic__carrier_path(env, SOCKET);

        return path != NULL ? pic__ovpn_state_get(path, s, err) : pic__nomem(err);
}

/* What was pushed, from its memory or, when that has lost it, from ours. */
static void recall(const pic__carrier_env *env, pic__ovpn_state *s)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *path = pic__carrier_path(env, PUSHED);
        pic__ovpn_state kept;

        if (s->pushed) {
                pic__ovpn_state_put(&text, s);
                if (!text.failed)
                        (void)pic__carrier_file(env, PUSHED, text.data, text.len, NULL); /* it is tried again */
        } else if (path != NULL && pic__file_read(path, FILE_MAX, &text, NULL) == 0 &&
                   pic__ovpn_state_read(pic__buf_str(&text), &kept, NULL) == 0) {
                memcpy(s->dns, kept.dns, sizeof(s->dns));
                s->dns_count = kept.dns_count;
                s->mtu = kept.mtu;
        }
}

static const char *last_of(const char *text, const char *word)
{
        const char *last = NULL, *at = text;

        while ((at = strstr(at, word)) != NULL)
                last = at++;
        return last;
}

/* Not connected, as the log says it. A log with neither that nor DONE is full of our own questions: it may be. */
int pic__openvpn_dials(const char *log)
{
        static const char *const marks[] = { "OpenVPN 2.", "process restarting", "process exiting" };
        const char *done = last_of(log, DONE);
        size_t i;

        for (i = 0; i < PIC__COUNT(marks); i++) {
                const char *at = last_of(log, marks[i]);

                if (at != NULL && (done == NULL || at > done))
                        return 1;
        }
        return 0;
}

/* Each question makes lines in its log, and this is asked ten times a second while nobody answers: only when the log
 * says that it may be worth it. */
static int connected(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;
        pic__ovpn_state s;

        (void)c;
        (void)err;
        pic__carrier_log(env, NAME, LOG_TAIL, &log);
        return !pic__openvpn_dials(pic__buf_str(&log)) && state_of(env, &s, NULL) == 0 && s.connected;
}

static int processes(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                     pic_error **err)
{
        (void)env;
        (void)max;
        (void)err;
        if (c->remote.count == 0)
                return 0;
        out[0] = (pic__process_spec){ .name = NAME,
                                      .argv = { NAME, "--config", PIC__EXIT_HOME "/" CONF },
                                      .reads = { CONF, AUTH },
                                      .ready = connected };
        return 1;
}

/* The same files: it goes on with what it has. */
static int change(const pic__exit_conf *from, const pic__exit_conf *to, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_wipe pic__buf was = PIC__BUF_SECRET, is = PIC__BUF_SECRET;

        (void)env;
        pic__openvpn_put(&was, from);
        pic__openvpn_put(&is, to);
        if (was.failed || is.failed)
                return pic__nomem(err);
        return strcmp(pic__buf_str(&was), pic__buf_str(&is)) == 0 && strcmp(from->user, to->user) == 0 &&
               strcmp(from->password, to->password) == 0;
}

/* --- what the far end gave -----------------------------------------------------------------------------------------
 */

static unsigned mtu_of(const pic__exit_conf *c, const pic__ovpn_state *s)
{
        if (c->mtu != 0)
                return c->mtu;
        return s->mtu != 0 && s->mtu < PIC__OPENVPN_MTU ? s->mtu : PIC__OPENVPN_MTU;
}

/* A family without an address has no route into the tunnel, and is refused then; nor is there one between two
 * addresses: a flow that began there would have the link's for good. */
static int set_family(const pic__carrier_env *env, int family, const pic__addr *a, pic_error **err)
{
        /* -force: there may be no route to delete. What came of it is looked at behind. */
        const char *const argv[] = { "ip", family == 4 ? "-4" : "-6", "-force", "-batch", "-", NULL };
        pic__auto_buf pic__buf batch = PIC__BUF_INIT;
        char text[PIC__ADDR_TEXT];
        int r;

        pic__buf_puts(&batch,
                      "route del default dev " PIC__EXIT_DEVICE "\naddr flush dev " PIC__EXIT_DEVICE " scope global\n");
        if (a->family != 0)
                pic__buf_putf(&batch,
                              "addr add %s/%d dev " PIC__EXIT_DEVICE "%s\nroute replace default dev " PIC__EXIT_DEVICE
                              "\n",
                              pic__addr_print(a, text), family == 4 ? 32 : 128, family == 4 ? "" : " nodad");
        if (batch.failed)
                return pic__nomem(err);
        r = pic__carrier_run(env, argv, batch.data, batch.len, NULL, NULL);
        return r == PIC_BACKEND ? 0 : r < 0 ? pic__fail(err, r, "the tunnel's addresses cannot be set") : 0;
}

static int set_up(const pic__exit_conf *c, const pic__carrier_env *env, const pic__ovpn_state *s, pic_error **err)
{
        char mtu[16];
        const char *const argv[] = { "ip", "link", "set", "dev", PIC__EXIT_DEVICE, "mtu", mtu, NULL };
        int r;

        snprintf(mtu, sizeof(mtu), "%u", mtu_of(c, s));
        r = pic__carrier_run(env, argv, NULL, 0, NULL, err);
        if (r == 0)
                r = set_family(env, 4, &s->local4, err);
        return r < 0 ? r : set_family(env, 6, &s->local6, err);
}

static int has_addr(const char *shown, const pic__addr *a)
{
        char want[PIC__ADDR_TEXT + 8], text[PIC__ADDR_TEXT];

        if (a->family == 0)
                return 1;
        snprintf(want, sizeof(want), " %s/", pic__addr_print(a, text));
        return strstr(shown, want) != NULL;
}

/* 1: the device has what was given; 0: not. */
static int is_set(const pic__carrier_env *env, const pic__ovpn_state *s, pic_error **err)
{
        static const char *const argv[] = { "ip", "-o", "addr", "show", "dev", PIC__EXIT_DEVICE, NULL };
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        int r = pic__carrier_run(env, argv, NULL, 0, &shown, err);

        if (r < 0)
                return r;
        return has_addr(pic__buf_str(&shown), &s->local4) && has_addr(pic__buf_str(&shown), &s->local6);
}

static int settle(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__ovpn_state s;
        int r;

        if (c->remote.count == 0)
                return 0;
        r = state_of(env, &s, err);
        if (r == 0 && !s.connected)
                r = pic__fail(err, PIC_BADSTATE, "openvpn is not connected any more");
        if (r == 0) {
                recall(env, &s);
                r = set_up(c, env, &s, err);
        }
        if (r == 0)
                r = is_set(env, &s, err);
        return r < 0 ? r : r ? 0 : pic__fail(err, PIC_BACKEND, "the tunnel's addresses cannot be set");
}

/* When it is connected again it may have got other addresses. That it is not connected is no fault of the space's. */
static int stands(const pic__exit_conf *c, const pic__carrier_env *env)
{
        pic__ovpn_state s;

        if (c->remote.count == 0 || state_of(env, &s, NULL) < 0 || !s.connected)
                return 1;
        return is_set(env, &s, NULL) != 0;
}

/* Its management socket answers whatever the far end does. */
static const char *silent(const pic__exit_conf *c, const pic__carrier_env *env)
{
        pic__ovpn_state s;

        return c->remote.count > 0 && state_of(env, &s, NULL) == PIC_TIMEOUT ? NAME : NULL;
}

/* What it was told of name servers. */
static size_t told_dns(const pic__exit_conf *c, const pic__carrier_env *env, pic__exit_place *out, size_t max)
{
        pic__ovpn_state s;

        if (c->remote.count == 0 || state_of(env, &s, NULL) < 0 || !s.connected)
                return 0;
        recall(env, &s);
        if (max > s.dns_count)
                max = s.dns_count;
        memcpy(out, s.dns, max * sizeof(*out));
        return max;
}

/* --- what went wrong -----------------------------------------------------------------------------------------------
 */

#define PROFILE "import the profile anew"
#define CIPHERS "set data-ciphers in the profile, and import it anew"
#define SILENT "is it up, and does it still take these keys?"

static const pic__exit_fault faults[] = {
        { DONE, NULL, NULL, 0 },
        { "cipher negotiation failed", "no cipher in common", CIPHERS, 0 },
        { "can't ask for 'Enter Auth Username", "the profile wants a user and a password", "set user and password", 0 },
        { "AUTH_FAILED", "the far end does not take user and password", "set user and password anew", 0 },
        { "VERIFY ERROR: * error=certificate has expired", "the far end's certificate has expired",
          "ask the provider, or look at the clock of this machine", 0 },
        { "VERIFY ERROR: * error=certificate is not yet valid", "the far end's certificate is of the future",
          "look at the clock of this machine", 0 },
        { "VERIFY ERROR", "the far end's certificate is not of the profile's authority", PROFILE, 0 },
        { "VERIFY X509NAME ERROR", "the far end has another name than the profile says", PROFILE, 0 },
        { "VERIFY KU ERROR", "the far end's certificate is none of a server", PROFILE, 0 },
        { "VERIFY EKU ERROR", "the far end's certificate is none of a server", PROFILE, 0 },
        { "tls-crypt unwrap error", "the profile's tls-crypt key is not the far end's", PROFILE, 0 },
        { "packet HMAC authentication failed", "the profile's tls-auth key is not the far end's", PROFILE, 0 },
        { "private key password", "the profile's key has a passphrase", "take it off: openssl pkey", 0 },
        { "key values mismatch", "the profile's key does not belong to its certificate", PROFILE, 0 },
        { "ca md too weak", "the profile's certificates are too weak for this openvpn", "ask the provider for new ones",
          0 },
        { "ee key too small", "the profile's certificates are too weak for this openvpn",
          "ask the provider for new ones", 0 },
        { "PEM routines", "something in the profile cannot be read", PROFILE, 0 },
        { "Cannot load ", "something in the profile cannot be read", PROFILE, 1 },
        { "tls_process_server_hello:unsupported protocol", "the far end is too old: no TLS version in common", NULL,
          0 },
        { "alert certificate expired", "our certificate has expired", "ask the provider for a new profile", 0 },
        { "alert unknown ca", "the far end does not know our certificate", PROFILE, 0 },
        { "alert bad certificate", "the far end does not take our certificate", "ask the provider for a new profile",
          0 },
        { "alert handshake failure", "nothing in common to encrypt with", NULL, 0 },
        { "failed to negotiate cipher", "no cipher in common", CIPHERS, 0 },
        { "cipher * not allowed", "no cipher in common", CIPHERS, 0 },
        { "Options error", "openvpn does not understand the profile", PROFILE, 0 },
        { "Cannot open TUN/TAP dev", "the tunnel's device cannot be opened", "is there /dev/net/tun?", 0 },
        { "Cannot ioctl TUNSETIFF", "the tunnel's device cannot be opened", "please report it", 0 },
        { "Connection refused", "nobody listens at the far end's address and port", "is it up, and the port right?",
          0 },
        { "TLS key negotiation failed", "the far end does not answer", SILENT, 0 },
        { "Server poll timeout", "the far end does not answer", SILENT, 1 },
        { "Inactivity timeout", "the far end does not answer any more", "is it reachable from here?", 0 },
        { "Connection reset, restarting", "the far end hung up", SILENT, 1 },
        { "TLS handshake failed", "no agreement with the far end", PROFILE, 1 },
        { "failed: Connection timed out", "the far end does not answer", SILENT, 0 },
        { "No route to host", "the far end does not answer", "is it reachable from here?", 0 },
        { "Network is unreachable", "there is no way to the far end", "is the internet up?", 0 },
};

int pic__openvpn_fault_in(const char *log, pic__buf *why)
{
        return pic__exit_fault_find(faults, PIC__COUNT(faults), log, why);
}

static void fault(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;

        (void)c;
        pic__carrier_log(env, NAME, LOG_TAIL, &log);
        pic__openvpn_fault_in(pic__buf_str(&log), why);
}

const pic__carrier pic__carrier_openvpn = {
        .type = "openvpn",
        .flags = PIC__CARRIER_TUN | PIC__CARRIER_HOLDS,
        .check = check,
        .files = files,
        .processes = processes,
        .settle = settle,
        .change = change,
        .stands = stands,
        .dns = told_dns,
        .silent = silent,
        .fault = fault,
};
