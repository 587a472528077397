/* Owns: the fake backend: the interface of plan/backend.h over a bag of items, kept in a file if it has one.
 *
 * The file is read when it is first needed and again whenever another process has replaced it; each apply writes it
 * whole. */
#include "backend/fake/fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fake/world.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)128 << 20)
#define BESIDE_MAX ((size_t)1 << 20)

typedef struct fake {
        pic__backend base;
        pic__fake_world world;
        char *path;          /* NULL: only in memory */
        char *attached_path; /* of the file that says what networks the pretend machine is attached to */
        char *attached;      /* the same in memory; NULL: none */
        char *strange_path;  /* of the file that says what others do beside it */
        char *strange;       /* the same in memory; NULL: nothing */
        struct stat loaded;  /* of the file that `world` is; st_ino 0: none */
        int known;           /* `world` is what was observed last, with the steps applied since */
        size_t fail_in;      /* the step that fails, counted down; 0: none */
        int events;
} fake;

static const char *name_of(const fake *f)
{
        return pic__backend_names[f->base.id];
}

static int same_file(const struct stat *a, const struct stat *b)
{
        return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
               a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void forget(fake *f)
{
        pic__fake_clear(&f->world);
        memset(&f->loaded, 0, sizeof(f->loaded));
        f->known = 0;
}

/* Makes f->world what the file says now. No file is an empty world. */
static int load(fake *f, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        struct stat now;
        int r;

        if (f->path == NULL)
                return 0;
        if (stat(f->path, &now) < 0) {
                int why = errno;

                if (why != ENOENT)
                        return pic__fail_errno(err, why, "%s", f->path);
                if (f->loaded.st_ino != 0)
                        forget(f);
                return 0;
        }
        if (same_file(&now, &f->loaded))
                return 0;
        forget(f);
        r = pic__file_read(f->path, FILE_MAX, &text, err);
        if (r < 0)
                return r;
        /* stops at a NUL byte; what is behind one is then a broken last line */
        r = text.len == 0 || strlen(text.data) != text.len
                    ? pic__fail(err, PIC_CORRUPT, "%s: no text of a fake world", f->path)
                    : pic__fake_parse(&f->world, text.data, f->path, err);
        if (r < 0) {
                forget(f);
                return r;
        }
        f->loaded = now;
        return 0;
}

/* Writes the file; on failure the world is again what the old file says. */
static int save(fake *f, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int r;

        if (f->path == NULL)
                return 0;
        r = pic__fake_print(&f->world, &text, err);
        if (r == 0)
                r = pic__file_write(f->path, text.data, text.len, 0600, err);
        if (r < 0) {
                forget(f);
                return r;
        }
        if (stat(f->path, &f->loaded) < 0)
                memset(&f->loaded, 0, sizeof(f->loaded));
        return 0;
}

static int fake_observe(pic__backend *b, pic__items *out, pic_error **err)
{
        fake *f = (fake *)b;
        int r = load(f, err);

        if (r == 0)
                r = pic__fake_copy(&f->world, out, err);
        f->known = r == 0;
        return r;
}

static int fake_news(pic__backend *b, pic__items *out, pic_error **err)
{
        fake *f = (fake *)b;
        int r;

        if (load(f, NULL) == 0 && f->known)
                return 0;
        r = fake_observe(b, out, err);
        return r < 0 ? r : 1;
}

/* What a kernel would refuse. */
static int check_step(fake *f, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->before != NULL ? step->before : step->after;
        const pic__item_info *info = &pic__item_kinds[step->kind];
        int there = pic__fake_find(&f->world, step->kind, item->key) != NULL;

        if (info->backend != f->base.id)
                return pic__fail(err, PIC_INVALID, "fake %s: %s is not of this backend", name_of(f), info->name);
        if (f->fail_in > 0 && --f->fail_in == 0)
                return pic__fail(err, PIC_BACKEND, "fake %s: %s %s: told to fail", name_of(f), info->name, item->key);
        if (step->verb == PIC__ADD && there)
                return pic__fail(err, PIC_CONFLICT, "fake %s: %s %s is there already", name_of(f), info->name,
                                 item->key);
        if (step->verb != PIC__ADD && !there)
                return pic__fail(err, PIC_BACKEND, "fake %s: %s %s: no such object", name_of(f), info->name, item->key);
        return 0;
}

static int take_step(fake *f, const pic__step *step, pic_error **err)
{
        int r = check_step(f, step, err);

        if (r < 0)
                return r;
        if (step->verb == PIC__REMOVE) {
                pic__fake_unset(&f->world, step->kind, step->before->key);
                return 0;
        }
        return pic__fake_set(&f->world, step->after) < 0 ? pic__nomem(err) : 0;
}

static int fake_apply(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        fake *f = (fake *)b;
        size_t done = 0;
        int r, saved;

        *ret_done = 0;
        r = load(f, err);
        if (r < 0 || count == 0)
                return r;
        while (done < count && r == 0) {
                r = take_step(f, &steps[done], err);
                done += r == 0;
        }
        if (done == 0)
                return r;
        saved = save(f, r == 0 ? err : NULL);
        if (saved == 0)
                *ret_done = done;
        f->known = f->known && r == 0 && saved == 0;
        return r < 0 ? r : saved;
}

static int fake_event_fd(pic__backend *b)
{
        return ((fake *)b)->events;
}

static int fake_drain(pic__backend *b)
{
        uint64_t times;

        return read(((fake *)b)->events, &times, sizeof(times)) == (ssize_t)sizeof(times);
}

static int fake_route_drain(pic__backend *b)
{
        return fake_drain(b) ? 1 | PIC__DRAIN_NETS : 0;
}

/* Whoever writes the file is the pretend machine. No file: it is attached to nothing that matters. */
static int fake_attached(pic__backend *b, pic__attached *out, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        fake *f = (fake *)b;
        int r;

        if (f->path == NULL)
                return f->attached != NULL ? pic__attached_parse(out, f->attached, err) : 0;
        if (!pic__file_exists(f->attached_path))
                return 0;
        r = pic__file_read(f->attached_path, BESIDE_MAX, &text, err);
        if (r == 0)
                r = pic__attached_parse(out, pic__buf_str(&text), err);
        if (r < 0)
                (void)pic__wrap(err, "%s", f->attached_path);
        return r;
}

static int fake_live(pic__backend *b, const char *key, void (*fn)(const pic__live *live, void *data), void *data,
                     pic_error **err)
{
        fake *f = (fake *)b;
        const pic__fake_item *item;
        size_t at = 0;
        int r = load(f, err);

        while (r == 0 && (item = pic__map_next(&f->world.items, &at)) != NULL) {
                pic__live live = { "", "", 0, 0, 0 };

                if (item->kind != PIC__I_WG_PEER || (key != NULL && strcmp(key, item->key) != 0))
                        continue;
                (void)snprintf(live.key, sizeof(live.key), "%s", item->key);
                fn(&live, data);
        }
        return r;
}

/* A pretend subsystem is always well, unless its file cannot be read. */
static void fake_doctor(pic__backend *b, pic__finding_fn fn, void *data)
{
        pic__auto_err pic_error *err = NULL;

        if (load((fake *)b, &err) < 0)
                fn(PIC_LOG_ERROR, name_of((fake *)b), pic_error_message(err),
                   pic_error_hint(err) != NULL ? pic_error_hint(err) : "look at the file's owner and mode", data);
}

static void tell_line(fake *f, char *line, pic__finding_fn fn, void *data)
{
        static const char *const levels[] = { "error", "warning", "info" };
        char *what = strchr(line, '|'), *fix = what != NULL ? strchr(what + 1, '|') : NULL;
        int level = PIC_LOG_INFO;

        if (fix == NULL)
                return;
        *what++ = *fix++ = '\0';
        while (level > PIC_LOG_ERROR && strcmp(line, levels[level]) != 0)
                level--;
        fn(level, name_of(f), what, fix, data);
}

/* Whoever writes the file is the others. */
static void fake_strangers(pic__backend *b, pic__finding_fn fn, void *data)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        fake *f = (fake *)b;
        char *line, *rest;

        if (f->path == NULL)
                pic__buf_puts(&text, f->strange != NULL ? f->strange : "");
        else if (pic__file_exists(f->strange_path))
                (void)pic__file_read(f->strange_path, BESIDE_MAX, &text, NULL);
        for (line = text.len > 0 ? text.data : NULL; line != NULL; line = rest) {
                rest = strchr(line, '\n');
                if (rest != NULL)
                        *rest++ = '\0';
                tell_line(f, line, fn, data);
        }
}

