/* Owns: what a version says of itself, and which of two is newer. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "update/update.h"

#define MOST ((size_t)1 << 20)

void up_release_clear(struct release *r)
{
        free(r->text);
        free(r->files);
        memset(r, 0, sizeof(*r));
}

/* Also a part of a path. */
int up_version_ok(const char *v)
{
        size_t len = strlen(v);

        return len > 0 && len < UP_VERSION && isdigit((unsigned char)v[0]) &&
               strspn(v, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~-") == len;
}

int up_kept_name(const char *file, char out[UP_VERSION])
{
        size_t len = strlen(file);

        if (len > 4 && strcmp(file + len - 4, ".deb") == 0)
                len -= 4;
        if (len >= UP_VERSION)
                return 0;
        memcpy(out, file, len);
        out[len] = '\0';
        return up_version_ok(out);
}

static int cmp_numbers(const char **a, const char **b)
{
        size_t i, j;
        int r;

        while (**a == '0')
                (*a)++;
        while (**b == '0')
                (*b)++;
        i = strspn(*a, "0123456789");
        j = strspn(*b, "0123456789");
        r = i != j ? (i > j) - (i < j) : strncmp(*a, *b, i);
        *a += i;
        *b += j;
        return r;
}

/* '~' is before the end, as Debian has it: 1.0~rc1 comes before 1.0. */
static int weight(char c)
{
        if (c == '~')
                return -1;
        return isdigit((unsigned char)c) ? 0 : (unsigned char)c;
}

int up_version_cmp(const char *a, const char *b)
{
        int r;

        while (*a != '\0' || *b != '\0') {
                while ((*a != '\0' && !isdigit((unsigned char)*a)) || (*b != '\0' && !isdigit((unsigned char)*b))) {
                        r = weight(*a) - weight(*b);
                        if (r != 0)
                                return r;
                        a += *a != '\0';
                        b += *b != '\0';
                }
                r = cmp_numbers(&a, &b);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* A path below the prefix, and nothing that leads out of it. */
static int is_below(const char *path)
{
        return path[0] != '\0' && path[0] != '/' && strstr(path, "//") == NULL && strcmp(path, "..") != 0 &&
               strncmp(path, "../", 3) != 0 && strstr(path, "/../") == NULL &&
               (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static int add_file(struct release *r, const char *path)
{
        const char **more;

        if (!is_below(path))
                return -1;
        if (r->count == r->room) {
                more = realloc(r->files, (r->room * 2 + 64) * sizeof(*more));
                if (more == NULL)
                        return -1;
                r->files = more;
                r->room = r->room * 2 + 64;
        }
        r->files[r->count++] = path;
        return 0;
}

static int take(char *out, size_t size, const char *value)
{
        size_t len = strlen(value);

        if (len >= size)
                return -1;
        memcpy(out, value, len + 1);
        return 0;
}

/* A line is a word and a value. Words that are not known are of a version to come. */
static int take_line(struct release *r, const char *line)
{
        const char *value = strchr(line, ' ');
        size_t len = value != NULL ? (size_t)(value - line) : 0;

        if (value == NULL)
                return -1;
        value++;
        if (len == 7 && strncmp(line, "version", len) == 0)
                return take(r->version, sizeof(r->version), value);
        if (len == 4 && strncmp(line, "arch", len) == 0)
                return take(r->arch, sizeof(r->arch), value);
        if (len == 6 && strncmp(line, "prefix", len) == 0)
                return take(r->prefix, sizeof(r->prefix), value);
        if (len == 4 && strncmp(line, "file", len) == 0)
                return add_file(r, value);
        return 0;
}

int up_release_read(const char *root, struct release *ret)
{
        char path[UP_PATH];
        char *text, *line, *rest = NULL;
        int r = 0;

        memset(ret, 0, sizeof(*ret));
        if (up_path(path, root, "/share/pic/release", NULL) < 0)
                return -1;
        if (up_read(path, MOST, &text) < 0)
                return up_fail("%s: %s", path,
                               errno == ENOENT ? "there is none; a version that says what it consists of is needed "
                                                 "('./dev install' writes one)"
                                               : strerror(errno));
        for (line = strtok_r(text, "\n", &rest); line != NULL && r == 0; line = strtok_r(NULL, "\n", &rest))
                r = take_line(ret, line);
        ret->text = text;
        if (r == 0 && up_version_ok(ret->version) && ret->count > 0 && ret->arch[0] != '\0' && ret->prefix[0] == '/')
                return 0;
        up_release_clear(ret);
        return up_fail("%s: it is damaged", path);
}
