/* Owns: versions below one prefix. Each is a tree of its own, <prefix>/lib/pic/releases/VERSION; what stands in bin,
 * lib and the rest are links by way of <prefix>/lib/pic/current, so that exchanging that one link is the whole
 * exchange. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "update/update.h"

/* What systemd reads stays a file: a unit that is a link is an alias to it. */
static int is_unit(const char *file)
{
        return strncmp(file, "lib/systemd/", 12) == 0 || strncmp(file, "lib/sysusers.d/", 15) == 0 ||
               strncmp(file, "lib/tmpfiles.d/", 15) == 0;
}

static int tree_of(const struct up *u, const char *version, char out[UP_PATH])
{
        return up_path(out, u->base, "/releases/", version, NULL);
}

static int links_present(struct up *u)
{
        struct release r;

        if (up_release_read(u->prefix, &r) < 0)
                return -1;
        memcpy(u->from, r.version, sizeof(u->from));
        up_release_clear(&r);
        return 0;
}

static int unpack(const struct up *u)
{
        const char *argv[] = { "tar",         "--extract", "--zstd", "--no-same-owner", "--file", u->incoming,
                               "--directory", u->staged,   NULL };
        struct output o;
        int r = up_must(argv, 300, &o);

        up_output_clear(&o);
        return r;
}

static int check_files(const struct up *u, const struct release *r)
{
        char path[UP_PATH];
        struct stat st;
        size_t i;

        for (i = 0; i < r->count; i++) {
                if (up_path(path, u->staged, "/", r->files[i], NULL) < 0)
                        return -1;
                if (lstat(path, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)))
                        return up_fail("%s: %s is not in it", u->file, r->files[i]);
        }
        return 0;
}

static int links_stage(struct up *u)
{
        struct utsname machine;
        struct release r;
        int ret;

        if (up_path(u->staged, u->base, "/staged", NULL) < 0 || up_wipe(u->staged) < 0)
                return -1;
        if (mkdir(u->staged, 0755) < 0)
                return up_fail("%s: %s", u->staged, strerror(errno));
        up_say(u, "Unpacking it");
        if (unpack(u) < 0 || up_release_read(u->staged, &r) < 0)
                return -1;
        memcpy(u->to, r.version, sizeof(u->to));
        uname(&machine);
        ret = strcmp(r.arch, machine.machine) == 0
                      ? check_files(u, &r)
                      : up_fail("%s is for %s machines, this is %s", u->file, r.arch, machine.machine);
        up_release_clear(&r);
        return ret;
}

/* --- from an installation of files to one of links ------------------------------------------------------------------
 */

/* The same file under a second name costs nothing, and cannot differ. */
static int keep_one(const char *from, const char *to)
{
        if (link(from, to) == 0 || errno == EEXIST)
                return 0;
        return up_fail("%s: %s", to, strerror(errno));
}

static int keep_present(struct up *u, const struct release *r)
{
        char tree[UP_PATH], from[UP_PATH], to[UP_PATH];
        size_t i;

        if (tree_of(u, u->from, tree) < 0 || up_wipe(tree) < 0 || up_parents(u->base, "releases/x") < 0)
                return -1;
        if (mkdir(tree, 0755) < 0)
                return up_fail("%s: %s", tree, strerror(errno));
        for (i = 0; i < r->count; i++) {
                if (up_path(from, u->prefix, "/", r->files[i], NULL) < 0 ||
                    up_path(to, tree, "/", r->files[i], NULL) < 0 || up_parents(tree, r->files[i]) < 0 ||
                    keep_one(from, to) < 0)
                        return -1;
        }
        return up_sync(tree);
}

static int current_of(const struct up *u, char out[UP_PATH])
{
        char path[UP_PATH];
        ssize_t n;

        if (up_path(path, u->base, "/current", NULL) < 0)
                return -1;
        n = readlink(path, out, UP_PATH - 1);
        if (n < 0)
                return 0;
        out[n] = '\0';
        return 1;
}

