/* Owns: a version that is a Debian package. dpkg exchanges the files; the package that was there is kept, or made again
 * of what is installed, so that there is a way back. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

#define NAME "pic-cell" /* groff's manual has a program pic, and Debian may have a package of that name one day */

static int ask(const char *const *argv, char out[UP_VERSION])
{
        struct output o;
        int r = up_must(argv, 60, &o);
        size_t len = r == 0 ? strcspn(o.out, "\n") : 0;

        if (r == 0 && len < UP_VERSION) {
                memcpy(out, o.out, len);
                out[len] = '\0';
        }
        up_output_clear(&o);
        if (r == 0 && (len >= UP_VERSION || !up_version_ok(out)))
                return up_fail("%s: it told no version", argv[0]);
        return r;
}

static int package_present(struct up *u)
{
        static const char *const argv[] = { "dpkg-query", "--show", "--showformat=${Version}\n", NAME, NULL };

        return ask(argv, u->from);
}

static int kept_as(const struct up *u, const char *version, char out[UP_PATH])
{
        return up_path(out, u->base, "/packages/", version, ".deb", NULL);
}

static int check_name(const struct up *u)
{
        const char *argv[] = { "dpkg-deb", "--field", u->incoming, "Package", NULL };
        struct output o;
        int r = up_must(argv, 60, &o);

        if (r == 0 && strcmp(o.out, NAME "\n") != 0)
                r = up_fail("%s: it is another package", u->file);
        up_output_clear(&o);
        return r;
}

static int package_stage(struct up *u)
{
        const char *version[] = { "dpkg-deb", "--field", u->incoming, "Version", NULL };
        const char *unpack[] = { "dpkg-deb", "--extract", u->incoming, u->staged, NULL };
        char root[UP_PATH];
        struct output o;
        int r;

        if (check_name(u) < 0 || ask(version, u->to) < 0 || up_path(root, u->base, "/staged", NULL) < 0 ||
            up_wipe(root) < 0)
                return -1;
        memcpy(u->staged, root, sizeof(root));
        up_say(u, "Unpacking it");
        r = up_must(unpack, 300, &o);
        up_output_clear(&o);
        return r < 0 ? -1 : up_path(u->staged, root, u->prefix, NULL);
}

static int package_former(struct up *u)
{
        return kept_as(u, u->to, u->incoming) < 0 ? -1 : package_stage(u);
}

/* Of what is installed, when the package itself was not kept. */
static int repack(struct up *u, const char *dir)
{
        static const char script[] = "cd \"$1\"; rm -rf made; mkdir made; cd made; dpkg-repack -d-Zzstd -d-z3 " NAME
                                     " >&2; mv ./*.deb \"$2\"; cd ..; rm -rf made";
        char kept[UP_PATH];
        const char *argv[] = { "sh", "-ec", script, "sh", dir, kept, NULL };
        struct output o;
        int r;

        if (kept_as(u, u->from, kept) < 0)
                return -1;
        up_say(u, "Keeping version %s as a package", u->from);
        r = up_must(argv, 300, &o);
        up_output_clear(&o);
        return r;
}

static int package_prepare(struct up *u)
{
        char dir[UP_PATH], was[UP_PATH], next[UP_PATH];

        if (up_path(dir, u->base, "/packages", NULL) < 0 || kept_as(u, u->from, was) < 0 || kept_as(u, u->to, next) < 0)
                return -1;
        if (mkdir(dir, 0755) < 0 && errno != EEXIST)
                return up_fail("%s: %s", dir, strerror(errno));
        if (access(was, R_OK) < 0 && repack(u, dir) < 0)
                return -1;
        if (strcmp(u->incoming, next) == 0)
                return 0;
        return rename(u->incoming, next) < 0 ? up_fail("%s: %s", next, strerror(errno)) : up_sync(dir);
}

static int package_swap(struct up *u, const char *version)
{
        char kept[UP_PATH];
        const char *argv[] = { "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--install", kept,
                               NULL };
        struct output o;
        int r;

        if (kept_as(u, version, kept) < 0)
                return -1;
        r = up_must(argv, 600, &o);
        up_output_clear(&o);
        return r;
}

static int package_drop(struct up *u, const char *version)
{
        char kept[UP_PATH];

        if (kept_as(u, version, kept) < 0)
                return -1;
        return unlink(kept) < 0 && errno != ENOENT ? up_fail("%s: %s", kept, strerror(errno)) : 0;
}

static int package_settle(struct up *u)
{
        char dir[UP_PATH], root[UP_PATH], name[UP_VERSION];
        struct dirent *e;
        DIR *d;
        int r = 0;

        if (up_path(dir, u->base, "/packages", NULL) < 0 || up_path(root, u->base, "/staged", NULL) < 0)
                return -1;
        d = opendir(dir);
        while (d != NULL && r == 0 && (e = readdir(d)) != NULL) {
                if (up_kept_name(e->d_name, name) && strcmp(name, u->from) != 0 && strcmp(name, u->to) != 0)
                        r = package_drop(u, name);
        }
        if (d != NULL)
                closedir(d);
        return r < 0 ? -1 : up_wipe(root);
}

const struct way up_package = { "package",       package_present, package_stage,  package_former,
                                package_prepare, package_swap,    package_settle, package_drop };
