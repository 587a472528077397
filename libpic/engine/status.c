/* Owns: what is true now, as JSON. Must stay quick with 10,000 peers: one walk over the live state, one over the
 * wishes. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/domains.h"
#include "engine/engine_i.h"
#include "engine/heads.h"
#include "engine/keep.h"
#include "engine/lead.h"
#include "engine/live.h"
#include "engine/wire.h"
#include "plan/leave.h"

#include <pic/version.h>

#define ONLINE_FOR (180 * PIC__SECOND) /* WireGuard's own limit: no handshake for longer means no session */

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static void put_text(pic__json *j, const char *key, const pic_obj *o)
{
        const char *text = pic__obj_text(o, key);

        pic__json_kstr(j, key, text[0] != '\0' ? text : NULL);
}

static void put_leave(pic__json *j, const pic__engine *e, const pic__snap *s, const pic_obj *peer)
{
        pic__leave l;

        pic__leave_of(s, peer, &l);
        pic__json_key(j, "leaves");
        pic__leave_json(&l, l.exit != NULL ? pic__exits_state(e->exits, s, l.exit) : NULL, j);
}

static void put_peer(pic__json *j, const pic__engine *e, const pic__snap *s, const pic_obj *peer, const pic__live *live)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(peer));
        pic__json_kint(j, "id", peer->id);
        put_text(j, "address4", peer);
        put_text(j, "address6", peer);
        pic__json_kbool(j, "enabled", pic__obj_int(peer, "enabled") != 0);
        pic__json_kbool(j, "active", pic__snap_active(s, peer));
        put_time(j, "handshake", live != NULL ? live->handshake : 0);
        pic__json_kstr(j, "endpoint", live != NULL && live->endpoint[0] != '\0' ? live->endpoint : NULL);
        pic__json_kint(j, "rx", live != NULL ? (int64_t)live->rx : 0);
        pic__json_kint(j, "tx", live != NULL ? (int64_t)live->tx : 0);
        put_leave(j, e, s, peer);
        pic__json_close(j, '}');
}

static void put_peers(pic__json *j, const pic__engine *e, const pic__snap *s, const pic__lives *l)
{
        const pic_obj *peer;
        size_t at = 0;

        pic__json_key(j, "peers");
        pic__json_open(j, '[');
        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL)
                put_peer(j, e, s, peer, pic__lives_of(l, peer));
        pic__json_close(j, ']');
}

static void put_counts(pic__json *j, const pic__snap *s, const pic__lives *l, pic_time now)
{
        const pic_obj *peer;
        size_t at = 0, active = 0, online = 0;

        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL) {
                const pic__live *live = pic__lives_of(l, peer);

                active += pic__snap_active(s, peer) ? 1 : 0;
                online += live != NULL && live->handshake != 0 && now - live->handshake < ONLINE_FOR ? 1 : 0;
        }
        pic__json_key(j, "counts");
        pic__json_open(j, '{');
        pic__json_kint(j, "peers", (int64_t)pic__snap_count(s, PIC__PEER));
        pic__json_kint(j, "active", (int64_t)active);
        pic__json_kint(j, "online", (int64_t)online);
        pic__json_close(j, '}');
}

/* Which WireGuard carries the device: sysfs tells the kernel's by its type, and a tun device by its flags. NULL: not
 * known. */
static const char *carrier(const pic__engine *e, const char *device)
{
        char path[128], text[256] = "";
        struct stat st;
        FILE *f;
        size_t n;

        if (e->fake)
                return NULL;
        snprintf(path, sizeof(path), "/sys/class/net/%s/tun_flags", device);
        if (stat(path, &st) == 0)
                return "userspace";
        snprintf(path, sizeof(path), "/sys/class/net/%s/uevent", device);
        f = fopen(path, "re");
        if (f == NULL)
                return NULL;
        n = fread(text, 1, sizeof(text) - 1, f);
        text[n] = '\0';
        (void)fclose(f);
        return strstr(text, "DEVTYPE=wireguard") != NULL ? "kernel" : NULL;
}

