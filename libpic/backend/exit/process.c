/* Owns: a process of an exit: what is put before its arguments so that it runs inside and with little power, its print
 * (whether it would be started the same way now), its start and its end. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/power.h"

#define FILE_MAX (2 << 20)
#define LOG_MAX (32 << 20)
#define ASK_MS 2000 /* what runs as the carrier's user talks to the carrier, whom nobody has to trust to answer */

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash != NULL ? slash + 1 : path;
}

/* --- arguments -------------------------------------------------------------------------------------------------- */

static void add(pic__exit_argv *a, size_t *n, const char *word)
{
        if (*n + 1 < PIC__COUNT(a->at))
                a->at[(*n)++] = word;
}

/* The user gets no capability but, where asked, NET_ADMIN; if there is a user namespace, of that one only. */
static void add_power(int net_admin, unsigned user, pic__exit_argv *ret, size_t *n)
{
        const char *caps = net_admin ? "-all,+net_admin" : "-all";
        static const char *const sets[] = { "--inh-caps=%s", "--ambient-caps=%s", "--bounding-set=%s" };
        size_t i;

        add(ret, n, "setpriv");
        for (i = 0; i < 2; i++) {
                snprintf(ret->words[1 + i], sizeof(ret->words[0]), i == 0 ? "--reuid=%u" : "--regid=%u",
                         (unsigned)user);
                add(ret, n, ret->words[1 + i]);
        }
        add(ret, n, "--clear-groups");
        add(ret, n, "--no-new-privs");
        if (pic__power_unbound() != NULL)
                add(ret, n, pic__power_unbound());
        for (i = 0; i < PIC__COUNT(sets); i++) {
                snprintf(ret->words[3 + i], sizeof(ret->words[0]), "%.*s=%s", (int)strcspn(sets[i], "="), sets[i],
                         caps);
                add(ret, n, ret->words[3 + i]);
        }
        add(ret, n, "--");
}

void pic__process_argv(const pic__exit_space *s, pid_t holder, const pic__process_spec *spec, int who,
                       pic__exit_argv *ret)
{
        size_t n = 0, i;

        memset(ret, 0, sizeof(*ret));
        snprintf(ret->words[0], sizeof(ret->words[0]), "--target=%d", (int)holder);
        if (who != PIC__INSIDE_ROOT) /* our own programs */
                n = pic__limits_argv(spec, ret->limits, ret->at);
        add(ret, &n, "nsenter");
        add(ret, &n, ret->words[0]);
        add(ret, &n, "--net");
        add(ret, &n, "--mount");
        add(ret, &n, "--ipc");
        if (s->own_users && (spec->net_admin || who == PIC__INSIDE_ROOT))
                add(ret, &n, "--user");
        add(ret, &n, "--");
        if (who != PIC__INSIDE_ROOT)
                add_power(spec->net_admin,
                          who == PIC__INSIDE_SIEVE ? PIC__SIEVE_USER : pic__space_user(s, who == PIC__INSIDE_RESOLVER),
                          ret, &n);
        for (i = 0; spec->argv[i] != NULL && i < PIC__COUNT(spec->argv); i++)
                add(ret, &n, spec->argv[i]);
}

/* "PIC_EXIT=<dir>" and the spec's own. env has room for 6; the first is to be freed. */
static int fill_env(const pic__exit_space *s, const pic__process_spec *spec, const char *env[6], pic_error **err)
{
        size_t size = strlen(s->dir) + 16, i;
        char *mark = pic__alloc(size);

        if (mark == NULL)
                return pic__nomem(err);
        snprintf(mark, size, "PIC_EXIT=%s", s->dir);
        env[0] = mark;
        for (i = 0; i < PIC__COUNT(spec->env) && spec->env[i] != NULL; i++)
                env[1 + i] = spec->env[i];
        env[1 + i] = NULL;
        return 0;
}

static int run(const pic__exit_space *s, int who, const char *const *argv, pic__cmd_opts opts, pic__buf *out,
               pic_error **err)
{
        pic__process_spec spec = { .name = argv[0] };
        pic__exit_argv full;
        const char *env[6];
        uint64_t power;
        size_t i;
        int r;

        for (i = 0; argv[i] != NULL && i + 1 < PIC__COUNT(spec.argv); i++)
                spec.argv[i] = argv[i];
        if (!pic__child_alive(s->holder))
                return pic__fail(err, PIC_BADSTATE, "%s: its namespace is gone", s->dev);
        pic__process_argv(s, pic__child_pid(s->holder), &spec, who, &full);
        r = fill_env(s, &spec, env, err);
        if (r < 0)
                return r;
        opts.env = env;
        power = pic__power_give();
        r = pic__cmd_run(full.at, &opts, out, NULL, err);
        pic__power_back(power);
        pic__free((void *)(uintptr_t)env[0]);
        return r;
}

int pic__inside_run(const pic__exit_space *s, int who, const char *const *argv, const void *input, size_t len,
                    pic__buf *out, pic_error **err)
{
        const pic__cmd_opts opts = { .input = input,
                                     .input_len = len,
                                     .timeout_ms = who == PIC__INSIDE_USER ? ASK_MS : 0 };

        return run(s, who, argv, opts, out, err);
}

int pic__inside_ask(const pic__exit_space *s, int who, const char *const *argv, unsigned ms, pic__buf *out,
                    pic_error **err)
{
        return run(s, who, argv, (pic__cmd_opts){ .timeout_ms = ms }, out, err);
}

/* --- one process ------------------------------------------------------------------------------------------------ */

