/* Owns: the agent's loop. One thread, one epoll set: the socket, the subsystems' events, the cancel flag; and the times
 * at which something is due. What is to be done when is decided in pace.c, who may ask in server.c and caller.c, what
 * is done in the engine. */
#include "engine/agent.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "engine/acme.h"
#include "engine/alerts.h"
#include "engine/blocks.h"
#include "engine/certs.h"
#include "engine/domains.h"
#include "engine/favour.h"
#include "engine/front.h"
#include "engine/heads.h"
#include "engine/keep.h"
#include "engine/lead.h"
#include "engine/link.h"
#include "engine/lockfile.h"
#include "engine/logfile.h"
#include "engine/logpass.h"
#include "engine/notes.h"
#include "engine/pace.h"
#include "engine/paths.h"
#include "engine/privileges.h"
#include "engine/revert.h"
#include "engine/server.h"
#include "engine/traffic.h"
#include "sys/file.h"

#include <pic/version.h>

#define TICK (2 * PIC__SECOND)    /* children are looked after, and a store changed without a ring is seen */
#define REST (3600 * PIC__SECOND) /* so often those that were refused without a row are looked for */
#define REFUSALS_A_TICK 5
#define INTERVAL_MS 60000u
#define LOCAL_WAIT_MS 2000u
#define FDS_MAX 8
#define TURN_EVERY (20 * PIC__SECOND) /* logs are looked at: a program may write megabytes a second */
#define HEAD_EVERY (30 * PIC__SECOND) /* while the journal grows all the time: at each pause else */

enum {
        FROM_CANCEL,
        FROM_SERVER,
        FROM_BACKEND,
        FROM_EXITS,
        FROM_ACME,
        FROM_DOMAINS,
        FROM_ROUTER,
        FROM_BLOCKS,
        FROM_ALERTS,
        FROM_KEEPER
};

struct agent {
        const pic__agent_opts *opts;
        const pic__clock *clock;
        const pic__log *log; /* the file's */
        char *run_dir;
        char *log_dir;
        uid_t owner;
        int lock;
        int local_lock;
        int epoll;
        pic__logfile *file;
        pic__logpass *pass; /* NULL: nobody wants what programs write */
        pic__engine *engine;
        pic__server *server;
        pic__pace pace;
        pic_time next_tick;
        pic_time revert_at;  /* not before: a going back that failed */
        pic_time tried;      /* the expiry that an apply was made for: once, also when applies fail */
        pic_revision behind; /* was tried: once at once, then with patience */
        pic_revision tidied; /* the store's log was cleared after this revision */
        uint64_t rows;       /* of the journal, at the last tick */
        pic_time turn_at;    /* when logs are looked at */
        pic_time signed_at;  /* when its head was signed last */
        unsigned refusals;   /* since the last tick */
        pic_time rest_at;    /* when those are told that have no row */
        int no_front;        /* its secret could not be written */
};

static void close_fd(int fd)
{
        if (fd >= 0)
                close(fd);
}

/* The lock goes last: until then nobody else may come. */
static void clean(struct agent *a)
{
        a->server = pic__server_unref(a->server);
        a->engine = pic__engine_unref(a->engine);
        if (a->file != NULL)
                pic__log_put(a->log, PIC_LOG_INFO, "agent", "stopped");
        a->pass = pic__logpass_unref(a->pass);
        a->file = pic__logfile_unref(a->file);
        close_fd(a->epoll);
        close_fd(a->local_lock);
        close_fd(a->lock);
        pic__free(a->run_dir);
        pic__free(a->log_dir);
}

static pic_time mono(const struct agent *a)
{
        return a->clock->mono(a->clock->data);
}

static void answer(const char *request, size_t len, const char *actor, pic__buf *out, void *data)
{
        const struct agent *a = data;

        (void)pic__verbs_handle_along(a->engine, request, len, pic__server_file(a->server), actor, out);
}

/* Who comes again and again costs the disk a few writes a tick. */
static void refused(const char *actor, void *data)
{
        struct agent *a = data;

        if (a->refusals++ < REFUSALS_A_TICK)
                pic__engine_refused(a->engine, actor, "agent", "called the agent without the right to", 0);
}

static void count_refused(struct agent *a)
{
        if (a->refusals > REFUSALS_A_TICK)
                pic__engine_refused(a->engine, "agent", "agent", NULL, a->refusals - REFUSALS_A_TICK);
        a->refusals = 0;
}

