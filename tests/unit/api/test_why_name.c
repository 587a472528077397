/* Shows: a name of the internet is judged as the internet is where no list has it; a name of the cell's own that is
 * misspelt is told as ever. What lists do: tests/scenario/test_blocks.py. */
#include "../../api/world.h"

static void is(world *w, const char *to, const char *word)
{
        pic_error *err = NULL;
        pic_report *r = NULL;

        ok(pic_why_get(w->ctx, "anna", to, 0, &r, &err));
        if (strstr(pic_report_text(r), word) == NULL)
                fail_msg("%s: %s", to, pic_report_text(r));
        pic_report_unref(r);
}

static void names(void **state)
{
        static const char *const may[] = { "access", "internet", NULL };
        static const char *const list[] = { "source", "/nowhere", NULL };
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", may, &err));
        is(&w, "www.example.com", "\"allowed\":true");
        is(&w, "www.example.com:udp/443", "\"rule\":\"internet\"");
        ok(world_add(&w, "blocklist", "ads", list, &err)); /* which nobody could read */
        is(&w, "www.example.com", "\"allowed\":true");
        refused(pic_why_get(w.ctx, "anna", "nobody.home.internal", 0, &r, &err), PIC_NOTFOUND, "there is no peer");
        refused(pic_why_get(w.ctx, "anna", "bob", 0, &r, &err), PIC_NOTFOUND, "there is no peer");
        refused(pic_why_get(w.ctx, "nobody", "www.example.com", 0, &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_why_get(w.ctx, "anna", "www.example.com:tcp/x", 0, &r, &err), PIC_VALUE, "port");
        ok(world_set(&w, "peer", "anna", "access", "", &err));
        is(&w, "www.example.com", "\"allowed\":false");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
