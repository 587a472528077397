/* Owns: answers as text: made, and opened again. */
#include "engine/wire.h"

#include <string.h>

#include "codec/doc.h"

#define NO_MEMORY \
        "{\"ok\":false,\"error\":{\"code\":\"NOMEM\",\"message\":\"out of memory\",\"hint\":null,\"details\":{}}}"
#define DETAILS_MAX 32

void pic__wire_message(const pic_error *err, pic__buf *out)
{
        for (; err != NULL; err = pic_error_cause(err)) {
                pic__buf_puts(out, pic_error_message(err));
                if (pic_error_cause(err) != NULL)
                        pic__buf_puts(out, ": ");
        }
}

static void put_detail(const char *key, const char *value, void *data)
{
        pic__json_kstr(data, key, value);
}

void pic__wire_error(const pic_error *err, pic__json *j)
{
        pic__auto_buf pic__buf message = PIC__BUF_INIT;

        pic__wire_message(err, &message);
        pic__json_open(j, '{');
        pic__json_kstr(j, "code", pic_code_name(pic_error_code(err)));
        pic__json_kstr(j, "message", pic__buf_str(&message));
        pic__json_kstr(j, "hint", pic_error_hint(err));
        pic__json_key(j, "details");
        pic__json_open(j, '{');
        pic__err_each(err, put_detail, j);
        pic__json_close(j, '}');
        pic__json_close(j, '}');
}

void pic__wire_failure(const pic_error *err, pic__buf *answer)
{
        pic__json j = PIC__JSON(answer);

        pic__buf_clear(answer);
        pic__json_open(&j, '{');
        pic__json_kbool(&j, "ok", 0);
        pic__json_key(&j, "error");
        pic__wire_error(err, &j);
        pic__json_close(&j, '}');
        if (!answer->failed)
                return;
        pic__buf_clear(answer);
        pic__buf_puts(answer, NO_MEMORY);
}

/* The code of a name; PIC_BACKEND for one this version does not know. */
static int code_of(const char *name)
{
        static const struct {
                const char *name;
                int code;
        } codes[] = {
#define PIC_X(name, value, text) { #name, (value) },
                PIC_CODES(PIC_X)
#undef PIC_X
        };
        size_t i;

        for (i = 0; name != NULL && i < PIC__COUNT(codes); i++)
                if (strcmp(codes[i].name, name) == 0)
                        return codes[i].code;
        return PIC_BACKEND;
}

static const char *text_of(const pic__node *map, const char *key)
{
        const pic__node *n = pic__node_get(map, key);

        return n != NULL && n->type == PIC__N_SCALAR ? n->text : NULL;
}

static int rebuild(const pic__node *error, pic_error **err)
{
        const pic__node *details = pic__node_get(error, "details"), *d;
        const char *pairs[2 * DETAILS_MAX + 1] = { NULL };
        int code = code_of(text_of(error, "code"));
        size_t n = 0;

        if (details != NULL && details->type == PIC__N_MAP)
                for (d = details->first; d != NULL && n + 2 < PIC__COUNT(pairs); d = d->next)
                        if (d->type == PIC__N_SCALAR) {
                                pairs[n++] = d->key;
                                pairs[n++] = d->text;
                        }
        return pic__err_make(err, code == PIC_OK ? PIC_BACKEND : code, text_of(error, "message"),
                             text_of(error, "hint"), pairs);
}

int pic__wire_open(const char *answer, size_t len, pic__buf *result, pic_error **err)
{
        static const size_t head = sizeof(PIC__WIRE_OK) - 1;
        pic__auto_err pic_error *bad = NULL;
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *error;

        if (len > head && memcmp(answer, PIC__WIRE_OK, head) == 0 && answer[len - 1] == '}') {
                pic__buf_put(result, answer + head, len - head - 1);
                return result->failed ? pic__nomem(err) : 0;
        }
        if (pic__doc_json(answer, len, "agent", &doc, &bad) == PIC_NOMEM)
                return pic__nomem(err);
        error = doc != NULL ? pic__node_get(pic__doc_root(doc), "error") : NULL;
        if (error == NULL || error->type != PIC__N_MAP)
                return pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
        return rebuild(error, err);
}

static void copy_detail(const char *key, const char *value, void *data)
{
        pic__detail(data, key, value);
}

pic_error *pic__wire_copy(const pic_error *err)
{
        pic__auto_buf pic__buf message = PIC__BUF_INIT;
        pic_error *copy = NULL;

        if (err == NULL)
                return NULL;
        pic__wire_message(err, &message);
        pic__err_make(&copy, pic_error_code(err), pic__buf_str(&message), pic_error_hint(err), NULL);
        pic__err_each(err, copy_detail, &copy);
        return copy;
}
