/* Owns: ways out by any sshd: OpenSSH's dynamic forward (a SOCKS5 server on loopback) with redsocks in front of it.
 * TCP only, to IPv4 addresses; sshd itself may be at either family's.
 *
 * ssh gets a configuration file of ours and no other, no agent, no keys but ours, and forwards nothing but what we ask.
 * The host key is the only one that is taken: it is known under the name "exit", so that the far end may have any name
 * and address.
 *
 * A password is asked of SSH_ASKPASS, which has to be a program. There is none that prints a file and ignores its
 * argument, the prompt; and a script of ours could not be run where it would be (/run is mounted noexec in Debian).
 * bash, as every Debian has it, reads $BASH_ENV before it looks for the script it was asked to run: that file prints
 * the password and ends it. */
#include "backend/exit/ssh.h"

#include <string.h>

#include "backend/exit/fault.h"
#include "backend/exit/needs.h"
#include "backend/exit/redsocks.h"

#define NAME "ssh"
#define CONF "ssh.conf"
#define HOSTS "known_hosts"
#define KEY "key"
#define PASSWORD "password"
#define ASKPASS "askpass"
#define LOG_TAIL 16384

/* --- texts ----------------------------------------------------------------------------------------------------- */

/* Not a word of it comes from the connection. Dead after two unanswered questions: 4 to 6 s. */
static const char fixed[] = "        AddressFamily any\n"
                            "        ConnectTimeout 10\n"
                            "        ServerAliveInterval 2\n"
                            "        ServerAliveCountMax 2\n"
                            "        TCPKeepAlive no\n"
                            "        LogLevel VERBOSE\n"
                            "        HostKeyAlias exit\n"
                            "        UserKnownHostsFile " PIC__EXIT_HOME "/" HOSTS "\n"
                            "        GlobalKnownHostsFile none\n"
                            "        StrictHostKeyChecking yes\n"
                            "        CheckHostIP no\n"
                            "        UpdateHostKeys no\n"
                            "        VerifyHostKeyDNS no\n"
                            "        IdentitiesOnly yes\n"
                            "        IdentityAgent none\n"
                            "        GSSAPIAuthentication no\n"
                            "        HostbasedAuthentication no\n"
                            "        NumberOfPasswordPrompts 1\n"
                            "        ExitOnForwardFailure yes\n"
                            "        GatewayPorts no\n"
                            "        PermitRemoteOpen none\n"
                            "        ForwardAgent no\n"
                            "        ForwardX11 no\n"
                            "        Tunnel no\n"
                            "        PermitLocalCommand no\n"
                            "        ProxyCommand none\n"
                            "        CanonicalizeHostname no\n"
                            "        ControlMaster no\n"
                            "        ControlPath none\n"
                            "        SessionType none\n"
                            "        StdinNull yes\n"
                            "        RequestTTY no\n"
                            "        EscapeChar none\n"
                            "        IPQoS none\n";

static const char *yes(int on)
{
        return on ? "yes" : "no";
}

void pic__ssh_put(pic__buf *out, const pic__exit_conf *c, const pic__exit_place *far)
{
        int key = c->key[0] != '\0', password = c->password[0] != '\0';
        char addr[PIC__ADDR_TEXT];

        /* The key is repeated here so that another one is another configuration. */
        pic__buf_putf(out, "# %s\nHost exit\n        HostName %s\n        Port %u\n", c->host_key,
                      pic__addr_print(&far->addr, addr), far->port);
        pic__buf_puts(out, fixed);
        pic__buf_putf(out, "        DynamicForward 127.0.0.1:%d\n", PIC__EXIT_SOCKS_PORT);
        pic__buf_putf(out, "        IdentityFile %s\n", key ? PIC__EXIT_HOME "/" KEY : "none");
        pic__buf_putf(out, "        PubkeyAuthentication %s\n", yes(key));
        pic__buf_putf(out, "        PasswordAuthentication %s\n", yes(password));
        pic__buf_putf(out, "        KbdInteractiveAuthentication %s\n", yes(password));
        pic__buf_putf(out, "        BatchMode %s\n", yes(!password));
}

