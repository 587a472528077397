/* Shows: a connection gets the lowest number that is free, and never another one; one that comes back gets a new one
 * when its own is taken; WireGuard keys are made, and follow what is given. */
#include "../../api/world.h"

#include "change/run.h"
#include "model/key.h"
#include "store/store.h"
#include "sys/crypto.h"

#define FAR "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw="
#define OWN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="

static const char *const tor[] = { "type", "tor", NULL };
static const char *const wg[] = { "type",      "wireguard",    "endpoint", "far.example.net:51820", "peer_key", FAR,
                                  "addresses", "10.64.0.2/32", NULL };

static void undo(world *w, pic_revision revision)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;

        ok(pic_edit_new(w->ctx, &e, &err));
        ok(pic_edit_undo(e, revision, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
}

static void slots(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "a", tor, &err)); /* 2 */
        ok(world_add(&w, "connection", "b", tor, &err));
        ok(world_add(&w, "connection", "c", tor, &err));
        world_is(&w, "connection", "a", "slot", "1");
        world_is(&w, "connection", "c", "slot", "3");
        ok(world_remove(&w, "connection", "b", &err)); /* 5 */
        ok(world_add(&w, "connection", "d", tor, &err));
        world_is(&w, "connection", "d", "slot", "2");
        undo(&w, 5);
        world_is(&w, "connection", "b", "slot", "4");
        ok(world_set(&w, "connection", "b", "name", "bb", &err));
        world_is(&w, "connection", "bb", "slot", "4");
        ok(world_remove(&w, "connection", "a", &err)); /* 9 */
        undo(&w, 9);
        world_is(&w, "connection", "a", "slot", "1"); /* still free: the same */
        refused(world_set(&w, "connection", "a", "slot", "9", &err), PIC_DENIED, "slot: is set by the cell itself");
        refused(world_set(&w, "connection", "a", "type", "block", &err), PIC_DENIED, "type: cannot change");
        world_end(&w);
}

/* Back to a whole state: what is there keeps its number, what comes back takes what is free. */
static void going_back(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "a", tor, &err)); /* 2 */
        ok(world_add(&w, "connection", "b", tor, &err)); /* 3: 1 and 2 */
        ok(world_remove(&w, "connection", "a", &err));
        ok(world_add(&w, "connection", "c", tor, &err)); /* 5: 1 */
        undo(&w, 4);                                     /* a: 3 */
        world_is(&w, "connection", "a", "slot", "3");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_return(e, 3, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "connection", "a", "slot", "3");
        world_is(&w, "connection", "b", "slot", "2");
        world_end(&w);
}

static void any_order(void **state)
{
        static const char text[] = "cell: {exit: all}\n"
                                   "groups: {kids: {exit: t}}\n"
                                   "peers: {anna: {groups: [kids]}, bob: {exit: direct, failopen: yes}}\n"
                                   "connections:\n"
                                   "  all: {members: [w, t], type: group}\n"
                                   "  w: {addresses: [10.64.0.2/32], endpoint: 'far.example.net:1', peer_key: '" FAR
                                   "', private_key: '" OWN "', type: wireguard-ext}\n"
                                   "  t: {type: tor}\n";
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_obj *o = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(world_load(&w, text, 0, &err));
        world_is(&w, "connection", "all", "members", "w,t"); /* as it was written */
        world_is(&w, "connection", "w", "type", "wireguard");
        world_is(&w, "cell", NULL, "exit", "all");
        world_is(&w, "connection", "w", "private_key", NULL);
        ok(world_load(&w, text, PIC_LOAD_PRUNE, &err));
        ok(pic_export_get(w.ctx, 0, &report, &err));
        assert_null(strstr(pic_report_text(report), OWN));
        assert_null(strstr(pic_report_text(report), "private_key:"));
        assert_non_null(strstr(pic_report_text(report), "secrets: [private_key]"));
        assert_non_null(strstr(pic_report_text(report), "members: [w, t]"));
        pic_report_unref(report);
        ok(pic_get(w.ctx, "connection", "w", &o, &err));
        json = pic_obj_json(o);
        assert_null(strstr(json, "private_key"));
        pic_text_free(json);
        pic_obj_unref(o);
        world_end(&w);
}

static void keys(void **state)
{
        pic_error *err = NULL;
        uint8_t secret[32] = { 0 }, public_key[32];
        char *made, *again, text[PIC__KEY_TEXT];
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "m", wg, &err));
        made = world_get(&w, "connection", "m", "public_key");
        assert_non_null(made);
        ok(world_set(&w, "connection", "m", "note", "x", &err));
        world_is(&w, "connection", "m", "public_key", made);
        ok(world_set(&w, "connection", "m", "private_key", NULL, &err)); /* a new one */
        again = world_get(&w, "connection", "m", "public_key");
        assert_string_not_equal(made, again);
        ok(world_set(&w, "connection", "m", "private_key", OWN, &err)); /* 5 */
        assert_int_equal(pic__key_decode(OWN, secret), 0);
        pic__wg_public(secret, public_key);
        pic__key_encode(public_key, text);
        world_is(&w, "connection", "m", "public_key", text);
        undo(&w, 5);
        world_is(&w, "connection", "m", "public_key", again);
        refused(world_set(&w, "connection", "m", "public_key", text, &err), PIC_DENIED, "is set by the cell itself");
        refused(world_set(&w, "connection", "m", "private_key", "hunter2", &err), PIC_VALUE, "private_key: must be");
        refused(world_set(&w, "connection", "m", "profile", "x", &err), PIC_SYNTAX, "profile");
        pic_text_free(made);
        pic_text_free(again);
        world_end(&w);
}

