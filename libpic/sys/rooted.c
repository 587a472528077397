/* Owns: the walk to a file that root alone can change. From the top down: what is in a folder of root's stays what it
 * was found to be, so each step stands on what was seen before. */
#include "sys/rooted.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS 40 /* as the kernel */

struct walk {
        const char *path;    /* as it was given, for messages */
        char at[PATH_MAX];   /* gone: no link in it. "" is the root */
        char rest[PATH_MAX]; /* to go */
        unsigned links;
        struct stat st; /* of `at` */
};

static int refuse(const struct walk *w, const char *what, pic_error **err)
{
        int itself = strcmp(what, w->path) == 0;

        pic__fail(err, PIC_DENIED, "%s is not run: others than root can write %s", w->path, itself ? "it" : what);
        pic__hint(err, "chown root: %s; chmod go-w %s", what, what);
        return PIC_DENIED;
}

static int too_long(const struct walk *w, pic_error **err)
{
        return pic__fail(err, PIC_UNSUPPORTED, "%s is not there: its path is too long", w->path);
}

/* Looks at `at`. A link's own mode says nothing. */
static int look(struct walk *w, pic_error **err)
{
        const char *at = w->at[0] != '\0' ? w->at : "/";
        unsigned writable;

        if (lstat(at, &w->st) < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not there", w->path);
        writable = S_ISLNK(w->st.st_mode) ? 0 : w->st.st_mode & 022u;
        if (S_ISDIR(w->st.st_mode) && (w->st.st_mode & S_ISVTX) != 0)
                writable = 0;
        return w->st.st_uid != 0 || writable != 0 ? refuse(w, at, err) : 0;
}

static void up(struct walk *w)
{
        char *slash = strrchr(w->at, '/');

        if (slash != NULL)
                *slash = '\0';
}

/* Where the link `at` leads is what is to go now. */
static int follow(struct walk *w, pic_error **err)
{
        char to[PATH_MAX], rest[PATH_MAX];
        ssize_t len = readlink(w->at, to, sizeof(to) - 1);

        if (len <= 0 || ++w->links > LINKS)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not there: its links lead nowhere", w->path);
        to[len] = '\0';
        if (snprintf(rest, sizeof(rest), "%s/%s", to, w->rest) >= (int)sizeof(rest))
                return too_long(w, err);
        memcpy(w->rest, rest, sizeof(rest));
        if (to[0] == '/')
                w->at[0] = '\0';
        else
                up(w);
        return 0;
}

/* One name of what is to go. */
static int step(struct walk *w, pic_error **err)
{
        size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/"), had = strlen(w->at);
        char name[NAME_MAX + 1];
        int r;

        if (len >= sizeof(name) || had + 1 + len >= sizeof(w->at))
                return too_long(w, err);
        memcpy(name, w->rest + skip, len);
        name[len] = '\0';
        memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
        if (len == 0 || strcmp(name, ".") == 0)
                return 0;
        if (strcmp(name, "..") == 0) {
                up(w);
                return 0;
        }
        snprintf(w->at + had, sizeof(w->at) - had, "/%s", name);
        r = look(w, err);
        return r == 0 && S_ISLNK(w->st.st_mode) ? follow(w, err) : r;
}

int pic__rooted(const char *path, char **ret, pic_error **err)
{
        struct walk w = { .path = path };
        int r = 0;

        if (path[0] != '/' || strlen(path) >= sizeof(w.rest))
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not there", path);
        memcpy(w.rest, path, strlen(path) + 1);
        r = look(&w, err);
        while (r == 0 && w.rest[0] != '\0')
                r = step(&w, err);
        if (r == 0)
                r = look(&w, err); /* after "..", what was looked at last was another */
        if (r == 0 && !S_ISREG(w.st.st_mode))
                r = pic__fail(err, PIC_UNSUPPORTED, "%s is no program", path);
        if (r < 0)
                return r;
        *ret = pic__strdup(w.at);
        return *ret != NULL ? 0 : pic__nomem(err);
}
