/* Owns: the order of a drill, and whose fault it is when something does not go. */
#include "engine/drill.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/scratch.h"
#include "engine/stage.h"
#include "model/snap.h"

enum { ROOM = 32 << 20, TIMES = 3 }; /* beside the files: sqlite's log, the agent's, what its programs write */

struct drill {
        const pic__drill_opts *o;
        const pic__manifest *m;
        pic__drill_book *b;
        pic__scratch place;
        pic__store *store;
        pic_obj *cell;
};

static void drill_end(struct drill *d)
{
        pic__obj_unref(d->cell);
        pic__store_unref(d->store);
        pic__scratch_free(&d->place);
}

/* Of the machine, or of who asked: everything else is said of the backup. */
static int is_ours(int code)
{
        static const int codes[] = { PIC_NOMEM, PIC_IO, PIC_CANCELED, PIC_BUSY, PIC_INVALID, PIC_TIMEOUT, PIC_DENIED };
        size_t i;

        for (i = 0; i < PIC__COUNT(codes); i++)
                if (codes[i] == code)
                        return 1;
        return 0;
}

int pic__drill_judge(pic__drill_book *b, enum pic__drill_check check, const pic_error *err)
{
        if (is_ours(pic_error_code(err)))
                return 0;
        pic__book_fail(b, check, err);
        return 1;
}

/* Of what is in it, once it is written: who is denied here, or finds it taken, is so by a signature, a file's mode, a
 * lock that came along. */
static int judge_content(pic__drill_book *b, enum pic__drill_check check, const pic_error *err)
{
        int code = pic_error_code(err);

        if (code != PIC_DENIED && code != PIC_BUSY)
                return pic__drill_judge(b, check, err);
        pic__book_fail(b, check, err);
        return 1;
}

/* --- where it lies ----------------------------------------------------------------------------------------------- */

static int has_room(const char *begin, uint64_t bytes)
{
        pic__auto_free char *place = pic__strndup(begin, (size_t)(strrchr(begin, '/') - begin));
        struct statvfs f;

        return place != NULL && access(place, W_OK) == 0 && statvfs(place, &f) == 0 &&
               (uint64_t)f.f_bavail * f.f_frsize / 2 >= bytes * TIMES + ROOM;
}

static const char *const places[] = { PIC__DRILL_PLACES };

void pic__drill_clean(void)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(places); i++)
                pic__scratch_clean(places[i]);
}

/* In memory when it takes half of what is free there at most; else on the disk. */
static int make_place(struct drill *d, pic_error **err)
{
        size_t i;

        pic__drill_clean();
        for (i = 0; i < PIC__COUNT(places); i++)
                if (has_room(places[i], d->m->total))
                        return pic__scratch_make(places[i], &d->place, err);
        return pic__fail(err, PIC_IO, "there is no room for a copy of the cell: %" PRIu64 " bytes, and as much again",
                         d->m->total);
}

/* --- checks ------------------------------------------------------------------------------------------------------ */

static int opens(struct drill *d, pic_error **err)
{
        char made[PIC__TIME_TEXT];

        (void)err;
        pic__book_ok(d->b, PIC__DRILL_OPENS, "%s, revision %" PRId64 ", of %s, by version %s",
                     d->m->cell != NULL ? d->m->cell : "a cell", (int64_t)d->m->revision,
                     pic__time_print(d->m->created, made), d->m->version != NULL ? d->m->version : "?");
        return 0;
}

static int store(struct drill *d, pic_error **err)
{
        int r = pic__stage_open(d->place.path, d->m, d->o->clock, &d->store, err);

        if (r == 0)
                r = pic__store_check(d->store, err);
        if (r == 0)
                r = pic__store_get(d->store, PIC__CELL, NULL, &d->cell, err);
        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_STORE, "no page is damaged, each value is allowed");
        return r;
}

static int identity(struct drill *d, pic_error **err)
{
        const char *key = pic__obj_text(d->cell, "public_key");

        if (d->m->public_key == NULL || strcmp(d->m->public_key, key) != 0)
                return pic__fail(err, PIC_CORRUPT, "the manifest names another cell than the store: %s is not %s",
                                 d->m->public_key != NULL ? d->m->public_key : "nobody", key);
        if (d->o->of != NULL && strcmp(d->o->of, key) != 0)
                return pic__fail(err, PIC_CORRUPT, "it is a backup of another cell: %s", pic__obj_name(d->cell));
        pic__book_ok(d->b, PIC__DRILL_IDENTITY, "%s, %s", pic__obj_name(d->cell), key);
        return 0;
}

static int key(struct drill *d, pic_error **err)
{
        int r = pic__stage_key(d->place.path, d->m, d->store, err);

        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_KEY, "it is the store's");
        return r;
}