static void twice(void **state)
{
        const char *fields[13];
        pic_error *err = NULL;
        world w;

        (void)state;
        memcpy(fields, wg, sizeof(wg));
        fields[8] = "private_key";
        fields[9] = OWN;
        fields[10] = NULL;
        world_init(&w);
        ok(world_add(&w, "connection", "m", fields, &err));
        refused(world_add(&w, "connection", "n", fields, &err), PIC_EXISTS, "that of connection m");
        ok(world_add(&w, "connection", "n", wg, &err)); /* with a key of its own */
        refused(world_set(&w, "connection", "n", "endpoint", "10.77.0.9:1", &err), PIC_CONFLICT, "come back here");
        refused(world_set(&w, "cell", NULL, "endpoint", "far.example.net:51820", &err), PIC_CONFLICT, "own endpoint");
        world_end(&w);
}

static void in_use(void **state)
{
        static const char *const kids[] = { "exit", "m", NULL }, *const staff[] = { "exit", "t", NULL };
        static const char *const anna[] = { "groups", "kids", NULL }, *const all[] = { "type", "group", "members",
                                                                                       "m,t", NULL };
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "m", tor, &err));
        ok(world_add(&w, "connection", "t", tor, &err));
        ok(world_add(&w, "connection", "all", all, &err));
        ok(world_add(&w, "group", "kids", kids, &err));
        ok(world_add(&w, "group", "staff", staff, &err));
        ok(world_add(&w, "peer", "anna", anna, &err));
        assert_int_equal(world_remove(&w, "connection", "m", &err), PIC_INUSE);
        assert_string_equal(pic_error_detail(err, "users"), "all,kids");
        pic_error_free(err);
        err = NULL;
        /* two ways for one device: by its groups, and by a change of one of them */
        refused(world_set(&w, "peer", "anna", "groups", "kids,staff", &err), PIC_CONFLICT, "a device leaves by one");
        ok(world_set(&w, "group", "staff", "exit", "m", &err));
        ok(world_set(&w, "peer", "anna", "groups", "kids,staff", &err));
        refused(world_set(&w, "group", "staff", "exit", "t", &err), PIC_CONFLICT, "a device leaves by one");
        ok(world_set(&w, "peer", "anna", "exit", "direct", &err));
        ok(world_set(&w, "group", "staff", "exit", "t", &err));
        /* a member that becomes a group by another hand's name */
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_remove(e, "connection", "t", &err));
        ok(pic_edit_add(e, "connection", "t", &err));
        ok(pic_edit_set(e, "connection", "t", "type", "group", &err));
        ok(pic_edit_set(e, "connection", "t", "members", "m", &err));
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_VALUE, "is a group itself");
        pic_edit_unref(e);
        ok(world_set(&w, "connection", "m", "name", "mm", &err));
        world_is(&w, "connection", "all", "members", "mm,t");
        world_is(&w, "group", "kids", "exit", "mm");
        world_end(&w);
}

/* --- a host that uses some ------------------------------------------------------------------------------------ */

static int host_slots(uint8_t *taken, pic_error **err)
{
        (void)err;
        taken[1] = taken[2] = taken[4] = 1;
        return 0;
}

static int host_all(uint8_t *taken, pic_error **err)
{
        (void)err;
        memset(taken, 1, 256);
        return 0;
}

static int add(pic__store *st, const char *name, int (*taken)(uint8_t *, pic_error **), pic_error **err)
{
        const pic__run_opts opts = { .clock = &pic__clock_real, .host_slots = taken };
        const int type = pic__field_find(PIC__CONNECTION, "type");
        const pic__op ops[] = {
                { .wish = PIC__WISH_ADD, .kind = PIC__CONNECTION, .name = name },
                { .wish = PIC__WISH_SET, .kind = PIC__CONNECTION, .name = name, .field = type, .text = "tor" },
        };
        pic__wishes w = { .documents = 0 };
        pic__txn *t = NULL;
        int r;

        assert_int_equal(pic__wish_push(&w, &ops[0], NULL), 0);
        assert_int_equal(pic__wish_push(&w, &ops[1], NULL), 0);
        assert_int_equal(pic__txn_begin(st, "me", "api", &t, NULL), 0);
        r = pic__change_run(&w, st, t, &opts, err);
        if (r == 0)
                r = pic__txn_commit(t, NULL, err);
        else
                pic__txn_abort(t);
        pic__wishes_free(&w);
        return r;
}

static void host(void **state)
{
        pic__store *st = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic__store_open(w.dir, 1000, &pic__clock_real, &st, &err));
        ok(add(st, "a", host_slots, &err));
        ok(add(st, "b", host_slots, &err));
        world_is(&w, "connection", "a", "slot", "3");
        world_is(&w, "connection", "b", "slot", "5");
        refused(add(st, "c", host_all, &err), PIC_CONFLICT, "connection c: there is no number left");
        pic__store_unref(st);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(slots), cmocka_unit_test(going_back), cmocka_unit_test(any_order),
                cmocka_unit_test(keys),  cmocka_unit_test(twice),      cmocka_unit_test(in_use),
                cmocka_unit_test(host),
        };

        return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
