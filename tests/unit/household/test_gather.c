/* Shows: from a path, what product's household it is and which files say what; several servers, none, archives and
 * links are refused with what to do. */
#include "files.h"

#include <sqlite3.h>

#include "household/gather.h"

static char text[4000];

static void put_server(const char *name, uint8_t n)
{
        snprintf(text, sizeof(text),
                 "[Interface]\nPrivateKey=%s\nAddress=10.8.0.1/24\nListenPort=51820\n"
                 "[Peer]\nPublicKey=%s\nAllowedIPs=10.8.0.2/32\n[Peer]\nPublicKey=%s\nAllowedIPs=10.8.0.3/32\n",
                 key(n), pub(1), pub(2));
        put(name, text);
}

static void put_client(const char *name, uint8_t n, uint8_t of)
{
        snprintf(text, sizeof(text),
                 "[Interface]\nPrivateKey=%s\nAddress=10.8.0.2/32\n[Peer]\nPublicKey=%s\nEndpoint=a.example.org:51820\n"
                 "AllowedIPs=0.0.0.0/0\n",
                 key(n), pub(of));
        put(name, text);
}

static void good(const char *path)
{
        pic_error *err = NULL;

        if (pic__household_gather(&h, path, &err) < 0)
                fail_msg("%s", pic_error_message(err));
}

static void refuse(const char *path, int code, const char *what)
{
        pic_error *err = NULL;

        assert_int_equal(pic__household_gather(&h, path, &err), code);
        if (strstr(pic_error_message(err), what) == NULL)
                fail_msg("%s", pic_error_message(err));
        pic_error_free(err);
        pic__household_free(&h);
        pic__household_init(&h, NOW);
}

static void is_told(enum pic__tale tale, const char *file, const char *what)
{
        char line[600];

        snprintf(line, sizeof(line), "%s:0: : %s", path_of(file), what);
        if (!told(tale, line)) {
                print_all();
                fail_msg("not told: %s", line);
        }
}

static void wg_quick(void **state)
{
        (void)state;
        put_server("wg0.conf", 100);
        put_client("clients/anna.conf", 1, 100);
        put_client("clients/gone.conf", 9, 100);
        put_client("mullvad.conf", 8, 77);
        put("other.conf", "x = 1\n");
        put("templates/server.conf", "[Interface]\nListenPort = 51820\nPrivateKey = ${KEY}\n");
        put("publickey", "x");
        good(root);
        is(h.product, "wg-quick");
        assert_int_equal(h.devices.count, 2);
        is(dev(0)->was, "anna");
        is(dev(0)->name, "anna");
        is(dev(0)->private_key, key(1));
        is(dev(1)->name, "device");
        is(h.host, "a.example.org");
        is_told(PIC__TALE_LOST, "clients/gone.conf", "the server knows no device");
        is_told(PIC__TALE_LOST, "mullvad.conf", "is not of this server");
        is_told(PIC__TALE_LOST, "other.conf", "is no file for wg-quick");
        is_told(PIC__TALE_NOTE, "publickey", "a file that was not read");
}

static void which(void **state)
{
        (void)state;
        put_server("wg0.conf", 100);
        put_server("wg1.conf", 101);
        put_client("a.conf", 1, 101);
        refuse(root, PIC_CONFLICT, "are both servers' files");
        refuse(path_of("a.conf"), PIC_SYNTAX, "is no server's file, but a device's");
        good(path_of("wg1.conf"));
        is(h.private_key, key(101));
        is(dev(0)->private_key, key(1));
        is_told(PIC__TALE_LOST, "wg0.conf", "is not of this server");
}

static void pivpn(void **state)
{
        (void)state;
        put_server("wireguard/wg0.conf", 100);
        snprintf(text, sizeof(text), "anna %s 1 2\n", pub(1));
        put("wireguard/configs/clients.txt", text);
        put("pivpn/wireguard/setupVars.conf", "pivpnHOST=p.example.org\npivpnPERSISTENTKEEPALIVE=25\n");
        good(path_of("wireguard"));
        is(h.product, "pivpn");
        is(dev(0)->name, "anna");
        assert_int_equal(dev(0)->keepalive, 25);
        is(h.host, "p.example.org");
}

static void wg_easy(void **state)
{
        sqlite3 *db = NULL;

        (void)state;
        snprintf(text, sizeof(text),
                 "{\"server\":{\"privateKey\":\"%s\",\"address\":\"10.8.0.1\"},\"clients\":{\"x\":{\"name\":\"anna\","
                 "\"address\":\"10.8.0.2\",\"publicKey\":\"%s\"}}}",
                 key(100), pub(1));
        put("wg0.json", text);
        put("wg0.conf", "[Interface]\nListenPort = 51877\n");
        good(root);
        is(h.product, "wg-easy 14");
        assert_int_equal(h.listen_port, 51877);
        is(dev(0)->name, "anna");
        pic__household_free(&h);
        pic__household_init(&h, NOW);
        assert_int_equal(sqlite3_open(path_of("wg-easy.db"), &db), SQLITE_OK);
        snprintf(text, sizeof(text),
                 EASY_TABLES
                 "INSERT INTO interfaces_table(name,private_key,ipv4_cidr) VALUES('wg0','%s','10.8.0.0/24')",
                 key(101));
        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        good(root);
        is(h.product, "wg-easy 15");
        is(h.private_key, key(101));
        assert_int_equal(pic__household_count(&h, PIC__TALE_NOTE), 3); /* wg0.json was not read; no host, no device */
        pic__household_free(&h);
        pic__household_init(&h, NOW);
        good(path_of("wg0.json"));
        is(h.product, "wg-easy 14");
        pic__household_free(&h);
        pic__household_init(&h, NOW);
        good(path_of("wg-easy.db"));
        is(h.product, "wg-easy 15");
}

static void python_cell(void **state)
{
        (void)state;
        put("config/api/cell_config.json", "{}");
        put_server("config/wireguard/wg0.conf", 100);
        good(root);
        is(h.product, "pic");
        assert_int_equal(h.devices.count, 2);
        is_told(PIC__TALE_LOST, "config/wireguard", "of that cell its WireGuard server and devices are taken");
}

static void refused(void **state)
{
        (void)state;
        refuse(root, PIC_SYNTAX, "there is no server's file among 0");
        put("a.tgz", "\x1f\x8b\x08");
        refuse(path_of("a.tgz"), PIC_UNSUPPORTED, "is a compressed archive");
        put("a.age", "age-encryption.org/v1\n");
        refuse(path_of("a.age"), PIC_UNSUPPORTED, "is encrypted");
        put("a.json", " {}");
        refuse(path_of("a.json"), PIC_SYNTAX, "is no wg0.json");
        put("a.conf", "x");
        refuse(path_of("a.conf"), PIC_SYNTAX, "is no server's file");
        put("a.db", "SQLite format 3");
        refuse(path_of("a.db"), PIC_SYNTAX, "a.db");
        refuse(path_of("none"), PIC_NOTFOUND, "none");
        put("b.conf", "[Interface]\nListenPort=1\n");
        refuse(root, PIC_SYNTAX, "there is no server's file among 2");
        refuse(path_of("b.conf"), PIC_SYNTAX, "the server has no private key");
}

int main(void)
{
        const struct CMUnitTest tests[] = { DIR_TEST(wg_quick), DIR_TEST(which),       DIR_TEST(pivpn),
                                            DIR_TEST(wg_easy),  DIR_TEST(python_cell), DIR_TEST(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
