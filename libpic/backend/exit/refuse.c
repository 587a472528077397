/* Owns: what a carrier refuses. It is that connection's own trouble: its namespace is built and closed, names of the
 * cell are answered, and nothing carries. Everybody else's change goes on. Tried again when the connection changes, and
 * now and then: a program that was missing may be there. */
#include <stdio.h>
#include <string.h>

#include "backend/exit/inside.h"

#define AGAIN_MS 30000

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

void pic__exit_forgive(pic__exit_space *s)
{
        pic_error_free(pic__take(s->refusal));
        s->refused = 0;
        if (s->settled)
                s->told[0] = '\0';
}

/* The same again is told nobody. */
int pic__exit_note(pic__exit_space *s, const char *name, pic_error *why)
{
        int code = pic_error_code(why);
        char text[sizeof(s->told)];

        snprintf(text, sizeof(text), "%s", pic_error_message(why));
        if (strcmp(text, s->told) != 0)
                pic__log_put(s->log, PIC_LOG_WARNING, "exit", "connection %s (%s): nothing carries it: %s%s%s", name,
                             s->dev, pic_error_message(why), pic_error_hint(why) != NULL ? ": " : "",
                             pic_error_hint(why) != NULL ? pic_error_hint(why) : "");
        memcpy(s->told, text, sizeof(text));
        pic_error_free(s->refusal);
        s->refusal = why;
        return code;
}

static int refuse(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error *why)
{
        pic__auto_err pic_error *names = NULL;

        (void)pic__exit_note(s, c->name, why);
        s->refused = 1;
        s->again = mono() + (pic_time)AGAIN_MS * 1000;
        if (pic__carry_nothing(b, s, c, &names) < 0)
                pic__log_err(s->log, PIC_LOG_WARNING, "exit", names);
        pic__exit_ring_in(b, AGAIN_MS);
        return 0;
}

int pic__exit_try(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic_error *why = NULL;
        int r;

        pic__exit_forgive(s);
        r = s->carrier->check != NULL ? s->carrier->check(c, &why) : 0;
        if (r == 0)
                r = pic__exit_carry(b, s, c, &why);
        if (r == 0)
                return 0;
        if (r != PIC_NOMEM)
                return refuse(b, s, c, why);
        if (err != NULL)
                *err = why;
        else
                pic_error_free(why);
        return r;
}

void pic__exit_again(pic__exit *b, pic__exit_space *s)
{
        pic__auto_err pic_error *err = NULL;

        if (mono() < s->again)
                return;
        if (pic__exit_try(b, s, &s->conf, &err) == 0 && !s->refused)
                (void)pic__record_put(s, &err);
        if (err != NULL)
                pic__log_err(s->log, PIC_LOG_WARNING, "exit", err);
}

int pic__exit_refusal(const pic__exit_space *s, pic_error **err)
{
        int code = pic_error_code(s->refusal);

        if (code == 0)
                return 0;
        (void)pic__fail(err, code, "%s", pic_error_message(s->refusal));
        if (pic_error_hint(s->refusal) != NULL)
                pic__hint(err, "%s", pic_error_hint(s->refusal));
        return code;
}
