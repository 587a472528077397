/* Owns: rules between objects, judged when all wishes are in. An edit of single peers looks at those and at what they
 * refer to, so that adding one costs the same at any size; one that touches networks, or a whole document, looks at
 * everything. */
#include <string.h>

#include "change/inner.h"
#include "model/record.h"

#define FEW 32 /* more touched objects than this: everything is read once instead */

struct gather {
        pic__run *run;
        pic__snap *snap;
        const pic_obj *o;
        pic_error *list;
};

static void put_owner(const struct gather *g, enum pic__kind kind, const char *field, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf object = PIC__BUF_INIT, rule = PIC__BUF_INIT;

        pic__buf_putf(&object, "%s %s", pic__kinds[g->o->kind].name, pic__obj_name(g->o));
        pic__prefix_msg(err, "%s: %s: ", pic__buf_str(&object), field);
        pic__detail(err, "object", pic__buf_str(&object));
        pic__detail(err, "field", field);
        pic__detail(err, "value", name);
        pic__buf_putf(&rule, "is no %s of this cell", pic__kinds[kind].name);
        pic__detail(err, "rule", pic__buf_str(&rule));
}

/* Of a rule's FROM and TO a bare name is a device. */
static void hint_group(const struct gather *g, enum pic__kind kind, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *group = NULL;

        if (kind == PIC__PEER && pic__txn_get(g->run->t, PIC__GROUP, name, &group, NULL) == 0)
                pic__hint(err, "There is a group of that name: group:%s", name);
}

/* One reference: who is meant goes into the small snapshot. */
static int gather_ref(enum pic__kind kind, const char *name, const char *field, void *data)
{
        struct gather *g = data;
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic_error *err = NULL;
        int r;

        if (pic__snap_named(g->snap, kind, name) != NULL)
                return 0;
        r = pic__txn_get(g->run->t, kind, name, &o, &err);
        if (r == 0)
                r = pic__snap_put(g->snap, o, &err);
        if (r == PIC_NOTFOUND) {
                put_owner(g, kind, field, name, &err);
                hint_group(g, kind, name, &err);
        }
        if (r < 0)
                pic__err_append(&g->list, err);
        return 0;
}

/* Who would answer to the same name, and what an alias leads over: no references (an alias may outlive what it leads
 * to), but judged together. */
static int gather_one(struct gather *g, enum pic__kind kind, const char *name)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic_error *err = NULL;
        int r = pic__txn_get(g->run->t, kind, name, &o, NULL);

        if (r == PIC_NOTFOUND || (r == 0 && o->kind == g->o->kind && o->id == g->o->id))
                return 0;
        if (r == 0)
                r = pic__snap_put(g->snap, o, &err);
        if (r < 0)
                pic__err_append(&g->list, err);
        return r;
}

/* Services are few: their names and addresses are nobody else's. */
static int gather_service(const pic_obj *service, void *data)
{
        struct gather *g = data;
        pic_error *err = NULL;
        int r = pic__snap_put(g->snap, service, &err);

        if (r < 0)
                pic__err_append(&g->list, err);
        return r;
}

static int gather_names(struct gather *g)
{
        const pic_obj *at = g->o;
        char name[PIC__RDATA_TEXT];
        int steps, r;

        if (g->o->kind != PIC__PEER && g->o->kind != PIC__RECORD)
                return 0;
        r = pic__txn_each(g->run->t, PIC__SERVICE, gather_service, g, NULL);
        if (r == 0)
                r = gather_one(g, g->o->kind == PIC__PEER ? PIC__RECORD : PIC__PEER, pic__obj_name(g->o));
        if (g->o->kind != PIC__RECORD || r < 0)
                return r;
        for (steps = 0; at != NULL && steps < PIC__ALIAS_MAX && pic__obj_text(at, "cname")[0] != '\0'; steps++) {
                if (!pic__record_inside(g->run->cell, pic__obj_text(at, "cname"), name, sizeof(name)))
                        break;
                r = gather_one(g, PIC__RECORD, name);
                if (r < 0)
                        return r;
                at = pic__snap_named(g->snap, PIC__RECORD, name);
        }
        return 0;
}

/* The touched object with the cell and with whom it names: enough for every rule but those about routed networks. */
static int check_one(pic__run *run, const struct pic__touched *t, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *snap = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        struct gather g = { .run = run };
        int r;

        r = pic__store_get_id(run->st, t->kind, t->id, &o, err);
        if (r == PIC_NOTFOUND) { /* made and removed by the same edit */
                if (err != NULL) {
                        pic_error_free(*err);
                        *err = NULL;
                }
                return 0;
        }
        if (r == 0)
                r = pic__snap_new(&snap, err);
        if (r == 0)
                r = pic__snap_put(snap, run->cell, err);
        if (r == 0)
                r = pic__snap_put(snap, o, err);
        if (r < 0)
                return r;
        g.snap = snap;
        g.o = o;
        (void)pic__obj_refs(o, gather_ref, &g);
        (void)gather_names(&g);
        if (g.list == NULL)
                return pic__snap_check(snap, o, err);
        r = pic_error_code(g.list);
        pic__err_append(err, g.list);
        return r;
}

static int check_whole(pic__run *run, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *snap = NULL;
        int r = pic__snap_new(&snap, err);

        if (r == 0)
                r = pic__store_load(run->st, snap, NULL, err);
        return r < 0 ? r : pic__snap_check(snap, NULL, err);
}

int pic__run_check_host(const pic__run *run, const pic_obj *before, const pic_obj *now, pic_error **err)
{
        static const char *const fields[PIC__KINDS][2] = {
                [PIC__CELL] = { "net4", "net6" }, [PIC__PEER] = { "subnets" }
        };
        int differ = 0;
        size_t i;

        for (i = 0; i < 2 && fields[now->kind][i] != NULL; i++)
                differ |= before == NULL || strcmp(pic__obj_text(before, fields[now->kind][i]),
                                                   pic__obj_text(now, fields[now->kind][i])) != 0;
        return differ && run->opts->check_host != NULL ? run->opts->check_host(now, err) : 0;
}

int pic__run_check(pic__run *run)
{
        size_t i;
        int r = 0;

        if (run->whole || run->touched.count > FEW) {
                pic_error *err = NULL;

                return check_whole(run, &err) < 0 ? pic__run_collect(run, NULL, err) : 0;
        }
        for (i = 0; r == 0 && i < run->touched.count; i++) {
                pic_error *err = NULL;

                if (check_one(run, &run->touched.at[i], &err) < 0)
                        r = pic__run_collect(run, run->touched.at[i].op, err);
        }
        return r;
}