/* What keeps packets in when all else is gone. */
static int blocks(enum pic__item_kind kind)
{
        return kind == PIC__I_NFT_SHAPE || kind == PIC__I_ROUTE_FLOOR || kind == PIC__I_ROUTE_RULE;
}

static int fake_teardown(pic__backend *b, int keep_block, pic_error **err)
{
        fake *f = (fake *)b;
        pic__fake_world kept = PIC__FAKE_WORLD_INIT;
        const pic__fake_item *at;
        int r = load(f, err);
        size_t i = 0;

        while (keep_block && r == 0 && (at = pic__map_next(&f->world.items, &i)) != NULL) {
                const pic__item item = { at->kind, at->key, at->value, NULL, 0, NULL };

                if (blocks(at->kind) && pic__fake_set(&kept, &item) < 0)
                        r = pic__nomem(err);
        }
        if (r < 0) {
                pic__fake_clear(&kept);
                return r;
        }
        pic__fake_clear(&f->world);
        f->world = kept;
        f->known = 0;
        if (kept.items.count > 0 || f->path == NULL)
                return save(f, err);
        forget(f);
        if (unlink(f->path) < 0 && errno != ENOENT)
                return pic__fail_errno(err, errno, "%s: cannot be removed", f->path);
        return 0;
}

