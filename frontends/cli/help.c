/* Owns: help and version: made from the command table and the field tables. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

#define LEFT 26 /* where what a word means begins */

static const char grants[] =
        "A grant says what a device, or each device of a group, may reach. Several are separated by commas; nothing is "
        "reachable but what is granted. The cell's names, time and portal always are.";

static const struct {
        const char *left;
        const char *help;
} grant_forms[] = {
        { "internet", "everything that is not private, special, the cell's own or a network of this machine" },
        { "lan", "private networks beyond this machine, and those it is attached to, whatever their addresses" },
        { "peers", "all other devices" },
        { "peer:NAME", "one device" },
        { "group:NAME", "the devices of a group" },
        { "service:NAME", "a web server behind the cell's front (pic service add): its ports 80 and 443; no other "
                          "grant means its address" },
        { "PREFIX", "a network or an address: 192.168.1.0/24, [fd00::]/64" },
        { "PREFIX:PROTO[/PORT[-PORT]]", "a service there: 192.168.1.10:tcp/445, [fd00::5]:udp/53; tcp, udp or icmp" },
};

static const char exits[] =
        "A connection is a way out of the cell: a device whose exit it is reaches the internet by it and by nothing "
        "else, names included; while it is down the device is cut off, unless --failopen yes was chosen. A device's "
        "own exit counts, else that of its groups, else the cell's; 'direct' is none, '' is what the next one says.";

static const struct {
        const char *left;
        const char *help;
} exit_forms[] = {
        { "wireguard, openvpn", "a provider's file: pic connection import FILE; both families, TCP and UDP" },
        { "ssh", "any sshd where we have an account; TCP over IPv4" },
        { "proxy", "SOCKS5, or HTTP CONNECT; TCP over IPv4" },
        { "tor", "TCP of both families" },
        { "group", "the first of its members that works" },
        { "block", "nothing leaves" },
};

static const char assertions[] =
        "An assertion is a rule that every state must keep: a change that breaks one is refused, with a packet that "
        "shows "
        "it; --override REASON makes it all the same. FROM is a device's NAME, group:NAME or peers, TO a grant. With a "
        "way "
        "(TO internet, or a destination) it is about what leaves, as it was wished: an exit that is down at the moment "
        "breaks nothing, since nothing leaves by another one; fail-open does, because it lets out directly.";

static const struct {
        const char *left;
        const char *help;
} assertion_forms[] = {
        { "never FROM -> TO", "nothing of it passes" },
        { "always FROM -> TO", "all of it passes" },
        { "… via direct", "never: nothing leaves without an exit, nor by fail-open; always: all leaves so" },
        { "… via NAME", "never: nothing leaves by that connection, also as member of a group; always: all may, and "
                        "leaves by it alone, or goes nowhere" },
        { "never … unless via NAME", "what leaves does so by it alone, or goes nowhere" },
};

static const char users[] =
        "A user logs in to the web page, and programs by tokens of a user. What each may do is its role; only an admin "
        "makes users and tokens. Passwords are hashed and sealed: nobody reads them back, and an undo brings none "
        "back.";

static const struct {
        const char *left;
        const char *help;
} user_forms[] = {
        { "admin", "everything but what is a person's own" },
        { "operator", "looks, and changes devices, groups, exits and rules; sees no secrets, no users" },
        { "viewer", "looks at all that is no secret" },
        { "peer", "own --devices: their configuration once, their traffic, an exit among --exits; own password" },
        { "metrics", "a token's scope: reads /metrics, nothing else" },
};

static const char certificates[] =
        "The cell has a certificate authority of its own: once a device trusts its root (pic cert root; the web page's "
        "/trust has the steps), pages of machines with a certificate of the cell show a lock. The root may vouch for "
        "the "
        "cell's domain and networks, and for what --ca-zones of the cell adds, and for nothing else. Keys are shown "
        "once; "
        "certificates are renewed by the cell, and fetched by the host. A public CA (--issuer acme) vouches for names "
        "of "
        "the cell's domains (pic help domains), each of which brings a certificate with it: pic cert status. What was "
        "revoked or removed stays so: an undo issues it anew. The public CA is told of a revocation, until it knows; "
        "of "
        "a removal with --revoke only: without it what it issued stays good until it ends.";

