/* Shows: wg-easy's database becomes a server and devices; what has no place in a cell is told; a stranger's schema is
 * read as a table or not at all, and takes no longer than it may. */
#include "files.h"

#include <sqlite3.h>

#include "household/wgeasy.h"

static void sql(const char *text)
{
        sqlite3 *db = NULL;
        char *why = NULL;

        assert_int_equal(sqlite3_open(path_of("db"), &db), SQLITE_OK);
        if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
                fail_msg("%s", why);
        sqlite3_close(db);
}

static void server(int firewall)
{
        char text[2000];

        snprintf(text, sizeof(text),
                 EASY_TABLES
                 "INSERT INTO interfaces_table VALUES('wg0','eth0',51825,'%s','%s','10.8.0.0/24','fd00:1::/112',"
                 "1420,NULL,'auto',%d);"
                 "INSERT INTO user_configs_table VALUES('wg0','[\"9.9.9.9\"]','[\"0.0.0.0/0\"]',"
                 "'easy.example.org',51820);",
                 key(100), pub(100), firewall);
        sql(text);
}

static void client(const char *name, uint8_t n, const char *sets)
{
        char text[2000];

        snprintf(text, sizeof(text),
                 "INSERT INTO clients_table(interface_id,name,ipv4_address,ipv6_address,private_key,public_key,"
                 "pre_shared_key,server_allowed_ips,persistent_keepalive) "
                 "VALUES('wg0','%s','10.8.0.%u','fd00:1::%x','%s',"
                 "'%s','%s','[]',25); UPDATE clients_table SET %s WHERE name='%s';",
                 name, n, n, key(n), pub(n), key((uint8_t)(n + 50)), sets, name);
        sql(text);
}

static int read_it(pic_error **err)
{
        return pic__wgeasy_db(&h, path_of("db"), "wg-easy.db", err);
}

static void good(void **state)
{
        (void)state;
        server(0);
        client("phone", 2, "id=id");
        client("nas", 3,
               "server_allowed_ips='[\"192.168.7.0/24\"]', dns='[\"1.1.1.1\"]', allowed_ips='[\"10.8.0.0/24\"]'");
        client("off", 4, "enabled=0, expires_at='2030-01-01 00:00:00', server_endpoint='a:1', post_up='reboot'");
        assert_int_equal(read_it(NULL), 0);
        is(h.private_key, key(100));
        assert_int_equal(h.listen_port, 51825);
        assert_int_equal(h.host_port, 51820);
        is(h.host, "easy.example.org");
        assert_int_equal(h.net[1].len, 112);
        is_address(&h.own[0], "10.8.0.1");
        assert_int_equal(h.devices.count, 3);
        is(dev(0)->was, "phone");
        is(dev(0)->tunnel, "full");
        assert_int_equal(dev(0)->keepalive, 25);
        is(dev(0)->preshared, key(52));
        is(dev(0)->access, NULL);
        assert_int_equal(dev(1)->allowed_count, 3);
        is(dev(1)->tunnel, "split");
        assert_int_equal(h.dns_count, 2);
        assert_int_equal(dev(2)->disabled, 1);
        is(dev(2)->expires, "2030-01-01T00:00:00Z");
        assert_told(LOST, "wg-easy.db:0: off: a cell waits to be called");
        assert_told(LOST, "wg-easy.db:0: off: post_up is a command and is never run here: reboot");
}

