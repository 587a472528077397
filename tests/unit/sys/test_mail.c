/* sys/mail.c against a server of our own on loopback, which says what a script has and keeps what it heard: what is
 * sent, what is for good and what is not, and that without TLS nothing is said that should not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/mail.h"

/* What it answers to a word, "" is the greeting; the first that fits. NULL: it hangs up. */
struct line {
        const char *word, *answer;
};

struct server {
        const struct line *script;
        int fd;
        unsigned port;
        pthread_t thread;
        pic__buf heard;
};

static const char *answer_to(const struct line *script, const char *word)
{
        static const struct line usual[] = {
                { "EHLO", "250-here\r\n250 8BITMIME\r\n" },
                { "HELO", "250 here\r\n" },
                { "MAIL", "250 ok\r\n" },
                { "RCPT", "250 ok\r\n" },
                { "DATA", "354 go on\r\n" },
                { ".", "250 2.0.0 queued as 7\r\n" },
                { "QUIT", "221 bye\r\n" },
                { "", "220 here\r\n" },
        };

        for (; script != NULL && script->word != NULL; script++)
                if (strncmp(word, script->word, strlen(script->word)) == 0 &&
                    (script->word[0] != '\0' || word[0] == '\0'))
                        return script->answer;
        for (script = usual; script->word[0] != '\0' && strncmp(word, script->word, strlen(script->word)) != 0;
             script++)
                ;
        return script->answer;
}

/* One line without its end; -1: nobody is there any more. */
static int hear(int fd, char *line, size_t size, pic__buf *heard)
{
        size_t n = 0;
        char c;

        while (n + 1 < size && read(fd, &c, 1) == 1) {
                pic__buf_putc(heard, c);
                if (c == '\n')
                        return line[n > 0 ? n - 1 : 0] = '\0', 0;
                line[n++] = c;
        }
        return -1;
}

static int say(int fd, const char *text)
{
        return text == NULL || send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text) ? -1 : 0;
}

static void *serve(void *arg)
{
        struct server *s = arg;
        int fd = accept(s->fd, NULL, NULL), data = 0;
        char line[1200];

        if (say(fd, answer_to(s->script, "")) == 0)
                while (hear(fd, line, sizeof(line), &s->heard) == 0) {
                        const char *answer = data && strcmp(line, ".") != 0 ? "" : answer_to(s->script, line);

                        if (say(fd, answer) < 0)
                                break;
                        data = answer != NULL && strncmp(answer, "354", 3) == 0 ? 1 : data && strcmp(line, ".") != 0;
                }
        (void)close(fd);
        return NULL;
}

static void begin(struct server *s, const struct line *script)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t len = sizeof(a);

        *s = (struct server){ .script = script, .heard = PIC__BUF_INIT };
        s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(s->fd >= 0 && bind(s->fd, (void *)&a, sizeof(a)) == 0 && listen(s->fd, 1) == 0);
        assert_int_equal(getsockname(s->fd, (void *)&a, &len), 0);
        s->port = ntohs(a.sin_port);
        assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static const char text[] = "Subject: it is down\r\n\r\nfar is down\r\n.hidden\r\n";

/* The code; what was said last, in `said`. */
static int send_one(struct server *s, const pic__mail_opts *with, char said[PIC__MAIL_SAID + 8], pic_error **err)
{
        PIC__AUTO(pic__mail_unref_p) pic__mail *m = NULL;
        pic__mail_opts o = *with;
        char url[64];
        int r;

        o.from = "cell@example.org";
        o.recipients = o.recipients != NULL ? o.recipients : "me@example.org,you@example.org";
        o.text = text;
        o.len = sizeof(text) - 1;
        o.hello = "cell.home.internal";
        snprintf(url, sizeof(url), "smtp://127.0.0.1:%u", s->port);
        assert_int_equal(pic__mail_start(url, &o, &m, err), 0);
        while ((r = pic__mail_go_on(m, err)) == 0) {
                struct pollfd p = { .fd = pic__mail_fd(m), .events = POLLIN };

                assert_true(poll(&p, 1, 20000) > 0);
        }
        snprintf(said, PIC__MAIL_SAID + 8, "%s", pic__mail_said(m));
        m = pic__mail_unref(m);
        assert_int_equal(pthread_join(s->thread, NULL), 0);
        (void)close(s->fd);
        return r;
}

