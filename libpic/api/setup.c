/* Owns: the setup code, by which a cell without an admin gets one; and the front proxy's secret, which is asked for at
 * the same door. */
#include <string.h>

#include "api/session.h"
#include "engine/front.h"
#include "model/text.h"
#include "sys/crypto.h"

#define LETTERS 12
#define CODE_TEXT (LETTERS + 3) /* with hyphens and NUL */
#define CODE_LIFE (24 * 3600 * PIC__SECOND)

/* Crockford's: none that is mistaken for another. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void new_code(char text[CODE_TEXT], char plain[LETTERS + 1])
{
        uint8_t bytes[LETTERS];
        size_t i, n = 0;

        pic__random(bytes, sizeof(bytes));
        for (i = 0; i < LETTERS; i++) {
                if (i > 0 && i % 4 == 0)
                        text[n++] = '-';
                plain[i] = alphabet[bytes[i] & 31];
                text[n++] = plain[i];
        }
        plain[LETTERS] = text[n] = '\0';
        pic__wipe(bytes, sizeof(bytes));
}

/* As people type it: O for 0, I and L for 1. -1: it is none. */
static int read_code(const char *text, char plain[LETTERS + 1])
{
        size_t n = 0;

        for (; *text != '\0'; text++) {
                char c = pic__lower(*text);

                if (c == '-' || c == ' ')
                        continue;
                c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c >= 'a' ? (char)(c - 'a' + 'A') : c;
                if (n == LETTERS || strchr(alphabet, c) == NULL)
                        return -1;
                plain[n++] = c;
        }
        plain[n] = '\0';
        return n == LETTERS ? 0 : -1;
}

static int not_in_setup(pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE, "the cell is set up: it has an admin");
        pic__hint(err, "An admin who forgot the password gets a new one on this machine: pic user reset NAME");
        return PIC_BADSTATE;
}

/* 0: it is. */
static int check_setup(pic__store *st, pic_error **err)
{
        int r = pic__store_has_admin(st, err);

        return r > 0 ? not_in_setup(err) : r;
}

int pic_setup_is(pic_ctx *ctx, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_setup_is", "ctx is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_has_admin(st, err);
        pic__ctx_unlock(ctx);
        return r < 0 ? r : r == 0;
}

static int put_code(pic_ctx *ctx, pic__store *st, const char *plain, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        uint8_t hash[32];
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = check_setup(st, err);
        pic__secret_hash(plain, hash);
        if (r == 0)
                r = pic__txn_setup_put(t, hash, ctx->clock->now(ctx->clock->data) + CODE_LIFE, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_setup_code(pic_ctx *ctx, pic_blob **ret_code, pic_error **err)
{
        char text[CODE_TEXT], plain[LETTERS + 1];
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_code == NULL)
                return pic__api_bad(err, "pic_setup_code", "ctx or ret_code is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        new_code(text, plain);
        r = put_code(ctx, st, plain, err);
        pic__ctx_unlock(ctx);
        if (r == 0)
                r = pic__blob_new(text, strlen(text), ret_code, err);
        pic__wipe(text, sizeof(text));
        pic__wipe(plain, sizeof(plain));
        return r;
}

/* --- with the code -------------------------------------------------------------------------------------------- */

static int write_session(pic_ctx *ctx, pic__store *st, const char *text, pic__session_row *row, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        uint8_t hash[32];
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        row->created = row->seen = ctx->clock->now(ctx->clock->data);
        row->until = row->created + PIC__SESSION_SETUP;
        memcpy(row->role, "setup", sizeof("setup"));
        pic__secret_hash(text, hash);
        pic__buf_putf(&line, "the setup was opened%s%s", row->address[0] != '\0' ? " from " : "", row->address);
        if (r == 0)
                r = pic__txn_session_add(t, row, hash, &row->id, err);
        if (r == 0 && line.failed)
                r = pic__nomem(err);
        if (r == 0)
                r = pic__session_note(t, NULL, "login", pic__buf_str(&line), err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

static int open_setup(pic_ctx *ctx, const char *code, pic__session_row *row, const char *text, pic_error **err)
{
        char plain[LETTERS + 1];
        pic__store *st = NULL;
        uint8_t hash[32];
        int r = pic__ctx_lock(ctx, &st, err), is = 0;

        if (r < 0)
                return r;
        r = check_setup(st, err);
        if (r == 0 && read_code(code, plain) == 0) {
                pic__secret_hash(plain, hash);
                r = is = pic__store_setup_is(st, hash, err);
        }
        if (r >= 0 && is)
                r = write_session(ctx, st, text, row, err);
        pic__ctx_unlock(ctx);
        if (r < 0 || is)
                return r < 0 ? r : 0;
        (void)pic__fail(err, PIC_DENIED, "that is not the setup code, or it is too old");
        pic__hint(err, "Make a new one on the machine of the cell: pic setup");
        return PIC_DENIED;
}

int pic_setup_open(pic_ctx *ctx, const char *code, const char *address, pic_session **ret_session, pic_error **err)
{
        char from[PIC__SESSION_ADDRESS], text[PIC__SECRET_TEXT];
        pic__session_row row = { .user = 0 };
        pic_time wait;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || code == NULL || ret_session == NULL)
                return pic__api_bad(err, "pic_setup_open", "ctx, code or ret_session is not valid");
        pic__gate_address(address, from);
        wait = pic__gate_take(pic__ctx_root(ctx)->gates, PIC__GATE_SETUP, from, ctx->clock->mono(ctx->clock->data));
        if (wait > 0)
                return pic__gate_closed(wait, err);
        pic__secret_new(text);
        pic__session_say(&row, address, NULL);
        r = open_setup(ctx, code, &row, text, err);
        if (r != PIC_DENIED)
                pic__gate_give(pic__ctx_root(ctx)->gates, PIC__GATE_SETUP, from, ctx->clock->mono(ctx->clock->data));
        else
                pic__session_refused(ctx, "a wrong setup code was refused", address);
        if (r == 0)
                r = pic__session_make(&(pic__session_is){ .row = &row, .role = row.role, .text = text, .fresh = 1 },
                                      ret_session, err);
        pic__wipe(text, sizeof(text));
        return r;
}

int pic_front_check(pic_ctx *ctx, const char *text)
{
        return pic__api_is(ctx, PIC__MAGIC_CTX) && text != NULL && pic__front_is(ctx->run_dir, text);
}