static const struct {
        const char *left;
        const char *help;
} certificate_forms[] = {
        { "nas", "nas.CELL.DOMAIN: a single word is the cell's own" },
        { "nas.CELL", "the same" },
        { "*.apps", "each name one word longer than apps.CELL.DOMAIN" },
        { "printer.lan", "when the cell has --ca-zones lan" },
        { "nas.home.internal.", "with a dot at its end: just that" },
        { "ADDRESS", "one of the cell's networks" },
};

static size_t line(void)
{
        size_t width = cli_width();

        return width >= 40 ? width : 80;
}

static void entry(FILE *out, const char *left, const char *help)
{
        size_t at = 2 + text_width(left);

        fprintf(out, "  %s", left);
        if (at + 2 > LEFT) {
                fputc('\n', out);
                at = 0;
        }
        fprintf(out, "%*s", (int)(LEFT - at), "");
        text_wrap(out, help, LEFT, line());
}

void cli_help_entry(FILE *out, const char *left, const char *help)
{
        entry(out, left, help);
}

static void option_entry(FILE *out, const char *name, const char *value, const char *help)
{
        char left[96];
        size_t i;

        snprintf(left, sizeof(left), "--%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");
        for (i = 2; left[i] != '\0' && left[i] != ' '; i++)
                if (left[i] == '_')
                        left[i] = '-';
        entry(out, left, help);
}

/* Of many choices the option's own line says what they are, and its text which. */
#define CHOICES_MAX ((size_t)48)

static void spell(const char *choices, const char *help, char *ret, size_t size)
{
        size_t at = 0;

        for (; *choices != '\0' && at + 3 < size; choices++) {
                ret[at++] = *choices == '|' ? ',' : *choices;
                if (*choices == '|')
                        ret[at++] = ' ';
        }
        snprintf(ret + at, size - at, ": %s", help);
}

static void field_entries(FILE *out, const struct command *command)
{
        const char *kind = command->kind;
        int granted = 0;
        size_t i;

        for (i = 0; i < pic_field_count(kind); i++) {
                const char *choices = pic_field_ref(kind, i) == NULL ? pic_field_choices(kind, i) : NULL;
                const char *place = cli_is_secret(kind, i) ? "FILE" : pic_field_placeholder(kind, i);
                const char *def = pic_field_default(kind, i);
                char help[512], text[256], option[64];

                if (!cli_is_option(command, i))
                        continue;
                snprintf(text, sizeof(text), "%s", pic_field_help(kind, i));
                if (choices != NULL && place != NULL && strlen(choices) > CHOICES_MAX) {
                        spell(choices, pic_field_help(kind, i), text, sizeof(text));
                        choices = NULL;
                }
                snprintf(help, sizeof(help), "%s%s%s%s%s", text, cli_is_secret(kind, i) ? " ('-': standard input)" : "",
                         def != NULL ? " (default " : "", def != NULL ? def : "", def != NULL ? ")" : "");
                option_entry(out, cli_field_option(kind, i, option),
                             choices != NULL ? choices
                             : place != NULL ? place
                                             : "TEXT",
                             help);
                granted |= strcmp(pic_field_type(kind, i), "grant") == 0;
        }
        if (granted)
                fputs("\n'pic help grants' tells what a GRANT is.\n", out);
}

int cli_takes_fields(const struct command *c)
{
        static int (*const without[])(struct cli * cli) = { cmd_list,
                                                            cmd_show,
                                                            cmd_peer_show,
                                                            cmd_remove,
                                                            cmd_object_history,
                                                            cmd_connection_list,
                                                            cmd_connection_show,
                                                            cmd_connection_remove,
                                                            cmd_cert_export,
                                                            cmd_cert_renew,
                                                            cmd_cert_revoke,
                                                            cmd_cert_remove };
        size_t i;

        for (i = 0; i < sizeof(without) / sizeof(without[0]); i++)
                if (c->run == without[i])
                        return 0;
        return c->kind != NULL;
}

int cli_is_option(const struct command *c, size_t field)
{
        if (!cli_takes_fields(c) || (pic_field_flags(c->kind, field) & PIC_FIELD_SYSTEM) != 0)
                return 0;
        return (c->run != cmd_add && c->run != cmd_connection_import && c->run != cmd_user_add &&
                c->run != cmd_token_add && c->run != cmd_cert_issue) ||
               strcmp(pic_field_name(c->kind, field), "name") != 0; /* it has its own place */
}

