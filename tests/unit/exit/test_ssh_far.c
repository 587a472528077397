/* Ways out by a real sshd. */
#include "farends.h"

#define SSH                       \
        "name=s type=ssh " LINKS1 \
        " families=4 zones=home.internal remote=%s:2222 endpoint=%s:2222 user=%s host_key=%s dns=" WEB4

#define TESTER "anna"

static char host_key[512], key[2048], other_key[2048];

static const char *value(const char *far, const char *user, const char *with_key)
{
        static char text[2][2048];
        static int which;

        which = !which;
        snprintf(text[which], sizeof(text[0]), SSH, far, far, user, with_key);
        return text[which];
}

static const char *secret(const char *with_key, const char *password)
{
        static char text[4096];

        snprintf(text, sizeof(text), "key=%s password=%s", with_key, password);
        return text;
}

/* A password is a user's of the machine: sshd gets a machine of its own as far as it looks, the same way a container
 * would. */
static pid_t start_sshd(void)
{
        static const char script[] = "set -e; cd \"$1\"; mount -n --bind passwd /etc/passwd; mount -n --bind shadow "
                                     "/etc/shadow; mount -n -t tmpfs tmpfs /run; mkdir /run/sshd; "
                                     "exec /usr/sbin/sshd -D -e -f \"$1/sshd.conf\"";
        const char *argv[] = { "unshare", "--mount", "sh", "-c", script, "sh", far_dir, NULL };

        return far_run(argv);
}

static int prepare(void)
{
        return shell("set -e; cd %s; for k in hostkey host2 id id2; do ssh-keygen -q -t ed25519 -N '' -f $k; done; "
                     "cut -d' ' -f1,2 hostkey.pub | tr -d '\\n' >hostkey.line; cut -d' ' -f1,2 host2.pub | tr -d '\\n' "
                     ">host2.line; cp id.pub auth; chmod 644 auth; printf 'Port 2222\\nListenAddress " FAR4
                     "\\nListenAddress " FAR6 "\\nHostKey %s/hostkey\\nAuthorizedKeysFile %s/auth\\nStrictModes no\\n"
                     "UsePAM no\\nPidFile none\\nPermitRootLogin prohibit-password\\n' >sshd.conf; "
                     "printf 'root:x:0:0::/:/bin/sh\\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\\n" TESTER
                     ":x:1000:1000::/:/usr/sbin/nologin\\n' >passwd; chmod 644 passwd; printf "
                     "'root:*:19000:0:99999:7:::\\nsshd:!:19000:0:99999:7:::\\n" TESTER ":%%s:19000:0:99999:7:::\\n' "
                     "\"$(openssl passwd -6 \"pa ss'\\\"w\\$\")\" >shadow; chmod 600 shadow",
                     far_dir, far_dir, far_dir);
}

/* Whom it waits for: the far end, whether it is connected or about to be. */
static void awaits(pic__backend *b, const char *address)
{
        pic__far_end ends[PIC__FAR_ENDS];
        char text[PIC__ADDR_TEXT];

        assert_int_equal(b->ops->awaited(b, "1", ends), 1);
        assert_string_equal(pic__addr_print(&ends[0].addr, text), address);
        assert_int_equal(ends[0].port, 2222);
        assert_int_equal(b->ops->awaited(b, "2", ends), 0);
}

static void by_key(void **state)
{
        const char *v = value(FAR4, "root", host_key), *six = value("[" FAR6 "]", "root", host_key);
        pic__backend *b = backend();

        (void)state;
        step(b, NULL, v, secret(key, ""));
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 4000);
        awaits(b, FAR4);
        assert_string_equal(fetch(WEB4, 99, 1000), "");                                     /* nobody is there */
        assert_int_not_equal(shell("cat %s/exit1-*.log | grep -q '" WEB4 "'", far_log), 0); /* who visits what */
        powerless(b);
        assert_string_equal(ask_exit("who.example.net"), "192.0.2.99");
        assert_string_equal(fetch(WEB6, 80, 1000), "refused: Connection refused");
        step(b, v, six, secret(key, ""));
        fetch_until(WEB4, 80, "you are " WEB4, 4000);
        /* Each program dies, and comes back. */
        awaits(b, FAR6);
        signal_one(pid_of(b, "ssh"), SIGKILL);
        nap(50);
        awaits(b, FAR6);
        assert_string_equal(fetch(WEB4, 80, 300), "");
        comes_back(b, "you are " WEB4, 5000);
        signal_one(pid_of(b, "redsocks"), SIGKILL);
        nap(50);
        assert_string_equal(fetch(WEB4, 80, 300), "refused: Connection refused");
        comes_back(b, "you are " WEB4, 5000);
        step(b, six, NULL, NULL);
        b->ops->free(b);
}

