/* Prints all kinds of things and their fields: what a form, a table or a command line can be made from.   show_schema
 */
#include <pic/pic.h>
#include <stdio.h>

static void show_field(const char *kind, size_t i)
{
        const char *choices = pic_field_choices(kind, i), *place = pic_field_placeholder(kind, i);
        const char *def = pic_field_default(kind, i);
        unsigned flags = pic_field_flags(kind, i);

        printf("  %-14s %-9s %s%s%s%s%s\n", pic_field_name(kind, i), pic_field_type(kind, i), pic_field_help(kind, i),
               (flags & PIC_FIELD_REQUIRED) != 0 ? " [needed]" : "",
               (flags & PIC_FIELD_SYSTEM) != 0 ? " [the cell's]" : "",
               (flags & PIC_FIELD_SECRET) != 0 ? " [secret]" : "", (flags & PIC_FIELD_LIST) != 0 ? " [list]" : "");
        printf("  %-14s %-9s %s%s%s\n", "", "",
               choices != NULL ? choices
               : place != NULL ? place
                               : "",
               def != NULL ? ", else " : "", def != NULL ? def : "");
}

int main(void)
{
        static const char *const features[] = { "world.fake",   "world.real",  "wg.kernel",
                                                "wg.userspace", "dns.unbound", "qr.png" };
        const char *kind;
        size_t k, i;

        printf("libpic %s, compiled against %s\n", pic_version(), PIC_VERSION);
        for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
                printf("  %s: %s\n", features[i], pic_has_feature(features[i]) ? "yes" : "no");
        for (k = 0; (kind = pic_kind_at(k)) != NULL; k++) {
                printf("%s\n", pic_kind_plural(kind));
                for (i = 0; i < pic_field_count(kind); i++)
                        show_field(kind, i);
        }
        return 0;
}
