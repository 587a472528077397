/* Shows: wishes own their texts, keep their order, and a document that is wrong wishes nothing. */
#include "../../api/world.h"
#include "change/wish.h"

static void order(void **state)
{
        pic__wishes w = { .ops = PIC__VEC_INIT };
        char name[] = "anna", text[] = "lan";
        pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__PEER, .name = name, .text = text };
        size_t i;

        (void)state;
        for (i = 0; i < 100; i++) {
                name[0] = (char)('a' + i % 26);
                assert_int_equal(pic__wish_push(&w, &op, NULL), 0);
        }
        memset(name, 'x', 4);
        memset(text, 'x', 3);
        for (i = 0; i < 100; i++) {
                assert_int_equal(w.ops.at[i].name[0], 'a' + (int)(i % 26));
                assert_string_equal(w.ops.at[i].text, "lan");
        }
        op.name = op.text = NULL;
        assert_int_equal(pic__wish_push(&w, &op, NULL), 0);
        assert_null(w.ops.at[100].name);
        pic__wishes_free(&w);
}

static void documents(void **state)
{
        static const char good[] = "peers:\n  anna:\n    note: x\n", bad[] = "peers:\n  bob:\n    mtu: 1\n";
        pic__wishes w = { .ops = PIC__VEC_INIT };
        pic_error *err = NULL;
        size_t had;

        (void)state;
        assert_int_equal(pic__wishes_load(&w, good, strlen(good), "a.yaml", 0, NULL), 0);
        had = w.ops.count;
        assert_int_equal(had, 2);
        assert_int_equal(w.documents, 1);
        assert_int_equal(w.ops.at[1].line, 3);
        assert_true(pic__wishes_load(&w, bad, strlen(bad), "b.yaml", 1, &err) < 0);
        assert_string_equal(pic_error_detail(err, "line"), "3");
        pic_error_free(err);
        assert_int_equal(w.ops.count, had);
        pic__wishes_free(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(documents) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
