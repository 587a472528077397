/* Owns: rows that a front end asks for, and those of what it was refused. Both are bounded: whoever is turned away must
 * not be able to fill the journal. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "base/time.h"
#include "base/utf8.h"

#define VERB_MAX 32
#define TEXT_MAX 500
#define MINUTE (60 * PIC__SECOND)
#define NOTES_A_MINUTE 100

static int write_note(pic__txn *t, const char *verb, const char *text, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);

        return r < 0 ? r : pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), verb, text, err);
}

/* --- refusals ------------------------------------------------------------------------------------------------- */

static int refused(pic_ctx *ctx, pic__store *st, const char *text, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_refused(t, text, 0, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

void pic__ctx_refused(pic_ctx *ctx, const pic_error *why)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__store *st = NULL;

        pic__buf_puts(&text, "an edit was refused: ");
        pic__buf_put_shown(&text, pic_error_message(why), TEXT_MAX);
        if (text.failed || pic__ctx_lock(ctx, &st, NULL) < 0)
                return;
        (void)refused(ctx, st, pic__buf_str(&text), NULL);
        pic__ctx_unlock(ctx);
}

/* --- a front end's own ---------------------------------------------------------------------------------------- */

static int fail_note(pic_error **err, const char *field, const char *value, const char *rule)
{
        return pic__fail_value(err, "the note", field, value, rule);
}

/* What the library says by itself, nobody else says: a row "reveal" means that something was revealed. */
static int check_verb(const char *verb, pic_error **err)
{
        static const char *const own[] = { "add",
                                           "change",
                                           "remove",
                                           "reveal",
                                           "rekey",
                                           "identity",
                                           "undo",
                                           "repair",
                                           "drift",
                                           "start",
                                           "stop",
                                           "confirm",
                                           "unconfirmed",
                                           "override",
                                           "exit-down",
                                           "exit-up",
                                           "exit-moved",
                                           "exit-revived",
                                           "cert-issue",
                                           "cert-renew",
                                           "cert-root",
                                           "cert-fail",
                                           "cert-late",
                                           "cert-ended",
                                           "cert-ask",
                                           "revoke",
                                           "installed",
                                           "publish",
                                           "publish-failed",
                                           "cert-told",
                                           "cert-tell-fail",
                                           "cert-withdrawn",
                                           "backup",
                                           "restore",
                                           "fetch",
                                           "fetch-failed",
                                           "alert",
                                           "alert-failed",
                                           "fix" };
        size_t len = strlen(verb), i;

        if (len < 2 || len > VERB_MAX || strspn(verb, "abcdefghijklmnopqrstuvwxyz-") != len || verb[0] == '-')
                return fail_note(err, "verb", verb, "must be 2 to 32 lower case letters and hyphens");
        for (i = 0; i < PIC__COUNT(own); i++)
                if (strcmp(own[i], verb) == 0)
                        return fail_note(err, "verb", verb, "is a word that only the library writes");
        return 0;
}

static int check_text(const char *text, pic_error **err)
{
        size_t len = strlen(text);

        if (len < 1 || len > TEXT_MAX || !pic__utf8_printable(text))
                return fail_note(err, "text", text, "must be one printable line of 1 to 500 bytes");
        return 0;
}

static int fail_flood(const char *verb, pic_error **err)
{
        (void)pic__fail(err, PIC_BUSY, "%d rows of %s were written within the last minute", NOTES_A_MINUTE, verb);
        pic__hint(err, "Turn away who comes so often before it is noted.");
        return PIC_BUSY;
}

static int note(pic_ctx *ctx, pic__store *st, const char *verb, const char *text, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        unsigned all = 0, same = 0;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_recent(t, verb, text, MINUTE, &all, &same, err);
        if (r == 0 && all >= NOTES_A_MINUTE)
                return fail_flood(verb, err);
        if (r == 0)
                r = write_note(t, verb, text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_audit_note(pic_ctx *ctx, const char *verb, const char *text, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || verb == NULL || text == NULL)
                return pic__api_bad(err, "pic_audit_note", "ctx, verb or text is not valid");
        r = check_verb(verb, err);
        if (r == 0)
                r = check_text(text, err);
        if (r == 0)
                r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = strcmp(verb, "refused") == 0 ? refused(ctx, st, text, err) : note(ctx, st, verb, text, err);
        pic__ctx_unlock(ctx);
        return r;
}
