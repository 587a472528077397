/* Shows: any past state comes back as it was, secrets too; what must be forgotten is. */
#include "help.h"

/* As many changes of as many kinds as a dice makes; after each the whole state is noted, and found again later. */
static uint64_t dice = 88172645463325252u;

static unsigned roll(unsigned sides)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)((dice >> 11) % sides);
}

static void put_all(const pic__snap *s, pic__buf *out)
{
        pic__json j = PIC__JSON(out);
        int kind;

        for (kind = 0; kind < PIC__KINDS; kind++) {
                const pic_obj *o;
                size_t at = 0;
                pic_id id;

                for (id = 1; id < 100; id++) {
                        o = pic__snap_get(s, (enum pic__kind)kind, id);
                        if (o == NULL)
                                continue;
                        pic__obj_json(o, &j);
                        pic__buf_puts(out, pic__obj_has(o, "name") && kind == PIC__PEER
                                                   ? pic__obj_text(o, "private_key")
                                                   : "");
                        pic__buf_putc(out, '\n');
                }
                (void)at;
        }
}

static char *state_now(pic__store *st)
{
        pic__buf b = PIC__BUF_INIT;
        pic__snap *s = NULL;

        needs(pic__snap_new(&s, &err));
        needs(pic__store_load(st, s, NULL, &err));
        put_all(s, &b);
        pic__snap_unref(s);
        return pic__buf_steal(&b);
}

static char *state_at(pic__store *st, pic_revision revision)
{
        pic__buf b = PIC__BUF_INIT;
        pic__snap *s = NULL;

        needs(pic__snap_new(&s, &err));
        needs(pic__store_at(st, revision, s, &err));
        put_all(s, &b);
        pic__snap_unref(s);
        return pic__buf_steal(&b);
}

static void change_something(pic__txn *t, unsigned i)
{
        char name[16], note[32];
        pic_obj *o = NULL;
        int there;

        snprintf(name, sizeof(name), "p%u", roll(8));
        snprintf(note, sizeof(note), "n%u", i);
        there = pic__txn_get(t, PIC__PEER, name, &o, NULL) == 0;
        pic__obj_unref(o);
        if (!there) {
                put_obj(t, obj(PIC__PEER, "name", name, "note", note, "private_key", "c2VhbGVk", NULL));
                return;
        }
        if (roll(4) == 0)
                needs(pic__txn_remove(t, PIC__PEER, name, &err));
        else
                change(t, PIC__PEER, name, roll(2) ? "note" : "access", roll(3) ? "lan" : "internet");
}

static void any_state(void **state)
{
        enum { CHANGES = 300 };
        static char *seen[CHANGES + 2];
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        unsigned i;
        pic_revision r, last;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        last = commit(t);
        seen[last] = state_now(st);
        for (i = 0; i < CHANGES; i++) {
                unsigned n = 1 + roll(3);

                t = begin(st);
                while (n-- > 0)
                        change_something(t, i * 4 + n);
                r = commit(t);
                if (r > last)
                        seen[r] = state_now(st);
                last = r;
                test_now += PIC__SECOND;
        }
        for (r = 1; r <= last; r++) {
                char *then = state_at(st, r);

                assert_string_equal(then, seen[r]);
                pic__free(then);
                pic__free(seen[r]);
        }
        pic__store_unref(st);
}

static void one_object(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_obj *o = NULL;
        pic_id id;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        id = put_obj(t, obj(PIC__PEER, "name", "anna", "note", "a", NULL));
        commit(t);
        t = begin(st);
        change(t, PIC__PEER, "anna", "note", "b");
        change(t, PIC__PEER, "anna", "note", "c"); /* twice in one: there was no b */
        commit(t);
        t = begin(st);
        needs(pic__txn_remove(t, PIC__PEER, "anna", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM \"peer.past\""), 2);
        needs(pic__store_obj_at(st, PIC__PEER, id, 1, &o, &err));
        assert_string_equal(pic__obj_text(o, "note"), "a");
        o = pic__obj_unref(o);
        needs(pic__store_obj_at(st, PIC__PEER, id, 2, &o, &err));
        assert_string_equal(pic__obj_text(o, "note"), "c");
        /* and back again, under the id it had */
        o->revision = 0;
        t = begin(st);
        assert_int_equal(put_obj(t, o), id);
        commit(t);
        o = NULL;
        needs(pic__store_obj_at(st, PIC__PEER, id, 3, &o, &err));
        assert_null(o);
        needs(pic__store_obj_at(st, PIC__PEER, id, 4, &o, &err));
        assert_string_equal(pic__obj_text(o, "note"), "c");
        pic__obj_unref(o);
        pic__store_unref(st);
}

static void forgetting(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_id id;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        id = put_obj(t, obj(PIC__PEER, "name", "anna", "private_key", "c2VhbGVk", NULL));
        commit(t);
        t = begin(st);
        change(t, PIC__PEER, "anna", "note", "x");
        change(t, PIC__PEER, "anna", "private_key", NULL);
        needs(pic__txn_forget(t, PIC__PEER, id, "private_key", "c2VhbGVk", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM \"peer.past\" WHERE private_key IS NOT NULL"), 0);
        assert_int_equal(number(st, "SELECT count(*) FROM \"peer.past\""), 1);
        pic__store_unref(st);
}

static void when(void **state)
{
        pic__store *st = new_store();
        pic_revision r = 0;
        pic__snap *s = NULL;
        int64_t seq = 0;
        pic__txn *t;
        unsigned i;

        (void)state;
        for (i = 0; i < 5; i++) {
                t = begin(st);
                if (i == 0)
                        add_cell(t, "10.1.0.0/16");
                put_obj(t, obj(PIC__GROUP, "name", (const char *[]){ "a", "b", "c", "d", "e" }[i], NULL));
                commit(t);
                test_now += 10 * PIC__SECOND;
        }
        refused(PIC_NOTFOUND, pic__store_revision_at(st, NOON - 1, &r, &err), NULL);
        needs(pic__store_revision_at(st, NOON, &r, &err));
        assert_int_equal(r, 1);
        needs(pic__store_revision_at(st, NOON + 25 * PIC__SECOND, &r, &err));
        assert_int_equal(r, 3);
        needs(pic__store_revision_at(st, NOON * 2, &r, &err));
        assert_int_equal(r, 5);
        needs(pic__store_seq_of(st, 1, &seq, &err));
        assert_int_equal(seq, 1);
        needs(pic__store_seq_of(st, 3, &seq, &err));
        assert_int_equal(seq, 4);
        needs(pic__store_seq_of(st, 99, &seq, &err));
        assert_int_equal(seq, 7);
        needs(pic__snap_new(&s, &err));
        refused(PIC_NOTFOUND, pic__store_at(st, 0, s, &err), NULL);
        refused(PIC_NOTFOUND, pic__store_at(st, 6, s, &err), NULL);
        pic__snap_unref(s);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(any_state), STORE_TEST(one_object), STORE_TEST(forgetting),
                                            STORE_TEST(when) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