static const char *const key_types[] = { "ssh-ed25519",
                                         "ecdsa-sha2-nistp256",
                                         "ecdsa-sha2-nistp384",
                                         "ecdsa-sha2-nistp521",
                                         "ssh-rsa",
                                         "sk-ssh-ed25519@openssh.com",
                                         "sk-ecdsa-sha2-nistp256@openssh.com" };

static int is_key_type(const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(key_types); i++)
                if (strlen(key_types[i]) == len && memcmp(key_types[i], text, len) == 0)
                        return 1;
        return 0;
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int pic__ssh_put_host_key(pic__buf *out, const char *host_key, pic_error **err)
{
        const char *type = host_key + strspn(host_key, " "), *key;
        size_t type_len = strcspn(type, " "), len;

        if (!is_key_type(type, type_len)) { /* a line of known_hosts: names come first */
                type += type_len + strspn(type + type_len, " ");
                type_len = strcspn(type, " ");
        }
        key = type + type_len + strspn(type + type_len, " ");
        len = strspn(key, base64);
        len += strspn(key + len, "=");
        if (!is_key_type(type, type_len) || len < 32 || (key[len] != '\0' && key[len] != ' ')) {
                pic__fail(err, PIC_VALUE, "the host key is not TYPE BASE64");
                pic__hint(err, "`ssh-keyscan -p PORT HOST` shows the keys that it has now; compare with one you know");
                return PIC_VALUE;
        }
        pic__buf_putf(out, "exit %.*s %.*s\n", (int)type_len, type, (int)len, key);
        return 0;
}

/* OpenSSH's own format begins with its name, a NUL, and the name of the cipher, in base64; "none" is this. */
#define OPEN_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define OPEN_NONE "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA"

int pic__ssh_locked(const char *key)
{
        const char *begin = strstr(key, OPEN_BEGIN);

        if (begin == NULL)
                return strstr(key, "ENCRYPTED") != NULL;
        begin += strlen(OPEN_BEGIN);
        begin += strspn(begin, "\r\n");
        return strncmp(begin, OPEN_NONE, strlen(OPEN_NONE)) != 0;
}

/* --- check ----------------------------------------------------------------------------------------------------- */

/* ssh itself refuses these in a name (they end in commands of other people's configuration). */
static int check_user(const char *user, pic_error **err)
{
        const unsigned char *at;

        if (user[0] == '\0')
                return pic__fail(err, PIC_VALUE, "ssh needs a user");
        for (at = (const unsigned char *)user; *at != '\0'; at++)
                if (*at <= ' ' || *at == 0x7f || strchr("'`\"$;&<>|(){}", *at) != NULL ||
                    (*at == '\\' && at[1] == '\0')) /* DOMAIN\user is one */
                        return pic__fail(err, PIC_VALUE,
                                         "ssh takes no blank, quote, bracket or $ in the user, and no \\ at its end");
        return user[0] == '-' ? pic__fail(err, PIC_VALUE, "ssh takes no user that begins with -") : 0;
}

static int check_secrets(const pic__exit_conf *c, pic_error **err)
{
        const unsigned char *at;

        if (c->key[0] == '\0' && c->password[0] == '\0')
                return pic__fail(err, PIC_VALUE, "ssh needs a key or a password");
        for (at = (const unsigned char *)c->password; *at != '\0'; at++)
                if (*at < ' ' || *at == 0x7f)
                        return pic__fail(err, PIC_VALUE, "the password may not have line ends or control characters");
        if (c->key[0] == '\0')
                return 0;
        if (strstr(c->key, "PRIVATE KEY-----") == NULL)
                return pic__fail(err, PIC_VALUE, "the key is not a private key of OpenSSH");
        if (pic__ssh_locked(c->key) && c->password[0] == '\0') {
                pic__fail(err, PIC_VALUE, "the key has a passphrase");
                pic__hint(err, "give it as password, or a key without one (ssh-keygen -p)");
                return PIC_VALUE;
        }
        return 0;
}