/* "../../lib/pic/current/share/man/x" for "share/man/x": a prefix that moves takes its links along. */
static int link_text(const char *file, char out[UP_PATH])
{
        size_t used = 0;
        const char *at;

        for (at = strchr(file, '/'); at != NULL; at = strchr(at + 1, '/')) {
                if (used + 4 >= UP_PATH)
                        return up_fail("%s: the path is too long", file);
                memcpy(out + used, "../", 3);
                used += 3;
        }
        if (used + strlen(file) + 20 >= UP_PATH)
                return up_fail("%s: the path is too long", file);
        snprintf(out + used, UP_PATH - used, "lib/pic/current/%s", file);
        return 0;
}

static int link_one(const struct up *u, const char *file)
{
        char target[UP_PATH], path[UP_PATH], is[UP_PATH];
        ssize_t n;

        if (link_text(file, target) < 0 || up_path(path, u->prefix, "/", file, NULL) < 0 ||
            up_parents(u->prefix, file) < 0)
                return -1;
        n = readlink(path, is, sizeof(is) - 1);
        if (n >= 0)
                is[n] = '\0';
        return n >= 0 && strcmp(is, target) == 0 ? 0 : up_link_over(target, path);
}

static int link_all(const struct up *u, const struct release *r)
{
        size_t i;

        for (i = 0; i < r->count; i++) {
                if (!is_unit(r->files[i]) && link_one(u, r->files[i]) < 0)
                        return -1;
        }
        return 0;
}

static int point_at(const struct up *u, const char *version)
{
        char path[UP_PATH], target[UP_PATH];

        if (up_path(path, u->base, "/current", NULL) < 0 || up_path(target, "releases/", version, NULL) < 0 ||
            up_link_over(target, path) < 0)
                return -1;
        return up_sync(u->base);
}

static int move_staged(struct up *u)
{
        char tree[UP_PATH];

        if (tree_of(u, u->to, tree) < 0)
                return -1;
        if (strcmp(u->staged, tree) == 0)
                return 0; /* it is kept here */
        if (up_wipe(tree) < 0)
                return -1;
        if (rename(u->staged, tree) < 0)
                return up_fail("%s: %s", tree, strerror(errno));
        memcpy(u->staged, tree, sizeof(tree));
        return 0;
}

static int links_former(struct up *u)
{
        return tree_of(u, u->to, u->staged);
}

static int links_prepare(struct up *u)
{
        char is[UP_PATH];
        struct release here, next;
        int r, linked = current_of(u, is);

        if (linked < 0 || up_release_read(u->prefix, &here) < 0)
                return -1;
        /* Files become links to the very same files: nothing that runs sees a difference, wherever this is cut off. */
        r = linked ? 0 : keep_present(u, &here);
        if (r == 0 && !linked)
                r = point_at(u, u->from);
        if (r == 0)
                r = link_all(u, &here);
        up_release_clear(&here);
        if (r < 0 || move_staged(u) < 0 || up_release_read(u->staged, &next) < 0)
                return -1;
        r = link_all(u, &next); /* what only the new one has leads nowhere until it counts */
        up_release_clear(&next);
        return r;
}

/* --- the exchange ---------------------------------------------------------------------------------------------------
 */

/* A unit names its programs by the prefix it was built for. */
static char *with_prefix(const char *text, const char *was, const char *is)
{
        size_t len = strlen(was), room = strlen(text) + 1, used = 0;
        const char *at, *from = text;
        char *out;

        for (at = text; (at = strstr(at, was)) != NULL; at += len)
                room += strlen(is);
        out = malloc(room);
        while (out != NULL && (at = strstr(from, was)) != NULL) {
                memcpy(out + used, from, (size_t)(at - from));
                used += (size_t)(at - from);
                memcpy(out + used, is, strlen(is));
                used += strlen(is);
                from = at + len;
        }
        if (out != NULL)
                memcpy(out + used, from, strlen(from) + 1);
        return out;
}

