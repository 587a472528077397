/* Owns: reading what the program is told. */
#include "drill/order.h"

#include <string.h>

#include "codec/json_in.h"

int pic__drill_order_read(const char *text, size_t len, pic__drill_order *ret, pic_error **err)
{
        pic__drill_order o = { .doc = NULL };
        const pic__node *root;
        const char *op;
        int r = pic__doc_json(text, len, "order", &o.doc, err);

        if (r < 0)
                return r;
        root = pic__doc_root(o.doc);
        op = root->type == PIC__N_MAP ? pic__node_str(root, "op", "") : "";
        o.target = strcmp(op, "target") == 0;
        o.file = strcmp(op, "file") == 0;
        o.fake = root->type == PIC__N_MAP && pic__node_bool(root, "fake", 0);
        if (root->type == PIC__N_MAP) {
                o.dir = pic__node_str(root, "dir", NULL);
                o.of = pic__node_str(root, "of", NULL);
                o.passphrase = pic__node_str(root, "passphrase", NULL);
                o.fetch = pic__node_str(root, "fetch", NULL);
                o.identities = pic__node_list(root, "identities");
                o.work_factor = (unsigned)(pic__node_int_or(root, "work_factor", 0) & 31);
        }
        if (!o.file && ((!o.target && strcmp(op, "live") != 0) || (o.target ? o.fetch : o.dir) == NULL)) {
                pic__drill_order_clear(&o);
                return pic__fail(err, PIC_INVALID, "op: live with dir, target with fetch, or file");
        }
        *ret = o;
        return 0;
}

void pic__drill_order_clear(pic__drill_order *o)
{
        o->doc = pic__doc_unref(o->doc);
}
