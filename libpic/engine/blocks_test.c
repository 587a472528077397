/* Owns: the answer to "is this name blocked, and by what?": by the very table and in the words of the rules that
 * filters have, for a device as the wishes are. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/blocks_i.h"
#include "plan/answerer.h"
#include "sieve/counts.h"
#include "sieve/rules.h"
#include "sys/file.h"

#define RULES_MAX ((size_t)64 << 20)

struct mapped {
        void *bytes;
        size_t size;
        pic__sieve_table table;
};

static void unmap(struct mapped *m)
{
        if (m->bytes != NULL)
                munmap(m->bytes, m->size);
}

/* 1: there is a table. */
static int map_table(const pic__engine *e, struct mapped *m)
{
        pic__auto_free char *path = pic__path_join(e->run_dir, PIC__SIEVE_DIR "/" PIC__SIEVE_TABLE);
        int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
        struct stat st;
        void *map = MAP_FAILED;

        if (fd < 0)
                return 0;
        if (fstat(fd, &st) == 0 && st.st_size > 0)
                map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        close(fd);
        if (map == MAP_FAILED)
                return 0;
        m->bytes = map;
        m->size = (size_t)st.st_size;
        return pic__sieve_table_read(map, m->size, &m->table) == 0;
}

static int allows(const pic_obj *o, const pic__sieve_name *name)
{
        const char *list = pic__obj_text(o, "allow");
        char one[PIC__ITEM_MAX];
        pic__sieve_name n;
        size_t i;

        while (pic__list_next(&list, one, sizeof(one)))
                for (i = 0; pic__sieve_name_text(one, strlen(one), &n) == 0 && i < name->count; i++)
                        if (pic__sieve_number(&n) == name->at[i])
                                return 1;
        return 0;
}

/* The cell's own names are never blocked: who answers for it says so. */
static int is_own(const pic__snap *s, const char *whole)
{
        pic__answerer a;

        return pic__answerer_of(s, whole, NULL, &a, NULL) == 0 && a.kind != PIC__ANSWERER_UPSTREAM &&
               a.kind != PIC__ANSWERER_ROOT && a.kind != PIC__ANSWERER_EXIT && a.kind != PIC__ANSWERER_CLOSED;
}

struct asked {
        const pic__snap *s;
        const pic_obj *peer;
        pic__sieve_name name;
        int own;
};

static int holds_for(const pic_obj *o, const pic_obj *peer)
{
        return peer != NULL ? pic__blocklist_holds(o, peer) : pic__blocklist_for_all(o);
}

static void put_one(const struct asked *q, const pic_obj *o, int *ret_blocked, pic__json *out)
{
        int allowed = q->own || allows(o, &q->name), holds = holds_for(o, q->peer), blocks = holds && !allowed;

        pic__json_open(out, '{');
        pic__json_kstr(out, "name", pic__obj_name(o));
        pic__json_kbool(out, "holds", holds);
        pic__json_kbool(out, "allowed", allowed);
        pic__json_kbool(out, "blocks", blocks);
        pic__json_close(out, '}');
        *ret_blocked |= blocks;
}

/* 1: the filter tells the device that there is no such name, since it may not reach what the name leads to. */
static int is_hidden(const pic__engine *e, const struct asked *q, const struct mapped *m)
{
        pic__auto_free char *path = pic__path_join(e->run_dir, PIC__SIEVE_DIR "/" PIC__SIEVE_RULES);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__sieve_rules *rules;
        pic__addr a;
        int hidden;

        if (q->peer == NULL || !pic__names_by_rights(q->s) || path == NULL ||
            (pic__addr_parse(pic__obj_text(q->peer, "address4"), &a) < 0 &&
             pic__addr_parse(pic__obj_text(q->peer, "address6"), &a) < 0) ||
            pic__file_read(path, RULES_MAX, &text, NULL) < 0)
                return 0;
        rules = pic__sieve_rules_read(pic__buf_str(&text), text.len, m->table.id,
                                      m->bytes != NULL ? m->table.lists : 0);
        hidden = rules != NULL && pic__sieve_rules_hide(rules, a.bytes, a.family == 4 ? 4 : 16, &q->name, 0) > 0;
        pic__sieve_rules_free(rules);
        return hidden;
}

static void put_lists(pic__engine *e, const struct asked *q, pic__json *out)
{
        struct mapped m = { .bytes = NULL };
        uint64_t who = map_table(e, &m) ? pic__sieve_table_find(&m.table, &q->name) : 0;
        int blocked = 0;
        size_t i;

        pic__json_key(out, "lists");
        pic__json_open(out, '[');
        for (i = 0; who != 0 && i < m.table.lists; i++) {
                const pic_obj *o = (who >> i & 1) != 0 ? pic__snap_get(q->s, PIC__BLOCKLIST, m.table.id[i]) : NULL;

                if (o != NULL && pic__obj_int(o, "enabled") != 0)
                        put_one(q, o, &blocked, out);
        }
        pic__json_close(out, ']');
        pic__json_kbool(out, "blocked", blocked);
        pic__json_kbool(out, "hidden", is_hidden(e, q, &m));
        unmap(&m);
}

int pic__engine_block_test(pic__engine *e, const char *name, const char *peer, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        pic__auto_buf pic__buf whole = PIC__BUF_INIT;
        struct asked q = { .s = e->snap };
        pic_revision revision;
        int r = q.s == NULL ? pic__engine_load(e, &fresh, &revision, err) : 0;

        if (r < 0)
                return r;
        q.s = q.s != NULL ? q.s : fresh;
        if (pic__snap_cell(q.s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
        q.peer = peer != NULL ? pic__snap_named(q.s, PIC__PEER, peer) : NULL;
        if (peer != NULL && q.peer == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no peer '%s'", peer);
        r = pic__answerer_name(q.s, name, &whole, err);
        if (r < 0)
                return r;
        if (pic__sieve_name_text(pic__buf_str(&whole), whole.len, &q.name) < 0)
                return pic__fail(err, PIC_VALUE, "'%.64s' is no name", name);
        q.own = is_own(q.s, pic__buf_str(&whole));
        pic__json_open(out, '{');
        pic__json_kstr(out, "name", pic__buf_str(&whole));
        pic__json_kstr(out, "peer", q.peer != NULL ? pic__obj_name(q.peer) : NULL);
        put_lists(e, &q, out);
        pic__json_close(out, '}');
        return 0;
}
