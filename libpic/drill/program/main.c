/* pic-drill: brings a copy of a cell up where nobody is, and says how that went. It does one thing that it is told on
 * its standard input, says one line of JSON on its standard error, and ends with whoever started it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drill/apart.h"
#include "drill/live.h"
#include "drill/order.h"
#include "drill/target.h"
#include "sys/crypto.h"
#include "sys/file.h"

static void heed_signals(void)
{
        struct sigaction none = { .sa_handler = SIG_IGN };

        (void)sigaction(SIGPIPE, &none, NULL);
}

/* The cell that runs goes before its copy: when memory is short, and when the processor is. */
static void step_back(void)
{
        int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        if (fd >= 0) {
                (void)!write(fd, "1000", 4);
                (void)close(fd);
        }
        (void)setpriority(PRIO_PROCESS, 0, 5);
}

static int live(const pic__drill_order *o, pic__json *j, pic_error **err)
{
        PIC__AUTO(pic__book_clear) pic__drill_book book;
        int r;

        pic__book_begin(&book, &pic__clock_real);
        r = pic__drill_live(o->dir, o->fake, &book, err);
        if (r == 0)
                pic__book_put(&book, j);
        return r;
}

static int obey(pic__json *j, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        PIC__AUTO(pic__drill_order_clear) pic__drill_order o = { .doc = NULL };
        int r = pic__file_read("-", PIC__DRILL_ORDER_MAX, &text, err);

        if (r == 0)
                r = pic__drill_order_read(pic__buf_str(&text), text.len, &o, err);
        if (r < 0)
                return r;
        if (o.file)
                return pic__drill_file(&o, j, err);
        return o.target ? pic__drill_target(&o, j, err) : live(&o, j, err);
}

static void fail(int code, const pic_error *err, pic__json *j)
{
        pic__buf_clear(j->out);
        j->comma = 0;
        pic__json_open(j, '{');
        pic__json_kbool(j, "ok", 0);
        pic__json_kint(j, "code", code);
        pic__json_kstr(j, "message", pic_error_message(err));
        pic__json_kstr(j, "hint", pic_error_hint(err));
        pic__json_close(j, '}');
}

int main(void)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__json j = PIC__JSON(&out);
        int r;

        if (pic__drill_bound(getppid()) < 0)
                return 1;
        heed_signals();
        step_back();
        (void)umask(077);
        r = pic__crypto_start(&err);
        pic__json_open(&j, '{');
        pic__json_kbool(&j, "ok", 1);
        if (r == 0)
                r = obey(&j, &err);
        pic__json_close(&j, '}');
        if (r < 0)
                fail(r, err, &j);
        (void)dprintf(STDERR_FILENO, "%s\n", pic__buf_str(&out));
        return r < 0;
}
