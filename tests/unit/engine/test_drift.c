/* What others did: repaired and told, or told and left alone but for what keeps packets out. */
#include "fixture.h"

static const char *const yes[] = { "repair", "true", NULL }, *const no[] = { "repair", "false", NULL };
static const char *const access_all[] = { "access", "internet", NULL };

static cell c;
static pic__engine *e;

static int set_up(void **state)
{
        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        return pic__engine_apply(e, NULL, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        pic__engine_unref(e);
        cell_drop(&c);
        return 0;
}

static void leave_alone(void)
{
        cell_set(&c, PIC__CELL, "home", no);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
}

static void harm(enum pic__item_kind kind, const char *key, const char *value)
{
        assert_int_equal(pic__fake_tamper(e->backends[pic__item_kinds[kind].backend], kind, key, value), 0);
}

static int there(enum pic__item_kind kind, const char *key)
{
        char v[200];

        return cell_value(e, kind, key, v, sizeof(v)) != NULL;
}

static int keep(const pic__journal_row *row, void *data)
{
        pic__buf *b = data;

        if (strcmp(row->verb, "repair") == 0 || strcmp(row->verb, "drift") == 0)
                pic__buf_putf(b, "%s %s %s\n", row->actor, row->verb, row->text);
        return 0;
}

/* Rows of these verbs, a line each. */
static void assert_rows(const char *want)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        assert_int_equal(pic__store_journal(e->store, 0, 1000, keep, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), want);
}

static size_t look(void)
{
        size_t found = 99;

        assert_int_equal(pic__engine_look(e, &found, NULL), 0);
        pic__engine_tell_drift(e, "agent");
        return found;
}

#define ANNA "10.77.0.3"
#define MARK "0xc2700000" /* of who may reach internet */
#define GONE "add nft peer4 " ANNA " " MARK " (peer anna)"
#define DOWN "add route link pic0 up mtu=1420 (cell)"

static void test_repaired(void **state)
{
        size_t i;

        (void)state;
        assert_int_equal(look(), 0);
        assert_rows(""); /* what the first apply did is no repair */
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        assert_int_equal(look(), 1);
        assert_rows("agent repair repaired what others changed: " GONE "\n");
        assert_settled(e);
        for (i = 0; i < 5; i++) { /* somebody does it again and again: the log has each, the journal one */
                harm(PIC__I_NFT_PEER4, ANNA, NULL);
                assert_int_equal(look(), 1);
        }
        assert_rows("agent repair repaired what others changed: " GONE "\n");
        for (i = 0; i < 100; i++) { /* with another text each time */
                char key[32];

                snprintf(key, sizeof(key), "10.77.7.%zu", i);
                harm(PIC__I_NFT_PEER4, key, MARK);
                assert_int_equal(look(), 1);
        }
        assert_int_equal(pic__store_last_seq(e->store), 2 + 20);
}

/* A change is none, nor what a start finds. */
static void test_wishes_are_none(void **state)
{
        (void)state;
        cell_add_peer(&c, "bert", NULL);
        assert_true(look() > 0);
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        pic__engine_unref(e);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        pic__engine_tell_drift(e, "agent");
        assert_true(there(PIC__I_NFT_PEER4, ANNA));
        cell_add_peer(&c, "carl", NULL);
        pic__fake_fail_at(e->backends[PIC__B_WG], 1);
        assert_true(pic__engine_apply(e, NULL, NULL) < 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0); /* looks at everything */
        pic__engine_tell_drift(e, "agent");
        assert_rows("");
}

/* What could not be put right at once is told when it is. */
static void test_at_last(void **state)
{
        size_t found;

        (void)state;
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        pic__fake_fail_at(e->backends[PIC__B_ROUTE], 1);
        assert_int_equal(pic__engine_look(e, &found, NULL), PIC_BACKEND);
        pic__engine_tell_drift(e, "agent");
        pic__fake_fail_at(e->backends[PIC__B_ROUTE], 0);
        assert_int_equal(look(), 1);
        assert_rows("agent repair repaired what others changed: " DOWN "; " GONE "\n"
                    "agent repair repaired what others changed: " DOWN "\n");
}