static int put_unit(const struct up *u, const char *tree, const struct release *r, const char *file)
{
        char from[UP_PATH], to[UP_PATH];
        char *text = NULL, *is = NULL, *want;
        int ret = 0;

        if (up_path(from, tree, "/", file, NULL) < 0 || up_path(to, u->prefix, "/", file, NULL) < 0 ||
            up_parents(u->prefix, file) < 0)
                return -1;
        if (up_read(from, 1 << 20, &text) < 0)
                return up_fail("%s: %s", from, strerror(errno));
        want = with_prefix(text, r->prefix, u->prefix);
        if (want == NULL)
                ret = up_fail("out of memory");
        else if (up_read(to, 1 << 20, &is) < 0 || strcmp(is, want) != 0)
                ret = up_write(to, want, 0644);
        free(text);
        free(is);
        free(want);
        return ret;
}

static int links_swap(struct up *u, const char *version)
{
        char tree[UP_PATH];
        struct release r;
        size_t i;
        int ret;

        if (tree_of(u, version, tree) < 0 || up_release_read(tree, &r) < 0)
                return -1;
        ret = point_at(u, version);
        for (i = 0; i < r.count && ret == 0; i++) {
                if (is_unit(r.files[i]))
                        ret = put_unit(u, tree, &r, r.files[i]);
        }
        up_release_clear(&r);
        return ret;
}

/* --- afterwards -----------------------------------------------------------------------------------------------------
 */

static int is_among(const struct release *r, const char *file)
{
        size_t i;

        for (i = 0; i < r->count; i++) {
                if (strcmp(r->files[i], file) == 0)
                        return 1;
        }
        return 0;
}

/* What the version that counts has no more: links that lead nowhere. */
static void unlink_others(const struct up *u, const char *other, const struct release *now)
{
        char tree[UP_PATH], path[UP_PATH], target[UP_PATH], is[UP_PATH];
        struct release r;
        size_t i;
        ssize_t n;

        if (tree_of(u, other, tree) < 0 || up_release_read(tree, &r) < 0) {
                up_forget();
                return;
        }
        for (i = 0; i < r.count; i++) {
                if (is_among(now, r.files[i]) || link_text(r.files[i], target) < 0 ||
                    up_path(path, u->prefix, "/", r.files[i], NULL) < 0)
                        continue;
                n = readlink(path, is, sizeof(is) - 1);
                if (n >= 0 && (size_t)n == strlen(target) && memcmp(is, target, (size_t)n) == 0)
                        unlink(path);
        }
        up_release_clear(&r);
}

/* The version that counts and the one before it stay: that is the way back. */
static void drop_older(const struct up *u)
{
        char path[UP_PATH];
        struct dirent *e;
        DIR *d;

        if (up_path(path, u->base, "/releases", NULL) < 0 || (d = opendir(path)) == NULL)
                return;
        while ((e = readdir(d)) != NULL) {
                if (e->d_name[0] == '.' || strcmp(e->d_name, u->from) == 0 || strcmp(e->d_name, u->to) == 0)
                        continue;
                if (tree_of(u, e->d_name, path) < 0 || up_wipe(path) < 0)
                        up_forget();
        }
        closedir(d);
}

static int links_settle(struct up *u)
{
        struct release now;

        if (up_release_read(u->prefix, &now) < 0)
                return -1;
        unlink_others(u, strcmp(now.version, u->to) == 0 ? u->from : u->to, &now);
        up_release_clear(&now);
        drop_older(u);
        return 0;
}

static int links_drop(struct up *u, const char *version)
{
        char tree[UP_PATH];
        struct release now;

        if (tree_of(u, version, tree) < 0 || up_release_read(u->prefix, &now) < 0)
                return -1;
        unlink_others(u, version, &now);
        up_release_clear(&now);
        return up_wipe(tree);
}

const struct way up_links = { "release",     links_present, links_stage,  links_former,
                              links_prepare, links_swap,    links_settle, links_drop };