static void tell_refused(struct agent *a)
{
        count_refused(a);
        if (mono(a) < a->rest_at)
                return;
        a->rest_at = mono(a) + REST;
        pic__engine_refused_rest(a->engine);
}

static int take_locks(struct agent *a, pic_error **err)
{
        int r = pic__lock_take(a->run_dir, PIC__AGENT_LOCK, 0, "another agent", &a->lock, err);

        if (r == 0 && a->opts->engine.fake) /* contexts of the fake world act by themselves: not while we do */
                r = pic__lock_take(a->run_dir, PIC__LOCAL_LOCK, LOCAL_WAIT_MS, "another process", &a->local_lock, err);
        if (r == PIC_BUSY)
                pic__hint(err, "One agent a cell: stop the other, or talk to it with pic.");
        return r;
}

static int pass_line(int level, const char *area, const char *program, unsigned slot, const char *text, void *data)
{
        const struct agent *a = data;
        const char *connection = slot != 0 ? pic__engine_exit_name(a->engine, slot) : NULL;

        return a->opts->line(level, area, program, connection, text, a->opts->data);
}

static int open_log(struct agent *a, pic_error **err)
{
        const pic__log *also = a->opts->engine.log;
        int r = pic__dir_make(a->log_dir, 0750, err);

        if (r == 0)
                r = pic__logfile_open(a->log_dir, a->clock, also, PIC__LOGFILE_MAX, &a->file, err);
        if (r == 0)
                a->log = pic__logfile_log(a->file);
        if (r == 0 && a->opts->line != NULL)
                r = pic__logpass_open(a->log_dir, a->clock, also != NULL ? also->level : PIC_LOG_INFO, pass_line, a,
                                      &a->pass, err);
        return r;
}

static int open_engine(struct agent *a, pic_error **err)
{
        pic__engine_opts opts = a->opts->engine;

        opts.run_dir = a->run_dir;
        opts.clock = a->clock;
        opts.log = a->log;
        opts.file = a->file;
        return pic__engine_open(&opts, &a->engine, err);
}

static int open_server(struct agent *a, pic_error **err)
{
        const pic__server_opts opts = { .run_dir = a->run_dir,
                                        .owner = a->owner,
                                        .clock = a->clock,
                                        .log = a->log,
                                        .answer = answer,
                                        .refused = refused,
                                        .data = a };

        return pic__server_open(&opts, &a->server, err);
}

/* Nobody but the front needs it: devices and names do not wait for a disk that is full. It is made as soon as it can
 * be; until then the front does not start, and says why. */
static int make_front(struct agent *a, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int failed = a->no_front;

        (void)err;
        a->no_front = pic__front_make(a->run_dir, a->owner, &bad) < 0;
        if (a->no_front && !failed)
                pic__log_err(a->log, PIC_LOG_ERROR, "agent", bad);
        return 0;
}

static int watch(struct agent *a, int fd, uint32_t from, uint32_t events)
{
        struct epoll_event ev = { .events = events, .data = { .u32 = from } };

        return epoll_ctl(a->epoll, EPOLL_CTL_ADD, fd, &ev);
}

/* Their descriptors may come and go with children and sockets, so they are offered again before each wait; those that
 * are in the set stay. Edges, not levels: a dead child's descriptor stays readable until it is replaced. */
static void watch_backends(struct agent *a)
{
        int fds[FDS_MAX];
        size_t n = pic__engine_fds(a->engine, fds, FDS_MAX), i;

        for (i = 0; i < n; i++)
                (void)watch(a, fds[i], FROM_BACKEND, EPOLLIN | EPOLLET);
        if (pic__engine_exits_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_exits_fd(a->engine), FROM_EXITS, EPOLLIN);
        if (pic__engine_acme_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_acme_fd(a->engine), FROM_ACME, EPOLLIN);
        if (pic__engine_blocks_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_blocks_fd(a->engine), FROM_BLOCKS, EPOLLIN);
        if (pic__engine_alerts_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_alerts_fd(a->engine), FROM_ALERTS, EPOLLIN);
        if (pic__engine_keep_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_keep_fd(a->engine), FROM_KEEPER, EPOLLIN);
        if (pic__engine_favour_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_favour_fd(a->engine), FROM_KEEPER, EPOLLIN);
        if (pic__engine_domains_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_domains_fd(a->engine), FROM_DOMAINS, EPOLLIN);
        if (pic__engine_lead_fd(a->engine) >= 0)
                (void)watch(a, pic__engine_lead_fd(a->engine), FROM_ROUTER, EPOLLIN);
}