static void fake_free(pic__backend *b)
{
        fake *f = (fake *)b;

        if (f == NULL)
                return;
        if (f->events >= 0)
                (void)close(f->events);
        forget(f);
        pic__free(f->path);
        pic__free(f->attached_path);
        pic__free(f->attached);
        pic__free(f->strange_path);
        pic__free(f->strange);
        pic__free(f);
}

static char *beside(const char *path, const char *what)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT;

        if (path == NULL)
                return NULL;
        pic__buf_putf(&name, "%s.%s", path, what);
        return name.failed ? NULL : pic__strdup(pic__buf_str(&name));
}

/* A name server that nobody has asked yet. */
static int fake_counts(pic__backend *b, pic__json *out)
{
        fake *f = (fake *)b;

        if (load(f, NULL) < 0)
                return 0;
        pic__json_kint(out, "queries", 0);
        pic__json_kint(out, "cache_hits", 0);
        pic__json_key(out, "servers");
        pic__json_open(out, '[');
        pic__json_close(out, ']');
        return 1;
}

static int fake_flush(pic__backend *b, const char *name, pic_error **err)
{
        (void)b, (void)name, (void)err;
        return 0;
}

static const pic__backend_ops dns_ops = {
        .observe = fake_observe,
        .apply = fake_apply,
        .news = fake_news,
        .event_fd = fake_event_fd,
        .drain = fake_drain,
        .counts = fake_counts,
        .flush = fake_flush,
        .doctor = fake_doctor,
        .strangers = fake_strangers,
        .teardown = fake_teardown,
        .free = fake_free,
};