int pic__process_new(const pic__exit_space *s, const char *name, pic__exit_process *ret, pic_error **err)
{
        char full[64];
        int r;

        memset(ret, 0, sizeof(*ret));
        ret->watched = -1;
        if (snprintf(full, sizeof(full), "exit%u-%s", s->slot, name) >= (int)sizeof(full))
                return pic__fail(err, PIC_INVALID, "%s: too long for the name of a process", name);
        ret->name = pic__strdup(name);
        r = ret->name != NULL ? pic__child_new(full, s->dir, s->log_dir, s->log, &ret->child, err) : pic__nomem(err);
        if (r < 0)
                pic__process_free(ret);
        else
                pic__child_patience(ret->child, PIC__EXIT_WAIT_SHORT, PIC__EXIT_WELL);
        return r;
}

void pic__process_free(pic__exit_process *p)
{
        pic__child_unref(p->child);
        pic__free(p->name);
        pic__free(p->program);
        memset(p, 0, sizeof(*p));
        p->watched = -1;
}

int pic__process_alive(pic__exit_process *p)
{
        if (pic__child_alive(p->child))
                return 1;
        return p->program != NULL && pic__child_adopt(p->child, p->program);
}

static int put_file(const pic__exit_space *s, const char *name, pic__buf *out, pic_error **err)
{
        pic__auto_free char *path = pic__space_file(s, name);
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int r;

        if (path == NULL)
                return pic__nomem(err);
        r = pic__file_read(path, FILE_MAX, &text, err);
        if (r == 0) {
                pic__buf_putf(out, "%s %zu\n", name, text.len);
                pic__buf_put(out, text.data, text.len);
        }
        return r;
}

int pic__process_print(const pic__exit_space *s, const pic__process_spec *spec, char ret[65], pic_error **err)
{
        pic__auto_wipe pic__buf all = PIC__BUF_SECRET;
        uint8_t digest[32];
        size_t i;
        int r = 0;

        for (i = 0; spec->argv[i] != NULL; i++)
                pic__buf_putf(&all, "%s\n", spec->argv[i]);
        for (i = 0; i < PIC__COUNT(spec->env) && spec->env[i] != NULL; i++)
                pic__buf_putf(&all, "env %s\n", spec->env[i]);
        for (i = 0; i < PIC__COUNT(spec->reads) && spec->reads[i] != NULL && r == 0; i++)
                r = put_file(s, spec->reads[i], &all, err);
        /* Who holds a device that was taken away does not see that there is another one. */
        if (s->carrier != NULL && (s->carrier->flags & PIC__CARRIER_TUN) != 0 && !spec->is_resolver)
                pic__buf_putf(&all, "device %u\n", pic__tunnel_index(s));
        if (r == 0 && all.failed)
                r = pic__nomem(err);
        if (r < 0)
                return r;
        pic__digest(pic__buf_str(&all), all.len, digest);
        pic__hex(digest, sizeof(digest), ret);
        return 0;
}

/* What it is and how it was started, for whoever adopts it: "<program> <print> <said>" in <name>.print. */
static int write_print(const pic__exit_space *s, const pic__exit_process *p, pic_error **err)
{
        char name[64], text[160];
        pic__auto_free char *path = NULL;
        int n = snprintf(text, sizeof(text), "%s %s %lld\n", p->program, p->print, p->said);

        snprintf(name, sizeof(name), "%s.print", p->name);
        path = pic__space_file(s, name);
        return path != NULL ? pic__file_write(path, text, (size_t)n, 0600, err) : pic__nomem(err);
}

/* Who may write no more into its log ends (limits.c), and has to be able to begin again. */
static void shorten_log(const pic__exit_space *s, const pic__exit_process *p)
{
        char path[600];
        struct stat st;

        snprintf(path, sizeof(path), "%s/exit%u-%s.log", s->log_dir, s->slot, p->name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LOG_MAX && truncate(path, 0) < 0)
                pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: cannot be emptied", path);
}

static long long log_size(const pic__exit_space *s, const pic__exit_process *p)
{
        char path[600];
        struct stat st;

        snprintf(path, sizeof(path), "%s/exit%u-%s.log", s->log_dir, s->slot, p->name);
        return lstat(path, &st) == 0 ? (long long)st.st_size : 0;
}

int pic__process_start(const pic__exit_space *s, pic__exit_process *p, const pic__process_spec *spec, pic_error **err)
{
        pic__exit_argv full;
        const char *env[6];
        uint64_t power;
        char print[65];
        int r = pic__process_print(s, spec, print, err);

        if (r < 0)
                return r;
        pic__free(p->program);
        p->program = pic__strdup(base_name(spec->program != NULL ? spec->program : spec->argv[0]));
        shorten_log(s, p);
        if (strcmp(p->print, print) != 0) /* one that is only started again may have died of what it said */
                p->said = log_size(s, p);
        memcpy(p->print, print, sizeof(print));
        if (p->program == NULL)
                return pic__nomem(err);
        r = write_print(s, p, err);
        if (r == 0)
                r = fill_env(s, spec, env, err);
        if (r < 0)
                return r;
        pic__process_argv(s, pic__child_pid(s->holder), spec,
                          spec->is_resolver == PIC__IS_SIEVE ? PIC__INSIDE_SIEVE
                          : spec->is_resolver                ? PIC__INSIDE_RESOLVER
                                                             : PIC__INSIDE_USER,
                          &full);
        power = pic__power_give();
        r = pic__child_start(p->child, full.at, env, err);
        pic__power_back(power);
        pic__free((void *)(uintptr_t)env[0]);
        return r;
}

void pic__process_stop(pic__exit_process *p)
{
        if (p->child != NULL && pic__process_alive(p))
                pic__child_stop(p->child, PIC__EXIT_GRACE);
}
