/* Owns: which way a device leaves, as an answer and as words. The firewall's OPEN element, the routes and this must
 * mean the same (derive_exit.c); test_leave.c holds them together. */
#include "plan/leave.h"

#include <stdio.h>
#include <string.h>

#include "model/exit.h"

int pic__leave_may(const pic__snap *s, const pic_obj *peer)
{
        const pic__class *class = pic__snap_class(s, peer);
        size_t i;

        for (i = 0; class != NULL && i < class->count; i++)
                if (class->grants[i].to == PIC__TO_INTERNET || class->grants[i].to == PIC__TO_PREFIX)
                        return 1;
        return 0;
}

void pic__leave_of(const pic__snap *s, const pic_obj *peer, pic__leave *ret)
{
        *ret = (pic__leave){ .exit = pic__exit_of(s, peer), .said_by = pic__exit_said_by(s, peer) };
        ret->may = pic__leave_may(s, peer);
        if (ret->exit == NULL)
                return;
        ret->carrier = pic__exit_carried_by(s, ret->exit);
        ret->open = (pic__exit_peer_mark(s, peer) & PIC__EXIT_OPEN) != 0;
        ret->may_open = ret->open && pic__obj_int(ret->exit, "enabled") != 0 && !pic__exit_is(ret->exit, "block");
        ret->down = pic__snap_exits(s)->at[pic__exit_slot(ret->exit)].down;
}

int pic__leave_direct(const pic__leave *l)
{
        return l->exit == NULL || (l->down && l->may_open);
}

int pic__leave_closed(const pic__leave *l)
{
        return !pic__leave_direct(l) && (l->carrier == NULL || l->down);
}

static const char *by(const pic__leave *l)
{
        if (l->said_by == NULL)
                return NULL;
        return l->said_by->kind == PIC__PEER ? "own" : pic__kinds[l->said_by->kind].name;
}

const char *pic__leave_whose(const pic__leave *l, char text[PIC__LEAVE_WHOSE])
{
        text[0] = '\0';
        if (l->said_by != NULL && l->said_by->kind == PIC__GROUP)
                (void)snprintf(text, PIC__LEAVE_WHOSE, " (group %s)", pic__obj_name(l->said_by));
        else if (l->said_by != NULL)
                (void)snprintf(text, PIC__LEAVE_WHOSE, " (%s)", by(l));
        return text;
}

/* An exit that was turned off, and `block`, have no state of their own. */
static const char *state_of(const pic__leave *l, const char *state)
{
        if (pic__obj_int(l->exit, "enabled") == 0)
                return "off";
        if (pic__exit_is(l->exit, "block"))
                return "block";
        return l->down ? "down" : state;
}

static const char *member(const pic__leave *l, const char *state)
{
        return state != NULL && l->carrier != NULL && l->carrier != l->exit && !l->down ? pic__obj_name(l->carrier)
                                                                                        : NULL;
}

void pic__leave_text(const pic__leave *l, const char *state, pic__buf *out)
{
        char whose[PIC__LEAVE_WHOSE] = "";
        const char *at, *in_use;

        if (l->exit == NULL) {
                pic__buf_putf(out, "%s%s", l->may ? "direct" : "-", l->may ? pic__leave_whose(l, whose) : "");
                return;
        }
        at = state_of(l, state);
        in_use = member(l, state);
        if (l->said_by->kind != PIC__PEER)
                (void)pic__leave_whose(l, whose);
        pic__buf_putf(out, "%s%s%s%s%s%s", pic__obj_name(l->exit), in_use != NULL ? ": " : "",
                      in_use != NULL ? in_use : "", whose, at != NULL ? ", " : "", at != NULL ? at : "");
        if (!l->may)
                pic__buf_puts(out, "; it has no right to leave");
        else if (pic__leave_direct(l))
                pic__buf_puts(out, ", open: leaves directly!");
        else if (pic__leave_closed(l))
                pic__buf_puts(out, ": closed");
        else if (l->may_open)
                pic__buf_puts(out, "; directly while it is down");
}

void pic__leave_json(const pic__leave *l, const char *state, pic__json *j)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *in_use = l->exit != NULL ? member(l, state) : NULL;

        pic__leave_text(l, state, &text);
        pic__json_open(j, '{');
        pic__json_kstr(j, "exit", l->exit != NULL ? pic__obj_name(l->exit) : NULL);
        pic__json_kstr(j, "by", by(l));
        pic__json_kstr(j, "group",
                       l->said_by != NULL && l->said_by->kind == PIC__GROUP ? pic__obj_name(l->said_by) : NULL);
        pic__json_kstr(j, "carrier", in_use);
        pic__json_kstr(j, "state", l->exit != NULL ? state_of(l, state) : NULL);
        pic__json_kbool(j, "open", l->open);
        pic__json_kbool(j, "closed", pic__leave_closed(l));
        pic__json_kbool(j, "direct", pic__leave_direct(l));
        pic__json_kbool(j, "may", l->may);
        pic__json_kstr(j, "text", pic__buf_str(&text));
        pic__json_close(j, '}');
        j->out->failed |= text.failed;
}
