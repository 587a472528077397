/* What a version says of itself (share/pic/release of a tree that may be anybody's: its signature is looked at before,
 * but a mistake must not lead out of the prefix), and which of two is newer. */
#include "dir.h"

#include <sys/stat.h>

#include "update/update.h"

static void release(const uint8_t *data, size_t size)
{
        struct release r;
        size_t i;

        fuzz_file("share/pic/release", data, size);
        if (up_release_read(fuzz_dir(), &r) < 0)
                return;
        must(up_version_ok(r.version) && strchr(r.version, '/') == NULL && strcmp(r.version, "..") != 0);
        must(r.count > 0 && r.prefix[0] == '/');
        for (i = 0; i < r.count; i++) {
                const char *at = r.files[i];

                must(at[0] != '/' && at[0] != '\0' && strcmp(at, "..") != 0 && strncmp(at, "../", 3) != 0);
                must(strstr(at, "/../") == NULL);
        }
        up_release_clear(&r);
}

static int sign(int n)
{
        return (n > 0) - (n < 0);
}

static void versions(char *text)
{
        char *b = strchr(text, ' '), *c = b != NULL ? strchr(b + 1, ' ') : NULL;
        char kept[UP_VERSION];
        int ab, bc;

        if (up_kept_name(text, kept))
                must(up_version_ok(kept));
        if (c == NULL)
                return;
        *b++ = *c++ = '\0';
        ab = sign(up_version_cmp(text, b));
        bc = sign(up_version_cmp(b, c));
        must(up_version_cmp(text, text) == 0 && ab == -sign(up_version_cmp(b, text)));
        must(ab != bc || ab == 0 || sign(up_version_cmp(text, c)) == ab); /* an order */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char path[300], *text;

        snprintf(path, sizeof(path), "%s/share", fuzz_dir());
        (void)mkdir(path, 0700);
        snprintf(path, sizeof(path), "%s/share/pic", fuzz_dir());
        (void)mkdir(path, 0700);
        text = text_of(data, size);
        versions(text);
        free(text);
        release(data, size);
        return 0;
}
