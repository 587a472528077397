/* Owns: the sending of one message: to a webhook, to ntfy, by mail. */
#include "engine/alert_post.h"

#include <stdio.h>
#include <string.h>

#include "engine/provider.h"
#include "sys/http.h"
#include "sys/mail.h"

#define PATIENCE_MS 20000
#define ANSWER_MAX 4096

struct pic__alert_post {
        pic__http *http; /* one of these */
        pic__mail *mail;
        pic__buf token, secret;
        int in_url; /* the token is a part of the address */
        pic__buf said;
};

static int open_secret(const pic__seals *seals, const pic_obj *alert, const char *field, pic__buf *out, pic_error **err)
{
        return pic__obj_has(alert, field) ? pic__seals_open_text(seals, alert, field, out, err) : 0;
}

/* --- the web ---------------------------------------------------------------------------------------------------- */

static int start_web(pic__alert_post *p, const pic_obj *alert, const char *url, const pic__buf *body,
                     const char *signature, const char *id, const char *ca_file, pic_error **err)
{
        pic__auto_wipe pic__buf bearer = PIC__BUF_SECRET;
        const char *user = pic__obj_text(alert, "user");
        char sign[100], number[80];
        const char *headers[5] = { "Content-Type: application/json", number, NULL, NULL, NULL };
        pic__http_opts o = { .method = "POST",
                             .headers = headers,
                             .body = body->data,
                             .body_len = body->len,
                             .ca_file = ca_file,
                             .timeout_ms = PATIENCE_MS,
                             .max = ANSWER_MAX };
        size_t n = 2;

        snprintf(number, sizeof(number), "X-Pic-Id: %s", id);
        if (signature[0] != '\0') {
                snprintf(sign, sizeof(sign), "X-Pic-Signature: %s", signature);
                headers[n++] = sign;
        }
        if (user[0] != '\0') {
                o.user = user;
                o.password = pic__buf_str(&p->token);
        } else if (p->token.len > 0 && !p->in_url) {
                pic__buf_putf(&bearer, "Authorization: Bearer %s", pic__buf_str(&p->token));
                headers[n] = pic__buf_str(&bearer);
        }
        return bearer.failed ? pic__nomem(err) : pic__http_start(url, &o, &p->http, err);
}

/* Some services' addresses are secrets: "{token}" in one stands for the sealed token. */
static void put_url(pic__alert_post *p, const char *to, pic__buf *out)
{
        const char *at = strstr(to, "{token}");

        p->in_url = at != NULL;
        if (at == NULL) {
                pic__buf_puts(out, to);
                return;
        }
        pic__buf_put(out, to, (size_t)(at - to));
        pic__provider_encode(pic__buf_str(&p->token), out);
        pic__buf_puts(out, at + 7);
}

static int start_hook(pic__alert_post *p, const pic_obj *alert, const pic__letter *l, const pic__letter_from *from,
                      const char *ca_file, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET;
        pic__auto_buf pic__buf body = PIC__BUF_INIT;
        char signature[72] = "";

        put_url(p, pic__obj_text(alert, "to"), &url);
        pic__letter_webhook(l, from, &body);
        if (body.failed || url.failed)
                return pic__nomem(err);
        if (p->secret.len > 0)
                pic__letter_sign(body.data, body.len, pic__buf_str(&p->secret), signature);
        return start_web(p, alert, pic__buf_str(&url), &body, signature, l->id, ca_file, err);
}

static int start_ntfy(pic__alert_post *p, const pic_obj *alert, const pic__letter *l, const pic__letter_from *from,
                      const pic__alert_target *t, const char *ca_file, pic_error **err)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT;

        pic__letter_ntfy(l, from, t->topic, &body);
        return body.failed ? pic__nomem(err) : start_web(p, alert, t->base, &body, "", l->id, ca_file, err);
}

int pic__alert_post_judge(int status, const char *said, pic_error **err)
{
        int code = status == 401 || status == 403 || status == 404 || status == 410 ? PIC_DENIED : PIC_BACKEND;

        if (status >= 200 && status < 300)
                return 1;
        pic__fail(err, code, "the server answers with status %d%s%s", status, said[0] != '\0' ? ": " : "", said);
        if (status == 401 || status == 403)
                pic__hint(err, "Are user and token right? pic alert set NAME --token-file FILE");
        else if (status == 404 || status == 410)
                pic__hint(err, "Is the address right? pic alert set NAME --to URL");
        return code;
}

