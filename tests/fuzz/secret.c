/* Secrets as a person gives them. The first byte says which field. What is taken opens, under its own place, and is
 * taken again just so; what is refused is refused with a code of its own and is in no message. */
#include "fuzz.h"

#include "base/buf.h"
#include "change/secret.h"
#include "sys/crypto.h"

static uint8_t key[32] = { 8, 9, 10, 11 }, public_key[32];

static int seal_key(void *data, uint8_t out[32], pic_error **err)
{
        (void)data, (void)err;
        memcpy(out, public_key, 32);
        return 0;
}

static int push(pic__wishes *w, const char *field, const char *text, pic_error **err)
{
        const pic__op op = { .wish = PIC__WISH_SET,
                             .kind = PIC__CONNECTION,
                             .name = "m",
                             .field = pic__field_find(PIC__CONNECTION, field),
                             .text = text };

        w->seal_key = seal_key;
        return pic__secret_push(w, &op, err);
}

/* The clear text of the first wish for the field. */
static char *opened(const pic__wishes *w, const char *field)
{
        const int index = pic__field_find(PIC__CONNECTION, field);
        char context[64], *plain = NULL;
        size_t i, len = 0;

        snprintf(context, sizeof(context), "connection/%s", field);
        for (i = 0; i < w->ops.count && plain == NULL; i++) {
                const pic__op *op = &w->ops.at[i];
                size_t room = strlen(op->text) + 1;

                if (op->field != index)
                        continue;
                plain = calloc(1, room);
                must(plain != NULL);
                must(pic__unseal_pair(public_key, key, context, op->text, (uint8_t *)plain, room - 1, &len, NULL) == 0);
                must(strlen(plain) == len);
        }
        must(plain != NULL);
        return plain;
}

static void taken(pic__wishes *w, const char *field)
{
        pic__wishes again = { .documents = 0 };
        char *plain = opened(w, field), *twice;

        if (strcmp(field, "profile") != 0) { /* which loses its far ends: they are other fields */
                must(push(&again, field, plain, NULL) == 0);
                twice = opened(&again, field);
                must(strcmp(plain, twice) == 0);
                free(twice);
        }
        pic__wishes_free(&again);
        free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const fields[] = { "private_key", "preshared_key", "password", "key", "profile" };
        const char *field = fields[next_byte(&data, &size) % PIC__COUNT(fields)];
        char *text = text_of(data, size);
        pic__auto_err pic_error *err = NULL;
        pic__wishes w = { .documents = 0 };
        const pic_error *e;
        int r;

        must(pic__crypto_start(NULL) == 0);
        pic__wg_public(key, public_key);
        r = push(&w, field, text, &err);
        must(r == 0 ? w.ops.count > 0 : w.ops.count == 0);
        must(r == pic_error_code(err));
        if (r == 0)
                taken(&w, field);
        for (e = err; e != NULL && strcmp(field, "profile") != 0; e = pic_error_next(e))
                must(strlen(text) < 12 || strstr(pic_error_message(e), text) == NULL);
        pic__wishes_free(&w);
        free(text);
        return 0;
}
