/* Between the agent and who makes its backups: an order, and what is said at the end. The first byte says which. What
 * is taken has a place that is one and keys that open; a refusal is one line with its code. */
#include "fuzz.h"

#include "codec/json_in.h"
#include "engine/keep_i.h"
#include "keeper/order.h"
#include "sys/crypto.h"

static void is_told(int r, pic_error *err)
{
        must(r < 0 && r == pic_error_code(err));
        must(strpbrk(pic_error_message(err), "\n\x1b") == NULL);
        pic_error_free(err);
}

static void order(const char *text, size_t size)
{
        pic__order o;
        pic_error *err = NULL;
        const char *hash;
        int r = pic__order_read(text, size, &o, &err);

        if (r < 0) {
                is_told(r, err);
                return;
        }
        must((unsigned)o.op < PIC__ORDERS && o.dir != NULL && o.work_factor <= 100000 && o.keep.last <= 100000);
        must(o.op != PIC__ORDER_RUN || o.plain || o.keys.recipient_count > 0 || o.keys.passphrase != NULL);
        must(memchr(o.id, '\0', sizeof(o.id)) != NULL);
        (void)pic__order_known(&o, o.name != NULL ? o.name : "", &hash);
        pic__order_clear(&o);
}

static void answer(const char *text)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__keep_target t = { .id = 1 };
        pic_error *err = NULL;
        int r = pic__keep_said(text, &doc, &err);

        if (r < 0) {
                must(pic_error_code(err) < 0);
                pic_error_free(err);
                return;
        }
        pic__keep_take_held(&t, pic__node_list(pic__doc_root(doc), "held"));
        must(t.held.count <= PIC__KEEP_HELD);
        pic__keep_clear(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t which = next_byte(&data, &size);
        char *text = text_of(data, size);

        must(pic__crypto_start(NULL) == 0);
        if (which % 2 == 0)
                order(text, size);
        else
                answer(text);
        free(text);
        return 0;
}