static void test_left_alone(void **state)
{
        (void)state;
        leave_alone();
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        assert_int_equal(look(), 2);
        assert_int_equal(look(), 0); /* no news */
        assert_false(there(PIC__I_NFT_PEER4, ANNA));
        assert_false(there(PIC__I_ROUTE_LINK, "pic0"));
        assert_int_equal(e->drift.left, 2);
        assert_rows("agent drift left alone what others changed: " DOWN "; " GONE "\n");
        assert_false(pic__engine_wants_look(e));
        cell_set(&c, PIC__PEER, "anna", (const char *const[]){ "note", "x", NULL }); /* a change is made all the same */
        cell_add_peer(&c, "bert", NULL);
        (void)look();
        assert_true(there(PIC__I_NFT_PEER4, "10.77.0.4"));
        assert_false(there(PIC__I_NFT_PEER4, ANNA));
        assert_int_equal(e->drift.left, 2);
        cell_set(&c, PIC__CELL, "home", yes);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_true(pic__engine_wants_look(e));
        assert_int_equal(look(), 2);
        assert_false(pic__engine_wants_look(e));
        assert_int_equal(e->drift.left, 0);
        assert_settled(e);
}

/* What was left alone stands in the way of a change: it is made, and all is put right. */
static void test_in_the_way(void **state)
{
        static const char *const off[] = { "enabled", "false", NULL };

        (void)state;
        leave_alone();
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        (void)look();
        cell_set(&c, PIC__PEER, "anna", off); /* takes out what is not there */
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        pic__engine_tell_drift(e, "agent");
        assert_int_equal(e->drift.left, 0);
        assert_settled(e);
        assert_rows("agent drift left alone what others changed: " DOWN "; " GONE "\n"
                    "agent repair repaired what others changed: " DOWN "; " GONE "\n");
}

/* A caller who asks for it has it put right, whatever the cell says. */
static void test_asked(void **state)
{
        (void)state;
        leave_alone();
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        assert_int_equal(look(), 1);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        pic__engine_tell_drift(e, "root");
        assert_rows("agent drift left alone what others changed: " GONE "\n"
                    "root repair repaired what others changed: " GONE "\n");
        assert_int_equal(e->drift.left, 0);
        assert_settled(e);
}

/* The table, a right that nobody gave, one that was widened: taken away at once; the rest stays as it is. */
static void test_block(void **state)
{
        static const struct {
                enum pic__item_kind kind;
                const char *key, *value;
        } holes[] = {
                { PIC__I_NFT_SHAPE, "table", NULL },
                { PIC__I_NFT_SHAPE, "table", "changed" },
                { PIC__I_NFT_PEER4, "10.77.9.9", MARK },
                { PIC__I_NFT_PEER4, ANNA, "0x00770000" },
                { PIC__I_NFT_REACH4, MARK " 192.168.0.1", "accept" },
        };
        size_t i;

        (void)state;
        leave_alone();
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        assert_int_equal(look(), 1);
        for (i = 0; i < PIC__COUNT(holes); i++) {
                harm(holes[i].kind, holes[i].key, holes[i].value);
                assert_int_equal(look(), 1);
                assert_int_equal(e->drift.left, 1);
                assert_false(there(PIC__I_ROUTE_LINK, "pic0"));
                assert_false(e->dirty); /* the next change is no reason to put the rest right */
                cell_add_peer(&c, (char[]){ 'p', (char)('a' + i), '\0' }, NULL);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                assert_false(there(PIC__I_ROUTE_LINK, "pic0"));
        }
        assert_true(there(PIC__I_NFT_SHAPE, "table"));
        assert_false(there(PIC__I_NFT_PEER4, "10.77.9.9"));
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_settled(e);
}

