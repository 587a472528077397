/* backend/front/live.c: names, who may ask, certificates, on a real haproxy. */
#include "world.h"

static void tells(pic__backend *b, const char *command)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, answer = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s\n", command);
        assert_int_equal(pic__front_ask(((pic__front *)b)->dir, &text, 1000, &answer, NULL), 0);
}

static void maps(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        assert_string_equal(seen(b), "main=" VALUE);
        must(b, HOST, "home.internal", NULL, "page");
        must(b, PEER, "10.1.0.2", NULL, "anna");
        must(b, PEER, "fd12:3456:789a::2", NULL, "anna");
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page;10.1.0.2=anna;fd12:3456:789a::2=anna");
        must(b, PEER, "10.1.0.2", "anna", "bert");
        must(b, PEER, "fd12:3456:789a::2", "anna", NULL);
        must(b, PEER, "fd12:3456:789a::2", "anna", NULL); /* gone is gone */
        must(b, PEER, "10.1.0.2", NULL, "cleo");          /* never two of one address */
        assert_string_equal(seen(b), "main=" VALUE ";home.internal=page;10.1.0.2=cleo");
        assert_int_equal(step_of(b, PEER, "10.1.0.9", "a", "b", NULL), PIC_BACKEND);
        assert_int_equal(step_of(b, HOST, "x;y", NULL, "page", NULL), PIC_INVALID);
        assert_int_equal(step_of(b, HOST, "x", NULL, "a b", NULL), PIC_INVALID);
        b->ops->free(b);
}

/* More than one command holds. */
static void many(void **state)
{
        enum { MANY = 3000 };
        static char keys[MANY][24];
        static pic__item items[MANY];
        static pic__step steps[MANY];
        pic__auto_items pic__items found = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        size_t done = 0;
        int i;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        for (i = 0; i < MANY; i++) {
                snprintf(keys[i], sizeof(keys[i]), "10.1.%d.%d", 1 + i / 200, i % 200);
                items[i] = (pic__item){ .kind = PEER, .key = keys[i], .value = "a-device" };
                steps[i] = (pic__step){ PIC__ADD, PEER, NULL, &items[i] };
        }
        assert_int_equal(b->ops->apply(b, steps, MANY, &done, NULL), 0);
        assert_int_equal(done, MANY);
        assert_int_equal(b->ops->observe(b, &found, NULL), 0);
        assert_int_equal(found.count, MANY + 1);
        for (i = 0; i < MANY; i++)
                steps[i] = (pic__step){ PIC__REMOVE, PEER, &items[i], NULL };
        assert_int_equal(b->ops->apply(b, steps, MANY, &done, NULL), 0);
        assert_int_equal(done, MANY);
        assert_string_equal(seen(b), "main=" VALUE);
        b->ops->free(b);
}

static void own(void **state)
{
        pic__backend *b = backend();
        pic__front_fact fact;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, CERT, "front", NULL, OWN_VALUE);
        assert_string_equal(seen(b), "main=" VALUE ";front=" OWN_VALUE);
        assert_int_equal(world_issued, 1);
        must(b, CERT, "front", OWN_VALUE, OWN_VALUE "22");
        assert_string_equal(seen(b), "main=" VALUE ";front=" OWN_VALUE "22");
        world_refuses = 1;
        assert_int_equal(step_of(b, CERT, "front", OWN_VALUE "22", OWN_VALUE, NULL), PIC_NOTFOUND);
        world_now += 25 * 86400 * PIC__SECOND;
        b->ops->tick(b); /* fails, and the one that is good stays */
        assert_string_equal(seen(b), "main=" VALUE ";front=" OWN_VALUE "22");
        world_refuses = 0;
        b->ops->tick(b);
        assert_int_equal(world_issued, 2); /* not before a minute is over */
        world_now += 61 * PIC__SECOND;
        b->ops->tick(b);
        assert_int_equal(world_issued, 3);
        b->ops->front(b, &fact);
        assert_true(fact.serving && fact.until == world_now + 30 * 86400 * PIC__SECOND);
        b->ops->free(b);
        b = backend(); /* another agent: it knows what is there, and when it is due */
        assert_string_equal(seen(b), "main=" VALUE ";front=" OWN_VALUE "22");
        world_now += 25 * 86400 * PIC__SECOND;
        b->ops->tick(b);
        assert_int_equal(world_issued, 4);
        world_now -= 700 * 86400 * PIC__SECOND; /* the clock ran ahead, and is put right */
        b->ops->tick(b);
        b->ops->tick(b);
        assert_int_equal(world_issued, 5);
        must(b, CERT, "front", OWN_VALUE "22", NULL);
        assert_string_equal(seen(b), "main=" VALUE);
        assert_int_equal(step_of(b, CERT, "blog", NULL, OWN_VALUE, NULL), PIC_INVALID);
        assert_int_equal(step_of(b, CERT, "front", NULL, "own root=1", NULL), PIC_INVALID);
        b->ops->free(b);
}

