/* Owns: steps as words for people and as JSON for programs. Neither ever has a secret; that one changed is all they
 * say. */
#include <string.h>

#include "plan/diff.h"

enum { SHOWN = 160 };

static const char *const verbs[] = { [PIC__ADD] = "add", [PIC__CHANGE] = "change", [PIC__REMOVE] = "remove" };
const char *const pic__risk_names[] = {
        [PIC__RISK_NONE] = "none", [PIC__RISK_TRAFFIC] = "traffic", [PIC__RISK_SESSION] = "session"
};

static const pic__item *shown_item(const pic__step *step)
{
        return step->after != NULL ? step->after : step->before;
}

/* The object it comes from: the wish knows it, what was observed does not. */
static const char *object_of(const pic__step *step)
{
        if (step->after != NULL && step->after->why != NULL)
                return step->after->why;
        return step->before != NULL ? step->before->why : NULL;
}

static int same_value(const pic__step *step)
{
        return step->before != NULL && step->after != NULL && strcmp(step->before->value, step->after->value) == 0;
}

int pic__step_risk(const pic__step *step)
{
        const pic__item_info *info = &pic__item_kinds[step->kind];

        if (step->verb == PIC__ADD)
                return PIC__RISK_NONE;
        return step->verb == PIC__CHANGE ? info->risk_change : info->risk_remove;
}

/* A device whose private key was not seen cannot be put back as it was. */
static int reversible(const pic__step *step)
{
        return step->verb == PIC__ADD || step->kind != PIC__I_WG_DEVICE || step->before->secret != NULL;
}

/* "wg.peer" as "wg peer" */
static void put_kind(enum pic__item_kind kind, pic__buf *out)
{
        const char *c;

        for (c = pic__item_kinds[kind].name; *c != '\0'; c++)
                pic__buf_putc(out, *c == '.' ? ' ' : *c);
}

/* "allowed=10.1.0.2/32,fd..::2/128 keepalive=0" as "10.1.0.2, fd..::2" */
static void put_allowed(const char *value, pic__buf *out)
{
        static const char *const hosts[] = { "/32", "/128" };
        const char *at = strncmp(value, "allowed=", 8) == 0 ? value + 8 : value;

        while (*at != '\0' && *at != ' ') {
                size_t len = strcspn(at, ", "), bare = len, i;

                for (i = 0; i < PIC__COUNT(hosts); i++) {
                        size_t tail = strlen(hosts[i]);

                        if (len > tail && strncmp(at + len - tail, hosts[i], tail) == 0)
                                bare = len - tail;
                }
                pic__buf_put(out, at, bare);
                at += len;
                if (*at == ',') {
                        pic__buf_puts(out, ", ");
                        at++;
                }
        }
}

static void put_change(const pic__step *step, pic__buf *out)
{
        if (same_value(step)) {
                pic__buf_puts(out, ": new secret");
                return;
        }
        pic__buf_puts(out, ": ");
        pic__buf_put_shown(out, step->before->value, SHOWN);
        pic__buf_puts(out, " -> ");
        pic__buf_put_shown(out, step->after->value, SHOWN);
}

static void wg_peer_text(const pic__step *step, pic__buf *out)
{
        const pic__item *item = shown_item(step);
        const char *object = object_of(step);

        pic__buf_putf(out, "%s wg ", verbs[step->verb]);
        if (object != NULL)
                pic__buf_put_shown(out, object, SHOWN);
        else
                pic__buf_putf(out, "peer %s", item->key);
        if (step->verb == PIC__CHANGE) {
                put_change(step, out);
                return;
        }
        pic__buf_puts(out, " (");
        put_allowed(item->value, out);
        pic__buf_putc(out, ')');
}

void pic__step_text(const pic__step *step, pic__buf *out)
{
        const pic__item *item = shown_item(step);
        const char *object = object_of(step);

        if (step->kind == PIC__I_WG_PEER) {
                wg_peer_text(step, out);
                return;
        }
        pic__buf_putf(out, "%s ", verbs[step->verb]);
        put_kind(step->kind, out);
        pic__buf_putc(out, ' ');
        pic__buf_put_shown(out, item->key, SHOWN);
        if (step->verb == PIC__CHANGE) {
                put_change(step, out);
        } else if (item->value[0] != '\0') {
                pic__buf_putc(out, ' ');
                pic__buf_put_shown(out, item->value, SHOWN);
        }
        if (object != NULL) {
                pic__buf_puts(out, " (");
                pic__buf_put_shown(out, object, SHOWN);
                pic__buf_putc(out, ')');
        }
}

void pic__step_json(const pic__step *step, pic__json *j)
{
        const pic__item_info *info = &pic__item_kinds[step->kind];

        pic__json_open(j, '{');
        pic__json_kstr(j, "verb", verbs[step->verb]);
        pic__json_kstr(j, "backend", pic__backend_names[info->backend]);
        pic__json_kstr(j, "kind", info->name);
        pic__json_kstr(j, "key", shown_item(step)->key);
        pic__json_kstr(j, "before", step->before != NULL ? step->before->value : NULL);
        pic__json_kstr(j, "after", step->after != NULL ? step->after->value : NULL);
        pic__json_kstr(j, "risk", pic__risk_names[pic__step_risk(step)]);
        pic__json_kbool(j, "reversible", reversible(step));
        pic__json_kstr(j, "object", object_of(step));
        if (same_value(step))
                pic__json_kbool(j, "secret_changed", 1);
        pic__json_close(j, '}');
}
