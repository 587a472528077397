/* Owns: the life of uacme for one errand, and its directory. Two runs where the CA does not know the account yet:
 * "new", then what it is about. */
#include "engine/acme_ask.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/file.h"
#include "sys/job.h"
#include "sys/power.h"

#define TIMEOUT_MS 600000u
#define REGISTER_MS 60000u
#define CHAIN_MAX ((size_t)64 << 10)
#define REQUEST "request.pem"
#define CERTIFICATE "request-cert.pem" /* uacme's name for it */
#define LEAF "leaf.pem"
#define LEAF_KEY "leaf.key"
#define ARGS 40
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX "unlimited" /* our hook is its child, and takes what its checks take */
#else
#define MEMORY_MAX "134217728"
#endif
#define FILE_MAX "1048576"

enum step { REGISTERING, DOING };

struct pic__acme_ask {
        char *dir, *own; /* run/acme, root's; run/acme/own, the program's */
        char *program, *hook, *directory, *email;
        enum pic__acme_errand errand;
        enum step step;
        unsigned timeout_ms;
        int known, made, limited, again; /* again: it was registered anew in this try */
        int by_key;                      /* the certificate's own word counts: no account is needed */
        pic__job *job;
        pic__x509_key *key;
        pic__buf chain;
        void (*hear)(const pic__acme_word *w, void *data);
        void *data;
};

/* --- its directory -------------------------------------------------------------------------------------------- */

/* The program may write there: no link of its is followed. */
static void empty(int dir, int depth)
{
        DIR *d = dir >= 0 ? fdopendir(dir) : NULL;
        struct dirent *entry;

        if (d == NULL) {
                if (dir >= 0)
                        close(dir);
                return;
        }
        while ((entry = readdir(d)) != NULL) {
                const char *name = entry->d_name;

                if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || unlinkat(dirfd(d), name, 0) == 0)
                        continue;
                if (depth > 0)
                        empty(openat(dirfd(d), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth - 1);
                (void)unlinkat(dirfd(d), name, AT_REMOVEDIR);
        }
        closedir(d);
}

void pic__acme_ask_sweep(const char *run_dir)
{
        pic__auto_free char *dir = pic__path_join(run_dir, PIC__ACME_WORK);

        if (dir == NULL || !pic__file_exists(dir))
                return;
        empty(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), 4);
        (void)rmdir(dir);
}

/* A new file, for the program alone. */
static int put_file(const pic__acme_ask *a, const char *name, const pic__buf *text, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(a->own, name);
        int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1, r = 0;

        if (path == NULL)
                return pic__nomem(err);
        if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
            (geteuid() == 0 && fchown(fd, PIC__ACME_USER, PIC__ACME_USER) < 0))
                r = pic__fail_errno(err, errno, "%s", path);
        if (fd >= 0)
                close(fd);
        return r;
}

static int make_dir(const char *path, int theirs, pic_error **err)
{
        if (mkdir(path, 0700) < 0 || (theirs && geteuid() == 0 && chown(path, PIC__ACME_USER, PIC__ACME_USER) < 0))
                return pic__fail_errno(err, errno, "%s", path);
        return 0;
}

static int put_pem(const pic__acme_ask *a, const char *name, const char *label, pic__der der, pic_error **err)
{
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;

        pic__x509_pem_put(label, der, &pem);
        return pem.failed ? pic__nomem(err) : put_file(a, name, &pem, err);
}

static int put_request(pic__acme_ask *a, const pic__acme_ask_opts *o, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        int r = pic__x509_key_new(&a->key, err);

        if (r == 0)
                r = pic__x509_request(a->key, o->names, &request, err);
        return r < 0 ? r : put_pem(a, REQUEST, "CERTIFICATE REQUEST", pic__der_of(&request), err);
}

static int put_leaf(const pic__acme_ask *a, const pic__acme_ask_opts *o, pic_error **err)
{
        int r = put_pem(a, LEAF, "CERTIFICATE", o->leaf, err);

        return r < 0 || !a->by_key ? r : put_pem(a, LEAF_KEY, "PRIVATE KEY", o->leaf_key, err);
}