static int secrets(struct drill *d, pic_error **err)
{
        size_t count = 0;
        int r = pic__drill_secrets(d->place.path, d->store, &count, err);

        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_SECRETS, "it opens all %zu seals", count);
        return r;
}

static int audit(struct drill *d, pic_error **err)
{
        pic__trail trail = { .size = 0 };
        int r = pic__stage_trail(d->store, d->m, d->cell, &trail, err);

        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_AUDIT, "%" PRIu64 " rows, of which %" PRIu64 " are signed", trail.size,
                             trail.signed_size);
        return r;
}

static int wishes(struct drill *d, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        int r = pic__snap_new(&s, err);

        if (r == 0)
                r = pic__store_load(d->store, s, NULL, err);
        if (r == 0)
                r = pic__snap_check(s, NULL, err);
        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_WISHES, "%zu devices, %zu connections, %zu names",
                             pic__snap_count(s, PIC__PEER), pic__snap_count(s, PIC__CONNECTION),
                             pic__snap_count(s, PIC__RECORD));
        return r;
}

static int certificates(struct drill *d, pic_error **err)
{
        size_t count = 0;
        int r = pic__drill_certs(d->place.path, d->store, d->m->created, &count, err);

        if (r == 0 && count == 0)
                pic__book_skip(d->b, PIC__DRILL_CERTIFICATES, "the cell has none");
        else if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_CERTIFICATES, "%zu, with chain, key, names and time", count);
        return r;
}

static const struct {
        enum pic__drill_check check;
        int (*look)(struct drill *d, pic_error **err);
} looks[] = {
        { PIC__DRILL_STORE, store },
        { PIC__DRILL_IDENTITY, identity },
        { PIC__DRILL_KEY, key },
        { PIC__DRILL_SECRETS, secrets },
        { PIC__DRILL_AUDIT, audit },
        { PIC__DRILL_WISHES, wishes },
        { PIC__DRILL_CERTIFICATES, certificates },
};

/* --- alive ------------------------------------------------------------------------------------------------------- */

static int live(struct drill *d, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf order = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&order);
        int r = pic__drill_quiet(d->store, err);

        if (r < 0)
                return r;
        d->cell = pic__obj_unref(d->cell);
        d->store = pic__store_unref(d->store);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "op", "live");
        pic__json_kstr(&j, "dir", d->place.path);
        pic__json_kbool(&j, "fake", d->o->fake);
        pic__json_close(&j, '}');
        if (order.failed)
                return pic__nomem(err);
        r = pic__drill_run(pic__buf_str(&order), order.len, d->o->cancel, &doc, err);
        if (r == 0)
                pic__book_take(d->b, pic__doc_root(doc));
        return r;
}

/* 0: it went well; 1: it did not, and the book has it; else it could not be tried. */
static int look(struct drill *d, pic__unpack *backup, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        size_t i;
        int r = pic__stage_write(d->place.path, backup, &bad);

        if (r == 0)
                pic__book_ok(d->b, PIC__DRILL_FILES, "%zu, %" PRIu64 " bytes, each with its hash", d->m->count,
                             d->m->total);
        else if (pic__drill_judge(d->b, PIC__DRILL_FILES, bad))
                return 1;
        for (i = 0; r == 0 && i < PIC__COUNT(looks); i++) {
                r = looks[i].look(d, &bad);
                if (r < 0 && judge_content(d->b, looks[i].check, bad))
                        return 1;
        }
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}

int pic__drill(const pic__drill_opts *o, pic__unpack *backup, pic__drill_book *b, pic_error **err)
{
        PIC__AUTO(drill_end)
        struct drill d = { .o = o, .m = pic__unpack_manifest(backup), .b = b, .place = PIC__SCRATCH_INIT };
        int r = opens(&d, err);

        if (r == 0)
                r = make_place(&d, err);
        if (r == 0)
                r = look(&d, backup, err);
        if (r == 0)
                r = live(&d, err);
        return r < 0 ? r : 0;
}

void pic__drill_put(const pic__drill_book *b, const pic__manifest *m, pic__json *j)
{
        char made[PIC__TIME_TEXT];

        pic__json_open(j, '{');
        pic__book_put(b, j);
        pic__json_key(j, "backup");
        if (m == NULL) {
                pic__json_null(j);
        } else {
                pic__json_open(j, '{');
                pic__json_kstr(j, "cell", m->cell);
                pic__json_kint(j, "revision", m->revision);
                pic__json_kstr(j, "created", pic__time_print(m->created, made));
                pic__json_kstr(j, "version", m->version);
                pic__json_kint(j, "bytes", (int64_t)m->total);
                pic__json_close(j, '}');
        }
        pic__json_close(j, '}');
}
