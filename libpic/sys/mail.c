/* Owns: one mail over libcurl. */
#include "sys/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sys/curl.h"

#define TIMEOUT_MS 30000

struct pic__mail {
        pic__transfer t;
        struct curl_slist *recipients;
        pic__buf text;
        size_t sent;
        char said[PIC__MAIL_SAID + 8];  /* the last word, */
        char never[PIC__MAIL_SAID + 8]; /* and the last refusal: a goodbye may follow it */
        char where[300];                /* the server, for messages */
};

static size_t on_read(char *to, size_t size, size_t count, void *data)
{
        pic__mail *m = data;
        size_t left = m->text.len - m->sent, n = size * count < left ? size * count : left;

        if (n > 0)
                memcpy(to, m->text.data + m->sent, n);
        m->sent += n;
        return n;
}

/* Each line that the server says. */
static size_t on_line(char *at, size_t size, size_t count, void *data)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        pic__auto_free char *line = NULL;
        size_t len = size * count;
        pic__mail *m = data;

        while (len > 0 && (at[len - 1] == '\n' || at[len - 1] == '\r'))
                len--;
        line = pic__strndup(at, len);
        if (line != NULL && len > 0) {
                pic__buf_put_shown(&shown, line, PIC__MAIL_SAID - 4);
                snprintf(m->said, sizeof(m->said), "%s", pic__buf_str(&shown));
                if (m->said[0] == '4' || m->said[0] == '5')
                        memcpy(m->never, m->said, sizeof(m->never));
        }
        return size * count;
}

static int set_recipients(pic__mail *m, const char *list)
{
        while (*list != '\0') {
                size_t len = strcspn(list, ",");
                struct curl_slist *longer;
                char one[300];

                snprintf(one, sizeof(one), "<%.*s>", (int)len, list);
                longer = pic__curl.slist_append(m->recipients, one);
                if (longer == NULL)
                        return -1;
                m->recipients = longer;
                list += len + (list[len] == ',');
        }
        return 0;
}

#define SET(option, value) (bad |= pic__curl.easy_setopt(m->t.easy, option, value) != CURLE_OK)

static int set_all(pic__mail *m, const char *url, const pic__mail_opts *o)
{
        char text[600];
        int bad = pic__transfer_limits(&m->t, o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS, o->ca_file);

        snprintf(text, sizeof(text), "%s/%s", url, o->hello != NULL ? o->hello : "");
        SET(CURLOPT_URL, text);
        SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        SET(CURLOPT_USE_SSL, (long)(o->clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
        if (o->user != NULL) {
                SET(CURLOPT_USERNAME, o->user);
                SET(CURLOPT_PASSWORD, o->password != NULL ? o->password : "");
        }
        snprintf(text, sizeof(text), "<%s>", o->from);
        SET(CURLOPT_MAIL_FROM, text);
        bad |= set_recipients(m, o->recipients);
        SET(CURLOPT_MAIL_RCPT, m->recipients);
        SET(CURLOPT_READFUNCTION, on_read);
        SET(CURLOPT_READDATA, m);
        SET(CURLOPT_HEADERFUNCTION, on_line);
        SET(CURLOPT_HEADERDATA, m);
        SET(CURLOPT_UPLOAD, 1L);
        return bad ? -1 : 0;
}

int pic__mail_start(const char *url, const pic__mail_opts *opts, pic__mail **ret, pic_error **err)
{
        const char *at = strstr(url, "://");
        pic__mail *m = pic__alloc(sizeof(*m));
        int r;

        if (m == NULL)
                return pic__nomem(err);
        m->text = (pic__buf)PIC__BUF_INIT;
        pic__buf_put(&m->text, opts->text, opts->len);
        snprintf(m->where, sizeof(m->where), "%s", at != NULL ? at + 3 : url);
        r = pic__transfer_open(&m->t, err);
        if (r == 0 && (m->text.failed || set_all(m, url, opts) < 0 ||
                       pic__curl.multi_add_handle(m->t.multi, m->t.easy) != CURLM_OK))
                r = pic__nomem(err);
        if (r < 0)
                pic__mail_unref(m);
        else
                *ret = m;
        return r;
}

int pic__mail_fd(const pic__mail *m)
{
        return m->t.epoll;
}

/* A reply of 5xx is for good (RFC 5321, 4.2.1). */
static int refused(const pic__mail *m, pic_error **err)
{
        return pic__fail(err, m->never[0] == '5' ? PIC_DENIED : PIC_BACKEND, "%s: the server says: %s", m->where,
                         m->never);
}

int pic__mail_go_on(pic__mail *m, pic_error **err)
{
        CURLcode code;

        if (!pic__transfer_go_on(&m->t, &code))
                return 0;
        if (code == CURLE_OK)
                return 1;
        if (code == CURLE_USE_SSL_FAILED) {
                pic__fail(err, PIC_BACKEND, "%s: the server has no TLS", m->where);
                pic__hint(err, "A port where TLS is spoken from the beginning (465) is smtps://…; in clear: --tls no");
                return PIC_BACKEND;
        }
        if (m->never[0] != '\0') {
                memcpy(m->said, m->never, sizeof(m->said));
                return refused(m, err);
        }
        if (code == CURLE_LOGIN_DENIED)
                return pic__fail(err, PIC_DENIED, "%s: user or password is wrong", m->where);
        return pic__transfer_explain(&m->t, code, m->where, err);
}

const char *pic__mail_said(const pic__mail *m)
{
        return m->said;
}

pic__mail *pic__mail_unref(pic__mail *m)
{
        if (m == NULL)
                return NULL;
        pic__transfer_close(&m->t);
        if (m->recipients != NULL)
                pic__curl.slist_free_all(m->recipients);
        pic__buf_free(&m->text);
        pic__free(m);
        return NULL;
}
