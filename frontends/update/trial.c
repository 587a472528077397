/* Owns: the cell as it was, in a file; and the new version, tried with a copy of that before anything counts on it. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "update/update.h"

int up_has_cell(const struct up *u)
{
        char path[UP_PATH];

        return up_path(path, u->dir, "/cell.db", NULL) == 0 && access(path, F_OK) == 0;
}

/* Not encrypted, like the directory that it is a copy of, and read by the same people. */
static int back_up(const struct up *u, const char *pic)
{
        const char *argv[] = { pic,      "--dir",  u->dir,    "--world", u->world, "--json",
                               "backup", "create", u->before, "--plain", NULL };
        struct output o;
        int r;

        up_say(u, "Backing the cell up: %s", u->before);
        if (unlink(u->before) < 0 && errno != ENOENT)
                return up_fail("%s: %s", u->before, strerror(errno));
        r = up_must(argv, 300, &o);
        up_output_clear(&o);
        return r;
}

static int take_in(const struct up *u, const char *pic, const char *copy)
{
        const char *argv[] = { pic,      "--dir",   copy,      "--world", "fake", "--json",
                               "backup", "restore", u->before, "--copy",  NULL };
        const char *proof[] = { pic, "--dir", copy, "--world", "fake", "--json", "audit", "verify", NULL };
        struct output o;
        int r;

        up_say(u, "Trying %s with a copy of the cell", u->to);
        r = up_must(argv, 300, &o);
        up_output_clear(&o);
        if (r == 0) {
                r = up_must(proof, 300, &o);
                up_output_clear(&o);
        }
        return r;
}

/* All that is wished, as one version tells it: {"peers":{"anna":{…}},…}, every kind that it has. */
static json_t *wishes_by(const char *pic, const char *dir, const char *world)
{
        const char *argv[] = { pic, "--dir", dir, "--world", world, "--json", "export", NULL };

        return up_json(argv, 60);
}

/* Nothing may be lost on the way: whatever has a name for the old version has it for the new one. Fields are the new
 * one's business. */
static int compare(const struct up *u, const char *old, const char *new, const char *copy)
{
        json_t *was = wishes_by(old, u->dir, u->world), *is = was != NULL ? wishes_by(new, copy, "fake") : NULL,
               *objects, *one;
        const char *kind, *name;
        int r = was != NULL && is != NULL ? 0 : -1;

        json_object_foreach(was, kind, objects)
        {
                json_object_foreach(objects, name, one)
                {
                        if (r == 0 && json_is_object(one) && json_object_get(json_object_get(is, kind), name) == NULL)
                                r = up_fail("%s does not know all that the cell has: %s, %s", u->to, kind, name);
                }
        }
        json_decref(was);
        json_decref(is);
        return r;
}

/* Waits for its end, that many twentieths of a second at most; 0: it goes on. */
static int await_end(pid_t pid, int naps)
{
        int i;

        for (i = 0; i < naps && waitpid(pid, NULL, WNOHANG) == 0; i++)
                usleep(50000);
        return i < naps;
}

/* Whether that process is the agent that answers, and which version it says it is. In a pretend world somebody answers
 * always: who asks. */
static int is_agent(const char *pic, const char *copy, pid_t pid, char version[UP_VERSION])
{
        const char *argv[] = { pic, "--dir", copy, "--world", "fake", "--json", "status", NULL }, *is;
        json_t *doc = up_json(argv, 30), *agent = json_object_get(doc, "agent");
        int same = json_integer_value(json_object_get(agent, "pid")) == pid;

        is = json_string_value(json_object_get(agent, "version"));
        snprintf(version, UP_VERSION, "%s", is != NULL ? is : "unknown");
        json_decref(doc);
        return same;
}

/* Its agent, on the copy, in a pretend world: it has to come up, and to say so. What the cell tells others and sends to
 * its targets is off in the copy: those are the cell's own, and real. */
static int run_agent(const struct up *u, const char *picd, const char *pic, const char *copy)
{
        const char *argv[] = { picd, "--dir", copy, "--world", "fake", "--log-level", "error", NULL };
        char version[UP_VERSION] = "";
        int came = 0, gone = 0, naps;
        pid_t pid;

        if (posix_spawn(&pid, picd, NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
                return up_fail("%s cannot be run", picd);
        for (naps = 0; naps < 100 && !came && !gone; naps++) {
                came = is_agent(pic, copy, pid, version);
                gone = !came && await_end(pid, 1 + naps / 10);
        }
        if (!gone)
                kill(pid, SIGTERM);
        if (!gone && !await_end(pid, 200)) {
                kill(pid, SIGKILL);
                (void)await_end(pid, 200);
        }
        if (!came)
                return up_fail("%s: its agent does not come up", u->to);
        return strcmp(version, u->to) == 0 ? 0 : up_fail("%s: its agent says that it is version %s", u->to, version);
}

int up_trial(struct up *u)
{
        char old[UP_PATH], new[UP_PATH], picd[UP_PATH], copy[UP_PATH];
        int r;

        if (up_path(old, u->prefix, "/bin/pic", NULL) < 0 || up_path(new, u->staged, "/bin/pic", NULL) < 0 ||
            up_path(picd, u->staged, "/sbin/picd", NULL) < 0 || up_path(copy, u->scratch, "/cell", NULL) < 0)
                return -1;
        if (!up_has_cell(u)) {
                up_say(u, "There is no cell in %s yet", u->dir);
                return 0;
        }
        if (back_up(u, old) < 0 || up_wipe(u->scratch) < 0)
                return -1;
        if (mkdir(u->scratch, 0700) < 0)
                return up_fail("%s: %s", u->scratch, strerror(errno));
        r = take_in(u, new, copy);
        if (r == 0)
                r = compare(u, old, new, copy);
        if (r == 0)
                r = run_agent(u, picd, new, copy);
        if (up_wipe(u->scratch) < 0)
                r = -1;
        return r;
}
