/* Owns: the life of the one chronyd: start, finding it again, change, stop. It reads no file of ours. The stamp says by
 * which item it was started, its environment with what. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "backend/ntp/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/power.h"

#define GRACE 1000
#define VALUE_MAX 4096
#define ARGS_MAX 64 /* setpriv's and chronyd's */

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

int pic__ntp_find(pic__ntp *b, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__mark m = mark_of(b);
        int r;

        if (!pic__daemon_found(&b->d, &m)) {
                if (b->value != NULL)
                        pic__daemon_forget(&b->d);
                return 0;
        }
        if (b->value != NULL)
                return 1;
        if (pic__file_read(b->stamp, VALUE_MAX, &text, NULL) < 0 ||
            pic__ntp_conf_parse(pic__buf_str(&text), &b->conf, NULL) < 0 || !runs_as(b, &b->conf))
                pic__buf_clear(&text);
        r = pic__daemon_is(&b->d, pic__buf_str(&text), err);
        return r < 0 ? r : 1;
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

        if (r == PIC_TIMEOUT)
                pic__daemon_kill(&b->d);
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
        int taken = strstr(written, TAKEN) != NULL;
        const char *line = pic__daemon_last_line(written);

        if (taken) {
                pic__fail(err, PIC_CONFLICT, "time: UDP port 123 is taken by another program");
                pic__hint(err, "find it with `ss -ulpn sport = :123`, and let it listen on its own addresses only "
                               "(ntpd: interface ignore wildcard; chrony: bindaddress); or without a time server: "
                               "pic cell set --ntp no");
        } else {
                pic__fail(err, PIC_BACKEND, "time: chronyd does not start: %s",
                          line != NULL ? said(line) : "it says nothing");
                pic__hint(err, "pic log ntp");
        }
        pic__detail(err, "stderr", written);
        return taken ? PIC_CONFLICT : PIC_BACKEND;
}

static int explain(const pic__ntp *b, off_t from, pic_error **err)
{
        char text[2048];

        pic__daemon_log_since(&b->d, from, text, sizeof(text));
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
        if (pic__power_unbound() != NULL)
                argv[(*n)++] = pic__power_unbound();
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
        off_t from = pic__daemon_log_size(&b->d);
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

int pic__ntp_start(pic__ntp *b, const char *value, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        pic__ntp_conf c;
        int r = pic__daemon_too_soon(&b->d, err);

        if (r < 0)
                return r;
        r = pic__ntp_conf_parse(value, &c, &bad);
        if (r == 0)
                r = pic__daemon_prepare(&b->d, &bad);
        if (r == 0)
                r = make_own(b, &bad);
        if (r == 0)
                r = launch(b, &c, &bad);
        if (r == 0)
                r = pic__daemon_settle(&b->d, value, NULL, &bad);
        pic__daemon_trouble(&b->d, bad);
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
        pic__daemon_forget(&b->d);
}
