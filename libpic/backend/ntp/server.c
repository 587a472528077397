/* Owns: the life of the one chronyd: start, finding it again, change, stop. It reads no file of ours. The stamp says by
 * which item it was started, its environment with what. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/ntp/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/mark.h"
#include "sys/power.h"

#define GRACE 1000
#define VALUE_MAX 4096
#define ARGS_MAX 64 /* setpriv's and chronyd's */

void pic__ntp_forget(pic__ntp *b)
{
        pic__free(b->value);
        b->value = NULL;
        b->known = 0;
        b->ticks = 0;
        pic__bell_child(&b->bell, b->child);
}

/* --- finding it again ------------------------------------------------------------------------------------------- */

/* Its helper ends a moment after it. */
static pic__mark mark_of(const pic__ntp *b)
{
        return (pic__mark){ .word = "PIC_NTP", .program = "chronyd", .dir = b->dir, .leader = 1 };
}

/* Of its arguments. */
static int put_mark(const pic__ntp *b, const pic__ntp_conf *c, char mark[PIC__MARK_MAX])
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__mark m = mark_of(b);

        return pic__ntp_conf_args(c, &args) < 0 ? -1 : pic__mark_make(&m, args.data, args.len, mark);
}

/* Whether it runs with what we would start for that item now: another version of this program may have started it. */
static int runs_as(const pic__ntp *b, const pic__ntp_conf *c)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__mark m = mark_of(b);

        return pic__ntp_conf_args(c, &args) >= 0 && pic__mark_same(&m, pic__child_pid(b->child), args.data, args.len);
}

/* One that no pid file names would hold port 123 for ever. */
static int adopt_leftover(pic__ntp *b)
{
        pic__mark m = mark_of(b);

        if (!pic__mark_adopt(&m, b->child))
                return 0;
        pic__log_put(b->base.log, PIC_LOG_WARNING, "ntp", "found process %d, of which no file told",
                     (int)pic__child_pid(b->child));
        return 1;
}

int pic__ntp_find(pic__ntp *b, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *value;

        if (!pic__child_alive(b->child) && !pic__child_adopt(b->child, "chronyd") && !adopt_leftover(b)) {
                if (b->value != NULL)
                        pic__ntp_forget(b);
                return 0;
        }
        if (b->value != NULL)
                return 1;
        if (pic__file_read(b->stamp, VALUE_MAX, &text, NULL) < 0 ||
            pic__ntp_conf_parse(pic__buf_str(&text), &b->conf, NULL) < 0 || !runs_as(b, &b->conf))
                pic__buf_clear(&text);
        value = pic__strdup(text.len > 0 ? pic__buf_str(&text) : "");
        if (value == NULL)
                return pic__nomem(err);
        b->value = value;
        pic__bell_child(&b->bell, b->child);
        return 1;
}

/* --- whether it answers ----------------------------------------------------------------------------------------- */

static int ask_all(pic__ntp *b, unsigned ms, pic_error **err)
{
        pic__ntp_answer answer;
        size_t i;
        int r = 0;

        for (i = 0; i < b->conf.listens && r == 0; i++)
                r = pic__ntp_ask(&b->conf.listen[i], ms, &answer, err);
        return r;
}

int pic__ntp_answers(pic__ntp *b, pic_error **err)
{
        int r = ask_all(b, PIC__NTP_TIMEOUT, err);

        if (r == PIC_TIMEOUT && pic__child_alive(b->child)) {
                pic__log_put(b->base.log, PIC_LOG_WARNING, "ntp", "chronyd, process %d, does not answer: killed",
                             (int)pic__child_pid(b->child));
                pic__child_stop(b->child, 0);
                pic__bell_ring(&b->bell);
        }
        return r;
}

/* "2026-11-26T14:46:08Z Could not bind …": without the time. */
static const char *said(const char *line)
{
        const char *space = strchr(line, ' ');

        return space != NULL && space > line && space[-1] == 'Z' ? space + 1 : line;
}

#define TAKEN "Could not open NTP socket" /* it does not say why; the address need not be there (IP_FREEBIND) */