static int open_loop(struct agent *a, pic_error **err)
{
        int cancel = pic__cancel_fd(a->opts->cancel);

        a->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (a->epoll < 0 || watch(a, pic__server_fd(a->server), FROM_SERVER, EPOLLIN) < 0 ||
            (cancel >= 0 && watch(a, cancel, FROM_CANCEL, EPOLLIN) < 0))
                return pic__fail_errno(err, errno, "cannot make the agent's loop");
        return 0;
}

/* A filter that this kernel does not have is a loss, not a reason to leave the cell without its agent. */
static int drop_privileges(struct agent *a, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r;

        if (a->opts->keep_privileges || a->opts->engine.fake)
                return 0;
        r = pic__privileges_drop(a->owner != 0, &bad);
        if (r == PIC_UNSUPPORTED) {
                pic__log_err(a->log, PIC_LOG_WARNING, "agent", bad);
                return 0;
        }
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}

static int find_dirs(struct agent *a, pic_error **err)
{
        const pic__engine_opts *o = &a->opts->engine;
        struct stat st;
        int r;

        a->run_dir = o->run_dir != NULL ? pic__strdup(o->run_dir) : pic__run_dir(o->dir);
        a->log_dir = pic__log_dir(o->dir);
        if (a->run_dir == NULL || a->log_dir == NULL)
                return pic__nomem(err);
        r = pic__cell_there(o->dir, err);
        if (r < 0)
                return r;
        if (stat(o->dir, &st) < 0)
                return pic__fail_errno(err, errno, "%s", o->dir);
        a->owner = st.st_uid;
        return pic__dir_make(a->run_dir, 0755, err);
}

static int open_all(struct agent *a, pic_error **err)
{
        static int (*const phases[])(struct agent * a, pic_error * *err) = {
                take_locks, open_log, open_engine, make_front, open_server, open_loop, drop_privileges,
        };
        size_t i;
        int r;

        r = find_dirs(a, err);
        if (r == 0 && !a->opts->engine.fake)
                r = pic__privileges_check(err);
        for (i = 0; r == 0 && i < PIC__COUNT(phases); i++)
                r = phases[i](a, err);
        return r;
}

/* Looks at the whole world and puts right what differs, unless the cell says that it shall only be told. */
static void look(struct agent *a)
{
        size_t steps = 0;
        int r;

        (void)pic__engine_event(a->engine); /* what happened until now is seen by looking */
        r = pic__engine_look(a->engine, &steps, NULL);
        pic__engine_tell_drift(a->engine, "agent");
        pic__pace_looked(&a->pace, mono(a), r < 0 ? -1 : (long)steps);
}

static pic_time next_due(const struct agent *a)
{
        pic_time due = pic__engine_next_due(a->engine);

        return due != a->tried || pic__engine_failure(a->engine) == NULL ? due : 0;
}

static int expired(struct agent *a)
{
        pic_time due = next_due(a);

        if (due == 0 || a->clock->now(a->clock->data) < due)
                return 0;
        a->tried = due;
        return 1;
}

/* Who took the run directory away took the socket and the lock too: nobody can reach us, and another agent may start
 * beside us. Ending is what whoever started us can see and mend; the next one finds the children. */
static int homeless(const struct agent *a, pic_error **err)
{
        if (pic__lock_holds(a->run_dir, PIC__AGENT_LOCK, a->lock))
                return 0;
        (void)pic__fail(err, PIC_BADSTATE, "%s was removed or replaced under this agent", a->run_dir);
        pic__hint(err, "Start picd again. Traffic goes on meanwhile as it was.");
        pic__log_put(a->log, PIC_LOG_ERROR, "agent", "%s was removed or replaced under this agent: it ends",
                     a->run_dir);
        return PIC_BADSTATE;
}

/* No change pays for a signature: it is made when the journal has not grown for a tick. 1: something was written. */
static int sign_when_quiet(struct agent *a)
{
        uint64_t was = a->rows;

        a->rows = pic__engine_rows(a->engine);
        if (a->rows != was && mono(a) < a->signed_at + HEAD_EVERY)
                return 0;
        a->signed_at = mono(a);
        return pic__engine_sign(a->engine, NULL) > 0;
}