/* --- mail ------------------------------------------------------------------------------------------------------- */

static int start_mail(pic__alert_post *p, const pic_obj *alert, const pic__letter *l, const pic__letter_from *from,
                      const pic__alert_target *t, const char *ca_file, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *user = pic__obj_text(alert, "user");
        pic__mail_opts o = { .hello = from->host,
                             .user = user[0] != '\0' ? user : NULL,
                             .password = pic__buf_str(&p->token),
                             .from = pic__obj_text(alert, "sender"),
                             .recipients = pic__obj_text(alert, "recipients"),
                             .clear = pic__obj_int(alert, "tls") == 0,
                             .ca_file = ca_file,
                             .timeout_ms = PATIENCE_MS };

        pic__letter_mail(l, from, alert, &text);
        o.text = text.data;
        o.len = text.len;
        return text.failed ? pic__nomem(err) : pic__mail_start(t->base, &o, &p->mail, err);
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

int pic__alert_post_start(const pic_obj *alert, const pic__letter *l, const pic__letter_from *from,
                          const pic__seals *seals, const char *ca_file, pic__alert_post **ret, pic_error **err)
{
        pic__alert_post *p = pic__alloc(sizeof(*p));
        pic__alert_target t;
        const char *rule;
        int r;

        if (p == NULL)
                return pic__nomem(err);
        p->token = p->secret = (pic__buf)PIC__BUF_SECRET;
        r = pic__alert_target_parse(pic__obj_text(alert, "to"), &t, &rule) == 0 ? 0
                                                                                : pic__fail(err, PIC_VALUE, "%s", rule);
        if (r == 0)
                r = open_secret(seals, alert, "token", &p->token, err);
        if (r == 0)
                r = open_secret(seals, alert, "secret", &p->secret, err);
        if (r == 0)
                r = t.way == PIC__ALERT_WEBHOOK ? start_hook(p, alert, l, from, ca_file, err)
                    : t.way == PIC__ALERT_NTFY  ? start_ntfy(p, alert, l, from, &t, ca_file, err)
                                                : start_mail(p, alert, l, from, &t, ca_file, err);
        if (r < 0)
                pic__alert_post_unref(p);
        else
                *ret = p;
        return r;
}

int pic__alert_post_fd(const pic__alert_post *p)
{
        return p->http != NULL ? pic__http_fd(p->http) : pic__mail_fd(p->mail);
}

static void hear(pic__alert_post *p, const char *text)
{
        pic__buf_clear(&p->said);
        pic__provider_shown(text, pic__buf_str(&p->token), pic__buf_str(&p->secret), &p->said);
}

int pic__alert_post_go_on(pic__alert_post *p, pic_error **err)
{
        pic__auto_buf pic__buf said = PIC__BUF_INIT;
        int status = 0, r;

        if (p->mail != NULL) {
                r = pic__mail_go_on(p->mail, err);
                if (r != 0)
                        hear(p, pic__mail_said(p->mail));
                return r;
        }
        r = pic__http_go_on(p->http, &status, err);
        if (r <= 0)
                return r;
        hear(p, pic__buf_str(pic__http_body(p->http)));
        r = pic__alert_post_judge(status, pic__buf_str(&p->said), err);
        pic__buf_putf(&said, "%d %s", status, pic__buf_str(&p->said));
        pic__buf_clear(&p->said);
        pic__buf_puts(&p->said, pic__buf_str(&said));
        return r;
}

const char *pic__alert_post_said(const pic__alert_post *p)
{
        return pic__buf_str(&p->said);
}

pic__alert_post *pic__alert_post_unref(pic__alert_post *p)
{
        if (p == NULL)
                return NULL;
        pic__http_unref(p->http);
        pic__mail_unref(p->mail);
        pic__buf_wipe(&p->token);
        pic__buf_wipe(&p->secret);
        pic__buf_free(&p->said);
        pic__free(p);
        return NULL;
}
