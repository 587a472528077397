/* Owns: the backend as plan/backend.h wants it. */
#include "backend/ntp/ntp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pic/log.h>

#include "backend/ntp/inside.h"
#include "sys/file.h"

#define CLOCKS_PART_US 200000 /* two readings of one clock are nearer, however late we are woken */

static int observe(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__ntp *b = (pic__ntp *)backend;
        int r = pic__ntp_find(b, err);

        if (r > 0)
                r = pic__items_add(out, PIC__I_NTP_SERVER, "main", b->value, NULL, NULL, err);
        b->known = r == 0;
        return r;
}

static int news(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__ntp *b = (pic__ntp *)backend;
        int had = b->value != NULL, r;

        if (b->known && (pic__ntp_find(b, NULL) > 0) == had)
                return 0;
        r = observe(backend, out, err);
        return r < 0 ? r : 1;
}

static int one_step(pic__ntp *b, const pic__step *s, pic_error **err)
{
        const pic__item *item = s->after != NULL ? s->after : s->before;

        if (s->kind != PIC__I_NTP_SERVER || strcmp(item->key, "main") != 0)
                return pic__fail(err, PIC_INVALID, "ntp: not a step of this backend");
        if (s->verb == PIC__REMOVE) {
                pic__ntp_stop(b); /* fine if it died meanwhile */
                return 0;
        }
        if (s->verb == PIC__ADD)
                return b->value == NULL ? pic__ntp_start(b, s->after->value, err)
                                        : pic__fail(err, PIC_CONFLICT, "the time server runs already");
        return b->value != NULL ? pic__ntp_change(b, s->after->value, err)
                                : pic__fail(err, PIC_NOTFOUND, "the time server does not run");
}

static int apply(pic__backend *backend, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic__ntp *b = (pic__ntp *)backend;
        size_t i;
        int r = pic__ntp_find(b, err), known = b->known;

        r = r < 0 ? r : 0;
        for (i = 0; i < count && r == 0; i++)
                r = one_step(b, &steps[i], err);
        *ret_done = r < 0 && i > 0 ? i - 1 : i;
        b->known = known && r == 0; /* it is as our own steps left it */
        return r;
}

static int event_fd(pic__backend *backend)
{
        return ((pic__ntp *)backend)->bell.epoll;
}

static void tick(pic__backend *backend)
{
        pic__ntp *b = (pic__ntp *)backend;

        if (b->value == NULL)
                return;
        if (pic__daemon_died(&b->d)) {
                pic__daemon_forget(&b->d);
                pic__bell_ring(&b->bell);
                return;
        }
        if (++b->ticks % PIC__NTP_ASK_EVERY == 0 && b->value[0] != '\0')
                (void)pic__ntp_answers(b, NULL);
}

static int look_at_clock(pic__backend *backend, pic__clock_fact *ret)
{
        pic__ntp *b = (pic__ntp *)backend;
        pic__ntp_answer a;

        if (pic__ntp_find(b, NULL) <= 0 || b->value[0] == '\0' ||
            pic__ntp_ask(&b->conf.listen[0], PIC__NTP_TIMEOUT, &a, NULL) < 0)
                return 0;
        /* One that follows others while this machine's clock is far off says that it follows nobody, since its distance
         * counts all that it did not set; but it tells the right time, and that another than this clock's. */
        ret->follows = a.leap != 3 && (a.reference != PIC__NTP_LOCAL || llabs(a.offset_us) > CLOCKS_PART_US);
        ret->stratum = a.stratum;
        ret->offset_us = a.offset_us;
        ret->error_us = a.error_us;
        ret->pid = (int)pic__child_pid(b->child);
        pic__ntp_reference(&a, ret->reference);
        if (ret->follows && a.reference == PIC__NTP_LOCAL)
                ret->reference[0] = '\0';
        return 1;
}