static int check(const pic__exit_conf *c, pic_error **err)
{
        pic__auto_buf pic__buf hosts = PIC__BUF_INIT;
        char host[256];
        uint16_t port;
        int r = 0;

        if (pic__endpoint_parse(c->endpoint, host, &port) < 0)
                return pic__fail(err, PIC_VALUE, "the endpoint of ssh is HOST:PORT");
        if (c->host_key[0] == '\0') {
                pic__fail(err, PIC_VALUE, "ssh needs the far end's host key");
                pic__hint(err, "`ssh-keyscan -p PORT HOST` shows the keys that it has now; compare with one you know");
                return PIC_VALUE;
        }
        r = pic__ssh_put_host_key(&hosts, c->host_key, err);
        if (r == 0)
                r = check_user(c->user, err);
        if (r == 0)
                r = check_secrets(c, err);
        if (r == 0)
                r = pic__exit_program("redsocks", "redsocks", err);
        return r < 0 ? r : pic__exit_program(NAME, "openssh-client", err);
}

/* --- files and processes ---------------------------------------------------------------------------------------- */

/* OpenSSL refuses a key whose last line does not end, and one with carriage returns. */
static int key_file(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const char *at;

        for (at = c->key; *at != '\0'; at++)
                if (*at != '\r')
                        pic__buf_putc(&text, *at);
        if (text.len > 0 && text.data[text.len - 1] != '\n')
                pic__buf_putc(&text, '\n');
        return text.failed ? pic__nomem(err) : pic__carrier_file(env, KEY, text.data, text.len, err);
}

static int secret_files(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        static const char askpass[] = "printf '%s\\n' \"$(<" PIC__EXIT_HOME "/" PASSWORD ")\"\nexit 0\n";
        int r = key_file(c, env, err);

        if (r == 0)
                r = pic__carrier_file(env, PASSWORD, c->password, strlen(c->password), err);
        return r < 0 ? r : pic__carrier_file(env, ASKPASS, askpass, sizeof(askpass) - 1, err);
}

static int redirector_file(const pic__carrier_env *env, pic_error **err)
{
        static const pic__addr loopback = { 4, { 127, 0, 0, 1 } };
        pic__redsocks r = {
                .protocol = "socks5", .addr = &loopback, .port = PIC__EXIT_SOCKS_PORT, .user = "", .password = ""
        };

        return pic__redsocks_file(env, &r, err);
}

static int files(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_buf pic__buf conf = PIC__BUF_INIT, hosts = PIC__BUF_INIT;
        int r;

        if (c->remote.count == 0)
                return 0;
        pic__ssh_put(&conf, c, &c->remote.at[0]);
        r = pic__ssh_put_host_key(&hosts, c->host_key, err);
        if (r == 0 && (conf.failed || hosts.failed))
                r = pic__nomem(err);
        if (r == 0)
                r = pic__carrier_file(env, CONF, conf.data, conf.len, err);
        if (r == 0)
                r = pic__carrier_file(env, HOSTS, hosts.data, hosts.len, err);
        if (r == 0)
                r = secret_files(c, env, err);
        return r < 0 ? r : redirector_file(env, err);
}

/* It listens when the far end has let it in. */
static int listens(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        (void)c;
        (void)err;
        return pic__carrier_listens(env, PIC__EXIT_SOCKS_PORT) == 1;
}

static int processes(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                     pic_error **err)
{
        const char *user = pic__arena_dup(env->arena, c->user, strlen(c->user));

        (void)max;
        if (c->remote.count == 0)
                return 0;
        if (user == NULL)
                return pic__nomem(err);
        out[0] = (pic__process_spec){ .name = NAME,
                                      .argv = { NAME, "-F", PIC__EXIT_HOME "/" CONF, "-l", user, "exit" },
                                      .env = { "SSH_ASKPASS=/bin/bash", "SSH_ASKPASS_REQUIRE=force",
                                               "BASH_ENV=" PIC__EXIT_HOME "/" ASKPASS },
                                      .reads = { CONF, KEY, PASSWORD },
                                      .ready = listens };
        pic__redsocks_process(&out[1]);
        return 2;
}

