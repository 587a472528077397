/* Shows: the profile is a property list that an independent reader reads, with the root in it, and the same each time.
 */
#include "../../api/world.h"

static void profile(void **state)
{
        static const char script[] =
                "import plistlib,sys; p=plistlib.load(open('p','rb')); c=p['PayloadContent'][0]; "
                "assert p['PayloadType']=='Configuration' and c['PayloadType']=='com.apple.security.root'; "
                "assert c['PayloadContent']==open('d','rb').read(); import uuid; "
                "assert len({str(uuid.UUID(p['PayloadUUID'])),str(uuid.UUID(c['PayloadUUID']))})==2";
        pic_blob *a = NULL, *b = NULL, *der = NULL;
        pic_error *err = NULL;
        char line[1024], path[128];
        FILE *f;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_ca_get(w.ctx, PIC_CA_PROFILE, &a, &err));
        ok(pic_ca_get(w.ctx, PIC_CA_PROFILE, &b, &err));
        ok(pic_ca_get(w.ctx, PIC_CA_DER, &der, &err));
        assert_string_equal(pic_blob_data(a), pic_blob_data(b));
        snprintf(path, sizeof(path), "%s/p", w.dir);
        assert_non_null(f = fopen(path, "w"));
        assert_int_equal(fwrite(pic_blob_data(a), 1, pic_blob_size(a), f), pic_blob_size(a));
        fclose(f);
        snprintf(path, sizeof(path), "%s/d", w.dir);
        assert_non_null(f = fopen(path, "w"));
        assert_int_equal(fwrite(pic_blob_data(der), 1, pic_blob_size(der), f), pic_blob_size(der));
        fclose(f);
        snprintf(line, sizeof(line), "cd %s && python3 -c \"%s\"", w.dir, script);
        assert_int_equal(system(line), 0);
        pic_blob_unref(a);
        pic_blob_unref(b);
        pic_blob_unref(der);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(profile) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
