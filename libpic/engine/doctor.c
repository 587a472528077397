/* Owns: looking for trouble. Asks every subsystem and looks itself at what none of them sees; worst first. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/blocks.h"
#include "engine/certs.h"
#include "engine/domains.h"
#include "engine/engine_i.h"
#include "engine/findings.h"
#include "engine/frontstate.h"
#include "engine/health.h"
#include "engine/hostnet.h"
#include "engine/keep.h"
#include "engine/keyfile.h"
#include "engine/lead.h"
#include "engine/machine.h"
#include "engine/passkey.h"
#include "engine/privileges.h"
#include "engine/reach.h"
#include "engine/timecheck.h"
#include "engine/wire.h"
#include "model/net.h"
#include "plan/judge.h"
#include "sys/file.h"

#define CHECK_MS 300

/* All of it is read, so not when nothing was written since it was well; and nobody waits for it for long. */
static int look_at_store(pic__engine *e, pic_error **err)
{
        pic__stamp now;
        int known = pic__store_stamp(e->store, &now) == 0, r;

        if (known && e->checked_known && pic__stamp_same(&now, &e->checked))
                return 0;
        r = pic__store_check_for(e->store, CHECK_MS, err);
        e->checked_known = r == 0 && known;
        e->checked = now;
        return r;
}

static void look_at_outcome(pic__engine *e, pic__findings *f)
{
        pic__auto_err pic_error *bad = NULL;
        pic_revision revision;

        if (e->failure != NULL)
                pic__found_error(f, PIC_LOG_ERROR | PIC__ACT_APPLY, "engine", e->failure);
        if (e->unsigned_why != NULL)
                pic__found_error(f, PIC_LOG_ERROR, "audit", e->unsigned_why);
        if (e->drift.left > 0)
                pic__foundf(f, PIC_LOG_WARNING | PIC__ACT_REPAIR, "drift",
                            "pic drift --repair; or for good: pic cell set --repair yes",
                            "differences that are left alone, as the cell says (%zu): %s", e->drift.left,
                            e->drift.left_text);
        if (look_at_store(e, &bad) < 0 || pic__store_revision(e->store, &revision, &bad) < 0)
                pic__found_error(f, PIC_LOG_ERROR, "store", bad);
        else if (e->applied >= 0 && revision != e->applied && e->failure == NULL)
                pic__foundf(f, PIC_LOG_WARNING | PIC__ACT_APPLY, "engine", "pic apply",
                            "revision %" PRId64 " is not applied yet (%" PRId64 " is)", (int64_t)revision,
                            (int64_t)e->applied);
}

static void look_at_modes(pic__engine *e, pic__findings *f)
{
        pic__auto_free char *key = pic__path_join(e->dir, PIC__KEYFILE);
        struct stat st;

        if (key != NULL && stat(key, &st) == 0 && (st.st_mode & 077) != 0)
                pic__foundf(f, PIC_LOG_ERROR | PIC__ACT_PRIVATE, "key",
                            "chmod 0600 on it, then make new keys: pic peer rekey",
                            "%s can be read by others (mode %04o)", key, (unsigned)(st.st_mode & 07777));
        if (stat(e->dir, &st) == 0 && (st.st_mode & 07) != 0)
                pic__foundf(f, PIC_LOG_WARNING | PIC__ACT_PRIVATE, "store", "chmod 0700 on it",
                            "%s is open to everybody (mode %04o)", e->dir, (unsigned)(st.st_mode & 07777));
}

struct overlap {
        pic__findings *f;
        pic__prefix nets[2];
        const char *device;
};

static int check_prefix(const char *text, const char *ifname, void *data)
{
        struct overlap *o = data;
        pic__prefix p;
        size_t i;

        if (pic__prefix_parse(text, &p) == -1 || p.len == 0 || strcmp(ifname, o->device) == 0)
                return 0;
        for (i = 0; i < PIC__COUNT(o->nets); i++) {
                char net[PIC__PREFIX_TEXT];

                if (o->nets[i].addr.family == p.addr.family && pic__prefix_overlaps(&o->nets[i], &p))
                        pic__foundf(o->f, PIC_LOG_ERROR, "route",
                                    "Choose another network: pic cell set --net4 or --net6",
                                    "the cell's network %s overlaps %s of this host's %s",
                                    pic__prefix_print(&o->nets[i], net), text, ifname[0] != '\0' ? ifname : "routes");
        }
        return 0;
}