int pic__ntp_explain(char *written, pic_error **err)
{
        size_t len = strlen(written);
        int taken = strstr(written, TAKEN) != NULL;
        char *line;

        while (len > 0 && written[len - 1] == '\n')
                written[--len] = '\0';
        if (taken) {
                pic__fail(err, PIC_CONFLICT, "time: UDP port 123 is taken by another program");
                pic__hint(err, "find it with `ss -ulpn sport = :123`, and let it listen on its own addresses only "
                               "(ntpd: interface ignore wildcard; chrony: bindaddress); or without a time server: "
                               "pic cell set --ntp no");
        } else {
                line = strrchr(written, '\n');
                pic__fail(err, PIC_BACKEND, "time: chronyd does not start: %s",
                          len == 0       ? "it says nothing"
                          : line != NULL ? said(line + 1)
                                         : said(written));
                pic__hint(err, "pic log ntp");
        }
        pic__detail(err, "stderr", written);
        return taken ? PIC_CONFLICT : PIC_BACKEND;
}

static off_t log_size(const pic__ntp *b)
{
        struct stat st;

        return stat(b->log_file, &st) == 0 ? st.st_size : 0;
}

static int explain(const pic__ntp *b, off_t from, pic_error **err)
{
        char text[2048];
        FILE *f = fopen(b->log_file, "re");
        size_t n = 0;

        if (f != NULL && fseeko(f, from, SEEK_SET) == 0)
                n = fread(text, 1, sizeof(text) - 1, f);
        if (f != NULL)
                fclose(f);
        text[n] = '\0';
        return pic__ntp_explain(text, err);
}

/* A port that is taken is written into its log, and it goes on without it. */
static int await(pic__ntp *b, off_t from, pic_error **err)
{
        static const struct timespec pause = { 0, 2000000 };
        int waited;

        for (waited = 0; waited < PIC__NTP_START_LIMIT; waited += 22) {
                if (!pic__child_alive(b->child))
                        return explain(b, from, err);
                if (ask_all(b, 20, NULL) == 0)
                        return 0;
                if (waited > 100 && explain(b, from, NULL) == PIC_CONFLICT)
                        break;
                nanosleep(&pause, NULL);
        }
        return explain(b, from, err);
}

/* --- start and end ---------------------------------------------------------------------------------------------- */

/* Where it may write. It stands in it from the start, so nobody has to let it through the directories above. */
static int make_own(const pic__ntp *b, pic_error **err)
{
        int r = pic__dir_make(b->own, 0700, err);

        if (r == 0 && chown(b->own, PIC__NTP_USER, PIC__NTP_USER) < 0)
                r = pic__fail_errno(err, errno, "%s", b->own);
        return r;
}

/* Before it is chronyd it becomes a user of its own, who may bind port 123 and, where the owner wants that, set the
 * clock; nothing else, and nothing more later. */
static void add_power(const char *own, int clock, char words[3][80], const char **argv, size_t *n)
{
        static const char *const sets[] = { "--inh-caps", "--ambient-caps", "--bounding-set" };
        static char reuid[24], regid[24];
        size_t i;

        snprintf(reuid, sizeof(reuid), "--reuid=%u", PIC__NTP_USER);
        snprintf(regid, sizeof(regid), "--regid=%u", PIC__NTP_USER);
        argv[(*n)++] = "env";
        argv[(*n)++] = "-C";
        argv[(*n)++] = own;
        argv[(*n)++] = "setpriv";
        argv[(*n)++] = reuid;
        argv[(*n)++] = regid;
        argv[(*n)++] = "--clear-groups";
        argv[(*n)++] = "--no-new-privs";
        for (i = 0; i < PIC__COUNT(sets); i++) {
                snprintf(words[i], sizeof(words[i]), "%s=-all,+net_bind_service%s", sets[i], clock ? ",+sys_time" : "");
                argv[(*n)++] = words[i];
        }
        argv[(*n)++] = "--";
}