static void others(void **state)
{
        pic__auto_wipe pic__buf one = PIC__BUF_SECRET, two = PIC__BUF_SECRET, mixed = PIC__BUF_SECRET;
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        char serial[PIC__X509_HEX], other[PIC__X509_HEX], value[96], text[256];
        pic__backend *b = backend();

        (void)state;
        make_secret(&one, serial);
        make_secret(&two, other);
        must(b, SERVER, "main", NULL, VALUE);
        snprintf(value, sizeof(value), "serial=%s", serial);
        if (with_key(b, "blog", PIC__ADD, value, &one, &err) != 0)
                fail_msg("%s", pic_error_message(err));
        snprintf(text, sizeof(text), "main=" VALUE ";blog=%s", value);
        assert_string_equal(seen(b), text);
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        assert_memory_equal(items.at[items.count - 1].secret, one.data, one.len); /* it was us who told */
        { /* an agent was killed between telling it and having it taken */
                pic__auto_wipe pic__buf pem = PIC__BUF_SECRET, command = PIC__BUF_SECRET, said = PIC__BUF_INIT;
                pic_time until;

                assert_int_equal(issue("home.internal", &pem, &until, NULL, NULL), 0);
                pic__buf_putf(&command, "set ssl cert blog <<\n%s\n", pic__buf_str(&pem));
                assert_int_equal(pic__front_ask(((pic__front *)b)->dir, &command, 2000, &said, NULL), 0);
                assert_non_null(strstr(pic__buf_str(&said), "created"));
                must(b, CERT, "front", NULL, OWN_VALUE);
                must(b, CERT, "front", OWN_VALUE, NULL);
        }
        /* a key that is not its own: the one that is there stays */
        pic__buf_put(&mixed, one.data, (size_t)(strchr(one.data, '\n') + 1 - one.data));
        pic__buf_puts(&mixed, strchr(two.data, '\n') + 1);
        assert_true(with_key(b, "blog", PIC__CHANGE, value, &mixed, &err) < 0);
        assert_string_equal(seen(b), text);
        snprintf(value, sizeof(value), "serial=%s", other);
        pic_error_free(pic__take(err));
        if (with_key(b, "blog", PIC__CHANGE, value, &two, &err) != 0)
                fail_msg("%s", pic_error_message(err));
        snprintf(text, sizeof(text), "main=" VALUE ";blog=%s", value);
        assert_string_equal(seen(b), text);
        /* by somebody else */
        tells(b, "del ssl crt-list certs blog");
        assert_int_equal(b->ops->news(b, &items, NULL), 1);
        assert_string_equal(seen(b), "main=" VALUE);
        assert_int_equal(with_key(b, "blog", PIC__ADD, value, &two, NULL), 0);
        assert_int_equal(with_key(b, "blog", PIC__REMOVE, value, &two, NULL), 0);
        assert_string_equal(seen(b), "main=" VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(maps), TEST(many), TEST(own), TEST(others) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