/* Who cannot be looked at makes neither the rest unseen nor everything be put right afterwards. */
static int blind(pic__backend *b, pic__items *out, pic_error **err)
{
        (void)b, (void)out;
        return pic__fail(err, PIC_TIMEOUT, "cannot see");
}

static void test_blind(void **state)
{
        const pic__backend_ops *real = e->backends[PIC__B_DNS]->ops;
        pic__backend_ops ops = *real;

        (void)state;
        leave_alone();
        ops.observe = ops.news = blind;
        e->backends[PIC__B_DNS]->ops = &ops;
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        harm(PIC__I_NFT_SHAPE, "table", NULL);
        assert_int_equal(pic__engine_look(e, NULL, NULL), PIC_TIMEOUT);
        e->backends[PIC__B_DNS]->ops = real;
        assert_true(there(PIC__I_NFT_SHAPE, "table"));
        (void)look();
        assert_false(there(PIC__I_ROUTE_LINK, "pic0"));
        assert_null(e->failure);
}

/* One of each kind; all are there in set_up's cell. */
static const struct {
        enum pic__item_kind kind;
        const char *key, *value;
} harms[] = {
        { PIC__I_NFT_PEER4, ANNA, NULL },
        { PIC__I_NFT_SHAPE, "table", NULL },
        { PIC__I_NFT_REACH4, MARK " 192.168.0.1", "accept" },
        { PIC__I_WG_DEVICE, "pic0", NULL },
        { PIC__I_WG_PEER, "stranger", "allowed= keepalive=0" },
        { PIC__I_ROUTE_LINK, "pic0", NULL },
        { PIC__I_ROUTE_ADDR, "pic0 10.77.0.1/16", NULL },
        { PIC__I_ROUTE_ROUTE, "172.30.9.0/24", "dev=pic0" },
        { PIC__I_ROUTE_SYSCTL, "net.ipv4.ip_forward", "0" },
        { PIC__I_DNS_SERVER, "main", NULL },
        { PIC__I_DNS_RECORD, "anna.home.internal. A", NULL },
};

/* A difference of one subsystem is found, told and put right without reading the others; of two, both are read. */
static void test_one_alone(void **state)
{
        size_t i, k;

        (void)state;
        cell_count(e);
        for (i = 0; i < PIC__COUNT(harms); i++) {
                unsigned part = PIC__PART(pic__item_kinds[harms[i].kind].backend);

                harm(harms[i].kind, harms[i].key, harms[i].value);
                assert_int_equal(cell_drift(e), 1);
                assert_read(e, part);
                assert_int_equal(cell_drift(e), 1); /* still */
                assert_read(e, part);
                assert_int_equal(look(), 1);
                assert_read(e, part);
                assert_int_equal(cell_drift(e), 0);
                assert_int_equal(look(), 0);
                assert_read(e, 0);
                harm(harms[i].kind, harms[i].key, harms[i].value); /* seen by the look first */
                assert_int_equal(look(), 1);
                assert_read(e, part);
                assert_int_equal(cell_drift(e), 0);
                assert_read(e, 0);
        }
        assert_settled(e);
        for (i = 0; i < PIC__COUNT(harms); i++)
                for (k = 0; k < i; k++) {
                        harm(harms[i].kind, harms[i].key, harms[i].value);
                        harm(harms[k].kind, harms[k].key, harms[k].value);
                        cell_count(e);
                        assert_int_equal(look(), 2);
                        assert_read(e, PIC__PART(pic__item_kinds[harms[i].kind].backend) |
                                               PIC__PART(pic__item_kinds[harms[k].kind].backend));
                        assert_settled(e);
                }
}

