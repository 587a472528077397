/* Owns: the order of an update, and the way back from each of its steps. What is at stake stands in a file from the
 * moment before the exchange until it was judged, so that whoever is killed meanwhile is followed up by the next. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

/* --- back -----------------------------------------------------------------------------------------------------------
 */

/* The former version cannot work with what the new one made of the store. */
static int put_cell_back(struct up *u, struct agents *a)
{
        char pic[UP_PATH];
        const char *argv[] = { pic,      "--dir",   u->dir,    "--world",   u->world, "--json",
                               "backup", "restore", u->before, "--replace", NULL };
        struct output o;
        int r;

        up_say(u, "Putting the cell back as it was before");
        if (up_path(pic, u->prefix, "/bin/pic", NULL) < 0 || up_agents_stop(a) < 0)
                return -1;
        r = up_must(argv, 300, &o);
        up_output_clear(&o);
        return r < 0 ? -1 : up_agents_restart(u, a);
}

/* An agent that could not be started is no reason to look at nothing. */
static int ran(const struct agents *a)
{
        return a->agent.pid != 0 || a->agent.ended;
}

static int step_back(struct up *u, struct agents *a, const json_t *before)
{
        char why[512];

        snprintf(why, sizeof(why), "%s", up_why());
        up_forget();
        up_say(u, "%s", why);
        up_say(u, "Going back to %s", u->from);
        if (u->way->swap(u, u->from) < 0 || up_agents_restart(u, a) < 0)
                return -1;
        if (ran(a) && up_gate(u, u->from, before) < 0) {
                up_forget();
                if (access(u->before, F_OK) < 0 || put_cell_back(u, a) < 0 || up_gate(u, u->from, before) < 0)
                        return up_fail("%s; and going back failed too", why);
        }
        if ((u->came && u->way->drop(u, u->to) < 0) || up_state_drop(u) < 0)
                return -1;
        up_fail("%s; version %s goes on as before", why, u->from);
        return EXIT_BACK;
}

/* --- forth ----------------------------------------------------------------------------------------------------------
 */

static int answer(const struct up *u, const char *result)
{
        int cell = up_has_cell(u);

        if (u->json)
                printf("{\"result\":\"%s\",\"way\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}\n", result, u->way->name,
                       u->from, u->to);
        else if (strcmp(result, "checked") == 0)
                printf("%s can be installed over %s\n", u->to, u->from);
        else
                printf("%s is in force, %s is kept ('pic update --back')%s\n", u->to, u->from,
                       cell ? "; the cell as it was before is kept too" : "");
        return EXIT_DONE;
}

static int judge(struct up *u, struct agents *a, const json_t *before)
{
        if (up_agents_restart(u, a) < 0 || (ran(a) && up_gate(u, u->to, before) < 0))
                return step_back(u, a, before);
        return u->way->settle(u) < 0 || up_state_drop(u) < 0 ? -1 : EXIT_DONE;
}

static int exchange(struct up *u, struct agents *a)
{
        json_t *before = a->agent.pid != 0 ? up_errors(u) : json_object();
        int r;

        if (before == NULL)
                return up_fail("the agent runs and doctor does not answer: mend that first");
        up_say(u, "Putting %s in the place of %s", u->to, u->from);
        if (u->way->prepare(u) < 0 || up_state_write(u, a, before) < 0)
                r = -1;
        else if (u->way->swap(u, u->to) < 0)
                r = step_back(u, a, before);
        else
                r = judge(u, a, before);
        json_decref(before);
        return r;
}

static int check_order(const struct up *u)
{
        int cmp = up_version_cmp(u->to, u->from);

        if (cmp > 0 || (cmp < 0 && u->older))
                return 0;
        return up_fail("version %s is here, and %s is %s%s", u->from, u->to, cmp == 0 ? "the same" : "older",
                       cmp < 0 ? " (--older takes it all the same)" : "");
}

static int go(struct up *u, int only_check)
{
        struct agents a = { 0 };
        int r;

        if (check_order(u) < 0 || up_agents_find(u, &a) < 0 || up_trial(u) < 0)
                r = -1;
        else
                r = only_check ? EXIT_DONE : exchange(u, &a);
        up_agents_clear(&a);
        return r == EXIT_DONE ? answer(u, only_check ? "checked" : "updated") : r;
}

