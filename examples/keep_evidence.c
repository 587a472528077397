/* Keeps outside of a cell what tells later whether its journal was changed, or looks whether it was.
 *
 *     keep_evidence DIR keep FILE [fake]    notes the visit, writes key and head to FILE, a bundle to FILE.bundle
 *     keep_evidence DIR check FILE [fake]   status 1 when this is not the journal that was written
 */
#include <fcntl.h>
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The value of a text in one of the library's reports, with \n as a new line. */
static void text_of(const char *json, const char *key, char *to, size_t size)
{
        const char *at = strstr(json, key);

        at = at != NULL ? at + strlen(key) : "\"";
        for (; *at != '"' && *at != '\0' && size > 1; at++, size--) {
                if (at[0] == '\\' && at[1] == 'n')
                        at++;
                *to++ = at[-1] == '\\' && at[0] == 'n' ? '\n' : *at;
        }
        *to = '\0';
}

/* Writes key and head; -1 when that is not possible. */
static int write_down(const char *path, const pic_report *head)
{
        char note[4096], key[512];
        FILE *out = fopen(path, "w");
        int bad;

        text_of(pic_report_text(head), "\"note\":\"", note, sizeof(note));
        text_of(pic_report_text(head), "\"key\":\"", key, sizeof(key));
        bad = out == NULL || fprintf(out, "%s\n%s", key, note) < 0;
        bad |= out != NULL && fclose(out) != 0;
        if (bad)
                fprintf(stderr, "cannot write %s\n", path);
        return -bad;
}

static int bundle(pic_ctx *ctx, const char *path, pic_error **err)
{
        char name[4096];
        int fd, r;

        snprintf(name, sizeof(name), "%s.bundle", path);
        fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        r = pic_audit_export(ctx, fd, PIC_AUDIT_BUNDLE, NULL, err);
        close(fd);
        return r;
}

static int keep(pic_ctx *ctx, const char *path, pic_error **err)
{
        pic_report *head = NULL, *row = NULL;
        int r = pic_audit_note(ctx, "evidence", "a head was taken away to be kept elsewhere", err);

        if (r >= 0)
                r = pic_audit_head(ctx, &head, err);
        if (r >= 0)
                r = write_down(path, head);
        if (r >= 0)
                r = pic_audit_get(ctx, 1, PIC_AUDIT_PROOF, &row, err); /* row 1: the cell as it was made */
        if (r >= 0)
                r = puts(pic_report_text(row)) < 0 ? -1 : bundle(ctx, path, err);
        pic_report_unref(head);
        pic_report_unref(row);
        return r;
}

/* 0 when all is as it was; 1 when not. */
static int check(pic_ctx *ctx, const char *path, pic_error **err)
{
        pic_audit_verify_opts opts = PIC_AUDIT_VERIFY_OPTS_INIT;
        char text[8192] = "", *head;
        pic_report *verdict = NULL;
        FILE *in = fopen(path, "r");
        int r, good;

        if (in != NULL) {
                text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
                fclose(in);
        }
        head = strchr(text, '\n');
        if (head != NULL)
                *head++ = '\0';
        opts.key = text;
        opts.head = head;
        r = pic_audit_verify(ctx, &opts, &verdict, err);
        if (r < 0)
                return r;
        puts(pic_report_text(verdict));
        good = pic_report_good(verdict);
        pic_report_unref(verdict);
        return !good;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: keep_evidence DIR keep|check FILE [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = strcmp(argv[2], "keep") == 0 ? keep(ctx, argv[3], &err) : check(ctx, argv[3], &err);
        if (err != NULL)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r != 0;
}