/* 1: the store is ahead of us, and that is news or nothing is in trouble. Its log is cleared in quiet moments, so that
 * no commit has to do it; once a revision, so that an idle agent writes nothing. */
static int tick(struct agent *a)
{
        pic_revision behind = pic__engine_behind(a->engine);
        int news = behind != a->behind;

        pic__engine_tick(a->engine);
        pic__engine_traffic_tick(a->engine);
        tell_refused(a);
        if (a->pass != NULL)
                pic__logpass_turn(a->pass);
        if (mono(a) >= a->turn_at) {
                a->turn_at = mono(a) + TURN_EVERY;
                pic__logfile_rotate_children(a->file);
        }
        if (a->no_front)
                (void)make_front(a, NULL);
        a->behind = behind;
        if (behind != 0)
                return news || pic__engine_failure(a->engine) == NULL;
        if (sign_when_quiet(a) || a->tidied != pic__engine_applied(a->engine)) {
                a->tidied = pic__engine_applied(a->engine);
                pic__engine_tidy(a->engine);
        }
        return 0;
}

/* 1: the store was changed. A change that cannot be taken back now (a full disk) is tried at each tick. */
static int take_back(struct agent *a)
{
        pic__auto_err pic_error *bad = NULL;
        pic_time left;

        if (!pic__engine_confirm_left(a->engine, &left) || left > 0 || mono(a) < a->revert_at)
                return 0;
        a->revert_at = mono(a) + TICK;
        if (pic__engine_revert(a->engine, &bad) == 0)
                return 1;
        pic__log_err(a->log, PIC_LOG_ERROR, "agent", bad);
        return 0;
}

/* What failed there is tried again like any change. */
static void follow_exits(struct agent *a)
{
        const pic_error *before = pic__engine_failure(a->engine), *after;

        pic__engine_exits_turn(a->engine);
        after = pic__engine_failure(a->engine);
        if (after != before)
                pic__pace_applied(&a->pace, mono(a), after == NULL);
}

static int do_due(struct agent *a, pic_error **err)
{
        pic_time now = mono(a);
        int behind = take_back(a); /* whatever else is in trouble */

        if (now >= a->next_tick) {
                a->next_tick = now + TICK;
                if (homeless(a, err) < 0)
                        return PIC_BADSTATE;
                behind |= tick(a);
        }
        if (pic__pace_look_due(&a->pace, now) || pic__engine_wants_look(a->engine))
                look(a);
        else if (behind || expired(a))
                pic__pace_applied(&a->pace, mono(a), pic__engine_apply(a->engine, NULL, NULL) == 0);
        follow_exits(a);
        (void)pic__engine_certs(a->engine, NULL);
        pic__engine_acme_turn(a->engine);
        pic__engine_domains_turn(a->engine);
        pic__engine_lead_turn(a->engine);
        pic__engine_blocks_turn(a->engine);
        pic__engine_alerts_turn(a->engine);
        pic__engine_keep_turn(a->engine);
        pic__engine_favour_turn(a->engine);
        if (pic__engine_later_due(a->engine) != 0 && pic__engine_later_due(a->engine) <= mono(a))
                pic__engine_later(a->engine);
        pic__server_again(a->server);
        pic__engine_tell_drift(a->engine, "agent");
        return 0;
}

static pic_time sooner(pic_time a, pic_time b)
{
        return b != 0 && b < a ? b : a;
}

/* Milliseconds until something is due, rounded up. */
static int patience(const struct agent *a)
{
        pic_time now = mono(a), at = sooner(sooner(a->next_tick, pic__pace_next(&a->pace)), pic__server_due(a->server));
        pic_time due = next_due(a), left;

        at = sooner(sooner(at, pic__engine_exits_due(a->engine)), pic__engine_later_due(a->engine));
        at = sooner(sooner(at, pic__engine_domains_due(a->engine)), pic__engine_lead_due(a->engine));
        if (pic__engine_confirm_left(a->engine, &left))
                at = sooner(at, now + left > a->revert_at ? now + left : a->revert_at);
        if (due != 0)
                at = sooner(at, now + (due - a->clock->now(a->clock->data)));
        due = pic__engine_certs_due(a->engine);
        if (due != 0)
                at = sooner(at, now + (due - a->clock->now(a->clock->data)));
        due = pic__engine_acme_due(a->engine);
        if (due != 0)
                at = sooner(at, now + (due - a->clock->now(a->clock->data)));
        return at <= now ? 0 : (int)((at - now + 999) / 1000);
}

