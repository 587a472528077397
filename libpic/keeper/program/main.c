/* pic-keep: the agent's hands for backups: it does one thing that it is told on its standard input, and says how it
 * goes on its standard error: "at WHAT BYTES" while it goes on, one line of JSON at its end. It may open the cell's
 * files and talk to servers, and nothing else; it ends with whoever started it. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keeper/keep.h"
#include "keeper/program/confine.h"
#include "sys/crypto.h"
#include "sys/file.h"

enum { GRACE_S = 15 };

static volatile sig_atomic_t ended;

static void on_end(int number)
{
        (void)number;
        ended = 1;
        (void)alarm(GRACE_S); /* whoever does not listen is killed by it */
}

static void heed_signals(void)
{
        struct sigaction end = { .sa_handler = on_end }, none = { .sa_handler = SIG_IGN };

        (void)sigaction(SIGTERM, &end, NULL);
        (void)sigaction(SIGINT, &end, NULL);
        (void)sigaction(SIGPIPE, &none, NULL);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static double seconds(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The fewer lines the longer it takes: whoever reads them keeps them all. */
static void progress(const char *what, uint64_t bytes)
{
        static double began, next;
        static const char *last;
        double now = seconds();

        if (began == 0)
                began = now;
        if (what == last && now < next)
                return;
        last = what;
        next = now + (now - began < 60 ? 0.3 : 5);
        (void)dprintf(STDERR_FILENO, "at %s %llu\n", what, (unsigned long long)bytes);
}

static int obey(pic__buf *out, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        PIC__AUTO(pic__order_clear) pic__order o = { .plain = 0 };
        int r = pic__file_read("-", PIC__ORDER_MAX, &text, err);

        if (r == 0)
                r = pic__order_read(pic__buf_str(&text), text.len, &o, err);
        if (r == 0)
                r = keeper_confine(o.dir, o.spec.place.host[0] == '\0', pic__place_is_restic(o.spec.place.kind), err);
        o.spec.ended = &ended;
        return r < 0 ? r : pic__keep(&o, STDOUT_FILENO, progress, out, err);
}

int main(void)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pid_t parent = getppid();
        int r;

        heed_signals();
        if (getppid() != parent)
                return 1;
        (void)umask(077);
        r = pic__crypto_start(&err);
        if (r == 0)
                r = obey(&out, &err);
        if (r < 0) {
                pic__json j = PIC__JSON(&out);

                pic__buf_clear(&out);
                pic__json_open(&j, '{');
                pic__json_kbool(&j, "ok", 0);
                pic__json_kint(&j, "code", r);
                pic__json_kstr(&j, "message", pic_error_message(err));
                pic__json_kstr(&j, "hint", pic_error_hint(err));
                pic__json_close(&j, '}');
        }
        (void)dprintf(STDERR_FILENO, "%s\n", pic__buf_str(&out));
        return r < 0;
}