static void rest(void **state)
{
        (void)state;
        server(1);
        sql("INSERT INTO interfaces_table(name) VALUES('wg9');"
            "UPDATE interfaces_table SET routing_table='7', h1='99' WHERE name='wg0';"
            "CREATE TABLE hooks_table(id text, pre_up text, post_up text);"
            "INSERT INTO hooks_table VALUES('wg0','','iptables -F');"
            "CREATE TABLE users_table(username text, password text, role integer, totp_key text, oauth_provider text);"
            "INSERT INTO users_table VALUES('root','argon',1,'JBSW','github');"
            "CREATE TABLE one_time_links_table(id integer, one_time_link text);"
            "INSERT INTO one_time_links_table VALUES(3,'sesame');"
            "CREATE TABLE general_table(metrics_prometheus integer, metrics_json integer, metrics_password text);"
            "INSERT INTO general_table VALUES(1,0,NULL); CREATE TABLE odd(x)");
        client("cam", 5, "firewall_ips='[\"192.168.1.10:443/tcp\",\"x\"]'");
        client("own", 6, "allowed_ips='[\"10.0.0.0/8\"]'");
        client("default", 7, "id=id");
        client("bad", 8, "firewall_ips='{', allowed_ips='[[]]'");
        assert_int_equal(read_it(NULL), 0);
        is(dev(0)->access, "192.168.1.10:tcp/443");
        is(dev(1)->access, "10.0.0.0/8");
        is(dev(2)->access, "internet,lan,peers");
        is(dev(3)->access, "");
        assert_told(CHANGED, "wg-easy.db:0: cam: the firewall there confined it: it may reach 192.168.1.10:tcp/443");
        assert_told(LOST, "wg-easy.db:0: cam: clients_table.firewall_ips: 'x' cannot be said");
        assert_told(CHANGED, "wg-easy.db:0: bad: the firewall there confined it: it may reach nothing");
        assert_told(LOST, "wg-easy.db:0: : a second interface, 'wg9'");
        assert_told(LOST, "wg-easy.db:0: : a routing table of its own");
        assert_told(LOST, "wg-easy.db:0: : settings of AmneziaWG");
        assert_told(LOST, "wg-easy.db:0: : post_up is a command and is never run here: iptables -F");
        assert_told(LOST, "wg-easy.db:0: : user 'root' (admin): not taken");
        assert_told(UNSAFE, "wg-easy.db:0: : the second factor of 'root'");
        assert_told(LOST, "wg-easy.db:0: : 'root' logged in by github");
        assert_told(UNSAFE, "wg-easy.db:0: : a link that gives the configuration of client 3");
        assert_told(UNSAFE, "wg-easy.db:0: : metrics that anybody could read");
        assert_told(LOST, "wg-easy.db:0: : table 'odd' is not known");
        untold("sesame");
        untold("JBSW");
        untold("argon");
}

static void refuse(const char *what)
{
        pic_error *err = NULL;

        assert_int_equal(read_it(&err), PIC_SYNTAX);
        assert_non_null(strstr(pic_error_message(err), what));
        pic_error_free(err);
}

static void hostile(void **state)
{
        static const char head[] = "SQLite format 3";

        (void)state;
        put("db", "no database at all, but longer than a header of one is, which has a hundred bytes: 0123456789");
        refuse("is no database of wg-easy 15");
        put_bytes("db", head, sizeof(head), 0600);
        refuse("is no database");
        unlink(path_of("db"));
        sql("CREATE TABLE x(y)");
        refuse("its tables are not there");
        /* a program under that name */
        sql("CREATE VIEW interfaces_table AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x "
            "FROM c");
        refuse("its tables are not there");
        unlink(path_of("db"));
        server(0);
        sql("DROP TABLE clients_table; CREATE VIEW clients_table AS SELECT * FROM interfaces_table");
        refuse("is no database of wg-easy 15");
        sql("DROP VIEW clients_table; CREATE TABLE clients_table(interface_id text, x)");
        sql("INSERT INTO clients_table VALUES('wg0', zeroblob(900000)),('wg0',NULL),(NULL,NULL)");
        assert_int_equal(read_it(NULL), 0);
        assert_int_equal(h.devices.count, 2); /* without a key: settle leaves them out */
}

int main(void)
{
        const struct CMUnitTest tests[] = { DIR_TEST(good), DIR_TEST(rest), DIR_TEST(hostile) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
