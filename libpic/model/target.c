/* Owns: what a backup target may be. Whether its server takes anything is the keeper's to find out. */
#include "model/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "model/key.h"
#include "model/net.h"
#include "model/snap_check.h"
#include "model/text.h"

static const struct {
        enum pic__place_kind kind;
        const char *scheme, *name;
        const char *needs; /* fields; "a|b": one of them */
        const char *may;   /* of those that are not of every kind */
} places[] = {
        { PIC__PLACE_FILE, "file://", "a folder of this machine", "", "" },
        { PIC__PLACE_SFTP, "sftp://", "sftp", "user,host_key,key|password", "" },
        { PIC__PLACE_WEBDAV, "https://", "https", "", "user,password,ca" },
        { PIC__PLACE_S3, "s3://", "s3", "user,password", "endpoint,region,ca" },
        { PIC__PLACE_RESTIC_SFTP, "restic:sftp://", "restic over sftp", "user,host_key,key,passphrase", "" },
        { PIC__PLACE_RESTIC, "restic:", "a restic repository", "passphrase", "" },
};

/* Of places; what is not here is of every kind. */
static const char own[] = "user,host_key,key,password,endpoint,region,ca";

/* Printable, without what ends a word in an address, in SFTP's commands or in a header. */
static int is_plain(const char *text)
{
        for (; *text != '\0'; text++)
                if (*text <= ' ' || *text > '~' || strchr("\"'\\<>`?#%", *text) != NULL)
                        return 0;
        return 1;
}

static int has_dots(const char *path)
{
        const char *at = path;

        while ((at = strstr(at, "/..")) != NULL) {
                if (at[3] == '/' || at[3] == '\0')
                        return 1;
                at += 3;
        }
        return 0;
}

static const char *take_path(const char *text, pic__place *p)
{
        size_t len = strlen(text);

        if (has_dots(text))
                return "must have no '..' in its folder";
        while (len > 1 && text[len - 1] == '/')
                len--;
        if (len >= sizeof(p->path))
                return "is too long";
        snprintf(p->path, sizeof(p->path), "%.*s", (int)len, len > 0 ? text : "/");
        if (p->path[0] == '\0')
                snprintf(p->path, sizeof(p->path), "/");
        return NULL;
}

static int is_server(const char *text)
{
        char with[320], host[256];
        uint16_t port;
        pic__addr a;

        snprintf(with, sizeof(with), "%s:1", text);
        return pic__endpoint_parse(text, host, &port) == 0 || pic__endpoint_parse(with, host, &port) == 0 ||
               pic__addr_parse(text, &a) == 0;
}

static int is_bucket(const char *text)
{
        return strlen(text) >= 3 && strlen(text) <= 63 &&
               strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(text);
}

static const char *take_host(const char *text, pic__place *p)
{
        size_t len = strcspn(text, "/");

        if (len == 0 || len >= sizeof(p->host))
                return "must have a host: "
                       "sftp://HOST/FOLDER";
        snprintf(p->host, sizeof(p->host), "%.*s", (int)len, text);
        if (strchr(p->host, '@') != NULL)
                return "must have no user in it: that is the field user";
        if (p->kind == PIC__PLACE_S3 ? !is_bucket(p->host) : !is_server(p->host))
                return p->kind == PIC__PLACE_S3 ? "must have a bucket: s3://BUCKET/FOLDER"
                                                : "must have a host, and perhaps a port: sftp://HOST:PORT/FOLDER";
        return take_path(text + len, p);
}