static void heard(struct agent *a, int what)
{
        if (what == PIC__DRAIN_OPEN)
                look(a);
        else if (what != 0)
                pic__pace_event(&a->pace, mono(a));
}

/* What happened while we were at work has woken nobody: a subsystem does not listen while it makes many changes, and
 * only knows afterwards that somebody else was there too. So it is asked before each wait. */
static int wait_once(struct agent *a, pic_error **err)
{
        struct epoll_event events[FDS_MAX];
        int n, i, woken = 0, open = pic__engine_event(a->engine);

        heard(a, open);
        watch_backends(a);
        n = epoll_wait(a->epoll, events, FDS_MAX, open == PIC__DRAIN_OPEN ? 0 : patience(a)); /* that was work too */
        if (n < 0 && errno != EINTR)
                return pic__fail_errno(err, errno, "the agent's loop");
        for (i = 0; i < n; i++) {
                if (events[i].data.u32 == FROM_SERVER)
                        pic__server_turn(a->server);
                woken |= events[i].data.u32 == FROM_BACKEND;
        }
        if (n <= 0)
                pic__server_turn(a->server); /* drops who has been silent for too long */
        if (woken)
                heard(a, pic__engine_event(a->engine));
        return 0;
}

static int loop(struct agent *a, pic_error **err)
{
        while (!pic_cancel_raised(a->opts->cancel)) {
                const pic_error *before = pic__engine_failure(a->engine), *after;
                pic_revision was = pic__engine_applied(a->engine);
                unsigned looks = pic__engine_looks(a->engine);
                int r = wait_once(a, err);

                if (r < 0)
                        return r;
                if (pic__engine_stopping(a->engine))
                        return 0;
                after = pic__engine_failure(a->engine);
                if (after != before) /* a caller's request failed, or went well again */
                        pic__pace_applied(&a->pace, mono(a), after == NULL);
                if (pic__engine_looks(a->engine) != looks) /* by a caller: need not be done again */
                        pic__pace_looked(&a->pace, mono(a), 0);
                if (pic__engine_applied(a->engine) != was)
                        pic__pace_busy(&a->pace, mono(a));
                r = do_due(a, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void begin(struct agent *a)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__log_put(a->log, PIC_LOG_INFO, "agent", "picd %s for %s", PIC_VERSION, a->opts->engine.dir);
        pic__buf_putf(&text, "agent started: picd %s, pid %ld", PIC_VERSION, (long)getpid());
        pic__engine_remark(a->engine, "agent", "start", pic__buf_str(&text), &pic__bound_life);
}

/* What was written since the last head is not left without one. */
static void end(struct agent *a)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        count_refused(a);
        if (a->pass != NULL) /* who comes next begins behind what is there */
                pic__logpass_turn(a->pass);
        pic__buf_putf(&text, "agent stopped: pid %ld", (long)getpid());
        pic__engine_remark(a->engine, "agent", "stop", pic__buf_str(&text), &pic__bound_life);
        (void)pic__engine_sign(a->engine, NULL);
}

int pic__agent_run(const pic__agent_opts *opts, pic_error **err)
{
        PIC__AUTO(clean) struct agent a = { .opts = opts, .lock = -1, .local_lock = -1, .epoll = -1 };
        unsigned interval = opts->interval_ms != 0 ? opts->interval_ms : INTERVAL_MS;
        int r;

        a.clock = opts->engine.clock != NULL ? opts->engine.clock : &pic__clock_real;
        r = open_all(&a, err);
        if (r < 0)
                return r;
        begin(&a);
        pic__pace_start(&a.pace, mono(&a), (pic_time)interval * 1000);
        a.next_tick = mono(&a) + TICK;
        (void)take_back(&a); /* its time may have been over while nobody looked */
        pic__pace_applied(&a.pace, mono(&a), pic__engine_apply(a.engine, NULL, NULL) == 0);
        follow_exits(&a);
        pic__engine_traffic_tick(a.engine); /* before anything passes by a device that was made just now */
        (void)pic__engine_certs(a.engine, NULL);
        if (opts->ready != NULL)
                opts->ready(opts->data);
        r = loop(&a, err);
        end(&a);
        return r;
}