static int fill(pic__acme_ask *a, const pic__acme_ask_opts *o, pic_error **err)
{
        pic__auto_free char *private = pic__path_join(a->own, "private");
        int r = private != NULL ? make_dir(a->dir, 0, err) : pic__nomem(err);

        if (r == 0)
                r = make_dir(a->own, 1, err);
        if (r == 0)
                r = make_dir(private, 1, err);
        if (r == 0 && o->account.len > 0)
                r = put_pem(a, "private/key.pem", "PRIVATE KEY", o->account, err);
        if (r == 0 && a->errand == PIC__ACME_GET)
                r = put_request(a, o, err);
        if (r == 0 && a->errand == PIC__ACME_WITHDRAW)
                r = put_leaf(a, o, err);
        return r;
}

/* --- the program ---------------------------------------------------------------------------------------------- */

void pic__acme_ask_humble(const char *own, const char **argv, size_t *n)
{
        static const char *const words[] = { "setpriv",
                                             "--reuid=60601",
                                             "--regid=60601",
                                             "--clear-groups",
                                             "--no-new-privs",
                                             "--inh-caps=-all",
                                             "--ambient-caps=-all",
                                             "--bounding-set=-all",
                                             "--" };
        size_t i;

        _Static_assert(PIC__ACME_USER == 60601, "the words say it too");
        argv[(*n)++] = "env";
        argv[(*n)++] = "-C";
        argv[(*n)++] = own != NULL ? own : "/";
        for (i = 0; geteuid() == 0 && i < PIC__COUNT(words); i++)
                argv[(*n)++] = words[i];
}

int pic__acme_ask_run(const char *const *words, const pic__job_opts *opts, pic__job **ret, pic_error **err)
{
        const char *argv[33];
        size_t n = 0;
        uint64_t power;
        int r;

        pic__acme_ask_humble(NULL, argv, &n);
        while (*words != NULL && n + 1 < PIC__COUNT(argv))
                argv[n++] = *words++;
        argv[n] = NULL;
        power = pic__power_give();
        r = pic__job_start(argv, opts, ret, err);
        pic__power_back(power);
        return r;
}

/* What it is to do. */
static void put_errand(const pic__acme_ask *a, const char **argv, size_t *n)
{
        static const char *const verbs[] = { "issue", "revoke", "update" };
        int telling = a->step == REGISTERING || a->errand == PIC__ACME_CONTACT;

        argv[(*n)++] = a->step == REGISTERING ? "new" : verbs[a->errand];
        if (telling && a->email != NULL)
                argv[(*n)++] = a->email;
        if (!telling)
                argv[(*n)++] = a->errand == PIC__ACME_GET ? REQUEST : LEAF;
        if (!telling && a->by_key)
                argv[(*n)++] = LEAF_KEY;
}

static int launch(pic__acme_ask *a, pic_error **err)
{
        int quick = a->step == REGISTERING || a->errand != PIC__ACME_GET;
        const pic__job_opts opts = { .talk = 1,
                                     .timeout_ms = quick && a->timeout_ms > REGISTER_MS ? REGISTER_MS : a->timeout_ms };
        const char *argv[ARGS];
        size_t n = 0;
        uint64_t power;
        int r;

        pic__acme_ask_humble(a->own, argv, &n);
        argv[n++] = "prlimit"; /* it takes whatever a server sends */
        argv[n++] = "--data=" MEMORY_MAX;
        argv[n++] = "--fsize=" FILE_MAX;
        argv[n++] = a->program;
        argv[n++] = "-a";
        argv[n++] = a->directory;
        argv[n++] = "-c";
        argv[n++] = ".";
        argv[n++] = "-t";
        argv[n++] = "EC";
        argv[n++] = "-y"; /* its terms are taken, as everywhere where certificates come by themselves */
        argv[n++] = "-o"; /* nothing was issued before that could be asked about */
        argv[n++] = "-h";
        argv[n++] = a->hook;
        put_errand(a, argv, &n);
        argv[n] = NULL;
        a->job = pic__job_unref(a->job);
        power = pic__power_give();
        r = pic__job_start(argv, &opts, &a->job, err);
        pic__power_back(power);
        return r;
}