/* Who sets the machine's clock too; NULL: nobody that is known. */
static const char *other_keeper(const pic__ntp *b, pid_t pid)
{
        static const char *const keepers[] = { "chronyd", "systemd-timesyn", "ntpd", "ntpsec" };
        char path[64], name[32] = "";
        FILE *f;
        size_t i;

        snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
        f = pid > 1 && getsid(pid) != pic__child_pid(b->child) ? fopen(path, "re") : NULL;
        if (f != NULL && fgets(name, sizeof(name), f) == NULL)
                name[0] = '\0';
        if (f != NULL)
                fclose(f);
        name[strcspn(name, "\n")] = '\0';
        for (i = 0; i < PIC__COUNT(keepers); i++)
                if (strcmp(keepers[i], name) == 0)
                        return keepers[i];
        return NULL;
}

static void look_at_keepers(const pic__ntp *b, pic__finding_fn fn, void *data)
{
        DIR *proc = opendir("/proc");
        const char *found = NULL;
        struct dirent *entry;
        char what[160];

        while (proc != NULL && found == NULL && (entry = readdir(proc)) != NULL) {
                pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

                found = other_keeper(b, pid);
                if (found != NULL)
                        snprintf(what, sizeof(what),
                                 "two programs set this machine's clock: %s, process %d, and the "
                                 "cell",
                                 found, (int)pid);
        }
        if (proc != NULL)
                closedir(proc);
        if (found != NULL)
                fn(PIC_LOG_WARNING, "ntp", what,
                   "stop the other one, or leave the clock to it: pic cell set "
                   "--ntp-clock no",
                   data);
}

static void doctor(pic__backend *backend, pic__finding_fn fn, void *data)
{
        pic__ntp *b = (pic__ntp *)backend;
        pic__auto_err pic_error *err = NULL;

        if (pic__ntp_find(b, NULL) <= 0) {
                if (b->trouble != NULL) /* it was wished */
                        fn(PIC_LOG_WARNING | PIC__ACT_APPLY, "ntp", b->trouble,
                           "`pic apply` tries again; or: pic cell set --ntp no", data);
                return;
        }
        if (b->value[0] != '\0' && pic__ntp_answers(b, &err) < 0)
                fn(PIC_LOG_WARNING, "ntp", pic_error_message(err), "it was killed and is started again: pic log ntp",
                   data);
        if (b->value[0] != '\0' && b->conf.clock)
                look_at_keepers(b, fn, data);
}

static int teardown(pic__backend *backend, int keep_block, pic_error **err)
{
        pic__ntp *b = (pic__ntp *)backend;
        int r = pic__ntp_find(b, err);

        (void)keep_block; /* nothing of this subsystem blocks */
        if (r < 0)
                return r;
        pic__ntp_stop(b);
        rmdir(b->dir);
        return 0;
}

static void free_backend(pic__backend *backend)
{
        pic__ntp *b = (pic__ntp *)backend;

        pic__daemon_close(&b->d);
        pic__free(b->own);
        pic__free(b);
}

static int drain(pic__backend *backend)
{
        pic__ntp *b = (pic__ntp *)backend;
        int died, news = pic__daemon_rung(&b->d, &died);

        if (died)
                pic__daemon_forget(&b->d);
        return news;
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .news = news,
        .event_fd = event_fd,
        .drain = drain,
        .clock = look_at_clock,
        .doctor = doctor,
        .tick = tick,
        .teardown = teardown,
        .free = free_backend,
};

int pic__ntp_new(const pic__ntp_opts *opts, pic__backend **ret, pic_error **err)
{
        const pic__daemon_opts o = { .program = "chronyd",
                                     .area = "ntp",
                                     .name = "ntp",
                                     .run_dir = opts->run_dir,
                                     .log_dir = opts->log_dir,
                                     .log = opts->log };
        pic__ntp *b = pic__alloc(sizeof(*b));
        int r;

        if (b == NULL)
                return pic__nomem(err);
        b->base = (pic__backend){ PIC__B_NTP, &ops, opts->log };
        r = pic__daemon_open(&b->d, &o, err);
        if (r == 0) {
                b->own = pic__daemon_path(&b->d, "own");
                r = b->own != NULL ? 0 : pic__nomem(err);
        }
        if (r < 0) {
                free_backend(&b->base);
                return r;
        }
        *ret = &b->base;
        return 0;
}
