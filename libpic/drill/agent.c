/* Owns: a process that is an agent, from its start to its end. */
#include "drill/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "drill/apart.h"
#include "engine/agent.h"
#include "engine/paths.h"
#include "engine/wire.h"

enum { READY_MS = 30000, STUCK_MS = 4000, ASK_MS = 10000, DOWN_MS = 15000, NAP_MS = 20 };

static void nap(void)
{
        const struct timespec t = { 0, NAP_MS * 1000000L };

        (void)nanosleep(&t, NULL);
}

static int64_t now_ms(void)
{
        return pic__clock_real.mono(NULL) / 1000;
}

static void be_agent(const char *dir, int fake, pid_t parent, int words)
{
        const pic__agent_opts opts = { .engine = { .dir = dir, .fake = fake, .clock = &pic__clock_real } };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic_error *err = NULL;

        if (pic__drill_bound(parent) < 0)
                _exit(1);
        if (pic__agent_run(&opts, &err) == 0)
                _exit(0);
        pic__wire_message(err, &text);
        (void)dprintf(words, "%s", pic__buf_str(&text));
        _exit(1);
}

int pic__drill_agent_start(const char *dir, int fake, pic__drill_agent *ret, pic_error **err)
{
        pic__auto_free char *run_dir = pic__run_dir(dir);
        pid_t self = getpid();
        int pair[2], r = run_dir != NULL ? pic__link_socket(run_dir, &ret->link, err) : pic__nomem(err);

        ret->words = -1;
        if (r < 0)
                return r;
        if (pipe2(pair, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "an agent for the drill cannot be started");
        ret->words = pair[0];
        ret->pid = fork();
        if (ret->pid == 0)
                be_agent(dir, fake, self, pair[1]);
        (void)close(pair[1]);
        return ret->pid > 0 ? 0 : pic__fail_errno(err, errno, "an agent for the drill cannot be started");
}

/* 1: it has ended. */
static int has_ended(pic__drill_agent *a)
{
        if (a->pid > 0 && waitpid(a->pid, NULL, WNOHANG) == 0)
                return 0;
        a->pid = 0;
        return 1;
}

static int ended(const pic__drill_agent *a, pic_error **err)
{
        char text[1024] = "";
        ssize_t n = read(a->words, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = '\0';
        return pic__fail(err, PIC_CORRUPT, "its agent does not come up: %s", n > 0 ? text : "it ended without a word");
}

int pic__drill_agent_ask(pic__drill_agent *a, const char *verb, const char *args, pic__doc **ret, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r = pic__link_call(a->link, verb, args, ASK_MS, &answer, err);

        return r == 0 ? pic__doc_json(pic__buf_str(&answer), answer.len, verb, ret, err) : r;
}

/* 1: all is applied; 0: not yet, and *ret_why says what is in the way (NULL: nothing that is known). */
static int look(pic__drill_agent *a, pic_error **ret_why)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const char *none[] = { NULL };
        const pic__node *why;

        pic_error_free(pic__take(*ret_why));
        if (pic__drill_agent_ask(a, "status", "{\"peers\":false}", &doc, NULL) < 0)
                return 0;
        if (pic__node_bool(pic__doc_root(doc), "ready", 0))
                return 1;
        why = pic__node_map(pic__doc_root(doc), "error");
        if (why != NULL)
                (void)pic__err_make(ret_why, PIC_CORRUPT, pic__node_str(why, "message", "it cannot apply all"),
                                    pic__node_str(why, "hint", NULL), none);
        return 0;
}

int pic__drill_agent_ready(pic__drill_agent *a, pic_error **err)
{
        pic__auto_err pic_error *why = NULL;
        int64_t began = now_ms(), stuck = 0;

        while (now_ms() - began < READY_MS) {
                if (has_ended(a))
                        return ended(a, err);
                if (look(a, &why))
                        return 0;
                if (why == NULL)
                        stuck = 0;
                else if (stuck == 0)
                        stuck = now_ms();
                else if (now_ms() - stuck > STUCK_MS)
                        break;
                nap();
        }
        if (why == NULL)
                return pic__fail(err, PIC_CORRUPT, "its agent has not come up after %d s", READY_MS / 1000);
        if (err != NULL)
                *err = pic__take(why);
        return PIC_CORRUPT;
}

int pic__drill_agent_down(pic__drill_agent *a, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        int64_t began = now_ms();
        int r = pic__drill_agent_ask(a, "stop", "{\"down\":true}", &doc, err);

        if (r < 0)
                return r;
        while (!has_ended(a)) {
                if (now_ms() - began > DOWN_MS)
                        return pic__fail(err, PIC_CORRUPT, "its agent does not end");
                nap();
        }
        return 0;
}

void pic__drill_agent_end(pic__drill_agent *a)
{
        if (a->pid > 0) {
                (void)kill(a->pid, SIGKILL);
                (void)waitpid(a->pid, NULL, 0);
        }
        if (a->words >= 0)
                (void)close(a->words);
        a->link = pic__link_unref(a->link);
        *a = (pic__drill_agent){ .words = -1 };
}