static int find_programs(pic__acme_ask *a, const pic__acme_ask_opts *o, pic_error **err)
{
        a->program = pic__cmd_find(o->program != NULL ? o->program : "uacme");
        a->hook = o->hook != NULL ? pic__strdup(o->hook) : pic__acme_hook_find();
        if (a->program == NULL) {
                (void)pic__fail(err, PIC_UNSUPPORTED, "uacme is not installed: it gets certificates from public CAs");
                pic__hint(err, "apt-get install uacme");
                return PIC_UNSUPPORTED;
        }
        if (a->hook == NULL) {
                (void)pic__fail(err, PIC_UNSUPPORTED, "pic-acme-hook is not beside picd, nor installed");
                pic__hint(err, "Install this program anew.");
                return PIC_UNSUPPORTED;
        }
        return 0;
}

int pic__acme_ask_start(const pic__acme_ask_opts *o, pic__acme_ask **ret, pic_error **err)
{
        PIC__AUTO(pic__acme_ask_unref_p) pic__acme_ask *a = pic__alloc(sizeof(*a));
        int r;

        if (a == NULL)
                return pic__nomem(err);
        pic__acme_ask_sweep(o->run_dir);
        a->hear = o->hear;
        a->data = o->data;
        a->known = o->known;
        a->timeout_ms = o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS;
        a->errand = o->errand;
        a->by_key = o->errand == PIC__ACME_WITHDRAW && o->leaf_key.len > 0;
        a->step = o->known || a->by_key ? DOING : REGISTERING;
        a->dir = pic__path_join(o->run_dir, PIC__ACME_WORK);
        a->own = a->dir != NULL ? pic__path_join(a->dir, "own") : NULL;
        a->directory = pic__strdup(o->directory);
        a->email = o->email != NULL && o->email[0] != '\0' ? pic__strdup(o->email) : NULL;
        if (a->own == NULL || a->directory == NULL)
                return pic__nomem(err);
        r = find_programs(a, o, err);
        if (r == 0)
                r = fill(a, o, err);
        if (r == 0)
                r = launch(a, err);
        if (r == 0)
                *ret = pic__take(a);
        return r;
}

int pic__acme_ask_fd(const pic__acme_ask *a)
{
        return a->job != NULL ? pic__job_fd(a->job) : -1;
}

void pic__acme_ask_answer(pic__acme_ask *a, int yes)
{
        if (a->job != NULL)
                pic__job_say(a->job, yes ? PIC__ACME_YES : PIC__ACME_NO, 1);
}

/* --- what it says --------------------------------------------------------------------------------------------- */

/* A CA's own words: "detail": "…" of its last answer. */
static int put_detail(const char *said, pic__buf *out)
{
        const char *at = said, *last = NULL;
        size_t was = out->len;

        while ((at = strstr(at, "\"detail\":")) != NULL)
                last = at += 9;
        if (last == NULL)
                return 0;
        for (last += strspn(last, " \""); *last != '\0' && *last != '"' && *last != '\n'; last++) {
                if (*last == '\\' && last[1] != '\0')
                        last++;
                pic__buf_putc(out, *last);
        }
        return out->len > was;
}

void pic__acme_ask_explain(const char *said, pic__buf *out)
{
        const char *end = said + strlen(said), *begin;

        if (put_detail(said, out))
                return;
        while (end > said && (end[-1] == '\n' || end[-1] == ' '))
                end--;
        for (begin = end; begin > said && begin[-1] != '\n'; begin--)
                ;
        if (end - begin > 7 && strncmp(begin, "uacme: ", 7) == 0)
                begin += 7;
        if (begin == end)
                pic__buf_puts(out, "uacme says nothing");
        else
                pic__buf_put(out, begin, (size_t)(end - begin));
}

static int refused(pic__acme_ask *a, int status, pic_error **err)
{
        const char *said = pic__buf_str(pic__job_said(a->job));
        pic__auto_buf pic__buf why = PIC__BUF_INIT, shown = PIC__BUF_INIT;

        a->limited = strstr(said, "rateLimited") != NULL || strstr(said, "HTTP status 429") != NULL;
        pic__acme_ask_explain(said, &why);
        pic__buf_put_shown(&shown, pic__buf_str(&why), 400);
        (void)pic__fail(err, PIC_BACKEND, "%s", pic__buf_str(&shown));
        pic__detail_int(err, "exit", status);
        pic__detail(err, "stderr", said);
        return PIC_BACKEND;
}

