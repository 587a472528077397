/* Any bytes as a document of a cell, through to the plan: what is refused says where and why and changes nothing; what
 * is taken is a plan. The first byte: prune; commit, and then the export of it wishes nothing. */
#include "cell.h"

#include "codec/doc.h"

static pic_ctx *ctx;

/* It and its followers. */
static void refusal(const pic_error *err)
{
        for (; err != NULL; err = pic_error_next(err)) {
                must(pic_error_message(err)[0] != '\0' && strpbrk(pic_error_message(err), "\n\r\x1b") == NULL);
                must(pic_error_code(err) < 0);
        }
}

static void plan(pic_edit *edit, size_t *ret_count)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *err = NULL;
        pic_plan *p = NULL;

        *ret_count = SIZE_MAX;
        if (pic_edit_plan(edit, &p, &err) < 0) {
                refusal(err);
                return;
        }
        *ret_count = pic_plan_count(p);
        must(pic__doc_json(pic_plan_json(p), strlen(pic_plan_json(p)), "plan", &doc, NULL) == 0);
        pic_plan_unref(p);
}

/* The cell written and read again is the same cell. */
static void again(void)
{
        pic_report *report = NULL;
        pic_edit *edit = NULL;
        size_t steps = 0;

        must(pic_export_get(ctx, 0, &report, NULL) == 0);
        must(pic_edit_new(ctx, &edit, NULL) == 0);
        must(pic_edit_load(edit, pic_report_text(report), strlen(pic_report_text(report)), "export", PIC_LOAD_PRUNE,
                           NULL) == 0);
        plan(edit, &steps);
        must(steps == 0);
        pic_edit_unref(edit);
        pic_report_unref(report);
}

/* 1: something was changed. */
static int commit(pic_edit *edit)
{
        pic__auto_err pic_error *err = NULL;

        if (pic_edit_commit(edit, 0, NULL, &err) == 0) {
                again();
                return 1;
        }
        refusal(err);
        return 0;
}

static void start_over(void)
{
        ctx = pic_ctx_unref(ctx);
        cell_put_back(cell_db.data, cell_db.len);
        ctx = cell_open();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        pic__auto_err pic_error *err = NULL;
        char *text = bytes_of(data, size);
        pic_edit *edit = NULL;
        int changed = 0;
        size_t steps;

        cell_make();
        if (ctx == NULL)
                start_over();
        must(pic_edit_new(ctx, &edit, NULL) == 0);
        if (pic_edit_load(edit, text, size, "f", (mode & 1) != 0 ? PIC_LOAD_PRUNE : 0, &err) < 0) {
                refusal(err);
        } else {
                plan(edit, &steps);
                changed = (mode & 2) != 0 && commit(edit);
        }
        pic_edit_unref(edit);
        if (changed)
                start_over();
        free(text);
        return 0;
}
