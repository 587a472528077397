/* Owns: what an alert may be: where it is sent, when it is quiet, what it is about. */
#include "model/alert.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/net.h"
#include "model/snap_check.h"
#include "model/text.h"

#define FORM "must be https://…, ntfy://HOST/TOPIC, smtp://HOST[:PORT] or smtps://HOST[:PORT]"
#define DAY (24 * 60)

const struct pic__alert_event_info pic__alert_events[PIC__ALERT_EVENT_COUNT] = {
#define PIC__X(id, name, title, tag) [PIC__ALERT_##id] = { name, title, tag },
        PIC__ALERT_EVENTS(PIC__X)
#undef PIC__X
};

int pic__alert_event_find(const char *name)
{
        int i;

        for (i = 0; i < PIC__ALERT_EVENT_COUNT; i++)
                if (strcmp(pic__alert_events[i].name, name) == 0)
                        return i;
        return -1;
}

/* --- where to --------------------------------------------------------------------------------------------------- */

static int check_host(const char *host, int bracket)
{
        pic__addr a;

        if (pic__addr_parse(host, &a) == 0)
                return a.family == (bracket ? 6 : 4) ? 0 : -1;
        return bracket || !pic__hostname_ok(host) ? -1 : 0;
}

/* "" or ":PORT" */
static int check_port(const char *text)
{
        long number;

        return *text == '\0' || (*text == ':' && pic__decimal(text + 1, 1, 65535, &number) == 0) ? 0 : -1;
}

/* HOST, [V6], with or without :PORT; `self` is told by the way. */
static int check_place(const char *place, int *ret_self)
{
        char host[256];
        size_t bracket = place[0] == '[', len = strcspn(place, bracket ? "]" : ":");

        if (len <= bracket || len >= sizeof(host) || (bracket && place[len] != ']'))
                return -1;
        memcpy(host, place + bracket, len - bracket);
        host[len - bracket] = '\0';
        *ret_self = strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
        return check_port(place + len + bracket) < 0 ? -1 : check_host(host, (int)bracket);
}

static int is_topic(const char *text)
{
        size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

        return len > 0 && len <= 64 && text[len] == '\0';
}

/* Printable ASCII without blanks and quotes: it stands in lines and in requests. */
static int is_plain(const char *text)
{
        for (; *text != '\0'; text++)
                if (*text <= ' ' || *text >= 0x7f || *text == '"' || *text == '\\')
                        return 0;
        return 1;
}

static int parse_ntfy(const char *rest, pic__alert_target *t, const char **rule)
{
        *rule = "must be ntfy://HOST/TOPIC, with a topic of letters, digits, '-' and '_'";
        if (*rest != '/' || !is_topic(rest + 1))
                return -1;
        memcpy(t->topic, rest + 1, strlen(rest + 1) + 1);
        snprintf(t->base, sizeof(t->base), "%s://%s", t->self ? "http" : "https", t->place);
        return 0;
}

static int parse_mail(const char *scheme, const char *rest, pic__alert_target *t, const char **rule)
{
        *rule = "must have nothing behind the port: whom the mail is for is said by recipients";
        if (*rest != '\0' && strcmp(rest, "/") != 0)
                return -1;
        snprintf(t->base, sizeof(t->base), "%s://%s", scheme, t->place);
        return 0;
}

static const struct {
        const char *scheme;
        enum pic__alert_way way;
} schemes[] = {
        { "https", PIC__ALERT_WEBHOOK }, { "http", PIC__ALERT_WEBHOOK }, { "ntfy", PIC__ALERT_NTFY },
        { "smtp", PIC__ALERT_MAIL },     { "smtps", PIC__ALERT_MAIL },
};

int pic__alert_target_parse(const char *to, pic__alert_target *ret, const char **ret_rule)
{
        const char *at = strstr(to, "://"), *rest;
        size_t len, i;

        memset(ret, 0, sizeof(*ret));
        *ret_rule = FORM;
        for (i = 0; at != NULL && i < PIC__COUNT(schemes); i++)
                if (strlen(schemes[i].scheme) == (size_t)(at - to) &&
                    strncasecmp(to, schemes[i].scheme, (size_t)(at - to)) == 0)
                        break;
        if (at == NULL || i == PIC__COUNT(schemes) || !is_plain(to))
                return -1;
        at += 3;
        len = strcspn(at, "/?#");
        rest = at + len;
        if (memchr(at, '@', len) != NULL) {
                *ret_rule = "must have no user in it: that is said by user and token";
                return -1;
        }
        if (len >= sizeof(ret->place))
                return -1;
        memcpy(ret->place, at, len);
        if (check_place(ret->place, &ret->self) < 0)
                return -1;
        ret->way = schemes[i].way;
        if (ret->way == PIC__ALERT_NTFY)
                return parse_ntfy(rest, ret, ret_rule);
        if (ret->way == PIC__ALERT_MAIL)
                return parse_mail(schemes[i].scheme, rest, ret, ret_rule);
        if (strcmp(schemes[i].scheme, "http") != 0 || ret->self)
                return 0;
        *ret_rule = "must be https: who is between could read it, and change it";
        return -1;
}

/* --- when ------------------------------------------------------------------------------------------------------- */

static int parse_minute(const char *text, int *ret)
{
        int i;

        for (i = 0; i < 5; i++)
                if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
                        return -1;
        *ret = ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
        return text[3] < '6' && *ret < DAY ? 0 : -1;
}