static int read_chain(pic__acme_ask *a, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(a->own, CERTIFICATE);
        int fd = path != NULL ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
        char part[4096];
        ssize_t n = -1;

        if (fd < 0)
                return pic__fail(err, PIC_BACKEND, "uacme left no certificate");
        while (a->chain.len < CHAIN_MAX && (n = read(fd, part, sizeof(part))) > 0)
                pic__buf_put(&a->chain, part, (size_t)n);
        close(fd);
        if (a->chain.failed)
                return pic__nomem(err);
        return n == 0 ? 1 : pic__fail(err, PIC_BACKEND, "uacme left something that is no certificate");
}

/* The CA has forgotten the account, or it is another CA at the same place: once in a try it is told anew. A new account
 * may not withdraw what another one got. */
static int forgot(pic__acme_ask *a)
{
        const char *said = pic__buf_str(pic__job_said(a->job));

        if (a->again || a->errand == PIC__ACME_WITHDRAW ||
            (strstr(said, "accountDoesNotExist") == NULL && strstr(said, "no account associated") == NULL))
                return 0;
        a->again = 1;
        a->known = 0;
        a->step = REGISTERING;
        return 1;
}

/* It is registered, or was already: that is the account that is meant. */
static int next_step(pic__acme_ask *a, int status, pic_error **err)
{
        int r;

        if (status != 0 && strstr(pic__buf_str(pic__job_said(a->job)), "Account already exists") == NULL)
                return refused(a, status, err);
        a->known = 1;
        a->made = status == 0;
        a->step = DOING;
        r = launch(a, err);
        return r < 0 ? r : 0;
}

int pic__acme_ask_go_on(pic__acme_ask *a, pic_error **err)
{
        char packet[PIC__JOB_PACKET + 1];
        pic__acme_word w;
        size_t len;
        int status = 0, r;

        while ((len = pic__job_hear(a->job, packet)) > 0) {
                if (pic__acme_hook_read(packet, len, &w))
                        a->hear(&w, a->data);
                else
                        pic__acme_ask_answer(a, 0);
        }
        r = pic__job_go_on(a->job, &status, err);
        if (r <= 0)
                return r;
        if (a->step == REGISTERING)
                return next_step(a, status, err);
        if (status == 0)
                return a->errand == PIC__ACME_GET ? read_chain(a, err) : 1;
        if (a->errand == PIC__ACME_WITHDRAW && strstr(pic__buf_str(pic__job_said(a->job)), "alreadyRevoked") != NULL)
                return 1;
        if (!forgot(a))
                return refused(a, status, err);
        r = launch(a, err);
        return r < 0 ? r : 0;
}

const pic__buf *pic__acme_ask_chain(const pic__acme_ask *a)
{
        return &a->chain;
}

const pic__x509_key *pic__acme_ask_key(const pic__acme_ask *a)
{
        return a->key;
}

int pic__acme_ask_known(const pic__acme_ask *a)
{
        return a->known;
}

const char *pic__acme_ask_email(const pic__acme_ask *a)
{
        return a->email != NULL ? a->email : "";
}

int pic__acme_ask_new(const pic__acme_ask *a)
{
        return a->made;
}

int pic__acme_ask_limited(const pic__acme_ask *a)
{
        return a->limited;
}

pic__acme_ask *pic__acme_ask_unref(pic__acme_ask *a)
{
        if (a == NULL)
                return NULL;
        pic__job_unref(a->job);
        pic__x509_key_unref(a->key);
        if (a->dir != NULL && pic__file_exists(a->dir)) {
                empty(open(a->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), 4);
                (void)rmdir(a->dir);
        }
        pic__buf_free(&a->chain);
        pic__free(a->dir);
        pic__free(a->own);
        pic__free(a->program);
        pic__free(a->hook);
        pic__free(a->directory);
        pic__free(a->email);
        pic__free(a);
        return NULL;
}
