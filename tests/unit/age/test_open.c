/* Shows: what was encrypted comes back whole, in pieces of any size; what was changed, cut off or continued does not,
 * and nothing comes out that was not authentic. */
#include "age/open.h"

#include "base/mem.h"
#include "help.h"

enum { SIZE = 2 * PIC__AGE_CHUNK + 1 };
static char data[SIZE + 1];

static void fill(void)
{
        size_t i;

        for (i = 0; i < sizeof(data); i++)
                data[i] = (char)(i * 131 >> 3);
}

static void round_trips(void **state)
{
        static const size_t
                lens[] = { 0, 1, PIC__AGE_CHUNK - 1, PIC__AGE_CHUNK, PIC__AGE_CHUNK + 1, 2 * PIC__AGE_CHUNK, SIZE },
                pieces[] = { 100, PIC__AGE_CHUNK, PIC__AGE_BOX, PIC__AGE_BOX + 1, 1 << 20 };
        pic__age_keys keys = { .passphrase = NULL };
        size_t i, k;

        (void)state;
        fill();
        own_keys(&keys);
        own_keys(&keys);
        for (i = 0; i < PIC__COUNT(lens); i++)
                for (k = 0; k < 2 * PIC__COUNT(pieces); k++) {
                        pic__auto_buf pic__buf file = PIC__BUF_INIT, back = PIC__BUF_INIT;

                        seal_all(&keys, k % 2 != 0, data, lens[i], pieces[k / 2], &file);
                        assert_int_equal(open_all(&keys, file.data, file.len, pieces[k / 2], &back, NULL), 0);
                        assert_int_equal(back.len, lens[i]);
                        assert_memory_equal(pic__buf_str(&back), data, lens[i]);
                }
        pic__age_keys_clear(&keys);
}

/* What came out is a beginning of the original, by whole chunks. */
static void beginning(const pic__buf *back, const char *of)
{
        assert_true(back->len % PIC__AGE_CHUNK == 0 || back->len == SIZE);
        assert_true(back->len <= SIZE);
        assert_memory_equal(pic__buf_str(back), of, back->len);
}

static void cut_off(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        size_t head, len;

        (void)state;
        fill();
        own_keys(&keys);
        seal_all(&keys, 0, data, SIZE, SIZE, &file);
        head = file.len - (SIZE + 3 * 16);
        for (len = 0; len < file.len; len++) {
                pic__auto_buf pic__buf back = PIC__BUF_INIT;
                int r;

                if (len > head + 40 && len % PIC__AGE_BOX > 300 && len % 4099 != 0)
                        continue; /* all of the header, and around each edge */
                r = open_all(&keys, file.data, len, 1 << 20, &back, NULL);
                assert_int_equal(r, len < head ? PIC_SYNTAX : PIC_CORRUPT);
                beginning(&back, data);
                assert_true(back.len < SIZE);
        }
        pic__age_keys_clear(&keys);
}

static void changed(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        size_t at;

        (void)state;
        fill();
        own_keys(&keys);
        seal_all(&keys, 0, data, SIZE, SIZE, &file);
        for (at = 0; at < file.len; at += at < 400 ? 1 : 3001) {
                pic__auto_buf pic__buf back = PIC__BUF_INIT;
                pic__auto_err pic_error *err = NULL;

                file.data[at] ^= 4;
                assert_true(open_all(&keys, file.data, file.len, 1 << 20, &back, &err) < 0);
                assert_non_null(pic_error_detail(err, "part"));
                beginning(&back, data);
                file.data[at] ^= 4;
        }
        for (at = 1; at < 40000; at = at * 3 + 1) { /* something follows */
                pic__auto_buf pic__buf more = PIC__BUF_INIT, back = PIC__BUF_INIT;

                pic__buf_put(&more, file.data, file.len);
                pic__buf_put(&more, data, at);
                assert_int_equal(open_all(&keys, more.data, more.len, 1 << 20, &back, NULL), PIC_CORRUPT);
                beginning(&back, data);
        }
        pic__age_keys_clear(&keys);
}

/* Chunks that change places, that are missing, that are there twice. */
static void shuffled(void **state)
{
        static const struct {
                int order[4];
                int count;
        } ways[] = { { { 1, 0, 2 }, 3 },    { { 0, 2 }, 2 }, { { 0, 1 }, 2 },      { { 0 }, 1 },
                     { { 0, 0, 1, 2 }, 4 }, { { 2 }, 1 },    { { 0, 1, 1, 2 }, 4 } };
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        size_t head, i;
        int k;

        (void)state;
        fill();
        own_keys(&keys);
        seal_all(&keys, 0, data, SIZE, SIZE, &file);
        head = file.len - (SIZE + 3 * 16);
        for (i = 0; i < PIC__COUNT(ways); i++) {
                pic__auto_buf pic__buf other = PIC__BUF_INIT, back = PIC__BUF_INIT;

                pic__buf_put(&other, file.data, head);
                for (k = 0; k < ways[i].count; k++)
                        pic__buf_put(&other, file.data + head + (size_t)ways[i].order[k] * PIC__AGE_BOX,
                                     ways[i].order[k] == 2 ? 17 : PIC__AGE_BOX);
                assert_int_equal(open_all(&keys, other.data, other.len, 1 << 20, &back, NULL), PIC_CORRUPT);
                beginning(&back, data);
        }
        pic__age_keys_clear(&keys);
}

static void forms(void **state)
{
        static const char *const texts[] = {
                "", " ", "\n\n\n", "x", " age-encryption.org/v1\n", "-", "-----BEGIN AGE", "\xff\xfe"
        };
        pic__age_keys keys = { .passphrase = NULL };
        size_t i, piece;

        (void)state;
        own_keys(&keys);
        for (i = 0; i < PIC__COUNT(texts); i++)
                for (piece = 1; piece < 4; piece++) {
                        pic__auto_buf pic__buf back = PIC__BUF_INIT;

                        assert_int_equal(open_all(&keys, texts[i], strlen(texts[i]), piece, &back, NULL), PIC_SYNTAX);
                }
        pic__age_keys_clear(&keys);
}

static void no_memory(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        own_keys(&keys);
        seal_all(&keys, 0, "abc", 3, 3, &file);
        for (n = 1; r != 0; n++) {
                pic__auto_buf pic__buf back = PIC__BUF_INIT;
                pic__age_opener *o = NULL;

                assert_true(n < 20);
                pic__mem_fail_at(n);
                r = pic__age_open_new(&keys, 0, collect, &back, &o, NULL);
                if (r == 0)
                        r = pic__age_open_put(o, file.data, file.len, NULL);
                if (r == 0)
                        r = pic__age_open_end(o, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic__age_open_free(o);
        }
        pic__age_keys_clear(&keys);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(round_trips), cmocka_unit_test(cut_off),
                                            cmocka_unit_test(changed),     cmocka_unit_test(shuffled),
                                            cmocka_unit_test(forms),       cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, start, NULL);
}
