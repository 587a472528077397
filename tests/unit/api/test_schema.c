/* Shows: the field tables can be walked, and answer nothing past their end. */
#include "../../api/world.h"

static void kinds(void **state)
{
        size_t i;

        (void)state;
        assert_string_equal(pic_kind_at(0), "cell");
        for (i = 0; pic_kind_at(i) != NULL; i++) {
                assert_non_null(pic_kind_plural(pic_kind_at(i)));
                assert_true(pic_field_count(pic_kind_at(i)) > 0);
        }
        assert_int_equal(i, 15);
        assert_string_equal(pic_kind_plural("peer"), "peers");
        assert_null(pic_kind_plural("cat"));
        assert_null(pic_kind_plural(NULL));
        assert_int_equal(pic_field_count("cat"), 0);
}

/* Every field can be shown by a front end that knows nothing of it. */
static void all_fields(void **state)
{
        size_t k, i;

        (void)state;
        for (k = 0; pic_kind_at(k) != NULL; k++) {
                const char *kind = pic_kind_at(k);

                for (i = 0; i < pic_field_count(kind); i++) {
                        assert_non_null(pic_field_name(kind, i));
                        assert_non_null(pic_field_type(kind, i));
                        assert_true(strlen(pic_field_help(kind, i)) > 5);
                        assert_non_null(pic_field_placeholder(kind, i));
                        if (strcmp(pic_field_type(kind, i), "enum") == 0)
                                assert_non_null(strchr(pic_field_choices(kind, i), '|'));
                        if (strcmp(pic_field_type(kind, i), "secret") == 0)
                                assert_int_equal(pic_field_flags(kind, i) & PIC_FIELD_SECRET, PIC_FIELD_SECRET);
                }
                assert_null(pic_field_name(kind, i));
                assert_null(pic_field_type(kind, i));
                assert_null(pic_field_help(kind, i));
                assert_null(pic_field_placeholder(kind, i));
                assert_null(pic_field_default(kind, i));
                assert_null(pic_field_choices(kind, i));
                assert_int_equal(pic_field_flags(kind, i), 0);
        }
}

static void one_field(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; strcmp(pic_field_name("cell", i), "listen_port") != 0; i++)
                continue;
        assert_string_equal(pic_field_type("cell", i), "int");
        assert_string_equal(pic_field_default("cell", i), "51820");
        for (i = 0; strcmp(pic_field_name("peer", i), "access") != 0; i++)
                continue;
        assert_int_equal(pic_field_flags("peer", i), PIC_FIELD_LIST);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kinds),
                cmocka_unit_test(all_fields),
                cmocka_unit_test(one_field),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
