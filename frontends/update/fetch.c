/* Owns: where a version comes from, and whether it is signed by whom we trust. Nothing of the file is looked at before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

#define SIGNATURE ".minisig"
#define MOST "268435456" /* bytes of a version */

static int is_remote(const char *file)
{
        return strncmp(file, "https://", 8) == 0;
}

static int copy(const char *from, const char *to)
{
        int in = open(from, O_RDONLY | O_CLOEXEC), out, r = 0;
        struct stat st;
        ssize_t n;

        if (in < 0 || fstat(in, &st) < 0 || !S_ISREG(st.st_mode)) {
                up_fail("%s: %s", from, in < 0 ? strerror(errno) : "it is no file");
                if (in >= 0)
                        close(in);
                return -1;
        }
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        while (out >= 0 && (n = sendfile(out, in, NULL, 1 << 20)) != 0) {
                if (n < 0) {
                        r = -1;
                        break;
                }
        }
        if (out < 0 || r < 0 || close(out) < 0)
                r = up_fail("%s: %s", to, strerror(errno));
        close(in);
        return r;
}

static int load(const char *from, const char *to)
{
        const char *argv[] = { "curl",       "--fail",     "--silent", "--show-error",
                               "--location", "--proto",    "=https",   "--max-filesize",
                               MOST,         "--max-time", "600",      "--output",
                               to,           "--",         from,       NULL };
        struct output o;
        int r = up_must(argv, 620, &o);

        up_output_clear(&o);
        return r;
}

static int bring(const char *from, const char *to)
{
        return is_remote(from) ? load(from, to) : copy(from, to);
}

/* Who is trusted: what was said, or what this machine's owner put into /etc/pic. */
static int find_key(struct up *u)
{
        static const char usual[] = "/etc/pic/release.pub";

        if (u->key != NULL)
                return 0;
        if (access(usual, R_OK) < 0)
                return up_fail("whose signature counts? --key FILE, or the public key of who makes your versions in %s",
                               usual);
        u->key = usual;
        return 0;
}

static int check(const struct up *u, const char *signature)
{
        int is_file = access(u->key, F_OK) == 0;
        const char *argv[] = { "minisign", "-V", "-q", "-m", u->incoming, "-x", signature, is_file ? "-p" : "-P",
                               u->key,     NULL };
        struct output o;
        int status = up_run(argv, 120, &o);

        if (status > 0)
                up_fail("%s: not signed with the key that counts here (%s%s)", u->file, u->key,
                        is_file ? "" : ", which is no file");
        up_output_clear(&o);
        return status == 0 ? 0 : up_fail("minisign failed");
}

int up_fetch(struct up *u)
{
        const char *slash = strrchr(u->file, '/'), *name = slash != NULL ? slash + 1 : u->file;
        char dir[UP_PATH], from[UP_PATH], signature[UP_PATH];

        if (find_key(u) < 0 || up_path(dir, u->base, "/incoming", NULL) < 0 || up_wipe(dir) < 0)
                return -1;
        if (mkdir(dir, 0700) < 0)
                return up_fail("%s: %s", dir, strerror(errno));
        if (name[0] == '\0' || up_path(u->incoming, dir, "/", name, NULL) < 0 ||
            up_path(signature, u->incoming, SIGNATURE, NULL) < 0 || up_path(from, u->file, SIGNATURE, NULL) < 0)
                return up_fail("%s: it has no name", u->file);
        up_say(u, "Taking %s", u->file);
        if (bring(from, signature) < 0)
                return -1;
        if (bring(u->file, u->incoming) < 0)
                return -1;
        up_say(u, "Looking at its signature");
        return check(u, signature);
}