static void command_entry(FILE *out, const struct command *c, const char *before)
{
        char left[96];

        snprintf(left, sizeof(left), "%s%s%s%s%s%s%s", before, cli_in_dns(c->noun) ? "dns " : "",
                 c->noun != NULL ? c->noun : "", c->noun != NULL ? " " : "", c->verb, c->args[0] != '\0' ? " " : "",
                 c->args);
        entry(out, left, c->help);
}

/* Those of some commands, as far as this one honours them (NULL: all), or those of every command. */
static void some_globals(FILE *out, const struct command *command, const char *title, int of_some)
{
        const struct option_info *o;
        int any = 0;

        for (o = cli_globals; o->name != NULL; o++) {
                unsigned bit = cli_heed(o->name);
                int with_file = command != NULL && (command->heeds >> HEEDS_BITS & ~command->heeds & bit) != 0;
                char help[160];

                if ((bit != 0) != of_some || (command != NULL && !cli_takes_global(command, o)))
                        continue;
                if (!any++)
                        fprintf(out, "\n%s\n", title);
                snprintf(help, sizeof(help), "%s%s%s%s", with_file ? "with --" : "",
                         with_file ? cli_heeds_with(command) : "", with_file ? ": " : "",
                         bit == HEEDS_EXIT && command != NULL && !cli_may_heed(command, "plan")
                                 ? "exit status 3 when there is a difference" /* of what only looks */
                                 : o->help);
                option_entry(out, o->name, o->value, help);
        }
}

static void globals(FILE *out, const struct command *command)
{
        some_globals(out, command, command != NULL ? "Options of a change" : "Options of what changes the cell", 1);
        some_globals(out, command, "Options of every command", 0);
}

static void overview(FILE *out)
{
        const struct command *c;

        fputs("pic: a Personal Internet Cell\n\n"
              "  pic init --name home --endpoint home.example.org:51820\n"
              "  systemctl enable --now picd       (or, without systemd: picd &)\n"
              "  pic peer add phone --access internet --qr\n\nCommands\n",
              out);
        for (c = cli_commands; c->verb != NULL; c++)
                if (c->help != NULL)
                        command_entry(out, c, "");
        globals(out, NULL);
        fputc('\n', out);
        text_wrap(out,
                  "'pic help COMMAND' tells its options, 'pic help grants' what a device may be granted, 'pic help "
                  "exits' by which way it leaves, 'pic help assertions' what can be held, 'pic help users' who may log "
                  "in, 'pic help certificates' how pages get a lock, 'pic help domains' names in the internet. Exit "
                  "status: 0 done, 1 "
                  "refused or failed, 2 usage.",
                  0, line());
}

void cli_help(FILE *out, const struct command *command)
{
        const struct option_info *o;

        if (command == NULL) {
                overview(out);
                return;
        }
        fprintf(out, "pic %s%s%s%s%s%s\n  ", cli_in_dns(command->noun) ? "dns " : "",
                command->noun != NULL ? command->noun : "", command->noun != NULL ? " " : "", command->verb,
                command->args[0] != '\0' ? " " : "", command->args);
        text_wrap(out, command->help != NULL ? command->help : "", 2, line());
        if (cli_takes_fields(command)) {
                fputs("\nFields\n", out);
                field_entries(out, command);
        }
        if (command->options != NULL && command->options->name != NULL)
                fputs("\nOptions\n", out);
        for (o = command->options; o != NULL && o->name != NULL; o++)
                option_entry(out, o->name, o->value, o->help);
        globals(out, command);
}

static void json_grants(void)
{
        size_t i;

        fputs("{\"help\":", stdout);
        text_json(stdout, grants);
        for (i = 0; i < sizeof(grant_forms) / sizeof(grant_forms[0]); i++) {
                fputs(i > 0 ? ",{\"grant\":" : ",\"grants\":[{\"grant\":", stdout);
                text_json(stdout, grant_forms[i].left);
                fputs(",\"help\":", stdout);
                text_json(stdout, grant_forms[i].help);
                putchar('}');
        }
        puts("]}");
}