const char *pic__place_parse(const char *url, pic__place *ret)
{
        static const char self[] = "http://127.";
        size_t i;

        *ret = (pic__place){ .kind = PIC__PLACE_FILE };
        if (url[0] == '/')
                return url[1] != '\0' ? take_path(url, ret) : "must be a folder of its own";
        if (!is_plain(url))
                return "must have no blanks, quotes or '%' in it";
        if (strncmp(url, self, sizeof(self) - 1) == 0) {
                ret->kind = PIC__PLACE_WEBDAV;
                ret->plain = 1;
                return take_host(url + strlen("http://"), ret);
        }
        for (i = 0; i < PIC__COUNT(places); i++)
                if (strncmp(url, places[i].scheme, strlen(places[i].scheme)) == 0)
                        break;
        if (i == PIC__COUNT(places))
                return "must be a folder (/…, file:///…), sftp://…, https://…, s3://…, restic:/… or restic:sftp://…";
        ret->kind = places[i].kind;
        url += strlen(places[i].scheme);
        if (ret->kind == PIC__PLACE_FILE || ret->kind == PIC__PLACE_RESTIC)
                return url[0] == '/' && url[1] != '\0' ? take_path(url, ret) : "must be a folder of its own";
        return take_host(url, ret);
}

int pic__place_is_restic(enum pic__place_kind kind)
{
        return kind == PIC__PLACE_RESTIC || kind == PIC__PLACE_RESTIC_SFTP;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

pic_time pic__every_parse(const char *text)
{
        static const struct {
                char letter;
                long seconds;
        } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
        char *end;
        long count, seconds;
        size_t i;

        if (strcmp(text, "never") == 0)
                return 0;
        if (text[0] < '1' || text[0] > '9' || strlen(text) > 8)
                return -1;
        count = strtol(text, &end, 10);
        for (i = 0; i < PIC__COUNT(units); i++)
                if (end[0] == units[i].letter && end[1] == '\0')
                        break;
        if (i == PIC__COUNT(units))
                return -1;
        seconds = count * units[i].seconds;
        return seconds >= 300 && seconds <= 366 * 86400L ? seconds * PIC__SECOND : -1;
}

int pic__clock_parse(const char *text)
{
        long hour, minute;
        char part[3] = "";

        if (strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789:") != 5)
                return -1;
        memcpy(part, text, 2);
        hour = strtol(part, NULL, 10);
        minute = strtol(text + 3, NULL, 10);
        return hour < 24 && minute < 60 && text[3] != ':' && text[4] != ':' && text[0] != ':' && text[1] != ':'
                       ? (int)(hour * 60 + minute)
                       : -1;
}

pic_time pic__target_pace(const pic_obj *o)
{
        pic_time every = pic__every_parse(pic__obj_text(o, "every"));

        if (pic__obj_has(o, "at"))
                return 86400 * PIC__SECOND;
        return every > 0 ? every : 0;
}

pic_time pic__target_drills(const pic_obj *o)
{
        pic_time every = pic__every_parse(pic__obj_text(o, "drill"));

        return every > 0 ? every : 0;
}

int pic__target_opens(const pic_obj *o)
{
        return pic__obj_int(o, "plain") != 0 || pic__obj_has(o, "passphrase");
}

/* --- findings ---------------------------------------------------------------------------------------------------- */

static void found(const pic_obj *o, const char *field, const char *value, const char *rule, const char *hint,
                  pic_error **list)
{
        char object[96];
        pic_error *one = NULL;

        snprintf(object, sizeof(object), "target %s", pic__obj_name(o));
        (void)pic__fail_value(&one, object, field, value, rule);
        if (hint != NULL)
                pic__hint(&one, "%s", hint);
        pic__err_append(list, one);
}

static const char *hint_for(const char *field)
{
        static const struct {
                const char *field;
                const char *text;
        } hints[] = {
                { "host_key",
                  "'ssh-keyscan HOST' prints it, behind the host's name; compare it with what the owner of that "
                  "machine says." },
                { "key", "Give the key as a file: --key-file FILE, or the password: --password-file FILE" },
                { "password", "Give it: --password-file FILE" },
                { "user", "Give it: --user NAME" },
                { "passphrase",
                  "restic encrypts with it, and only who has it gets anything back: --passphrase-file FILE" },
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(hints); i++)
                if (strcmp(hints[i].field, field) == 0)
                        return hints[i].text;
        return NULL;
}

/* One of "a|b". *ret_secret: the first of them is one, which may be waited for. */
static int has_one(const pic_obj *o, const char *names, char first[32])
{
        char one[32];
        size_t len;

        snprintf(first, 32, "%.*s", (int)strcspn(names, "|"), names);
        do {
                len = strcspn(names, "|");
                snprintf(one, sizeof(one), "%.*s", (int)len, names);
                if (pic__obj_has(o, one))
                        return 1;
                names += len + (names[len] == '|');
        } while (*names != '\0');
        return 0;
}

/* One that is turned off may wait for its secrets: so can one that came by a document, which has none. */
static void check_needs(const pic_obj *o, size_t place, pic_error **list)
{
        const char *at = places[place].needs;
        int off = pic__obj_int(o, "enabled") == 0;
        char field[32], first[32], rule[64];

        while (pic__list_next(&at, field, sizeof(field))) {
                int i;

                if (has_one(o, field, first))
                        continue;
                i = pic__field_find(PIC__TARGET, first);
                if (off && i >= 0 && (pic__kinds[PIC__TARGET].fields[i].flags & PIC__F_SECRET) != 0)
                        continue;
                snprintf(rule, sizeof(rule), "is required for %s", places[place].name);
                found(o, first, NULL, rule, hint_for(first), list);
        }
}

static int goes_with(size_t place, const char *field)
{
        const char *at = places[place].needs;
        char one[32];
        size_t len = strlen(field);

        while (pic__list_next(&at, one, sizeof(one)))
                if (strncmp(one, field, len) == 0
                            ? one[len] == '\0' || one[len] == '|'
                            : strchr(one, '|') != NULL && strcmp(strchr(one, '|') + 1, field) == 0)
                        return 1;
        return pic__list_has(places[place].may, field);
}

static void check_foreign(const pic_obj *o, size_t place, pic_error **list)
{
        const char *at = own;
        char field[32], rule[64];

        while (pic__list_next(&at, field, sizeof(field)))
                if (pic__obj_has(o, field) && !goes_with(place, field)) {
                        snprintf(rule, sizeof(rule), "does not go with %s", places[place].name);
                        found(o, field, NULL, rule, "Leave it out, or take it away: --unset FIELD", list);
                }
}

/* A recipient as far as it can be judged without arithmetic: age1 and 58 letters of bech32. */
static int is_recipient(const char *text)
{
        static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

        return strlen(text) == 62 && strncmp(text, "age1", 4) == 0 && strspn(text + 4, letters) == 58;
}

/* restic encrypts by itself, with the passphrase that its repository was made with. */
static void check_restic(const pic_obj *o, pic_error **list)
{
        static const char rule[] = "does not go with a restic repository, which is encrypted with its passphrase";

        if (pic__obj_has(o, "recipients"))
                found(o, "recipients", NULL, rule, hint_for("passphrase"), list);
        if (pic__obj_int(o, "plain") != 0)
                found(o, "plain", NULL, rule, hint_for("passphrase"), list);
}

static void check_keys(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "recipients");
        int named = at[0] != '\0', locked = pic__obj_has(o, "passphrase"), plain = pic__obj_int(o, "plain") != 0;
        char one[PIC__ITEM_MAX];

        while (pic__list_next(&at, one, sizeof(one)))
                if (!is_recipient(one))
                        found(o, "recipients", one, "must be a public key of age: age1…",
                              "`pic age keygen` makes a pair", list);
        if (named + locked + plain > 1)
                found(o, plain ? "plain" : "passphrase", NULL, "does not go with recipients or a passphrase",
                      "Give one of the three: --recipients, --passphrase-file, --plain yes", list);
        if (named + locked + plain == 0 && pic__obj_int(o, "enabled") != 0)
                found(o, "recipients", NULL, "is required: who shall be able to open a backup?",
                      "--recipients age1… (`pic age keygen` makes a pair: keep its secret half elsewhere), or "
                      "--passphrase-file FILE; --plain yes: whoever reads a backup has the cell",
                      list);
}

static void check_times(const pic_obj *o, pic_error **list)
{
        if (pic__obj_has(o, "every") && pic__every_parse(pic__obj_text(o, "every")) < 0)
                found(o, "every", pic__obj_text(o, "every"), "must be a time of 5m to 52w, or never", "12h, 1d, 1w",
                      list);
        if (pic__obj_has(o, "drill") && pic__every_parse(pic__obj_text(o, "drill")) < 0)
                found(o, "drill", pic__obj_text(o, "drill"), "must be a time of 5m to 52w, or never", "1w, 30d", list);
        if (pic__obj_has(o, "at") && pic__clock_parse(pic__obj_text(o, "at")) < 0)
                found(o, "at", pic__obj_text(o, "at"), "must be a time of the day: HH:MM", "03:30", list);
}

static int is_web(const char *text)
{
        pic__place p;

        return pic__place_parse(text, &p) == NULL && p.kind == PIC__PLACE_WEBDAV && strcmp(p.path, "/") == 0;
}

/* "sha256//" and 32 bytes in base64: what a server is known by that vouches for itself. */
static int is_pin(const char *text)
{
        static const char begin[] = "sha256//";
        uint8_t key[32];

        return strncmp(text, begin, sizeof(begin) - 1) == 0 && pic__key_decode(text + sizeof(begin) - 1, key) == 0;
}

static void check_texts(const pic_obj *o, pic_error **list)
{
        const char *key = pic__obj_text(o, "host_key"), *user = pic__obj_text(o, "user"), *ca = pic__obj_text(o, "ca"),
                   *body = key + strcspn(key, " ");
        static const char *const known[] = { "ssh-ed25519 ", "ecdsa-sha2-nistp256 ", "ecdsa-sha2-nistp384 ",
                                             "ecdsa-sha2-nistp521 ", "ssh-rsa " };
        size_t i = 0;

        while (i < PIC__COUNT(known) && strncmp(known[i], key, strlen(known[i])) != 0)
                i++;
        if (key[0] != '\0' && (i == PIC__COUNT(known) || strncmp(body, " AAAA", 5) != 0 || !is_plain(body + 1)))
                found(o, "host_key", key, "must be TYPE BASE64, such as: ssh-ed25519 AAAAC3Nza…", hint_for("host_key"),
                      list);
        if (!is_plain(user) || strchr(user, ':') != NULL)
                found(o, "user", user, "must have no blanks, quotes, '%' or ':' in it", NULL, list);
        if (ca[0] != '\0' && ca[0] != '/' && !is_pin(ca))
                found(o, "ca", ca, "must be the full path of a file, /…, or the digest of a key, sha256//…", NULL,
                      list);
        if (pic__obj_has(o, "endpoint") && !is_web(pic__obj_text(o, "endpoint")))
                found(o, "endpoint", pic__obj_text(o, "endpoint"),
                      "must be an address of the web without a path: https://…", NULL, list);
        if (!is_plain(pic__obj_text(o, "region")))
                found(o, "region", pic__obj_text(o, "region"), "must be one word", NULL, list);
}

void pic__target_check(const pic_obj *o, pic_error **list)
{
        const char *url = pic__obj_text(o, "url"), *rule;
        pic__place p;
        size_t i;

        if (url[0] == '\0') /* that it is missing was told */
                return;
        rule = pic__place_parse(url, &p);
        if (rule != NULL) {
                found(o, "url", url, rule,
                      "For example: --url /mnt/disk/backups, sftp://nas.example.org/backups, "
                      "https://dav.example.org/backups, s3://BUCKET/FOLDER or restic:/mnt/disk/repository",
                      list);
                return;
        }
        for (i = 0; places[i].kind != p.kind; i++)
                ;
        check_needs(o, i, list);
        check_foreign(o, i, list);
        if (pic__place_is_restic(p.kind))
                check_restic(o, list);
        else
                check_keys(o, list);
        check_times(o, list);
        check_texts(o, list);
}

void pic__check_target(pic__check *c, const pic_obj *o)
{
        if (pic__snap_count(c->s, PIC__TARGET) > PIC__TARGETS_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__TARGETS_MAX);
}
