/* Owns: the questions of a cell that moves. Each is a field of the cell; giving it a value, the same one too, settles
 * it. */
#include "engine/moved.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "change/run.h"
#include "engine/hostnet.h"
#include "engine/newcell.h"

static const char *answer(const pic__moved_opts *o, const char *field)
{
        const char *const *a;

        for (a = o->answers; a != NULL && a[0] != NULL; a += 2)
                if (pic__field_find(PIC__CELL, a[0]) == pic__field_find(PIC__CELL, field))
                        return a[1];
        return NULL;
}

int pic__moved_is_here(const pic_obj *cell, const pic__moved_opts *o)
{
        return o->here != NULL && pic__obj_has(cell, "identity_key") &&
               strcmp(pic__obj_text(cell, "identity_key"), pic__obj_text(o->here, "identity_key")) == 0;
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static int wish(pic__wishes *w, const char *field, const char *text, pic_error **err)
{
        pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__CELL, .text = text };

        op.field = pic__wish_check(PIC__CELL, field, text, err);
        return op.field < 0 ? op.field : pic__wish_push(w, &op, err);
}

static int run(pic__store *st, const pic__wishes *w, const pic__moved_opts *o, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        const pic__run_opts opts = { .clock = o->clock };
        int r = pic__txn_begin(st, o->actor, o->way, &t, err);

        if (r == 0)
                r = pic__change_run(w, st, t, &opts, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic__moved_answer(pic__store *st, const pic__moved_opts *o, pic_error **err)
{
        pic__wishes w = { .if_revision = 0 };
        const char *const *a;
        int r = 0;

        for (a = o->answers; r == 0 && a != NULL && a[0] != NULL; a += 2)
                r = wish(&w, a[0], a[1], err);
        if (r == 0 && w.ops.count > 0)
                r = run(st, &w, o, err);
        pic__wishes_free(&w);
        return r;
}

/* --- questions --------------------------------------------------------------------------------------------------- */

struct asking {
        const pic_obj *cell;
        const pic__moved_opts *o;
        pic__json *j;
        size_t needed;
        pic_error **first;
};

static void ask(struct asking *a, const char *field, int needed, const char *text)
{
        if (answer(a->o, field) != NULL)
                return;
        pic__json_open(a->j, '{');
        pic__json_kstr(a->j, "field", field);
        pic__json_kstr(a->j, "value", pic__obj_text(a->cell, field));
        pic__json_kbool(a->j, "needed", needed);
        pic__json_kstr(a->j, "text", text);
        pic__json_close(a->j, '}');
        if (needed && a->needed++ == 0)
                pic__fail(a->first, PIC_CONFLICT, "%s: %s", field, text);
}

/* Nobody can look from outside whether it leads here. */
static void ask_endpoint(struct asking *a)
{
        const char *endpoint = pic__obj_text(a->cell, "endpoint");
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (endpoint[0] == '\0' || pic__moved_is_here(a->cell, a->o))
                return;
        pic__buf_putf(&text,
                      "devices look for the cell at %s: that must lead to this machine now, or they need another "
                      "endpoint and new configurations",
                      endpoint);
        ask(a, "endpoint", 0, pic__buf_str(&text));
}

static int is_taken(int family, unsigned port)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        const void *where = family == AF_INET ? (const void *)&four : (const void *)&six;
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), yes = 1, taken;

        if (fd < 0)
                return 0;
        if (family == AF_INET6)
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
        taken = bind(fd, where, family == AF_INET ? sizeof(four) : sizeof(six)) < 0 && errno == EADDRINUSE;
        (void)close(fd);
        return taken;
}

static int has_here(const struct asking *a, const char *field)
{
        return a->o->here != NULL && strcmp(pic__obj_text(a->o->here, field), pic__obj_text(a->cell, field)) == 0;
}

static void ask_port(struct asking *a)
{
        unsigned port = (unsigned)pic__obj_int(a->cell, "listen_port");

        if ((a->o->here == NULL || pic__obj_int(a->o->here, "listen_port") != (int64_t)port) &&
            (is_taken(AF_INET, port) || is_taken(AF_INET6, port)))
                ask(a, "listen_port", 1, "another program of this machine has this UDP port");
}

static void ask_device(struct asking *a)
{
        if (!has_here(a, "device") && if_nametoindex(pic__obj_text(a->cell, "device")) != 0)
                ask(a, "device", 1, "this machine has a network device of that name");
}

struct clash {
        struct asking *a;
        const char *field;
        pic__prefix net;
        int told;
};

static int see_net(const char *prefix, const char *ifname, void *data)
{
        struct clash *c = data;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__prefix p;

        if (c->told || pic__prefix_parse(prefix, &p) < 0 || p.len == 0 || !pic__prefix_overlaps(&p, &c->net))
                return 0;
        pic__buf_putf(&text, "this machine uses %s (%s): devices would no longer reach one of the two", prefix, ifname);
        ask(c->a, c->field, 1, pic__buf_str(&text));
        c->told = 1;
        return 0;
}

static int ask_net(struct asking *a, const char *field, pic_error **err)
{
        struct clash c = { .a = a, .field = field };

        if (has_here(a, field) || pic__prefix_parse(pic__obj_text(a->cell, field), &c.net) < 0)
                return 0;
        return pic__engine_host_prefixes(see_net, &c, err);
}

int pic__moved_ask(pic__store *st, const pic__moved_opts *o, pic__json *j, size_t *ret_needed, pic_error **ret_first,
                   pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        struct asking a = { .o = o, .j = j, .first = ret_first };
        int r = pic__store_get(st, PIC__CELL, NULL, &cell, err);

        a.cell = cell;
        pic__json_open(j, '[');
        if (r == 0)
                ask_endpoint(&a);
        if (r == 0 && !o->fake) {
                ask_port(&a);
                ask_device(&a);
                r = ask_net(&a, "net4", err);
                r = r < 0 ? r : ask_net(&a, "net6", err);
        }
        pic__json_close(j, ']');
        *ret_needed = a.needed;
        return r < 0 ? r : 0;
}
