/* Owns: messages of alerts: their words, and their forms as a webhook's JSON, ntfy's, and a mail. */
#include "engine/alert_letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "sys/cipher.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#include <pic/log.h>

#define TITLE_MAX 160
#define LINE_MAX_ 300

static const char *const levels[] = { "error", "warning", "info", "debug" };

void pic__letter_free(pic__letter *l)
{
        pic__buf_free(&l->title);
        pic__buf_free(&l->text);
        pic__buf_free(&l->events);
}

/* --- words ------------------------------------------------------------------------------------------------------ */

static void put_event(pic__letter *l, const pic__alert_entry *e, const char *how, pic_time since)
{
        char time[PIC__TIME_TEXT];
        pic__json j = PIC__JSON(&l->events);

        if (l->events.len > 0)
                pic__buf_putc(&l->events, ',');
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "event", pic__alert_events[e->event].name);
        pic__json_kstr(&j, "state", how);
        pic__json_kstr(&j, "level", strcmp(how, "recovered") == 0 ? "info" : levels[e->level]);
        pic__json_kstr(&j, "about", e->about != NULL && e->about[0] != '\0' ? e->about : NULL);
        pic__json_kstr(&j, "text", e->text);
        pic__json_kstr(&j, "fix", e->fix);
        pic__json_kstr(&j, "since", pic__time_print(since, time));
        pic__json_kint(&j, "count", e->count);
        pic__json_close(&j, '}');
}

static void put_line(pic__letter *l, const pic__alert_entry *e, const char *how, pic_time since)
{
        int over = strcmp(how, "recovered") == 0;
        char time[PIC__TIME_TEXT];

        pic__buf_puts(&l->text, over                        ? "over: "
                                : strcmp(how, "still") == 0 ? "still: "
                                : e->level == PIC_LOG_ERROR ? "error: "
                                                            : "");
        pic__buf_put_shown(&l->text, e->text != NULL ? e->text : "", LINE_MAX_);
        if (e->count > 1)
                pic__buf_putf(&l->text, " (%u times)", e->count);
        if (over || strcmp(how, "still") == 0)
                pic__buf_putf(&l->text, " (since %s)", pic__time_print(since, time));
        pic__buf_putc(&l->text, '\n');
        if (!over && e->fix != NULL && e->fix[0] != '\0') {
                pic__buf_puts(&l->text, "  to do: ");
                pic__buf_put_shown(&l->text, e->fix, LINE_MAX_);
                pic__buf_putc(&l->text, '\n');
        }
}

void pic__letter_add(pic__letter *l, const pic__alert_entry *e, const char *how, pic_time wall, pic_time mono)
{
        pic_time since = wall - (mono - e->since);
        int over = strcmp(how, "recovered") == 0;

        if (l->count++ >= PIC__LETTER_ITEMS)
                return;
        if (l->count == 1) {
                if (over)
                        pic__buf_puts(&l->title, "over: ");
                pic__buf_put_shown(&l->title, e->text != NULL ? e->text : "", TITLE_MAX);
        }
        if (!over && e->level < l->level)
                l->level = e->level;
        put_event(l, e, how, since);
        put_line(l, e, how, since);
}

void pic__letter_close(pic__letter *l, size_t more)
{
        size_t hidden = (l->count > PIC__LETTER_ITEMS ? l->count - PIC__LETTER_ITEMS : 0) + more;

        if (l->count + more > 1)
                pic__buf_putf(&l->title, " (and %zu more)", l->count + more - 1);
        if (hidden > 0)
                pic__buf_putf(&l->text, "and %zu more: pic alert status, pic doctor\n", hidden);
}

void pic__letter_test(pic__letter *l, const char *alert)
{
        l->test = 1;
        pic__buf_puts(&l->title, "test: messages arrive");
        pic__buf_putf(&l->text, "This is a test of the alert %s. Nothing is wrong.\n", alert);
}

/* --- a webhook's ------------------------------------------------------------------------------------------------ */

void pic__letter_webhook(const pic__letter *l, const pic__letter_from *from, pic__buf *out)
{
        pic__json j = PIC__JSON(out);
        char time[PIC__TIME_TEXT];

        pic__json_open(&j, '{');
        pic__json_kint(&j, "version", 1);
        pic__json_kstr(&j, "id", l->id);
        pic__json_kstr(&j, "cell", from->cell);
        pic__json_kstr(&j, "alert", from->alert);
        pic__json_kstr(&j, "time", pic__time_print(l->made, time));
        pic__json_kbool(&j, "test", l->test);
        pic__json_kstr(&j, "level", levels[l->level]);
        pic__json_kstr(&j, "title", pic__buf_str(&l->title));
        pic__json_kstr(&j, "text", pic__buf_str(&l->text));
        pic__json_kint(&j, "lost", from->lost);
        pic__json_key(&j, "events");
        pic__json_open(&j, '[');
        if (l->events.len > 0)
                pic__json_raw(&j, pic__buf_str(&l->events));
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
}

void pic__letter_sign(const void *body, size_t len, const char *secret, char text[72])
{
        uint8_t mac[32];

        pic__hmac256(secret, strlen(secret), body, len, NULL, 0, mac);
        memcpy(text, "sha256=", 7);
        pic__hex(mac, sizeof(mac), text + 7);
}