static void taken(void **state)
{
        char said[PIC__MAIL_SAID + 8];
        pic_error *err = NULL;
        struct server s;
        const char *heard;

        (void)state;
        begin(&s, NULL);
        assert_int_equal(send_one(&s, &(pic__mail_opts){ .clear = 1 }, said, &err), 1);
        assert_null(err);
        assert_non_null(strstr(said, "2")); /* "250 … queued", or the goodbye after it */
        heard = pic__buf_str(&s.heard);
        assert_non_null(strstr(heard, "EHLO cell.home.internal\r\n"));
        assert_non_null(strstr(heard, "MAIL FROM:<cell@example.org>"));
        assert_non_null(strstr(heard, "RCPT TO:<me@example.org>\r\nRCPT TO:<you@example.org>\r\n"));
        assert_non_null(strstr(heard, "far is down\r\n..hidden\r\n.\r\n")); /* a dot is no end */
        pic__buf_free(&s.heard);
}

static void refused(void **state)
{
        static const struct {
                struct line script[2];
                int code;
                const char *part;
        } rows[] = {
                { { { "RCPT", "550 5.1.1 no such user\r\n" } }, PIC_DENIED, "550 5.1.1 no such user" },
                { { { "RCPT", "451 4.7.1 come back later\r\n" } }, PIC_BACKEND, "451 4.7.1 come back later" },
                { { { "MAIL", "530 5.7.0 log in first\r\n" } }, PIC_DENIED, "530 5.7.0 log in first" },
                { { { ".", "552 5.2.2 mailbox full\r\n" } }, PIC_DENIED, "552 5.2.2 mailbox full" },
                { { { "", "554 5.7.1 not for you\r\n" } }, PIC_DENIED, "554 5.7.1 not for you" },
                { { { "DATA", NULL } }, PIC_BACKEND, "127.0.0.1" }, /* it hangs up */
        };
        char said[PIC__MAIL_SAID + 8];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                pic__auto_err pic_error *err = NULL;
                struct server s;
                int r;

                begin(&s, rows[i].script);
                r = send_one(&s, &(pic__mail_opts){ .clear = 1 }, said, &err);
                if (r != rows[i].code || strstr(pic_error_message(err), rows[i].part) == NULL)
                        fail_msg("row %zu: %d %s", i, r, pic_error_message(err));
                assert_null(strpbrk(pic_error_message(err), "\r\n\x1b"));
                pic__buf_free(&s.heard);
        }
}

/* A server without TLS is told neither password nor mail; nor is one that has it and whom nobody vouches for. */
static void not_in_clear(void **state)
{
        const pic__mail_opts o = { .user = "me", .password = "hunter2" };
        char said[PIC__MAIL_SAID + 8];
        pic__auto_err pic_error *err = NULL;
        struct server s;

        (void)state;
        begin(&s, NULL);
        assert_int_equal(send_one(&s, &o, said, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "the server has no TLS"));
        assert_non_null(strstr(pic_error_hint(err), "--tls no"));
        assert_null(strstr(pic__buf_str(&s.heard), "AUTH"));
        assert_null(strstr(pic__buf_str(&s.heard), "MAIL"));
        assert_null(strstr(pic__buf_str(&s.heard), "hunter2"));
        pic__buf_free(&s.heard);
}

/* Whatever it says is one line, and bounded. */
static void odd_words(void **state)
{
        static const struct line script[] = { { "RCPT", "550 \x1b[31mred\x07 and then some\r\n" }, { NULL, NULL } };
        char said[PIC__MAIL_SAID + 8];
        pic__auto_err pic_error *err = NULL;
        struct server s;

        (void)state;
        begin(&s, script);
        assert_int_equal(send_one(&s, &(pic__mail_opts){ .clear = 1, .recipients = "me@example.org" }, said, &err),
                         PIC_DENIED);
        assert_null(strpbrk(pic_error_message(err), "\x1b\x07"));
        assert_null(strpbrk(said, "\x1b\x07"));
        pic__buf_free(&s.heard);
}

static void nobody(void **state)
{
        PIC__AUTO(pic__mail_unref_p) pic__mail *m = NULL;
        pic__auto_err pic_error *err = NULL;
        const pic__mail_opts o = { .from = "a@b", .recipients = "c@d", .text = text, .len = 5, .clear = 1 };
        int r = pic__mail_start("smtp://127.0.0.1:1", &o, &m, &err);

        (void)state;
        while (r == 0 && (r = pic__mail_go_on(m, &err)) == 0)
                (void)poll(&(struct pollfd){ .fd = pic__mail_fd(m), .events = POLLIN }, 1, 1000);
        assert_int_equal(r, PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "127.0.0.1:1"));
        assert_null(pic__mail_unref(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(taken),     cmocka_unit_test(refused), cmocka_unit_test(not_in_clear),
                cmocka_unit_test(odd_words), cmocka_unit_test(nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