int pic__alert_quiet_parse(const char *text, int *ret_from, int *ret_to)
{
        if (strlen(text) != 11 || text[5] != '-' || parse_minute(text, ret_from) < 0 ||
            parse_minute(text + 6, ret_to) < 0 || *ret_from == *ret_to)
                return -1;
        return 0;
}

int pic__alert_quiet_has(int from, int to, int minute)
{
        return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/* --- rules ------------------------------------------------------------------------------------------------------ */

static void found(const pic_obj *o, const char *field, const char *value, const char *rule, pic_error **list)
{
        pic_error *one = NULL;
        char object[96];

        snprintf(object, sizeof(object), "alert %s", pic__obj_name(o));
        pic__fail_value(&one, object, field, value, rule);
        pic__err_append(list, one);
}

/* user@host: what stands between the brackets of an envelope, and nothing that could end it. */
static int is_mailbox(const char *text)
{
        const char *at = strrchr(text, '@');

        return at != NULL && at > text && at[1] != '\0' && at - text <= 64 && strlen(text) <= 254 && is_plain(text) &&
               strpbrk(text, "<>(),;:[]") == NULL && memchr(text, '@', (size_t)(at - text)) == NULL &&
               pic__hostname_ok(at + 1);
}

static void check_mail(const pic_obj *o, const pic__alert_target *t, pic_error **list)
{
        static const char rule[] = "must be a mail address: user@example.org";
        const char *sender = pic__obj_text(o, "sender"), *all = pic__obj_text(o, "recipients");
        char one[PIC__ITEM_MAX];

        if (sender[0] == '\0' || !is_mailbox(sender))
                found(o, "sender", sender[0] != '\0' ? sender : NULL, rule, list);
        if (all[0] == '\0')
                found(o, "recipients", NULL, rule, list);
        while (pic__list_next(&all, one, sizeof(one)))
                if (!is_mailbox(one))
                        found(o, "recipients", one, rule, list);
        if (pic__obj_int(o, "tls") == 0 && strncmp(t->base, "smtp:", 5) != 0)
                found(o, "tls", "no", "is of smtp:// alone: smtps:// is TLS", list);
        if (pic__obj_int(o, "tls") == 0 && !t->self && pic__obj_has(o, "user"))
                found(o, "tls", "no", "would send the password in clear", list);
}

/* What this way cannot use is refused, not passed over. */
static void check_others(const pic_obj *o, enum pic__alert_way way, pic_error **list)
{
        if (way != PIC__ALERT_MAIL && pic__obj_has(o, "sender"))
                found(o, "sender", pic__obj_text(o, "sender"), "is of mail: smtp://…", list);
        if (way != PIC__ALERT_MAIL && pic__obj_has(o, "recipients"))
                found(o, "recipients", pic__obj_text(o, "recipients"), "is of mail: smtp://…", list);
        if (way != PIC__ALERT_MAIL && pic__obj_int(o, "tls") == 0)
                found(o, "tls", "no", "is of mail: smtp://…", list);
        if (way != PIC__ALERT_WEBHOOK && pic__obj_has(o, "secret"))
                found(o, "secret", NULL, "is of webhooks: https://…", list);
        if (pic__obj_has(o, "user") && !pic__obj_has(o, "token"))
                found(o, "user", pic__obj_text(o, "user"), "needs a password: token", list);
        if (way == PIC__ALERT_MAIL && pic__obj_has(o, "token") && !pic__obj_has(o, "user"))
                found(o, "user", NULL, "is required where there is a token", list);
}

void pic__alert_check(const pic_obj *o, pic_error **list)
{
        const char *to = pic__obj_text(o, "to"), *quiet = pic__obj_text(o, "quiet"), *rule;
        pic__alert_target t;
        int from, until;

        if (quiet[0] != '\0' && pic__alert_quiet_parse(quiet, &from, &until) < 0)
                found(o, "quiet", quiet, "must be two times of a day: 22:00-07:00", list);
        if (to[0] == '\0') /* that it is missing was told */
                return;
        if (pic__alert_target_parse(to, &t, &rule) < 0) {
                found(o, "to", to, rule, list);
                return;
        }
        if (t.way == PIC__ALERT_MAIL)
                check_mail(o, &t, list);
        check_others(o, t.way, list);
}

void pic__check_alert(pic__check *c, const pic_obj *o)
{
        if (pic__snap_count(c->s, PIC__ALERT) > PIC__ALERTS_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__ALERTS_MAX);
}

/* --- about what ------------------------------------------------------------------------------------------------- */

int pic__alert_wants(const pic_obj *o, enum pic__alert_event event)
{
        const char *events = pic__obj_text(o, "events");

        return events[0] == '\0' || pic__list_has(events, pic__alert_events[event].name);
}

int pic__alert_about(const pic_obj *o, const pic_obj *peer)
{
        const char *groups = pic__obj_text(o, "groups"), *peers = pic__obj_text(o, "peers");
        char one[PIC__ITEM_MAX];

        if ((groups[0] == '\0' && peers[0] == '\0') || pic__list_has(peers, pic__obj_name(peer)))
                return 1;
        while (pic__list_next(&groups, one, sizeof(one)))
                if (pic__list_has(pic__obj_text(peer, "groups"), one))
                        return 1;
        return 0;
}
