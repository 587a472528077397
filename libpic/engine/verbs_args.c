/* Owns: reading the arguments of verbs. */
#include "engine/verbs_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_i.h"

#define NAME_MAX_BYTES 256

int pic__arg_text(const struct pic__verb_call *c, const char *key, const char *def, const char **ret, pic_error **err)
{
        const pic__node *n = pic__node_get(c->args, key);

        *ret = def;
        if (n == NULL || n->type == PIC__N_NULL)
                return 0;
        if (n->type != PIC__N_SCALAR || !n->quoted || strlen(n->text) > NAME_MAX_BYTES)
                return pic__fail(err, PIC_INVALID, "%s: a text of at most %d bytes is wanted", key, NAME_MAX_BYTES);
        *ret = n->text;
        return 0;
}

int pic__arg_int(const struct pic__verb_call *c, const char *key, int64_t def, int64_t max, int64_t *ret,
                 pic_error **err)
{
        const pic__node *n = pic__node_get(c->args, key);
        char *end;

        *ret = def;
        if (n == NULL || n->type == PIC__N_NULL)
                return 0;
        errno = 0;
        if (n->type == PIC__N_SCALAR && !n->quoted) {
                *ret = strtoll(n->text, &end, 10);
                if (errno == 0 && *end == '\0' && end != n->text && *ret >= 0 && *ret <= max)
                        return 0;
        }
        return pic__fail(err, PIC_INVALID, "%s: a whole number from 0 to %" PRId64 " is wanted", key, max);
}

int pic__arg_bool(const struct pic__verb_call *c, const char *key, int def, int *ret, pic_error **err)
{
        const pic__node *n = pic__node_get(c->args, key);

        *ret = def;
        if (n == NULL || n->type == PIC__N_NULL)
                return 0;
        if (n->type == PIC__N_SCALAR && !n->quoted && strcmp(n->text, "true") == 0)
                *ret = 1;
        else if (n->type == PIC__N_SCALAR && !n->quoted && strcmp(n->text, "false") == 0)
                *ret = 0;
        else
                return pic__fail(err, PIC_INVALID, "%s: true or false is wanted", key);
        return 0;
}

void pic__verb_settle(pic__engine *e)
{
        if (e->applied < 0 && e->failure == NULL)
                (void)pic__engine_apply(e, NULL, NULL);
}

int pic__name_actor(const struct pic__verb_call *c, const char *claimed, pic__buf *out, pic_error **err)
{
        if (claimed == NULL || claimed[0] == '\0' || strcmp(claimed, c->actor) == 0) {
                pic__buf_puts(out, c->actor);
        } else {
                pic__buf_put_shown(out, claimed, 64);
                pic__buf_putf(out, " via %s", c->actor);
        }
        return out->failed ? pic__nomem(err) : 0;
}
