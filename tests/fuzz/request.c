/* Any bytes as a request to the agent: each gets one answer, which the other side understands. The engine behind is
 * that of the pretend kernel; when a request has changed something it is made anew. */
#include "cell.h"

#include "codec/json_in.h"
#include "engine/engine_i.h"
#include "engine/wire.h"

static pic__engine *engine;
static int64_t rows; /* of its journal */

static void open_engine(void)
{
        const pic__engine_opts opts = { .dir = fuzz_dir(), .fake = 1, .clock = &cell_clock };

        engine = pic__engine_unref(engine);
        cell_put_back(cell_db.data, cell_db.len);
        must(pic__engine_open(&opts, &engine, NULL) == 0);
        rows = pic__store_last_seq(engine->store);
}

static void understood(int r, const pic__buf *answer)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf result = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;

        must(pic__doc_json(pic__buf_str(answer), answer->len, "answer", &doc, &err) == 0);
        must(pic__node_bool(pic__doc_root(doc), "ok", -1) == (r == 0));
        must(pic__wire_open(answer->data, answer->len, &result, &err) == r);
        must(r == pic_error_code(err) && (r != 0 || result.len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        char *request = bytes_of(data, size);
        int r;

        cell_make();
        if (engine == NULL)
                open_engine();
        r = pic__verbs_handle(engine, request, size, "uid 1000", &answer);
        must(r <= 0);
        understood(r, &answer);
        if (pic__engine_stopping(engine) || pic__store_last_seq(engine->store) != rows)
                open_engine();
        free(request);
        return 0;
}
