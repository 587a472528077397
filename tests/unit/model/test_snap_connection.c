/* Shows: loops, keys of others, the same far end twice, groups in groups, and devices that would leave two ways are
 * found, each with what it is in conflict with. */
#include "help.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY2 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHho="
#define KEY3 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhs="
#define FAR "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw="

static pic__snap *home(void)
{
        pic__snap *s = snap();

        put(s, CELL("public_key=" KEY2, "endpoint=cell.example.org:51820"));
        put(s, obj("peer", 1, "name=anna", "address4=10.1.0.2", "public_key=" KEY, "subnets=192.168.7.0/24", NULL));
        put(s, obj("connection", 1, "name=mullvad", "type=wireguard", "peer_key=" FAR, "public_key=" KEY3, NULL));
        put(s, obj("connection", 2, "name=both", "type=group", "members=mullvad", NULL));
        put(s, obj("group", 1, "name=kids", "exit=mullvad", NULL));
        put(s, obj("group", 2, "name=staff", "exit=both", NULL));
        put(s, obj("group", 3, "name=rest", NULL));
        put(s, obj("group", 4, "name=free", "exit=direct", NULL));
        return s;
}

static void finds_(pic_obj *o, int code, const char *want, int line)
{
        pic__snap *s = home();
        pic__auto_err pic_error *err = NULL;
        int r = pic__snap_check(s, o, &err);

        if (r != code || pic__err_count(err) != (want != NULL) || (want != NULL && !says(err, want)))
                fail_msg("line %d: %d, %zu findings: %s", line, r, pic__err_count(err), pic_error_message(err));
        if (want != NULL)
                assert_non_null(pic_error_hint(err) != NULL ? pic_error_hint(err) : pic_error_detail(err, "rule"));
        pic__obj_unref(o);
        pic__snap_unref(s);
}
#define finds(o, code, want) finds_((o), (code), (want), __LINE__)
#define NEW(...) obj("connection", 9, "name=m", __VA_ARGS__, NULL)

static void loops(void **state)
{
        (void)state;
        finds(NEW("type=ssh", "endpoint=192.0.2.1:22"), 0, NULL);
        finds(NEW("type=ssh", "endpoint=other.example.org:22"), 0, NULL);
        finds(NEW("type=ssh", "endpoint=Cell.example.org:22"), PIC_CONFLICT, "is the cell's own endpoint: its packets");
        finds(NEW("type=ssh", "endpoint=10.1.0.1:22"), PIC_CONFLICT, "is inside the cell's network 10.1.0.0/16");
        finds(NEW("type=ssh", "endpoint=[fd00:1::7]:22"), PIC_CONFLICT, "is inside the cell's network fd00:1::/48");
        finds(NEW("type=ssh", "endpoint=192.168.7.9:22"), PIC_CONFLICT, "is behind peer anna");
        finds(NEW("type=ssh", "endpoint=anna.home.internal:22"), PIC_CONFLICT, "is a name of this cell");
        finds(NEW("type=ssh", "endpoint=home.internal:22"), PIC_CONFLICT, "is a name of this cell");
        finds(NEW("type=ssh", "endpoint=xhome.internal:22"), 0, NULL);
        finds(NEW("type=openvpn", "remotes=a.example.org:1/udp,10.1.0.9:2/tcp"), PIC_CONFLICT,
              "remotes: '10.1.0.9:2/tcp' is inside");
}

static void keys(void **state)
{
        (void)state;
        finds(NEW("type=wireguard", "peer_key=" KEY), PIC_CONFLICT, "peer_key: '" KEY "' is the key of peer anna");
        finds(NEW("type=wireguard", "public_key=" KEY), PIC_CONFLICT, "public_key: '" KEY "' is the key of peer anna");
        finds(NEW("type=wireguard", "peer_key=" KEY2), PIC_CONFLICT, "is the key of this cell itself");
        finds(NEW("type=wireguard", "peer_key=" FAR, "public_key=" KEY3), PIC_EXISTS,
              "with the same private key, that of connection mullvad");
        finds(NEW("type=wireguard", "peer_key=" FAR), 0, NULL);    /* two keys at one provider */
        finds(NEW("type=wireguard", "public_key=" KEY3), 0, NULL); /* two servers of one provider */
        finds(obj("connection", 1, "name=mullvad", "type=wireguard", "peer_key=" FAR, "public_key=" KEY3, NULL), 0,
              NULL);
}

static void members(void **state)
{
        (void)state;
        finds(NEW("type=group", "members=mullvad"), 0, NULL);
        finds(NEW("type=group", "members=both"), PIC_VALUE, "members: 'both' is a group itself");
        finds(NEW("type=group", "members=nobody"), PIC_NOTFOUND, "members: 'nobody' is no connection of this cell");
}

#define PEER(...) obj("peer", 9, "name=bob", __VA_ARGS__, NULL)

static void exits(void **state)
{
        (void)state;
        finds(PEER("groups=kids,rest"), 0, NULL);
        finds(PEER("groups=kids,staff"), PIC_CONFLICT,
              "groups: 'staff' has the exit both, but group kids has mullvad: a device leaves by one");
        finds(PEER("groups=free,kids"), PIC_CONFLICT, "groups: 'kids' has the exit mullvad, but group free has direct");
        finds(PEER("groups=kids,staff", "exit=mullvad"), 0, NULL);
        finds(PEER("groups=kids,staff", "exit=direct"), 0, NULL);
        finds(PEER("exit=nobody"), PIC_NOTFOUND, "exit: 'nobody' is no connection of this cell");
        finds(obj("group", 9, "name=g", "exit=nobody", NULL), PIC_NOTFOUND, "is no connection");
}

/* The cell's own exit is a reference like others; so is everything when all is judged. */
static void whole(void **state)
{
        pic__snap *s = home();
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__snap_check(s, NULL, NULL), 0);
        put(s, CELL("exit=nobody"));
        put(s, obj("peer", 2, "name=bob", "groups=kids,free", NULL));
        assert_int_equal(pic__snap_check(s, NULL, &err), PIC_NOTFOUND);
        assert_int_equal(pic__err_count(err), 2);
        assert_true(says(err, "cell home: exit: 'nobody' is no connection of this cell") &&
                    says(err, "a device leaves"));
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(loops), cmocka_unit_test(keys), cmocka_unit_test(members),
                                            cmocka_unit_test(exits), cmocka_unit_test(whole) };

        return cmocka_run_group_tests_name("snap_connection", tests, NULL, NULL);
}
