/* Shows: the tables keep their own rules: names that can be columns and flags, defaults that parse to themselves, texts
 * for people. */
#include "help.h"

static int plain(const char *name)
{
        return name[0] >= 'a' && name[0] <= 'z' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* Whom a secret is told is said by fields of the same kind that anybody may see. */
static void told(const pic__kind_info *k, const pic__field *f)
{
        const char *at = f->told;
        char name[32];

        while (at != NULL && pic__list_next(&at, name, sizeof(name))) {
                int i = pic__field_find((enum pic__kind)(k - pic__kinds), name);

                assert_true(i >= 0 && (k->fields[i].flags & (PIC__F_SECRET | PIC__F_SYSTEM)) == 0);
                assert_true((f->flags & PIC__F_SECRET) != 0);
        }
}

static void one_field(const pic__kind_info *k, size_t i)
{
        const pic__field *f = &k->fields[i];
        pic__auto_free char *text = NULL;
        pic__val v = PIC__VAL_NONE;
        char rule[256];
        size_t j;

        assert_true(plain(f->name));
        for (j = 0; j < i; j++)
                assert_string_not_equal(k->fields[j].name, f->name);
        assert_non_null(f->help);
        assert_non_null(f->placeholder);
        assert_null(strchr(f->help, '\n'));
        assert_true(strcmp(f->name, "id") != 0 && strcmp(f->name, "revision") != 0);
        pic__field_rule(f, rule, sizeof(rule));
        assert_true(strlen(rule) > 5);
        if (f->type == PIC__T_ENUM)
                assert_non_null(f->choices);
        if (f->type == PIC__T_SECRET)
                assert_true((f->flags & PIC__F_SECRET) != 0);
        if ((f->flags & PIC__F_LIST) != 0)
                assert_true(f->max > 0);
        told(k, f);
        if (f->def == NULL)
                return;
        assert_int_equal(f->flags & (PIC__F_REQUIRED | PIC__F_SECRET), 0);
        assert_int_equal(pic__field_parse(f, f->def, &v, NULL), 0);
        text = pic__field_print(f, &v);
        assert_string_equal(text, f->def);
        pic__val_clear(&v);
}

static void tables(void **state)
{
        size_t k, i;

        (void)state;
        for (k = 0; k < PIC__KINDS; k++) {
                assert_true(plain(pic__kinds[k].name));
                assert_true(pic__kinds[k].count <= PIC__FIELDS_MAX);
                assert_true(plain(pic__kinds[k].plural));
                assert_true((pic__kinds[k].fields[0].flags & PIC__F_NAME) != 0);
                for (i = 0; i < pic__kinds[k].count; i++) {
                        one_field(&pic__kinds[k], i);
                        assert_int_equal((pic__kinds[k].fields[i].flags & PIC__F_NAME) != 0, i == 0);
                }
        }
}

/* What other rooms and people rely on. */
static void contract(void **state)
{
        static const char *const fields[] = { "cell.listen_port", "cell.net4",          "cell.upstreams",
                                              "cell.device",      "group.access",       "peer.tunnel",
                                              "peer.key_mode",    "peer.preshared_key", "peer.config_shown",
                                              "peer.created" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(fields); i++) {
                char kind[16];
                size_t n = strcspn(fields[i], ".");

                snprintf(kind, sizeof(kind), "%.*s", (int)n, fields[i]);
                assert_true(pic__field_find((enum pic__kind)pic__kind_find(kind), fields[i] + n + 1) >= 0);
        }
}

RUN(T(tables), T(contract))