static const char *silent(const pic__exit_conf *c, const pic__carrier_env *env)
{
        const char *redirector = pic__redsocks_silent(env);

        (void)c;
        return redirector != NULL || !pic__carrier_waits(env, PIC__EXIT_SOCKS_PORT) ? redirector : NAME;
}

/* --- what went wrong --------------------------------------------------------------------------------------------- */

static const pic__exit_fault faults[] = {
        { "Authenticated to *using", NULL, NULL, 0 },
        { "Host key for exit has changed", "the far end has another host key than the one that is set",
          "find out why; if it is right, set the new host_key", 0 },
        { "host key is known for exit", "the far end has no host key of the type that is set",
          "set one of its host keys (`ssh-keyscan -p PORT HOST` shows them)", 0 },
        { "no matching host key type found", "the far end has no host key of a type that is taken",
          "set one of its host keys (`ssh-keyscan -p PORT HOST` shows them)", 0 },
        { "Unable to negotiate with", "the far end is too old: no cipher in common", "its sshd has to be renewed", 0 },
        { "incorrect passphrase supplied", "the password does not open the key", "set the key's passphrase", 0 },
        { "error in libcrypto", "the key cannot be read", "set the key anew: a private key of OpenSSH", 0 },
        { "invalid format", "the key cannot be read", "set the key anew: a private key of OpenSSH", 0 },
        { "Permission denied (", "the far end does not let us in",
          "is the user right, and does it know the key or take the password?", 0 },
        { "Too many authentication failures", "the far end does not let us in", "is the key one that it knows?", 0 },
        { "administratively prohibited", "the far end does not let us forward connections",
          "its sshd needs AllowTcpForwarding yes", 0 },
        { "during banner exchange", "what answers there is no sshd", "is the port right?", 0 },
        { "ssh: connect to host *Connection refused", "nobody listens at the far end's address and port",
          "is sshd running, and is the port right?", 0 },
        { "ssh: connect to host *Connection timed out", "the far end does not answer", "is it reachable from here?",
          0 },
        { "ssh: connect to host *No route to host", "the far end does not answer", "is it reachable from here?", 0 },
        { "ssh: connect to host *Network is unreachable", "there is no way to the far end", "is the internet up?", 0 },
        { "Timeout, server * not responding", "the far end does not answer any more", "is it reachable from here?", 0 },
        { "kex_exchange_identification", "the far end hangs up at once",
          "its sshd may refuse this address (fail2ban, MaxStartups), or another service has the port", 0 },
        { "Connection closed by", "the far end hung up", NULL, 1 },
        { "Connection reset by", "the far end hung up", NULL, 1 },
        { "Broken pipe", "the far end hung up", NULL, 1 },
        { "Bad configuration option", "ssh does not understand its configuration", "please report it", 0 },
        { "No user exists for uid", "ssh does not run for a user without a name", "please report it", 0 },
        { "cannot listen to port", "another program has the tunnel's port", NULL, 0 },
};

int pic__ssh_fault_in(const char *log, pic__buf *why)
{
        return pic__exit_fault_find(faults, PIC__COUNT(faults), log, why);
}

static void fault(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;

        (void)c;
        pic__carrier_log(env, NAME, LOG_TAIL, &log);
        if (!pic__ssh_fault_in(pic__buf_str(&log), why) && pic__carrier_listens(env, PIC__EXIT_SOCKS_PORT) == 1)
                pic__redsocks_fault(env, why);
}

const pic__carrier pic__carrier_ssh = {
        .type = "ssh",
        .flags = PIC__CARRIER_TCP_ONLY | PIC__CARRIER_TCP_REMOTE | PIC__CARRIER_HOLDS,
        .check = check,
        .files = files,
        .processes = processes,
        .silent = silent,
        .fault = fault,
};