/* Whatever became of it: another one may follow. */
static int finish_first(struct up *u)
{
        int r = up_lock(u) < 0 ? -1 : up_finish(u);

        if (r == EXIT_BACK)
                up_say(u, "%s", up_why());
        if (r >= 0)
                up_forget();
        return r < 0 ? -1 : u->way->present(u);
}

static void drop_staged(const struct up *u)
{
        char path[UP_PATH];

        if (up_path(path, u->base, "/staged", NULL) == 0)
                (void)up_wipe(path);
}

int up_update(struct up *u, int only_check)
{
        int r;

        if (finish_first(u) < 0 || up_fetch(u) < 0)
                return -1;
        u->came = 1;
        r = u->way->stage(u) < 0 ? -1 : go(u, only_check);
        if (r != EXIT_DONE || only_check)
                drop_staged(u);
        return r;
}

/* The version that is kept beside the one that counts. */
static int find_former(struct up *u)
{
        const char *where = u->way == &up_links ? "/releases" : "/packages";
        char path[UP_PATH], best[UP_VERSION] = "", name[UP_VERSION];
        struct dirent *e;
        DIR *d;

        if (up_path(path, u->base, where, NULL) < 0)
                return -1;
        d = opendir(path);
        while (d != NULL && (e = readdir(d)) != NULL) {
                if (up_kept_name(e->d_name, name) && strcmp(name, u->from) != 0 &&
                    (best[0] == '\0' || up_version_cmp(name, best) > 0))
                        memcpy(best, name, sizeof(best));
        }
        if (d != NULL)
                closedir(d);
        if (best[0] == '\0')
                return up_fail("version %s is the only one that is here", u->from);
        memcpy(u->to, best, sizeof(best));
        return 0;
}

int up_back(struct up *u)
{
        u->came = 0;
        if (finish_first(u) < 0 || find_former(u) < 0 || u->way->former(u) < 0)
                return -1;
        u->older = 1;
        return go(u, 0);
}

/* --- what a killed update left --------------------------------------------------------------------------------------
 */

int up_finish(struct up *u)
{
        json_t *state = up_state_read(u), *before = json_object_get(state, "errors");
        const char *from = json_string_value(json_object_get(state, "from")),
                   *to = json_string_value(json_object_get(state, "to"));
        struct agents a = { 0 };
        int r;

        if (from == NULL || to == NULL || !up_version_ok(from) || !up_version_ok(to)) {
                json_decref(state);
                return up_state_drop(u); /* there is none, as a rule */
        }
        snprintf(u->from, sizeof(u->from), "%s", from);
        snprintf(u->to, sizeof(u->to), "%s", to);
        u->came = json_is_true(json_object_get(state, "came"));
        up_say(u, "An update from %s to %s was cut off: going on with it", from, to);
        r = up_agents_find(u, &a);
        if (r == 0 && a.agent.pid == 0 && json_is_true(json_object_get(state, "ran")))
                up_state_agent(state, &a.agent);
        if (r == 0)
                r = u->way->swap(u, u->to) == 0 ? judge(u, &a, before) : step_back(u, &a, before);
        up_agents_clear(&a);
        json_decref(state);
        return r;
}

int up_status(struct up *u)
{
        json_t *state = up_state_read(u);
        int cut = state != NULL;

        json_decref(state);
        if (u->way->present(u) < 0)
                return -1;
        if (find_former(u) < 0) {
                u->to[0] = '\0';
                up_forget();
        }
        if (u->json)
                printf("{\"version\":\"%s\",\"former\":%s%s%s,\"way\":\"%s\",\"cut_off\":%s}\n", u->from,
                       u->to[0] != '\0' ? "\"" : "", u->to[0] != '\0' ? u->to : "null", u->to[0] != '\0' ? "\"" : "",
                       u->way->name, cut ? "true" : "false");
        else
                printf("version %s, installed as a %s%s%s%s\n", u->from, u->way->name,
                       u->to[0] != '\0' ? "; kept: " : "", u->to,
                       cut ? "; an update was cut off: pic update --finish" : "");
        return cut ? EXIT_REFUSED : EXIT_DONE;
}
