/* Owns: whether a change cuts the session of the one who makes it. */
#include "plan/session.h"

#include <stdio.h>
#include <string.h>

#include "plan/why.h"

/* What a handshake hangs on: another one of these, and what is connected now is not any more. */
static const char *const device_keys[] = { "public_key", "preshared", "preshared_key" };
static const struct {
        const char *field, *reason;
} cell_ties[] = {
        { "device", "the tunnel's interface is made anew" },
        { "listen_port", "the cell waits on another port" },
        { "public_key", "the cell gets another key" },
};

void pic__verdict_free(pic__verdict *v)
{
        v->device = pic__obj_unref(v->device);
        v->cell = pic__obj_unref(v->cell);
}

static int is_behind(const pic_obj *peer, const pic__addr *a)
{
        const char *list = pic__obj_text(peer, "subnets");
        char one[PIC__PREFIX_TEXT];
        pic__prefix p;

        while (pic__list_next(&list, one, sizeof(one)))
                if (pic__prefix_parse(one, &p) == 0 && pic__prefix_has(&p, a))
                        return 1;
        return 0;
}

/* Whose packets have this source. */
static const pic_obj *sender(const pic__snap *s, const pic__addr *a)
{
        const pic_obj *peer = pic__snap_by_addr(s, a);
        size_t at = 0;

        if (peer != NULL)
                return peer;
        while ((peer = pic__snap_next_routed(s, &at)) != NULL)
                if (is_behind(peer, a))
                        return peer;
        return NULL;
}

/* The far end of the session as the snapshot has it. */
static void far_end(const pic__session *session, const pic__snap *s, pic__addr *ret)
{
        const char *field = session->source.family == 4 ? "net4" : "net6";
        pic__prefix net;

        *ret = session->destination;
        if (ret->family == 0 && pic__prefix_parse(pic__obj_text(pic__snap_cell(s), field), &net) == 0)
                (void)pic__addr_add(&net.addr, 1, ret);
}

static int is_allowed(const pic__session *session, const pic__snap *s, const pic_obj *peer, pic_error **err)
{
        char text[PIC__ADDR_TEXT], question[PIC__ADDR_TEXT + 24];
        pic__addr to;
        pic__why why;
        int r;

        far_end(session, s, &to);
        snprintf(question, sizeof(question), to.family == 6 ? "[%s]:tcp/%u" : "%s:tcp/%u", pic__addr_print(&to, text),
                 session->port);
        r = pic__plan_why(s, pic__obj_name(peer), question, 0, &why, err);
        return r < 0 ? r : why.allowed;
}

int pic__session_before(const pic__session *session, const pic__snap *s, pic__verdict *v, pic_error **err)
{
        const pic_obj *peer = pic__snap_cell(s) != NULL ? sender(s, &session->source) : NULL;
        int r;

        if (peer == NULL)
                return 0;
        r = is_allowed(session, s, peer, err);
        if (r < 0)
                return r;
        v->allowed = r;
        v->inside = 1;
        snprintf(v->peer, sizeof(v->peer), "%s", pic__obj_name(peer));
        v->device = pic__obj_ref(peer);
        v->cell = pic__obj_ref(pic__snap_cell(s));
        return 0;
}

static int differs(const pic_obj *a, const pic_obj *b, const char *field)
{
        int i = pic__field_find(a->kind, field);

        return !pic__val_equal(pic__obj_val(a, i), pic__obj_val(b, i));
}

static const char *tie_cut(const pic__session *session, const pic__snap *s, const pic_obj *was, const pic_obj *is,
                           const pic_obj *cell)
{
        size_t i;

        if (is == NULL)
                return "the device is removed";
        if (!pic__snap_active(s, is))
                return pic__obj_int(is, "enabled") == 0 ? "the device is disabled" : "the device expires";
        if (sender(s, &session->source) != is)
                return "the device loses this address";
        for (i = 0; i < PIC__COUNT(device_keys); i++)
                if (differs(was, is, device_keys[i]))
                        return "the device gets another key";
        for (i = 0; i < PIC__COUNT(cell_ties); i++)
                if (differs(cell, pic__snap_cell(s), cell_ties[i].field))
                        return cell_ties[i].reason;
        return NULL;
}

/* A session to the cell's own address ends when that is another one. */
static int far_end_moved(const pic__session *session, const pic__snap *s, const pic_obj *cell)
{
        const char *field = session->source.family == 4 ? "net4" : "net6";
        pic__addr self;
        pic__prefix net;

        if (!differs(cell, pic__snap_cell(s), field))
                return 0;
        return session->destination.family == 0 ||
               (pic__prefix_parse(pic__obj_text(cell, field), &net) == 0 && pic__addr_add(&net.addr, 1, &self) == 0 &&
                pic__addr_cmp(&self, &session->destination) == 0);
}

int pic__session_after(const pic__session *session, const pic__snap *s, pic__verdict *v, pic_error **err)
{
        const pic_obj *is;
        const char *why;
        pic__addr to;
        char text[PIC__ADDR_TEXT];
        int r;

        if (!v->inside)
                return 0;
        is = pic__snap_get(s, PIC__PEER, v->device->id);
        why = tie_cut(session, s, v->device, is, v->cell);
        if (why == NULL && far_end_moved(session, s, v->cell))
                why = "the cell gets another address";
        if (why != NULL) {
                v->cut = 1;
                snprintf(v->reason, sizeof(v->reason), "%s", why);
                return 0;
        }
        r = is_allowed(session, s, is, err);
        if (r < 0)
                return r;
        v->cut = v->allowed && !r;
        far_end(session, s, &to);
        if (v->cut)
                snprintf(v->reason, sizeof(v->reason), "%s may not reach tcp/%u of %s any more", v->peer, session->port,
                         pic__addr_print(&to, text));
        return 0;
}