/* The same where it is left alone: what was left is read again with what is new, and told with it. */
static void test_left_with_new(void **state)
{
        const unsigned route = PIC__PART(PIC__B_ROUTE), dns = PIC__PART(PIC__B_DNS);

        (void)state;
        leave_alone();
        (void)look();
        cell_count(e);
        harm(PIC__I_ROUTE_LINK, "pic0", NULL);
        assert_int_equal(look(), 1);
        assert_read(e, route);
        assert_int_equal(look(), 0);
        assert_read(e, 0);
        harm(PIC__I_DNS_RECORD, "anna.home.internal. A", NULL);
        assert_int_equal(look(), 2);
        assert_read(e, route | dns);
        assert_int_equal(e->drift.left, 2);
        assert_int_equal(cell_drift(e), 2); /* whoever asks is told of what was left, too */
        assert_read(e, route | dns);
        assert_int_equal(look(), 0); /* no news, but after somebody asked it is looked at again */
        assert_read(e, route | dns);
        harm(PIC__I_ROUTE_LINK, "pic0", "up mtu=1420"); /* who did it undoes it */
        assert_int_equal(cell_drift(e), 1);
        cell_count(e);
        assert_int_equal(look(), 1);
        assert_int_equal(e->drift.left, 1);
        harm(PIC__I_DNS_RECORD, "anna.home.internal. A", ANNA);
        assert_int_equal(cell_drift(e), 0);
        (void)look();
        assert_int_equal(e->drift.left, 0);
        cell_count(e);
        assert_int_equal(look(), 0);
        assert_read(e, 0);
        assert_settled(e);
}

/* --- the verb -------------------------------------------------------------------------------------------------- */

static void assert_drift(int repair, const char *want)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        assert_int_equal(pic__engine_drift(e, repair, "root", &j, NULL), 0);
        assert_string_equal(pic__buf_str(&b), want);
}

static void test_verb(void **state)
{
        static const char step[] =
                "{\"verb\":\"add\",\"backend\":\"nft\",\"kind\":\"nft.peer4\",\"key\":\"" ANNA "\",\"before\":null,"
                "\"after\":\"" MARK "\",\"risk\":\"none\",\"reversible\":true,\"object\":\"peer anna\"}";
        char want[1024];

        (void)state;
        assert_drift(0, "{\"revision\":2,\"steps\":[],\"foreign\":[],\"repair\":true,\"repaired\":0}");
        harm(PIC__I_NFT_PEER4, ANNA, NULL);
        assert_int_equal(pic__fake_strange(e->backends[PIC__B_NFT], "info|just so|\nwarning|a hole|mend it\nnonsense"),
                         0);
        snprintf(want, sizeof(want),
                 "{\"revision\":2,\"steps\":[%s],\"foreign\":[{\"level\":\"warning\",\"area\":\"nft\",\"what\":\"a "
                 "hole\","
                 "\"fix\":\"mend it\",\"act\":null},{\"level\":\"info\",\"area\":\"nft\",\"what\":\"just "
                 "so\",\"fix\":\"\",\"act\":null}],\"repair\":"
                 "true,\"repaired\":0}",
                 step);
        assert_drift(0, want);
        assert_false(there(PIC__I_NFT_PEER4, ANNA)); /* looking changes nothing */
        want[strlen(want) - 2] = '1';
        assert_drift(1, want);
        assert_true(there(PIC__I_NFT_PEER4, ANNA));
        assert_rows("root repair repaired what others changed: " GONE "\n");
        assert_int_equal(pic__fake_strange(e->backends[PIC__B_NFT], ""), 0);
        cell_set(&c, PIC__CELL, "home", no);
        pic__engine_unref(e);
        e = cell_open(&c); /* one that has applied nothing looks too */
        assert_drift(0, "{\"revision\":3,\"steps\":[],\"foreign\":[],\"repair\":false,\"repaired\":0}");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_repaired),   TEST(test_wishes_are_none), TEST(test_at_last),       TEST(test_left_alone),
                TEST(test_in_the_way), TEST(test_asked),           TEST(test_block),         TEST(test_blind),
                TEST(test_verb),       TEST(test_one_alone),       TEST(test_left_with_new),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
