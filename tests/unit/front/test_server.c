/* backend/front/server.c: start, find again, change, take away, ports of others; on a real haproxy. */
#include "world.h"

static int listens(const char *address, int port)
{
        char command[200];

        snprintf(command, sizeof(command), "ss -Hltn src '%s' sport = :%d | grep -q .", address, port);
        return sh(command) == 0;
}

/* The agent was restarted: the same one goes on. */
static void adopted(void **state)
{
        pic__backend *b = backend();
        char path[128];
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, HOST, "home.internal", NULL, "page");
        pid = pid_of(b);
        b->ops->free(b);
        b = backend();
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page");
        assert_int_equal(pid_of(b), pid);
        assert_int_equal(step_of(b, SERVER, "main", NULL, VALUE, NULL), PIC_CONFLICT);
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/haproxy/haproxy.pid", world_dir); /* it was never written */
        assert_int_equal(unlink(path), 0);
        b = backend();
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page");
        assert_int_equal(pid_of(b), pid);
        b->ops->free(b);
        /* its stamp says another item than what it runs with: nobody knows, so it is made anew */
        snprintf(path, sizeof(path), "%s/haproxy/server", world_dir);
        assert_int_equal(pic__file_write(path, MOVED, strlen(MOVED), 0600, NULL), 0);
        b = backend();
        assert_string_equal(seen(b), "main=;home.internal=page");
        must(b, SERVER, "main", "", VALUE);
        assert_int_not_equal(pid_of(b), pid);
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page");
        b->ops->free(b);
}

/* To other addresses, with all that it was told. */
static void changes(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(step_of(b, SERVER, "main", VALUE, MOVED, NULL), PIC_NOTFOUND);
        assert_int_equal(step_of(b, HOST, "home.internal", NULL, "page", NULL), PIC_NOTFOUND);
        must(b, SERVER, "main", NULL, VALUE);
        must(b, CERT, "front", NULL, OWN_VALUE);
        must(b, PEER, "10.1.0.2", NULL, "anna");
        assert_true(listens("10.1.0.1", 80) && listens("10.1.0.1", 443) && listens("[fd12:3456:789a::1]", 443));
        assert_false(listens("192.0.2.1", 443) || listens("0.0.0.0", 443) || listens("127.0.0.1", 443));
        must(b, SERVER, "main", VALUE, MOVED);
        assert_true(listens("10.2.0.1", 443) && !listens("10.1.0.1", 443));
        assert_string_equal(seen(b), "main=" MOVED ";front=" OWN_VALUE ";10.1.0.2=anna");
        must(b, SERVER, "main", MOVED, NULL);
        assert_string_equal(seen(b), "");
        assert_false(listens("10.2.0.1", 443));
        must(b, SERVER, "main", MOVED, NULL); /* gone is gone */
        must(b, PEER, "10.1.0.2", "anna", NULL);
        b->ops->free(b);
}

/* Nothing it could do harm with: a user of its own without any capability, and no file of ours is open to it. */
static void has_nothing(void **state)
{
        pic__backend *b = backend();
        char command[300];

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        snprintf(command, sizeof(command),
                 "grep -q '^Uid:\t61120\t61120\t61120\t61120' /proc/%d/status && test \"$(grep -c "
                 "'^Cap\\(Prm\\|Eff\\|Amb\\):\t0000000000000000$' /proc/%d/status)\" = 3 && "
                 "grep -q 'NoNewPrivs:\t1' /proc/%d/status && grep -q '^Groups:\t *$' /proc/%d/status",
                 (int)pid_of(b), (int)pid_of(b), (int)pid_of(b), (int)pid_of(b));
        assert_int_equal(sh(command), 0);
        b->ops->free(b);
}

/* Somebody else has the port: it counts as there, it is said, and it comes when it can. */
static void taken(void **state)
{
        pic__backend *b = backend();
        pic__front_fact fact;
        pid_t other;
        char text[32];
        FILE *p;
        int i;

        (void)state;
        p = popen("socat -u TCP4-LISTEN:443,bind=10.1.0.1,reuseaddr OPEN:/dev/null >/dev/null 2>&1 & echo $!", "r");
        assert_non_null(fgets(text, sizeof(text), p));
        pclose(p);
        other = (pid_t)strtol(text, NULL, 10);
        for (i = 0; i < 100 && !listens("10.1.0.1", 443); i++)
                usleep(20000);
        must(b, SERVER, "main", NULL, VALUE);
        must(b, HOST, "home.internal", NULL, "page");
        must(b, HOST, "other", NULL, "page");
        must(b, HOST, "other", "page", NULL);
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page");
        b->ops->front(b, &fact);
        assert_false(fact.serving);
        assert_non_null(strstr(fact.trouble, "port is taken"));
        assert_non_null(strstr(fact.mend, "ss -ltnp"));
        for (i = 0; i < PIC__FRONT_ASK_EVERY; i++)
                b->ops->tick(b);
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page");
        kill(other, SIGKILL);
        usleep(100000);
        for (i = 0; i < PIC__FRONT_ASK_EVERY; i++)
                b->ops->tick(b);
        assert_string_equal(seen(b), ""); /* so it is missing, and comes */
        assert_int_equal(b->ops->drain(b), 1);
        for (i = 0; i < 50 && step_of(b, SERVER, "main", NULL, VALUE, NULL) == PIC_BUSY; i++)
                usleep(100000);
        b->ops->front(b, &fact);
        assert_true(fact.serving);
        b->ops->free(b);
}

static void explains(void **state)
{
        pic__auto_err pic_error *err = NULL;
        char taken_text[] =
                "[NOTICE]   (1) : haproxy version is 2.6.12\n[ALERT]    (1) : Starting frontend web: cannot bind "
                "socket (Address already in use) [10.1.0.1:443]\n[ALERT]    (1) : [haproxy.main()] Some "
                "protocols failed to start their listeners! Exiting.\n",
             wrong[] = "[ALERT]    (1) : config : Fatal errors found in configuration.\n", nothing[] = "";

        (void)state;
        assert_int_equal(pic__front_explain(taken_text, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "[10.1.0.1:443]"));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__front_explain(wrong, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "config : Fatal"));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__front_explain(nothing, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "says nothing"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(adopted), TEST(changes), TEST(has_nothing), TEST(taken),
                                            cmocka_unit_test(explains) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
