/* Owns: what a plan says of certificates of public CAs. Whoever removes one, or its domain, would else believe that it
 * is nothing any more. */
#include "api/left.h"

#include <string.h>

#include "base/time.h"
#include "change/ca.h"

/* 1: the cell is left to tell its CA although it goes. */
static int is_owed(const pic__changes *c, pic_id id)
{
        const char *at = "";
        pic__owed o;
        size_t i;

        for (i = 0; i < c->list.count; i++)
                if (c->list.at[i].kind == PIC__CELL && c->list.at[i].after != NULL)
                        at = pic__obj_text(c->list.at[i].after, "ca_owed");
        while (pic__owed_next(&at, &o))
                if (o.id == id)
                        return 1;
        return 0;
}

static void put(pic__json *j, const pic_obj *cert, int withdrawn)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char until[PIC__TIME_TEXT];

        pic__time_print(pic__obj_int(cert, "not_after"), until);
        if (withdrawn)
                pic__buf_putf(&text, "certificate %s: its public CA is told to withdraw it, which cannot be taken back",
                              pic__obj_name(cert));
        else
                pic__buf_putf(&text,
                              "certificate %s stays good until %s for whoever has its key%s: --revoke withdraws it",
                              pic__obj_name(cert), until,
                              pic__obj_int(cert, "key_shown") != 0 ? ", which was given out" : "");
        pic__json_open(j, '{');
        pic__json_kstr(j, "kind", "certificate");
        pic__json_kstr(j, "name", pic__obj_name(cert));
        pic__json_kstr(j, "note", withdrawn ? "withdrawn" : "stays");
        pic__json_kstr(j, "until", until);
        pic__json_kstr(j, "text", pic__buf_str(&text));
        pic__json_close(j, '}');
}

void pic__left_tell(const pic__changes *c, pic_time now, pic__json *j)
{
        pic__owed o;
        size_t i;

        for (i = 0; i < c->list.count; i++) {
                const pic_obj *before = c->list.at[i].before, *after = c->list.at[i].after;

                if (c->list.at[i].kind != PIC__CERTIFICATE || before == NULL || !pic__owed_of(before, now, &o))
                        continue;
                if (after == NULL && is_owed(c, before->id))
                        put(j, before, 1);
                else if (after == NULL && pic__obj_int(before, "revoked") == 0)
                        put(j, before, 0);
                else if (after != NULL && pic__obj_int(after, "revoked") != 0 && pic__obj_int(before, "revoked") == 0)
                        put(j, before, 1);
        }
}
