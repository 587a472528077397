/* Owns: what is wrong with an edit: all of it, each with its place in the document that wished it. */
#include <stdio.h>
#include <string.h>

#include "change/inner.h"
#include "model/text.h"

/* After these the transaction is gone, or nothing else can work. */
static int is_fatal(int code)
{
        return code == PIC_NOMEM || code == PIC_IO || code == PIC_CORRUPT || code == PIC_BADSTATE || code == PIC_BUSY ||
               code == PIC_BACKEND || code == PIC_INVALID;
}

/* Whether an error's "object" ("peer anna", "peer 'anna'", "cell") is the one of a wish. */
static int is_about(const pic__op *op, const char *object)
{
        const char *kind = pic__kinds[op->kind].name;
        size_t len = strlen(kind);
        char name[128];

        if (strncmp(object, kind, len) != 0 || (object[len] != ' ' && object[len] != '\0'))
                return 0;
        if (op->name == NULL)
                return op->kind == PIC__CELL;
        object += len + strspn(object + len, " '");
        snprintf(name, sizeof(name), "%s", object);
        name[strcspn(name, "'")] = '\0';
        return pic__same_name(name, op->name);
}

static int sets(const pic__op *op, const char *field)
{
        return (op->wish == PIC__WISH_SET || op->wish == PIC__WISH_NEED) && field != NULL &&
               strcmp(pic__kinds[op->kind].fields[op->field].name, field) == 0;
}

static int same_object(const pic__op *a, const pic__op *b)
{
        return a->kind == b->kind &&
               (a->name == b->name || (a->name != NULL && b->name != NULL && pic__same_name(a->name, b->name)));
}

/* The wish for the field, else the one that names the object. The object is that of `from`, the wish in work; without
 * one it is what is given. */
static const pic__op *find_wish(const pic__run *run, const pic__op *from, const char *object, const char *field)
{
        const pic__op *named = from;
        size_t i;

        for (i = run->w->ops.count; i > 0; i--) {
                const pic__op *op = &run->w->ops.at[i - 1];

                if (op->file == NULL ||
                    (from != NULL ? !same_object(op, from) : object == NULL || !is_about(op, object)))
                        continue;
                if (sets(op, field))
                        return op;
                if (op->wish == PIC__WISH_HAVE)
                        named = op;
        }
        return named;
}

/* Of what the error is about; where the document does not speak of that, of what it is in conflict with. */
static const pic__op *place_of(const pic__run *run, const pic__op *from, const pic_error *err)
{
        const pic__op *op = find_wish(run, from, pic_error_detail(err, "object"), pic_error_detail(err, "field"));
        const char *against = pic_error_detail(err, "against"), *because = pic_error_detail(err, "because");

        if (because != NULL) { /* what was changed there */
                const pic__op *changed = find_wish(run, from, pic_error_detail(err, "object"), because);

                op = changed != NULL && sets(changed, because) ? changed : op;
        }

        if (op == NULL && against != NULL)
                op = find_wish(run, NULL, against, pic_error_detail(err, "against_field"));
        return op;
}

static void put_place(const pic__op *op, pic_error **err)
{
        if (op == NULL || op->file == NULL || pic_error_detail(*err, "line") != NULL)
                return;
        pic__prefix_msg(err, "%s:%u:%u: ", op->file, op->line, op->column);
        pic__detail(err, "file", op->file);
        pic__detail_int(err, "line", op->line);
        pic__detail_int(err, "column", op->column);
}

static int collect_one(pic__run *run, const pic__op *op, pic_error *err)
{
        int code = pic_error_code(err);

        if (run->lenient && code == PIC_NOTFOUND) { /* what it names may be what could not be taken */
                pic_error_free(err);
                return 0;
        }
        if (op != NULL && op->kind == PIC__CELL)
                run->cell_failed = 1;
        if (run->w->documents > 0 && run->error_count < PIC__RUN_ERRORS)
                put_place(place_of(run, op, err), &err);
        if (run->code == 0 || is_fatal(code))
                run->code = code;
        if (run->error_count++ < PIC__RUN_ERRORS)
                pic__err_append(&run->errors, err);
        else
                pic_error_free(err);
        return is_fatal(code) ? code : 0;
}

int pic__run_collect(pic__run *run, const pic__op *op, pic_error *err)
{
        int fatal = 0;

        while (err != NULL) {
                pic_error *next = pic__err_split(err);
                int r = collect_one(run, op, err);

                if (r < 0)
                        fatal = r;
                err = next;
        }
        return fatal;
}
