/* keeper/xml.c: what servers list is read, and what is no list is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/xml.h"

/* "<a|b>" for tags, text in front of them. */
static void walked(const char *xml, const char *expected)
{
        pic__auto_buf pic__buf all = PIC__BUF_INIT;
        enum pic__xml_what what;
        pic__xml x;

        pic__xml_start(&x, xml, strlen(xml));
        while ((what = pic__xml_next(&x)) > 0)
                pic__buf_putf(&all, "%s%c%s ", pic__buf_str(&x.text), what == PIC__XML_OPEN ? '<' : '>', x.name);
        pic__buf_puts(&all, what == PIC__XML_END ? "end" : "bad");
        assert_string_equal(pic__buf_str(&all), expected);
        pic__xml_end(&x);
}

static void lists(void **state)
{
        (void)state;
        walked("<?xml version=\"1.0\"?><D:a xmlns:D='DAV:>'><b/>t&amp;x<!-- <c> --></D:a>", "<a <b >b t&x>a end");
        walked("<a>1<![CDATA[<2>]]>3</a>", "<a 1<2>3>a end");
        walked("<a>&#65;&#x42;&#233;</a>", "<a AB?>a end");
        walked("", "end");
        walked("text", "end");
        walked("<a", "bad");
        walked("<>", "bad");
        walked("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "bad");
        walked("<a>&b;</a>", "<a bad");
        walked("<a>&#;</a>", "<a bad");
        walked("<a b=\">", "bad");
        walked("<![CDATA[", "bad");
        walked("<!--", "bad");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lists) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