static int grants_help(const struct cli *cli)
{
        size_t i;

        if (cli->json) {
                json_grants();
                return EXIT_DONE;
        }
        text_wrap(stdout, grants, 0, line());
        putchar('\n');
        for (i = 0; i < sizeof(grant_forms) / sizeof(grant_forms[0]); i++)
                entry(stdout, grant_forms[i].left, grant_forms[i].help);
        puts("\n  pic peer set phone --access internet,192.168.1.10:tcp/445\n"
             "  pic group set kids --access internet\n"
             "  pic why phone 192.168.1.10:tcp/445");
        return EXIT_DONE;
}

/* As text only: all of it is in the fields' help too. */
static int exits_help(void)
{
        size_t i;

        text_wrap(stdout, exits, 0, line());
        putchar('\n');
        for (i = 0; i < sizeof(exit_forms) / sizeof(exit_forms[0]); i++)
                entry(stdout, exit_forms[i].left, exit_forms[i].help);
        puts("\n  pic connection import mullvad.conf far\n"
             "  pic connection add home --type ssh --endpoint nas.example.org:22 \\\n"
             "    --user me --key-file id_ed25519 --host-key 'ssh-ed25519 AAAA…'\n"
             "  pic connection add best --type group --members far,home\n"
             "  pic peer set phone --exit best\n"
             "  pic peer list; pic why phone internet\n"
             "  pic connection list; pic connection test best\n"
             "  pic connection remove far --to direct");
        return EXIT_DONE;
}

static int assertions_help(void)
{
        size_t i;

        text_wrap(stdout, assertions, 0, line());
        putchar('\n');
        for (i = 0; i < sizeof(assertion_forms) / sizeof(assertion_forms[0]); i++)
                entry(stdout, assertion_forms[i].left, assertion_forms[i].help);
        puts("\n  pic assertion add offline --rule 'never group:kids -> lan'\n"
             "  pic assertion add closed --rule 'never group:kids -> internet via direct'\n"
             "  pic assertion add work --rule 'always anna -> 203.0.113.0/24 via office'\n"
             "  pic assertion add only --rule 'never peers -> internet unless via vpn'");
        return EXIT_DONE;
}

static int users_help(void)
{
        size_t i;

        text_wrap(stdout, users, 0, line());
        putchar('\n');
        for (i = 0; i < sizeof(user_forms) / sizeof(user_forms[0]); i++)
                entry(stdout, user_forms[i].left, user_forms[i].help);
        puts("\n  pic user add anna --role admin\n"
             "  pic user add ben --role peer --devices bens-phone --exits direct,vpn\n"
             "  pic user totp anna\n"
             "  pic user passkey list anna            (they are added in the web page)\n"
             "  pic user reset anna                   (a forgotten password)\n"
             "  pic token add graphs --user anna --scope metrics\n"
             "  pic session list");
        return EXIT_DONE;
}

static int certificates_help(void)
{
        size_t i;

        text_wrap(stdout, certificates, 0, line());
        putchar('\n');
        for (i = 0; i < sizeof(certificate_forms) / sizeof(certificate_forms[0]); i++)
                entry(stdout, certificate_forms[i].left, certificate_forms[i].help);
        puts("\n  pic cert root\n"
             "  pic cert issue nas --output nas.pem --key-output nas.key\n"
             "  pic cert issue web --names web,www --key-mode kept\n"
             "  pic cert export nas --output nas.pem  (renewed: the key stays)\n"
             "  pic cert revoke nas");
        return EXIT_DONE;
}

/* Is the command what the words name? A noun names all of its commands, nothing names all. */
static int is_named(const struct command *c, const char *first, const char *second)
{
        if (c->help == NULL)
                return 0;
        if (first == NULL)
                return 1;
        first = cli_noun(first);
        if (c->noun == NULL)
                return strcmp(c->verb, first) == 0 &&
                       (second == NULL || strstr(c->args, second) != NULL); /* log level */
        if (strcmp(first, "dns") == 0 && cli_in_dns(c->noun))
                return second == NULL || strcmp(c->noun, second) == 0;
        return strcmp(c->noun, first) == 0 && (second == NULL || strcmp(c->verb, second) == 0);
}

static void json_option(const char *name, const char *value, const char *help, int *comma)
{
        fputs(*comma ? ",{\"name\":" : "{\"name\":", stdout);
        text_json(stdout, name);
        fputs(",\"value\":", stdout);
        text_json(stdout, value);
        fputs(",\"help\":", stdout);
        text_json(stdout, help);
        putchar('}');
        *comma = 1;
}

