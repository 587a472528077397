/* Any bytes as JSON: no crash, an error has a place, and jansson agrees on what is JSON. */
#include "fuzz.h"

#include <jansson.h>

#include "base/json.h"
#include "codec/doc.h"

static size_t count(const pic__node *n)
{
        size_t total = 1;
        const pic__node *c;

        must(n->line > 0 && n->column > 0);
        for (c = n->first; c != NULL; c = c->next)
                total += count(c);
        return total;
}

/* Where the two may differ: jansson has no limit of 64 levels, but one on numbers; NUL characters are none of ours. */
static int may_differ(int ours, const pic_error *err, const json_t *theirs, const json_error_t *why)
{
        if (ours == 0 && theirs == NULL)
                return json_error_code(why) == json_error_numeric_overflow;
        if (ours != 0 && theirs != NULL)
                return strstr(pic_error_message(err), "deeper than") != NULL ||
                       strstr(pic_error_message(err), "NUL") != NULL;
        return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic_error *err = NULL;
        pic__doc *d = NULL;
        json_error_t why;
        json_t *theirs;
        int r;

        r = pic__doc_json((const char *)data, size, "f", &d, &err);
        must(r == 0 || (r == PIC_SYNTAX && strncmp(pic_error_message(err), "f:", 2) == 0));
        theirs = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
        must(may_differ(r, err, theirs, &why));
        if (r == 0)
                must(count(pic__doc_root(d)) > 0);
        json_decref(theirs);
        pic__doc_unref(d);
        pic_error_free(err);
        return 0;
}