static void put_cell(pic__json *j, const pic__engine *e, const pic_obj *cell)
{
        const char *device;

        pic__json_kstr(j, "cell", cell != NULL ? pic__obj_name(cell) : NULL);
        pic__json_kstr(j, "name", cell != NULL ? pic__obj_name(cell) : NULL);
        if (cell == NULL)
                return;
        device = pic__obj_text(cell, "device");
        pic__json_kstr(j, "device", device);
        pic__json_kstr(j, "wg", carrier(e, device));
        put_text(j, "public_key", cell);
        pic__json_kint(j, "listen_port", pic__obj_int(cell, "listen_port"));
        put_text(j, "endpoint", cell);
        put_text(j, "net4", cell);
        put_text(j, "net6", cell);
        pic__json_kbool(j, "query_log", pic__obj_int(cell, "query_log") != 0);
        pic__json_kstr(j, "names_shown", pic__obj_text(cell, "names_shown"));
}

/* What others changed and is left so. */
static void put_drift(pic__json *j, const pic__engine *e)
{
        pic__json_key(j, "drift");
        if (e->drift.left == 0) {
                pic__json_null(j);
                return;
        }
        pic__json_open(j, '{');
        pic__json_kint(j, "count", (int64_t)e->drift.left);
        pic__json_kstr(j, "text", e->drift.left_text);
        pic__json_close(j, '}');
}

static void put_confirm(pic__json *j, pic__engine *e)
{
        pic__confirm c;

        pic__json_key(j, "confirm");
        if (pic__store_confirm(e->store, &c, NULL) <= 0) {
                pic__json_null(j);
                return;
        }
        pic__json_open(j, '{');
        pic__json_kint(j, "revision", c.revision);
        pic__json_kint(j, "back", c.back);
        pic__json_kint(j, "left_ms", pic__confirm_left(&c, e->clock, e->boot, e->started) / 1000);
        pic__json_kstr(j, "actor", c.actor);
        pic__json_close(j, '}');
}

static void put_audit(pic__json *j, pic__engine *e)
{
        pic__json_key(j, "audit");
        pic__json_open(j, '{');
        pic__json_kint(j, "rows", (int64_t)pic__engine_rows(e));
        pic__json_key(j, "signed");
        if (e->signed_known)
                pic__json_int(j, (int64_t)e->signed_tree.size);
        else
                pic__json_null(j);
        pic__json_key(j, "error");
        if (e->unsigned_why != NULL)
                pic__wire_error(e->unsigned_why, j);
        else
                pic__json_null(j);
        pic__json_close(j, '}');
}

static void put_engine(pic__json *j, pic__engine *e, pic_revision revision)
{
        pic__json_kint(j, "revision", revision);
        pic__json_kint(j, "applied", e->applied);
        pic__json_kbool(j, "ready", e->failure == NULL && !e->dirty && e->applied >= revision);
        pic__json_kstr(j, "world", e->fake ? "fake" : "real");
        pic__json_key(j, "agent");
        pic__json_open(j, '{');
        pic__json_kint(j, "pid", getpid());
        pic__json_kstr(j, "version", PIC_VERSION);
        put_time(j, "since", e->since);
        pic__json_close(j, '}');
        put_confirm(j, e);
        put_drift(j, e);
        put_audit(j, e);
        pic__json_key(j, "error");
        if (e->failure != NULL)
                pic__wire_error(e->failure, j);
        else
                pic__json_null(j);
}

/* What cannot be read is as it was read last. */
static void count_exits(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        pic__passed passed;

        if (e->exits == NULL)
                return;
        if (pic__engine_passed(e, &passed, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_DEBUG, "engine", bad);
        else
                pic__exits_passed(e->exits, &passed);
}

int pic__engine_status(pic__engine *e, int with_peers, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__lives_free) pic__lives live = PIC__LIVES_INIT;
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        const pic__snap *s = e->snap;
        pic_revision revision;
        int r;

        r = pic__store_revision(e->store, &revision, err);
        if (r == 0 && s == NULL) {
                r = pic__engine_load(e, &fresh, &revision, err);
                s = fresh;
        }
        if (r == 0)
                r = pic__lives_read(e, &live, err);
        if (r < 0)
                return r;
        pic__json_open(out, '{');
        put_cell(out, e, pic__snap_cell(s));
        put_engine(out, e, revision);
        put_counts(out, s, &live, e->clock->now(e->clock->data));
        pic__json_key(out, "router");
        pic__engine_lead_json(e, out);
        pic__json_key(out, "domains");
        pic__engine_domains_brief(e, s, out);
        pic__json_key(out, "backups");
        pic__engine_keep_brief(e, s, out);
        pic__json_key(out, "connections");
        count_exits(e);
        pic__exits_json(e->exits, s, e->clock, out);
        if (with_peers)
                put_peers(out, e, s, &live);
        pic__json_close(out, '}');
        return out->out->failed ? pic__nomem(err) : 0;
}
