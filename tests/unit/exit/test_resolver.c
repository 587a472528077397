/* backend/exit/resolver.c: its text against tests/golden/exit (PIC_TEST_REGENERATE=1 writes them) and
 * unbound-checkconf's opinion of it; a real one asks the cell for the cell's names and everything else through the
 * tunnel. */
#include "world.h"

static const struct sample {
        const char *file;
        const char *value;
        unsigned flags;
        const char *root_key;
} samples[] = {
        { "names-vpn", WG_VALUE, PIC__CARRIER_OWN_DEVICE, "/usr/share/dns/root.key" },
        { "names-root", "name=v type=wireguard " LINKS1 " families=46 " ZONES " dns=", 0, "/usr/share/dns/root.key" },
        { "names-public",
          "name=v type=wireguard " LINKS1
          " families=46 zones=home.internal public=home.example.org/10.1.0.1+fd12:3456:789a::1/wild,"
          "plain.example.org/10.1.0.1 dns=",
          0, "/usr/share/dns/root.key" },
        { "names-own",
          "name=v type=wireguard " LINKS1
          " families=46 zones=home.internal own=nas.example.com/300/A:192.168.1.10+TXT:%2522it%2520is%2522 dns=",
          0, "/usr/share/dns/root.key" },
        { "names-tls",
          "name=v type=ssh " LINKS1
          " families=4 zones=home.internal dns=9.9.9.9#dns.quad9.net,2620:fe::fe#dns.quad9.net",
          PIC__CARRIER_TCP_ONLY, "/usr/share/dns/root.key" },
        { "names-filtered", "name=v type=wireguard " LINKS1 " families=46 zones=home.internal sieve=yes dns=", 0,
          NULL },
        { "names-tor", "name=t type=tor " LINKS1 " families=4 zones=home.internal dns=",
          PIC__CARRIER_TCP_ONLY | PIC__CARRIER_DNS, "/usr/share/dns/root.key" },
};

static void golden(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(samples); i++) {
                pic__auto_buf pic__buf got = PIC__BUF_INIT, want = PIC__BUF_INIT;
                pic__exit_conf c;
                char path[512];

                parse(&c, samples[i].value, NULL);
                pic__resolver_conf(&got, &c, samples[i].flags, samples[i].root_key);
                pic__exit_conf_free(&c);
                assert_false(got.failed);
                snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/exit/%s.conf", samples[i].file);
                if (getenv("PIC_TEST_REGENERATE") != NULL)
                        assert_int_equal(pic__file_write(path, got.data, got.len, 0644, NULL), 0);
                assert_int_equal(pic__file_read(path, 1 << 20, &want, NULL), 0);
                assert_string_equal(got.data, want.data);
        }
}

static void checked_by_unbound(void **state)
{
        (void)state;
        if (!can("unbound-checkconf"))
                skip();
        assert_int_equal(sh("cd %s && for f in " PIC_TEST_DATA
                            "/golden/exit/*.conf; do sed 's|/run/picx|%s|; /trust-anchor/d' "
                            "$f >c && unbound-checkconf c >out || { cat out; exit 1; }; done",
                            world_dir, world_dir),
                         0);
}

/* A server that answers each question for A with the address it was given, and writes down name and asker. */
static void server(const char *where, const char *at, const char *answer, const char *log)
{
        static const char text[] =
                "import socket,sys\n"
                "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind((sys.argv[1],53));f=open(sys.argv[3],'a')\n"
                "while True:\n"
                " q,a=s.recvfrom(2000);i=12;n=[]\n"
                " while q[i]: n.append(q[i+1:i+1+q[i]].decode());i+=1+q[i]\n"
                " t=q[i+1:i+3]\n"
                " f.write('.'.join(n).lower()+' '+a[0]+'\\n');f.flush()\n"
                " r=q[:2]+b'\\x84\\0\\0\\1'+(b'\\0\\1' if t==b'\\0\\1' else b'\\0\\0')+b'\\0\\0\\0\\0'+q[12:i+5]\n"
                " if t==b'\\0\\1': r+=b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4'+socket.inet_aton(sys.argv[2])\n"
                " s.sendto(r,a)\n";
        pic__auto_free char *path = pic__path_join(world_dir, "dns.py");

        assert_int_equal(pic__file_write(path, text, strlen(text), 0600, NULL), 0);
        assert_int_equal(sh("%s /usr/bin/python3 %s/dns.py %s %s %s/%s >%s/%s.err 2>&1 & echo $! >>%s/dns.pid", where,
                            world_dir, at, answer, world_dir, log, world_dir, log, world_dir),
                         0);
}

static const char *dig(const char *question)
{
        return said("dig @169.254.96.6 +short +tries=1 +time=4 %s | tr '\\n' ' '", question);
}

static void through_the_tunnel(void **state)
{
        pic__backend *b;
        char far[200];

        (void)state;
        if (far_open() < 0 || !can("dig"))
                skip();
        snprintf(far, sizeof(far), FAR, world_dir);
        server(far, "10.66.0.1", "198.51.100.77", "far.log");
        b = backend();
        must(b, NULL, WG_VALUE " public=home.example.net/10.1.0.1+fd12:3456:789a::1/wild,plain.example.net/10.1.0.1",
             WG_SECRET);
        server("", "169.254.96.5", "10.1.0.7", "cell.log");
        assert_int_equal(
                sh("for i in 1 2 3 4 5 6 7 8 9; do dig @169.254.96.6 +tries=1 +time=1 ready.example >/dev/null && "
                   "break; sleep 0.2; done"),
                0);
        assert_string_equal(dig("www.example.net A"), "198.51.100.77 ");
        assert_string_equal(dig("+tcp ftp.example.net A"), "198.51.100.77 ");
        assert_string_equal(dig("anna.home.internal A"), "10.1.0.7 ");
        /* The cell's names in the internet are the cell: nobody is asked but for what is beside a plain one. */
        assert_string_equal(dig("home.example.net A"), "10.1.0.1 ");
        assert_string_equal(dig("cloud.home.example.net AAAA"), "fd12:3456:789a::1 ");
        assert_string_equal(dig("plain.example.net A"), "10.1.0.1 ");
        assert_string_equal(dig("www.plain.example.net A"), "198.51.100.77 ");
        assert_int_equal(sh("! grep -q 'home.example\\|^plain.example' %s/far.log && ! grep -q example %s/cell.log",
                            world_dir, world_dir),
                         0);
        /* Not the cell's, and private: the far end is not asked, nobody is. */
        assert_string_equal(dig("-x 192.168.7.7"), "");
        assert_int_equal(sh("grep -q '^www.example.net 10.66.0.2$' %s/far.log && ! grep -q home.internal %s/far.log && "
                            "! grep -q 168.192 %s/far.log && ! grep -q example %s/cell.log && "
                            "grep -q '^anna.home.internal 169.254.96.6$' %s/cell.log",
                            world_dir, world_dir, world_dir, world_dir, world_dir),
                         0);
        /* An address of a private network is no answer from out there. */
        assert_int_equal(sh("kill $(cat %s/dns.pid); sleep 0.1", world_dir), 0);
        server(far, "10.66.0.1", "10.1.0.1", "far2.log");
        assert_int_equal(sh("sleep 0.3"), 0);
        assert_string_equal(dig("rebind.example.net A"), "");
        assert_int_equal(sh("kill $(tail -1 %s/dns.pid)", world_dir), 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden), TEST(checked_by_unbound),
                                            TEST(through_the_tunnel) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