static void json_command(const struct command *c)
{
        const struct option_info *o;
        char option[64];
        int comma = 0;
        size_t i;

        fputs("{\"noun\":", stdout);
        text_json(stdout, c->noun);
        fputs(",\"verb\":", stdout);
        text_json(stdout, c->verb);
        fputs(",\"args\":", stdout);
        text_json(stdout, c->args);
        fputs(",\"help\":", stdout);
        text_json(stdout, c->help);
        fputs(",\"options\":[", stdout);
        for (i = 0; c->kind != NULL && i < pic_field_count(c->kind); i++)
                if (cli_is_option(c, i))
                        json_option(cli_is_secret(c->kind, i) ? cli_field_option(c->kind, i, option)
                                                              : pic_field_name(c->kind, i),
                                    cli_is_secret(c->kind, i) ? "FILE" : pic_field_placeholder(c->kind, i),
                                    pic_field_help(c->kind, i), &comma);
        for (o = c->options; o != NULL && o->name != NULL; o++)
                json_option(o->name, o->value, o->help, &comma);
        fputs("],\"heeds\":[", stdout);
        for (o = cli_globals, comma = 0; o->name != NULL; o++)
                if (cli_heed(o->name) != 0 && cli_may_heed(c, o->name))
                        json_option(o->name, o->value, o->help, &comma);
        fputs("]}", stdout);
}

static void json_help(const char *first, const char *second)
{
        const struct command *c;
        int comma = 0;

        putchar('[');
        for (c = cli_commands; c->verb != NULL; c++) {
                if (!is_named(c, first, second))
                        continue;
                if (comma++)
                        putchar(',');
                json_command(c);
        }
        puts("]");
}

/* How many commands the words name, and the last of them. */
static size_t count_named(const char *first, const char *second, const struct command **ret_last)
{
        const struct command *c;
        size_t count = 0;

        for (c = cli_commands; c->verb != NULL; c++) {
                if (!is_named(c, first, second))
                        continue;
                *ret_last = c;
                count++;
        }
        return count;
}

/* What is no command. */
static int topic_help(struct cli *cli, const char *first, const char *second)
{
        if (second == NULL && strcmp(first, "grants") == 0)
                return grants_help(cli);
        if (second == NULL && strcmp(first, "exits") == 0)
                return exits_help();
        if (second == NULL && strcmp(first, "assertions") == 0)
                return assertions_help();
        if (second == NULL && strcmp(first, "users") == 0)
                return users_help();
        if (second == NULL && strcmp(first, "certificates") == 0)
                return certificates_help();
        if (second == NULL && strcmp(first, "domains") == 0)
                return cli_domains_help();
        return cli_unknown_command(cli, first, second);
}

int cmd_help(struct cli *cli)
{
        const struct command *c, *last = NULL;
        const char *first = cli->word_count > 0 ? cli->words[0] : NULL;
        const char *second = cli->word_count > 1 ? cli->words[1] : NULL;
        size_t count = count_named(first, second, &last);

        if (count == 0)
                return topic_help(cli, first, second);
        if (cli->json) {
                json_help(first, second);
                return EXIT_DONE;
        }
        if (first == NULL || count == 1) {
                cli_help(stdout, first != NULL ? last : NULL);
                return EXIT_DONE;
        }
        for (c = cli_commands; c->verb != NULL; c++)
                if (is_named(c, first, second))
                        command_entry(stdout, c, "pic ");
        return EXIT_DONE;
}

/* What this build can do is in the JSON: a person asks the doctor. */
int cmd_version(struct cli *cli)
{
        static const char *const features[] = { "world.fake",   "world.real",  "wg.kernel",
                                                "wg.userspace", "dns.unbound", "qr.png" };
        size_t i;

        if (!cli->json) {
                printf("pic %s\n", pic_version());
                return EXIT_DONE;
        }
        printf("{\"version\":\"%s\",\"features\":{", pic_version());
        for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
                printf("%s\"%s\":%s", i > 0 ? "," : "", features[i], pic_has_feature(features[i]) ? "true" : "false");
        puts("}}");
        return EXIT_DONE;
}