static const pic__backend_ops plain_ops = {
        .observe = fake_observe,
        .apply = fake_apply,
        .news = fake_news,
        .event_fd = fake_event_fd,
        .drain = fake_drain,
        .doctor = fake_doctor,
        .strangers = fake_strangers,
        .teardown = fake_teardown,
        .free = fake_free,
};
static const pic__backend_ops wg_ops = {
        .observe = fake_observe,
        .apply = fake_apply,
        .news = fake_news,
        .event_fd = fake_event_fd,
        .drain = fake_drain,
        .live = fake_live,
        .doctor = fake_doctor,
        .strangers = fake_strangers,
        .teardown = fake_teardown,
        .free = fake_free,
};

static const pic__backend_ops route_ops = {
        .observe = fake_observe,
        .apply = fake_apply,
        .news = fake_news,
        .event_fd = fake_event_fd,
        .drain = fake_route_drain,
        .attached = fake_attached,
        .doctor = fake_doctor,
        .strangers = fake_strangers,
        .teardown = fake_teardown,
        .free = fake_free,
};

static const pic__backend_ops *const all_ops[PIC__BACKENDS] = {
        [PIC__B_NFT] = &plain_ops,  [PIC__B_WG] = &wg_ops,     [PIC__B_ROUTE] = &route_ops, [PIC__B_DNS] = &dns_ops,
        [PIC__B_EXIT] = &plain_ops, [PIC__B_NTP] = &plain_ops, [PIC__B_FRONT] = &plain_ops,
};

int pic__fake_new(enum pic__backend_id id, const char *path, const pic__log *log, pic__backend **ret, pic_error **err)
{
        fake *f = pic__alloc(sizeof(*f));

        if (f == NULL)
                return pic__nomem(err);
        f->base.id = id;
        f->base.ops = all_ops[id];
        f->base.log = log;
        f->path = pic__strdup(path);
        f->attached_path = beside(path, "attached");
        f->strange_path = beside(path, "strangers");
        f->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if ((path != NULL && (f->path == NULL || f->attached_path == NULL || f->strange_path == NULL)) ||
            f->events < 0) {
                int why = errno, full = f->events >= 0;

                fake_free(&f->base);
                return full ? pic__nomem(err)
                            : pic__fail_errno(err, why, "fake %s: no event descriptor", pic__backend_names[id]);
        }
        *ret = &f->base;
        return 0;
}

void pic__fake_fail_at(pic__backend *b, size_t n)
{
        ((fake *)b)->fail_in = n;
}

int pic__fake_tamper(pic__backend *b, enum pic__item_kind kind, const char *key, const char *value)
{
        fake *f = (fake *)b;
        const pic__item item = { kind, key, value, NULL, 0, NULL };
        const uint64_t once = 1;
        int r = load(f, NULL);

        if (r < 0)
                return r;
        if (value == NULL)
                pic__fake_unset(&f->world, kind, key);
        else if (pic__fake_set(&f->world, &item) < 0)
                return PIC_NOMEM;
        f->known = 0;
        r = save(f, NULL);
        if (r == 0 && write(f->events, &once, sizeof(once)) < 0)
                r = PIC_IO;
        return r;
}

/* Kept in the file, or here. */
static int put_beside(fake *f, const char *path, char **own, const char *text)
{
        char *copy = pic__strdup(text);
        int r = f->path != NULL ? pic__file_write(path, text, strlen(text), 0600, NULL) : 0;

        if (copy == NULL || r < 0) {
                pic__free(copy);
                return copy == NULL ? PIC_NOMEM : r;
        }
        pic__free(*own);
        *own = copy;
        return 0;
}

int pic__fake_attach(pic__backend *b, const char *nets)
{
        fake *f = (fake *)b;
        const uint64_t once = 1;
        int r = put_beside(f, f->attached_path, &f->attached, nets);

        return r < 0 ? r : write(f->events, &once, sizeof(once)) < 0 ? PIC_IO : 0;
}

int pic__fake_strange(pic__backend *b, const char *lines)
{
        fake *f = (fake *)b;

        return put_beside(f, f->strange_path, &f->strange, lines);
}
