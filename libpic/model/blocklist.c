/* Owns: what a block list may be, and whose it is. */
#include "model/blocklist.h"

#include <string.h>

#include "model/snap_check.h"
#include "model/text.h"

static void found(const pic_obj *o, const char *value, const char *rule, const char *hint, pic_error **list)
{
        pic__auto_buf pic__buf object = PIC__BUF_INIT;
        pic_error *err = NULL;

        pic__buf_putf(&object, "blocklist %s", pic__obj_name(o));
        (void)pic__fail(&err, PIC_VALUE, "%s: source: '%.80s' %s", pic__buf_str(&object), value, rule);
        pic__detail(&err, "object", pic__buf_str(&object));
        pic__detail(&err, "field", "source");
        pic__detail(&err, "value", value);
        pic__detail(&err, "rule", rule);
        pic__hint(&err, "%s", hint);
        pic__err_append(list, err);
}

/* Neither blanks nor controls: it stands in lines of files and in arguments. */
static int is_plain(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '"')
                        return 0;
        return 1;
}

int pic__blocklist_is_file(const pic_obj *o)
{
        return pic__obj_text(o, "source")[0] == '/';
}

void pic__blocklist_check(const pic_obj *o, pic_error **list)
{
        const char *source = pic__obj_text(o, "source");

        if (source[0] == '\0') /* that it is missing was told */
                return;
        if (is_plain(source) && (source[0] == '/' ? source[1] != '\0'
                                                  : (strncmp(source, "https://", 8) == 0 && source[8] != '\0') ||
                                                            strncmp(source, "http://127.", 11) == 0))
                return;
        found(o, source, "must be an address of the web or a full path: https://… or /…",
              "For example: --source https://example.org/hosts.txt, or --source /etc/pic/my-list.txt", list);
}

void pic__check_blocklist(pic__check *c, const pic_obj *o)
{
        if (pic__snap_count(c->s, PIC__BLOCKLIST) > PIC__BLOCKLISTS_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__BLOCKLISTS_MAX);
}

int pic__blocklists_any(const pic__snap *s)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(s, PIC__BLOCKLIST, &at)) != NULL)
                if (pic__obj_int(o, "enabled") != 0)
                        return 1;
        return 0;
}

int pic__names_by_rights(const pic__snap *s)
{
        const pic_obj *cell = pic__snap_cell(s);

        return cell != NULL && strcmp(pic__obj_text(cell, "names_shown"), "granted") == 0;
}

int pic__names_filtered(const pic__snap *s)
{
        return pic__blocklists_any(s) || pic__names_by_rights(s);
}

int pic__blocklist_for_all(const pic_obj *o)
{
        return pic__obj_text(o, "groups")[0] == '\0';
}

static int in_list(const char *list, const char *name)
{
        char one[PIC__ITEM_MAX];

        while (pic__list_next(&list, one, sizeof(one)))
                if (strcasecmp(one, name) == 0)
                        return 1;
        return 0;
}

int pic__blocklist_holds(const pic_obj *o, const pic_obj *peer)
{
        const char *groups = pic__obj_text(o, "groups");
        char one[PIC__ITEM_MAX];

        if (pic__obj_int(o, "enabled") == 0)
                return 0;
        if (groups[0] == '\0')
                return 1;
        while (pic__list_next(&groups, one, sizeof(one)))
                if (in_list(pic__obj_text(peer, "groups"), one))
                        return 1;
        return 0;
}
