/* Owns: which certificate is shown for which name at the place of services, of those that are not a service's own: a
 * line each of haproxy's list, "CERT NAME". One certificate may stand there for many names, and for no others. What
 * everybody may ask for stands in a list of its own. */
#include <stdio.h>
#include <string.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"

static const struct {
        const char *before, *file; /* what a key begins with */
} lists[] = { { "outside/", PIC__FRONT_OUTSIDE }, { "", PIC__FRONT_SERVED } };

/* Which list a key is of; *ret_name: the rest of it. */
static const char *list_of(const char *key, const char **ret_name)
{
        size_t i = strncmp(key, lists[0].before, strlen(lists[0].before)) == 0 ? 0 : 1;

        *ret_name = key + strlen(lists[i].before);
        return lists[i].file;
}

/* Lines that are to go: of that certificate, or but for it of that name. */
struct search {
        const char *cert, *name, *but;
        pic__buf found; /* "CERT:LINE\n" */
};

static int ask_list(pic__front *b, const char *list, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;

        pic__buf_putf(&command, "show ssl crt-list -n %s\n", list);
        return pic__front_ask(b->dir, &command, PIC__FRONT_TIMEOUT, out, err);
}

static int note(const pic__front_shown *s, void *data)
{
        struct search *q = data;

        if (q->cert != NULL ? strcmp(s->cert, q->cert) == 0
                            : strcmp(s->name, q->name) == 0 && (q->but == NULL || strcmp(s->cert, q->but) != 0))
                pic__buf_putf(&q->found, "%s:%s\n", s->cert, s->line);
        return 0;
}

static int drop(pic__front *b, const char *list, struct search *q, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        char *save = NULL, *line;
        int r = ask_list(b, list, &answer, err);

        if (r == 0)
                r = pic__front_read_shown(answer.data, note, q);
        if (r == 0 && q->found.failed)
                r = pic__nomem(err);
        for (line = r == 0 && q->found.len > 0 ? strtok_r(q->found.data, "\n", &save) : NULL; line != NULL && r == 0;
             line = strtok_r(NULL, "\n", &save))
                r = pic__front_tellf(b, "", err, "del ssl crt-list %s %s", list, line);
        pic__buf_free(&q->found);
        return r;
}

static int find(const pic__front_shown *s, void *data)
{
        const struct search *q = data;

        return strcmp(s->name, q->name) == 0 && strcmp(s->cert, q->but) == 0;
}

static int add(pic__front *b, const char *list, struct search *q, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r = ask_list(b, list, &answer, err);

        if (r == 0)
                r = pic__front_read_shown(answer.data, find, q);
        if (r != 0)
                return r < 0 ? r : 0; /* it is there */
        return pic__front_tellf(b, "Success!", err, "add ssl crt-list %s <<\n%s %s\n", list, q->but, q->name);
}

/* A name that moves to another certificate has both for a moment. */
int pic__front_show(pic__front *b, const pic__step *s, pic_error **err)
{
        const pic__item *item = s->after != NULL ? s->after : s->before;
        struct search q = { NULL, NULL, s->after != NULL ? s->after->value : NULL, PIC__BUF_INIT };
        const char *list = list_of(item->key, &q.name);
        int r = 0;

        if (!pic__front_name_ok(q.name) || !pic__front_name_ok(item->value))
                return pic__fail(err, PIC_INVALID, "'%s %s' cannot be shown", item->key, item->value);
        if (s->after != NULL)
                r = add(b, list, &q, err);
        return r < 0 ? r : drop(b, list, &q, err);
}

int pic__front_unshow(pic__front *b, const char *cert, pic_error **err)
{
        struct search q = { cert, NULL, NULL, PIC__BUF_INIT };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(lists); i++)
                r = drop(b, lists[i].file, &q, err);
        return r;
}

struct look {
        pic__items *out;
        const char *before;
        pic_error **err;
};

static int see(const pic__front_shown *s, void *data)
{
        struct look *l = data;
        char key[300];

        snprintf(key, sizeof(key), "%s%s", l->before, s->name);
        return pic__items_add(l->out, PIC__I_FRONT_SHOWN, key, s->cert, NULL, NULL, l->err);
}

int pic__front_look_shown(pic__front *b, pic__items *out, pic_error **err)
{
        struct look l = { out, NULL, err };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(lists); i++) {
                pic__auto_buf pic__buf answer = PIC__BUF_INIT;

                l.before = lists[i].before;
                r = ask_list(b, lists[i].file, &answer, err);
                if (r == 0)
                        r = pic__front_read_shown(answer.data, see, &l);
        }
        return r;
}
