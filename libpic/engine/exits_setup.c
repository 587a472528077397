/* Owns: how a connection is watched: by whom it is asked whether it works, over what, and who its members are. */
#include <string.h>

#include "engine/exits_i.h"
#include "model/text.h"

#define DNS_PORT 53

static const pic__addr quad9[] = { { 4, { 9, 9, 9, 9 } }, { 6, { 0x26, 0x20, 0, 0xfe, [15] = 0xfe } } };

static void copy(char *to, size_t size, const char *from)
{
        size_t len = strnlen(from, size - 1);

        memcpy(to, from, len);
        to[len] = '\0';
}

/* ADDRESS[@PORT][#TLSNAME]. -1: it is none, or speaks TLS only. */
static int parse_target(const char *text, pic__addr *to, uint16_t *port)
{
        char address[PIC__ADDR_TEXT];
        const char *at = strchr(text, '@');
        size_t len = at != NULL ? (size_t)(at - text) : strlen(text);
        long number = DNS_PORT;

        if (strchr(text, '#') != NULL || len >= sizeof(address))
                return -1;
        memcpy(address, text, len);
        address[len] = '\0';
        if (pic__addr_parse(address, to) < 0 || (at != NULL && pic__decimal(at + 1, 1, UINT16_MAX, &number) < 0))
                return -1;
        *port = (uint16_t)number;
        return 0;
}

/* Those that can be reached through it at all. */
static void add_target(pic__exit_entry *e, const pic_obj *c, const pic__addr *to, uint16_t port)
{
        if (e->count == PIC__EXITS_TARGETS || !pic__exit_carries(c, to->family))
                return;
        e->targets[e->count].to = *to;
        e->targets[e->count++].port = port;
}

static void add_list(pic__exit_entry *e, const pic_obj *c, const char *field)
{
        const char *list = pic__obj_text(c, field);
        char one[256 + PIC__ADDR_TEXT];
        uint16_t port;
        pic__addr to;

        while (pic__list_next(&list, one, sizeof(one)))
                if (parse_target(one, &to, &port) == 0)
                        add_target(e, c, &to, port);
}

static void set_targets(pic__exit_entry *e, const pic_obj *c)
{
        e->count = 0;
        add_list(e, c, "probe");
        if (e->count == 0)
                add_list(e, c, "dns");
        if (e->count > 0)
                return;
        add_target(e, c, &quad9[0], DNS_PORT);
        add_target(e, c, &quad9[1], DNS_PORT);
}

static void set_members(pic__exit_entry *e, const pic__snap *s, const pic_obj *group)
{
        const char *list = pic__obj_text(group, "members");
        char name[80];

        e->member_count = 0;
        while (e->member_count < PIC__EXITS_MEMBERS && pic__list_next(&list, name, sizeof(name))) {
                const pic_obj *member = pic__snap_named(s, PIC__CONNECTION, name);

                if (member != NULL && pic__obj_int(member, "enabled") != 0 && !pic__exit_is(member, "group") &&
                    pic__exit_slot(member) != 0)
                        e->members[e->member_count++] = pic__exit_slot(member);
        }
}

void pic__exits_set_up(pic__exit_entry *e, const pic__snap *s, const pic_obj *c)
{
        e->slot = pic__exit_slot(c);
        e->id = c->id;
        copy(e->name, sizeof(e->name), pic__obj_name(c));
        copy(e->type, sizeof(e->type), pic__obj_text(c, "type"));
        (void)pic__exit_dev(e->slot, e->device);
        e->tcp = pic__exit_is(c, "tor") || pic__exit_is(c, "ssh") || pic__exit_is(c, "proxy");
        e->how = PIC__WATCH_PROBED;
        if (pic__exit_is(c, "block"))
                e->how = PIC__WATCH_BLOCK;
        else if (pic__exit_is(c, "group"))
                e->how = PIC__WATCH_GROUP;
        if (e->how == PIC__WATCH_GROUP)
                set_members(e, s, c);
        else
                set_targets(e, c);
}

const char *pic__exits_far_ends(const pic_obj *c)
{
        const char *remotes = pic__obj_text(c, "remotes");

        if (pic__exit_is(c, "group") || pic__exit_is(c, "block") || pic__exit_is(c, "tor"))
                return NULL;
        return remotes[0] != '\0' ? remotes : pic__obj_text(c, "endpoint");
}