static void look_at_networks(pic__engine *e, const pic_obj *cell, pic__findings *f)
{
        struct overlap o = { .f = f, .device = pic__obj_text(cell, "device") };
        pic__auto_err pic_error *bad = NULL;

        if (e->fake || pic__prefix_parse(pic__obj_text(cell, "net4"), &o.nets[0]) < 0 ||
            pic__prefix_parse(pic__obj_text(cell, "net6"), &o.nets[1]) < 0)
                return;
        if (pic__engine_host_prefixes(check_prefix, &o, &bad) < 0)
                pic__found_error(f, PIC_LOG_WARNING, "route", bad);
}

static void look_at_assertions(const pic__snap *s, pic__findings *f)
{
        PIC__AUTO(pic__judge_unref_p) pic__judge *j = NULL;
        pic__auto_err pic_error *bad = NULL;
        size_t i;

        if (pic__judge_new(&j, &bad) < 0 || pic__judge_now(j, s, &bad) < 0) {
                pic__found_error(f, PIC_LOG_ERROR, "store", bad);
                return;
        }
        for (i = 0; i < pic__judge_count(j); i++) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                pic__judge_text(pic__judge_breach(j, i), &text);
                pic__foundf(f, PIC_LOG_ERROR, "assertion", "Change the access, or the rule: pic assertion set",
                            "%s does not hold: %s", pic__judge_breach(j, i)->name, pic__buf_str(&text));
        }
}

static int look_at_cell(pic__engine *e, pic__findings *f, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        pic_revision revision;
        const pic_obj *cell;
        int r;

        if (e->snap == NULL) {
                r = pic__engine_load(e, &fresh, &revision, err);
                if (r < 0)
                        return r;
        }
        cell = pic__snap_cell(e->snap != NULL ? e->snap : fresh);
        if (cell == NULL) {
                pic__found(PIC_LOG_ERROR, "cell", "there is no cell in this store", "pic init --name NAME", f);
                return 0;
        }
        if (!pic__obj_has(cell, "endpoint"))
                pic__found(PIC_LOG_WARNING, "cell", "the cell has no endpoint: devices cannot be told where it is",
                           "pic cell set --endpoint HOST:PORT", f);
        pic__engine_doctor_time(e, cell, f);
        look_at_networks(e, cell, f);
        look_at_assertions(e->snap != NULL ? e->snap : fresh, f);
        pic__exits_doctor(e->exits, e->snap != NULL ? e->snap : fresh, f);
        return 0;
}

/* What only may matter is told by `pic drift`. */
static void trouble(int level, const char *area, const char *what, const char *fix, void *data)
{
        if (PIC__LEVEL_OF(level) <= PIC_LOG_WARNING)
                pic__found(level, area, what, fix, data);
}

static void ask_backends(pic__engine *e, pic__findings *f)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                pic__backend *b = e->backends[i];

                if (b->ops->doctor != NULL)
                        b->ops->doctor(b, pic__found, f);
                if (b->ops->strangers != NULL)
                        b->ops->strangers(b, trouble, f);
        }
}

void pic__engine_find(pic__engine *e, pic__findings *f)
{
        pic__auto_err pic_error *bad = NULL;

        look_at_outcome(e, f);
        if (!e->fake && pic__privileges_check(&bad) < 0)
                pic__found_error(f, PIC_LOG_ERROR, "agent", bad);
        look_at_modes(e, f);
        pic__machine_look(e, f);
        pic_error_free(pic__take(bad));
        if (look_at_cell(e, f, &bad) < 0)
                pic__found_error(f, PIC_LOG_ERROR, "store", bad);
        pic__engine_passkey_doctor(e, f);
        pic__certs_look(e, f);
        pic__domains_look(e, f);
        pic__engine_lead_look(e, f);
        pic__engine_reach_look(e, f);
        pic__blocks_look(e, f);
        pic__front_look_at(e, f);
        pic__keep_look(e, f);
        ask_backends(e, f);
}

int pic__engine_doctor(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;

        pic__engine_find(e, &f);
        return pic__findings_json(&f, out, err);
}
