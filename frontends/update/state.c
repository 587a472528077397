/* Owns: one update at a time; and what is at stake, in a file from the moment before the exchange until it was judged.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

static int state_path(const struct up *u, char out[UP_PATH])
{
        return up_path(out, u->base, "/update.state", NULL);
}

/* --- one at a time --------------------------------------------------------------------------------------------------
 */

int up_lock(const struct up *u)
{
        struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        char path[UP_PATH];
        int fd;

        if (up_parents(u->base, "x") < 0 || (mkdir(u->base, 0755) < 0 && errno != EEXIST) ||
            up_path(path, u->base, "/update.lock", NULL) < 0)
                return up_fail("%s: %s", u->base, strerror(errno));
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
                return up_fail("%s: %s", path, strerror(errno));
        if (fcntl(fd, F_OFD_SETLK, &l) == 0)
                return 0; /* until this process ends, however it ends */
        close(fd);
        return up_fail("another update is under way");
}

/* --- what is at stake -----------------------------------------------------------------------------------------------
 */

static json_t *words_json(char *const *words)
{
        json_t *list = json_array();

        while (words != NULL && *words != NULL)
                json_array_append_new(list, json_string(*words++));
        return list;
}

int up_state_write(const struct up *u, const struct agents *a, const json_t *errors)
{
        json_t *doc = json_pack("{s:s,s:s,s:s,s:b,s:O,s:b,s:o,s:s}", "way", u->way->name, "from", u->from, "to", u->to,
                                "came", u->came, "errors", errors, "ran", a->agent.pid != 0, "argv",
                                words_json(a->agent.argv), "cwd", a->agent.cwd != NULL ? a->agent.cwd : "/");
        char *text = json_dumps(doc, JSON_COMPACT);
        char path[UP_PATH];
        int r = text != NULL && state_path(u, path) == 0 ? up_write(path, text, 0600) : up_fail("out of memory");

        free(text);
        json_decref(doc);
        return r;
}

json_t *up_state_read(const struct up *u)
{
        char path[UP_PATH];
        char *text;
        json_t *doc = NULL;

        if (state_path(u, path) == 0 && up_read(path, 1 << 20, &text) == 0) {
                doc = json_loads(text, 0, NULL);
                free(text);
        }
        return doc;
}

int up_state_drop(const struct up *u)
{
        char path[UP_PATH];

        if (state_path(u, path) < 0)
                return -1;
        return unlink(path) < 0 && errno != ENOENT ? up_fail("%s: %s", path, strerror(errno)) : up_sync(u->base);
}

static const char *str_at(const json_t *list, size_t i)
{
        const char *s = json_string_value(json_array_get(list, i));

        return s != NULL ? s : "";
}

static char **words_from(const json_t *list)
{
        size_t n = json_array_size(list), i, room = 1, used = 0, len;
        char **v = NULL, *text;

        for (i = 0; i < n; i++)
                room += strlen(str_at(list, i)) + 1;
        text = n > 0 ? malloc(room) : NULL;
        for (i = 0; i < n && text != NULL; i++) {
                len = strlen(str_at(list, i)) + 1;
                memcpy(text + used, str_at(list, i), len);
                used += len;
        }
        if (text != NULL)
                v = up_words(text, used);
        free(text);
        return v;
}

void up_state_agent(const json_t *state, struct agent *ret)
{
        const char *cwd = json_string_value(json_object_get(state, "cwd"));

        ret->argv = words_from(json_object_get(state, "argv"));
        ret->unit = ret->argv == NULL;
        ret->cwd = strdup(cwd != NULL ? cwd : "/");
        ret->out = open("/dev/null", O_WRONLY | O_CLOEXEC);
        ret->err = open("/dev/null", O_WRONLY | O_CLOEXEC);
        ret->ended = 1;
}
