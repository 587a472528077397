/* Owns: whether a cell is well with the version that counts now, and as well as it was before. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "update/update.h"

enum { TWICE = 2 }; /* looks, one after the other, that have to be good */

static json_t *ask(struct up *u, const char *verb, unsigned seconds)
{
        char pic[UP_PATH];
        const char *argv[] = { pic, "--dir", u->dir, "--world", u->world, "--json", verb, NULL };
        struct output o;
        json_t *doc = NULL;

        if (up_path(pic, u->prefix, "/bin/pic", NULL) < 0)
                return NULL;
        if (up_run(argv, seconds, &o) >= 0) /* doctor's status is 1 when it found something */
                doc = json_loads(o.out, 0, NULL);
        up_output_clear(&o);
        return doc;
}

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

json_t *up_errors(struct up *u)
{
        json_t *doc = ask(u, "doctor", 60), *found = json_object_get(doc, "findings"), *errors = json_object(), *one;
        char key[512];
        size_t i;

        if (!json_is_array(found)) {
                json_decref(doc);
                json_decref(errors);
                return NULL;
        }
        json_array_foreach(found, i, one)
        {
                if (strcmp(str(one, "level"), "error") != 0)
                        continue;
                snprintf(key, sizeof(key), "%s: %s", str(one, "area"), str(one, "what"));
                json_object_set_new(errors, key, json_true());
        }
        json_decref(doc);
        return errors;
}

/* What doctor says now and did not say before. */
static const char *first_new(const json_t *now, const json_t *before)
{
        const char *key;
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)now, key, value)
        {
                if (json_object_get(before, key) == NULL)
                        return key;
        }
        return NULL;
}

static int is_applied(const json_t *doc)
{
        return json_is_true(json_object_get(doc, "ready")) &&
               json_integer_value(json_object_get(doc, "revision")) ==
                       json_integer_value(json_object_get(doc, "applied"));
}

static pid_t pid_of(const json_t *agent)
{
        return (pid_t)json_integer_value(json_object_get(agent, "pid"));
}

/* The same as before (0: there was none), and still there: a pretend world answers without an agent too, as the process
 * that asked, which is gone by now. */
static int is_steady(pid_t pid, pid_t before)
{
        return pid > 0 && (before == 0 || before == pid) && kill(pid, 0) == 0;
}

/* 0, or -1 and what is not well yet. *pid: of the agent, at the last look. */
static int look(struct up *u, const char *version, const json_t *before, pid_t *pid, char *why, size_t size)
{
        json_t *doc = ask(u, "status", 30), *agent = json_object_get(doc, "agent"), *now = NULL;
        const char *is = json_string_value(json_object_get(agent, "version")), *what = NULL;

        if (is == NULL || !is_steady(pid_of(agent), *pid))
                snprintf(why, size, "the agent does not answer");
        else if (strcmp(is, version) != 0)
                snprintf(why, size, "the agent that answers is version %s", is);
        else if (!is_applied(doc))
                snprintf(why, size, "the cell is not as wished");
        else if ((now = up_errors(u)) == NULL)
                snprintf(why, size, "doctor does not answer");
        else if ((what = first_new(now, before)) != NULL)
                snprintf(why, size, "%s", what);
        else
                why[0] = '\0';
        *pid = pid_of(agent);
        json_decref(now);
        json_decref(doc);
        up_forget();
        return why[0] == '\0' ? 0 : -1;
}

int up_gate(struct up *u, const char *version, const json_t *before)
{
        char why[512] = "";
        struct timespec from, now;
        pid_t pid = 0;
        int good = 0;

        up_say(u, "Looking whether the cell is well with %s", version);
        clock_gettime(CLOCK_MONOTONIC, &from);
        do {
                good = look(u, version, before, &pid, why, sizeof(why)) == 0 ? good + 1 : 0;
                if (good == TWICE)
                        return 0;
                usleep(good > 0 ? 700000 : 300000);
                clock_gettime(CLOCK_MONOTONIC, &now);
        } while (now.tv_sec - from.tv_sec < (time_t)u->wait);
        return up_fail("not well with %s after %u s: %s", version, u->wait,
                       why[0] != '\0' ? why : "it was only so for a moment");
}
