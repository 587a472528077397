/* Owns: how a command reads what the library told it, and shows it. */
#include "cli/told.h"

const char *told_str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

json_int_t told_num(const json_t *o, const char *key)
{
        return json_integer_value(json_object_get(o, key));
}

int told_is(const json_t *o, const char *key)
{
        return json_is_true(json_object_get(o, key));
}

int told_answer(const struct cli *cli, pic_report *report, void (*show)(const json_t *root))
{
        int good = pic_report_good(report);
        json_t *root;

        if (cli->json) {
                (void)cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        root = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        if (root == NULL)
                return cli_refuse(cli, PIC_NOMEM, "out of memory");
        show(root);
        json_decref(root);
        return good ? EXIT_DONE : EXIT_REFUSED;
}