static int launch(pic__ntp *b, const pic__ntp_conf *c, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__auto_free char *program = pic__cmd_find("chronyd");
        const char *argv[ARGS_MAX], *at, *env[] = { NULL, NULL };
        char words[3][80], mark[PIC__MARK_MAX];
        off_t from = log_size(b);
        uint64_t power;
        size_t n = 0;
        int r;

        if (program == NULL) {
                pic__fail(err, PIC_UNSUPPORTED, "time: chronyd is not installed");
                pic__hint(err, "apt-get install chrony; or without a time server: pic cell set --ntp no");
                return PIC_UNSUPPORTED;
        }
        if (c->clock && prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) != 1) {
                pic__fail(err, PIC_DENIED,
                          "time: the agent may not let anybody set this machine's clock (no CAP_SYS_TIME)");
                pic__hint(err, "with systemd: copy share/pic/clock.conf to /etc/systemd/system/picd.service.d/, then "
                               "systemctl daemon-reload and systemctl restart picd");
                return PIC_DENIED;
        }
        if (pic__ntp_conf_args(c, &args) < 0 || put_mark(b, c, mark) < 0)
                return pic__nomem(err);
        env[0] = mark;
        add_power(b->own, c->clock, words, argv, &n);
        for (at = args.data; at < args.data + args.len && n + 1 < ARGS_MAX; at += strlen(at) + 1)
                argv[n++] = at;
        argv[n] = NULL;
        power = pic__power_give();
        r = pic__child_start(b->child, argv, env, err);
        pic__power_back(power);
        if (r < 0)
                return r;
        b->conf = *c;
        return await(b, from, err);
}

static int settle(pic__ntp *b, const char *value, pic_error **err)
{
        char *copy = pic__strdup(value);
        int r = copy != NULL ? pic__file_write(b->stamp, value, strlen(value), 0600, err) : pic__nomem(err);

        if (r < 0) {
                pic__free(copy);
                return r;
        }
        pic__free(b->value);
        b->value = copy;
        b->ticks = 0;
        pic__bell_child(&b->bell, b->child);
        return 0;
}

static int too_soon(pic__ntp *b, pic_error **err)
{
        unsigned ms = pic__child_backoff(b->child);

        if (ms == 0)
                return 0;
        pic__bell_ring_in(&b->bell, ms);
        pic__fail(err, PIC_BUSY, "chronyd died; it is started again in %u ms", ms);
        if (b->trouble != NULL)
                pic__wrap(err, "%s", b->trouble);
        return PIC_BUSY;
}

static void remember_trouble(pic__ntp *b, const pic_error *bad)
{
        pic__free(b->trouble);
        b->trouble = bad != NULL ? pic__strdup(pic_error_message(bad)) : NULL;
}

int pic__ntp_start(pic__ntp *b, const char *value, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        pic__ntp_conf c;
        int r = too_soon(b, err);

        if (r < 0)
                return r;
        r = pic__ntp_conf_parse(value, &c, &bad);
        if (r == 0)
                r = pic__dir_make(b->dir, 0700, &bad);
        if (r == 0)
                r = pic__dir_make(b->log_dir, 0750, &bad);
        if (r == 0) {
                unlink(b->stamp);
                r = make_own(b, &bad);
        }
        if (r == 0)
                r = launch(b, &c, &bad);
        if (r == 0)
                r = settle(b, value, &bad);
        remember_trouble(b, bad);
        if (r < 0) {
                pic__ntp_stop(b);
                if (err != NULL)
                        *err = pic__take(bad);
        }
        return r;
}

/* chronyd cannot move to other addresses while it runs, and is there again in 30 ms. */
int pic__ntp_change(pic__ntp *b, const char *value, pic_error **err)
{
        pic__auto_free char *former = pic__strdup(b->value);
        int r;

        if (former == NULL)
                return pic__nomem(err);
        pic__ntp_stop(b);
        r = pic__ntp_start(b, value, err);
        if (r < 0 && former[0] != '\0')
                (void)pic__ntp_start(b, former, NULL);
        return r;
}

static void leave_own(const pic__ntp *b)
{
        static const char *const files[] = { "pid", "drift", "drift.tmp" };
        int dir = open(b->own, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        size_t i;

        for (i = 0; i < PIC__COUNT(files) && dir >= 0; i++)
                (void)unlinkat(dir, files[i], 0);
        if (dir >= 0)
                close(dir);
        (void)rmdir(b->own);
}

void pic__ntp_stop(pic__ntp *b)
{
        pic__child_stop(b->child, GRACE);
        unlink(b->stamp);
        leave_own(b);
        pic__ntp_forget(b);
}
