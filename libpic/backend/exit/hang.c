/* Owns: programs that are there and do nothing: stopped by somebody, or stuck. Nobody else would start them again,
 * since they live.
 *
 * One that was stopped is known at once. One that is stuck is known by what it leaves lying: a resolver that has
 * questions in its socket for 20 s and does no work is dead, whatever else is true. Of carriers it is asked only while
 * their exit does not work, for half a minute and by what each answers when its far end is dead, too: so a dead far end
 * restarts nothing. The next time waits longer each time, up to ten minutes. */
#include "backend/exit/hang.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND ((pic_time)1000000)
#define STUCK (20 * SECOND)   /* unread, and no work done */
#define AGAIN (5 * SECOND)    /* after a carrier did not answer: it is asked once more */
#define WELL (20 * SECOND)    /* after it did */
#define GAP_MIN (20 * SECOND) /* between two replacements; doubles */
#define GAP_MAX (600 * SECOND)
#define DNS_PORT 53

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

/* --- what the kernel says --------------------------------------------------------------------------------------- */

/* "PID (NAME) STATE …", user and system time are fields 14 and 15; the name may hold anything. */
int pic__hang_state(pid_t pid, char *ret_state, unsigned long long *ret_work)
{
        unsigned long long user = 0, system = 0;
        char path[64], text[1024];
        const char *at;
        ssize_t n = -1;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = read(fd, text, sizeof(text) - 1);
                close(fd);
        }
        if (n <= 0)
                return -1;
        text[n] = '\0';
        at = strrchr(text, ')');
        if (at == NULL ||
            sscanf(at + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu", ret_state, &user, &system) != 3)
                return -1;
        *ret_work = user + system;
        return 0;
}

/* "  0: 00000000:0035 00000000:0000 0A 00000000:00000003 …": of who listens the second number behind the state is what
 * nobody took; of UDP it is bytes. */
static unsigned long unread_in(pid_t pid, const char *table, int tcp, unsigned port)
{
        char path[64], line[256];
        unsigned long sum = 0;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, table);
        f = fopen(path, "re");
        if (f == NULL)
                return 0;
        while (fgets(line, sizeof(line), f) != NULL) {
                const char *local = strchr(line, ':'), *at = local != NULL ? strchr(local + 1, ':') : NULL;
                unsigned number = 0, state = 0;
                unsigned long waiting = 0;

                if (at != NULL && sscanf(at + 1, "%x %*s %x %*x:%lx", &number, &state, &waiting) == 3 &&
                    number == port && (!tcp || state == 0x0a))
                        sum += waiting;
        }
        fclose(f);
        return sum;
}

unsigned long pic__hang_unread(pid_t pid, int tcp, unsigned port)
{
        return unread_in(pid, tcp ? "tcp" : "udp", tcp, port) + unread_in(pid, tcp ? "tcp6" : "udp6", tcp, port);
}

/* --- another one in its place ----------------------------------------------------------------------------------- */

static void pace(pic__exit_hang *h, pic_time now)
{
        pic_time gap = h->gap == 0 || now - h->at > GAP_MAX + h->gap ? GAP_MIN : 2 * h->gap;

        h->gap = gap > GAP_MAX ? GAP_MAX : gap;
        h->at = now;
}

/* 1: it is ended, and started again by who looks after the dead. */
static int replace(pic__exit *b, pic__exit_space *s, pic__exit_process *p, const char *why)
{
        pic__exit_hang *h = &s->hang;
        pic_time now = mono();

        if (h->at != 0 && now < h->at + h->gap)
                return 0;
        pace(h, now);
        pic__log_put(s->log, PIC_LOG_WARNING, "exit", "connection %s (%s): %s %s: it is started anew", s->conf.name,
                     s->dev, p->program, why);
        snprintf(h->told, sizeof(h->told), "restarted: %s %s", p->program, why);
        pic__exit_watch_fd(b, &p->watched, -1);
        pic__child_stop(p->child, 0);
        h->missed = 0;
        pic__exit_mend(b, s);
        return 1;
}

static pic__exit_process *resolver_of(pic__exit_space *s)
{
        pic__process_spec spec;
        size_t i;

        pic__resolver_spec(&spec);
        for (i = 0; i < s->processes; i++)
                if (strcmp(s->process[i].name, spec.name) == 0)
                        return &s->process[i];
        return NULL;
}

/* Where questions come to it: from devices, or from the filter. */
static unsigned port_of(const pic__exit_space *s)
{
        return pic__exit_sieved(&s->conf) ? PIC__SIEVE_PORT : DNS_PORT;
}

static void look_at_resolver(pic__exit *b, pic__exit_space *s)
{
        pic__exit_process *p = resolver_of(s);
        pic__exit_hang *h = &s->hang;
        unsigned long long work;
        pic_time now = mono();
        char state;

        if (p == NULL || !pic__process_alive(p) || pic__hang_unread(pic__child_pid(p->child), 0, port_of(s)) == 0 ||
            pic__hang_state(pic__child_pid(p->child), &state, &work) < 0) {
                h->unread = 0;
        } else if (h->unread == 0 || work != h->work) {
                h->unread = now;
                h->work = work;
        } else if (now - h->unread >= STUCK && replace(b, s, p, "did not answer")) {
                h->unread = 0;
        }
}

void pic__hang_tick(pic__exit *b, pic__exit_space *s)
{
        unsigned long long work;
        char state;
        size_t i;

        if (s->value == NULL)
                return;
        for (i = 0; i < s->processes; i++) {
                pic__exit_process *p = &s->process[i];

                if (pic__process_alive(p) && pic__hang_state(pic__child_pid(p->child), &state, &work) == 0 &&
                    state == 'T' && replace(b, s, p, "was stopped"))
                        return; /* the list may be another one now */
        }
        look_at_resolver(b, s);
}

/* --- one that does not carry ------------------------------------------------------------------------------------ */

/* Which of its processes does not answer; NULL: all do, or nobody can tell. */
static pic__exit_process *silent(pic__exit_space *s)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);
        const char *name = s->carrier->silent != NULL ? s->carrier->silent(&s->conf, &env) : NULL;
        pic__exit_process *found = NULL;
        size_t i;

        for (i = 0; name != NULL && i < s->processes; i++)
                if (strcmp(s->process[i].name, name) == 0 && pic__process_alive(&s->process[i]))
                        found = &s->process[i];
        pic__arena_free(&arena);
        return found;
}

static void look_closer(pic__exit *b, pic__exit_space *s)
{
        pic__exit_hang *h = &s->hang;
        pic_time now = mono();
        pic__exit_process *p;

        if (now < h->look)
                return;
        p = silent(s);
        h->missed = p != NULL ? h->missed + 1 : 0;
        h->look = mono() + (p != NULL ? AGAIN : WELL);
        if (p != NULL && h->missed > 1)
                (void)replace(b, s, p, "did not answer");
}

int pic__hang_revive(pic__exit *b, pic__exit_space *s, int down, pic__buf *told)
{
        int some;

        if (!down)
                s->hang.missed = 0;
        else if (s->value != NULL && s->carrier != NULL && !s->refused)
                look_closer(b, s);
        some = s->hang.told[0] != '\0';
        pic__buf_puts(told, s->hang.told);
        s->hang.told[0] = '\0';
        return some;
}