/* --- ntfy's: publishing as JSON (docs.ntfy.sh/publish) ---------------------------------------------------------- */

static void put_text(const pic__letter *l, const pic__letter_from *from, pic__buf *out)
{
        pic__buf_puts(out, pic__buf_str(&l->text));
        if (from->lost > 0)
                pic__buf_putf(out, "%u earlier messages did not arrive.\n", from->lost);
}

static void put_tags(const pic__letter *l, pic__json *j)
{
        const char *events = pic__buf_str(&l->events);
        int i;

        pic__json_key(j, "tags");
        pic__json_open(j, '[');
        pic__json_str(j, l->test                       ? "white_check_mark"
                         : l->level == PIC_LOG_ERROR   ? "rotating_light"
                         : l->level == PIC_LOG_WARNING ? "warning"
                                                       : "white_check_mark");
        for (i = 0; i < PIC__ALERT_EVENT_COUNT; i++) {
                char key[48];

                snprintf(key, sizeof(key), "{\"event\":\"%s\"", pic__alert_events[i].name);
                if (strstr(events, key) != NULL)
                        pic__json_str(j, pic__alert_events[i].tag);
        }
        pic__json_close(j, ']');
}

void pic__letter_ntfy(const pic__letter *l, const pic__letter_from *from, const char *topic, pic__buf *out)
{
        static const int priorities[] = { 5, 4, 2, 2 };
        pic__auto_buf pic__buf title = PIC__BUF_INIT, text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(out);

        pic__buf_putf(&title, "%s: %s", from->cell, pic__buf_str(&l->title));
        put_text(l, from, &text);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "topic", topic);
        pic__json_kstr(&j, "title", pic__buf_str(&title));
        pic__json_kstr(&j, "message", pic__buf_str(&text));
        pic__json_kint(&j, "priority", l->test ? 3 : priorities[l->level]);
        put_tags(l, &j);
        pic__json_close(&j, '}');
        out->failed |= title.failed | text.failed;
}

/* --- a mail ------------------------------------------------------------------------------------------------------ */

/* At most `most` bytes, and no letter cut in two. */
static size_t piece(const char *text, size_t len, size_t most)
{
        size_t part = len < most ? len : most;

        while (part > 1 && part < len && ((unsigned char)text[part] & 0xc0) == 0x80)
                part--;
        return part;
}

/* RFC 2047, so that any letter may be in it; in words of at most 75. */
static void put_subject(const char *text, pic__buf *out)
{
        size_t len = strlen(text), i;
        int plain = len <= 60 && strstr(text, "=?") == NULL;

        for (i = 0; i < len; i++)
                plain = plain && text[i] >= ' ' && text[i] < 0x7f;
        if (plain) {
                pic__buf_puts(out, text);
                return;
        }
        while (len > 0) {
                size_t part = piece(text, len, 42);
                char coded[PIC__BASE64(42)];

                pic__base64(text, part, coded);
                pic__buf_putf(out, "=?utf-8?B?%s?=%s", coded, part < len ? "\r\n " : "");
                text += part;
                len -= part;
        }
}

static void put_body(const char *text, size_t len, pic__buf *out)
{
        while (len > 0) {
                size_t part = len < 57 ? len : 57;
                char coded[PIC__BASE64(57)];

                pic__base64(text, part, coded);
                pic__buf_putf(out, "%s\r\n", coded);
                text += part;
                len -= part;
        }
}

static void put_date(pic_time at, pic__buf *out)
{
        static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        time_t seconds = (time_t)(at / PIC__SECOND);
        struct tm tm;

        if (gmtime_r(&seconds, &tm) == NULL)
                return;
        pic__buf_putf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + tm.tm_wday * 3L, tm.tm_mday,
                      months + tm.tm_mon * 3L, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_recipients(const char *list, pic__buf *out)
{
        char one[PIC__ITEM_MAX];
        int first = 1;

        pic__buf_puts(out, "To: ");
        while (pic__list_next(&list, one, sizeof(one))) {
                pic__buf_putf(out, "%s<%s>", first ? "" : ",\r\n ", one);
                first = 0;
        }
        pic__buf_puts(out, "\r\n");
}

void pic__letter_mail(const pic__letter *l, const pic__letter_from *from, const pic_obj *alert, pic__buf *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, subject = PIC__BUF_INIT;

        pic__buf_putf(&subject, "[%s] %s", from->cell, pic__buf_str(&l->title));
        put_text(l, from, &text);
        pic__buf_putf(&text, "-- \n%s, alert %s\n", from->host, from->alert);
        put_date(l->made, out);
        pic__buf_putf(out, "From: \"%s\" <%s>\r\n", from->cell, pic__obj_text(alert, "sender"));
        put_recipients(pic__obj_text(alert, "recipients"), out);
        pic__buf_puts(out, "Subject: ");
        put_subject(pic__buf_str(&subject), out);
        pic__buf_putf(out, "\r\nMessage-ID: <%s@%s>\r\n", l->id, from->host);
        if (l->level == PIC_LOG_ERROR && !l->test)
                pic__buf_puts(out, "Importance: high\r\n");
        pic__buf_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        put_body(pic__buf_str(&text), text.len, out);
        out->failed |= text.failed | subject.failed;
}
