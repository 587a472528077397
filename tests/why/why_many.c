/* why_many DIR: for each line "PEER FAMILY TO" of standard input says '1' when the plan lets it pass, else '0'. The
 * library's own judge on one snapshot; `pic why` asks it a question at a time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/why.h"
#include "store/store.h"
#include "sys/file.h"

/* The networks of the machine that the agent made its rules with. */
static int attach(const char *dir, pic__snap *s, pic_error **err)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[4096];
        int r;

        snprintf(path, sizeof(path), "%s/run/attached", dir);
        r = pic__file_read(path, 1 << 20, &text, err);
        if (r == 0)
                r = pic__attached_parse(&nets, pic__buf_str(&text), err);
        if (r == 0)
                pic__snap_attach(s, &nets);
        return r;
}

static int load(const char *dir, pic__snap **ret, pic_error **err)
{
        pic__store *st = NULL;
        pic_id *ids = NULL;
        size_t count = 0;
        int r = pic__store_open(dir, 1000, &pic__clock_real, &st, err);

        if (r == 0)
                r = pic__snap_new(ret, err);
        if (r == 0)
                r = pic__store_load(st, *ret, NULL, err);
        if (r == 0)
                r = pic__snap_now(*ret, pic__clock_real.now(NULL), &ids, &count, err);
        if (r == 0)
                r = attach(dir, *ret, err);
        pic__free(ids);
        pic__store_unref(st);
        return r;
}

int main(int argc, char **argv)
{
        char peer[80], to[160];
        pic__snap *s = NULL;
        pic_error *err = NULL;
        int family;

        if (argc != 2 || load(argv[1], &s, &err) < 0) {
                fprintf(stderr, "why_many: %s\n", err != NULL ? pic_error_message(err) : "a directory is wanted");
                return 2;
        }
        while (scanf("%79s %d %159s", peer, &family, to) == 3) {
                pic__why why;

                if (pic__plan_why(s, peer, to, family, &why, &err) < 0) {
                        fprintf(stderr, "why_many: %s %s: %s\n", peer, to, pic_error_message(err));
                        return 1;
                }
                putchar(why.allowed ? '1' : '0');
        }
        pic__snap_unref(s);
        return 0;
}