static void by_password(void **state)
{
        const char *v = value(FAR4, TESTER, host_key), *w;
        pic__backend *b = backend();

        (void)state;
        step(b, NULL, v, secret("", "pa%20ss'\"w$"));
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 4000);
        step(b, v, w = value(FAR4, TESTER, host_key), secret("", "wrong"));
        fault_until(b, "the far end does not let us in", 8000);
        step(b, w, NULL, NULL);
        b->ops->free(b);
}

static void refusals(void **state)
{
        const char *v = value(FAR4, "root", host_key), *w;
        char other[512];
        pic__backend *b = backend();

        (void)state;
        step(b, NULL, v, secret(other_key, ""));
        fault_until(b, "the far end does not let us in", 4000);
        read_word("host2.line", other, sizeof(other));
        step(b, v, w = value(FAR4, "root", other), secret(key, ""));
        fault_until(b, "the far end has another host key", 4000);
        routes();
        assert_string_equal(fetch(WEB4, 80, 500), "");
        step(b, w, NULL, NULL);
        b->ops->free(b);
}

/* Silent from one moment to the next: ssh finds out within 6 s, and says so. */
static void silent(void **state)
{
        const char *v = value(FAR4, "root", host_key);
        pic__backend *b = backend();

        (void)state;
        step(b, NULL, v, secret(key, ""));
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 4000);
        assert_int_equal(shell("printf 'table inet w {\\n chain d {\\n type filter hook forward priority 0\\n iifname "
                               "wan0 drop\\n "
                               "}\\n}\\n' | nft -f -"),
                         0);
        fault_until(b, "the far end does not answer any more", 8000);
        assert_int_equal(shell("nft flush chain inet w d"), 0);
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

static unsigned since(const struct timespec *from)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (unsigned)((now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000);
}

/* Killed again and again, and a far end that refused for a while: what stood is tried again soon. */
static void soon(void **state)
{
        const char *v = value(FAR4, "root", host_key);
        pic__backend *b = backend();
        struct timespec from;
        int i;

        (void)state;
        step(b, NULL, v, secret(key, ""));
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 4000);
        look_after(b);
        for (i = 0; i < 3; i++) {
                signal_one(pid_of(b, "ssh"), SIGKILL);
                clock_gettime(CLOCK_MONOTONIC, &from);
                nap(20);
                comes_back(b, "you are " WEB4, 5000);
                printf("killed: back after %u ms\n", since(&from));
                assert_true(since(&from) < 4000);
        }
        assert_int_equal(shell("printf 'table inet w {\n chain d {\n type filter hook forward priority 0\n tcp dport "
                               "2222 reject with tcp reset\n }\n}\n' | nft -f -"),
                         0);
        clock_gettime(CLOCK_MONOTONIC, &from);
        while (since(&from) < 12000) {
                look_after(b);
                nap(100);
        }
        assert_int_equal(shell("nft flush chain inet w d"), 0);
        clock_gettime(CLOCK_MONOTONIC, &from);
        comes_back(b, "you are " WEB4, 7000);
        printf("far end is there again: back after %u ms\n", since(&from));
        assert_true(since(&from) < 7000);
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

int main(void)
{
        static const char *const programs[] = { "redsocks", "ssh",     "sshd", "ssh-keygen",
                                                "openssl",  "unbound", "dig",  NULL };
        const struct CMUnitTest tests[] = { FAR_TEST(by_key), FAR_TEST(by_password), FAR_TEST(refusals), FAR_TEST(soon),
                                            FAR_TEST(silent) }; /* last: it leaves the web server waiting */
        int r = far_open(programs);

        if (r != 0)
                return r;
        if (prepare() != 0) {
                far_close();
                return 77;
        }
        start_sshd();
        far_kept = far_count;
        read_word("hostkey.line", host_key, sizeof(host_key));
        read_word("id", key, sizeof(key));
        read_word("id2", other_key, sizeof(other_key));
        r = cmocka_run_group_tests(tests, NULL, NULL);
        far_close();
        return r;
}
