/* Owns: the numbers of exits; which exit a device has; what carries it. */
#include "model/exit.h"

#include <stdio.h>
#include <string.h>

#include "model/text.h"

const char *pic__exit_dev(unsigned slot, char text[PIC__EXIT_DEV])
{
        snprintf(text, PIC__EXIT_DEV, "picx%u", slot & 0xff);
        return text;
}

static void base4(unsigned slot, pic__addr *ret)
{
        *ret = (pic__addr){ .family = 4 };
        ret->bytes[0] = 169;
        ret->bytes[1] = 254;
        ret->bytes[2] = (uint8_t)(96 + slot / 64);
        ret->bytes[3] = (uint8_t)(slot % 64 * 4);
}

static void base6(unsigned slot, pic__addr *ret)
{
        static const uint8_t prefix[6] = { 0xfd, 0x70, 0x69, 0x63, 0x00, 0x78 };

        *ret = (pic__addr){ .family = 6 };
        memcpy(ret->bytes, prefix, sizeof(prefix));
        ret->bytes[13] = (uint8_t)slot;
}

void pic__exit_link(unsigned slot, int family, pic__addr *ret_cell, pic__addr *ret_exit)
{
        pic__addr base;

        if (family == 4)
                base4(slot, &base);
        else
                base6(slot, &base);
        *ret_cell = *ret_exit = base;
        ret_cell->bytes[family == 4 ? 3 : 15] |= 1;
        ret_exit->bytes[family == 4 ? 3 : 15] |= 2;
}

void pic__exit_links(int family, pic__prefix *ret)
{
        if (family == 4)
                base4(0, &ret->addr);
        else
                base6(0, &ret->addr);
        ret->len = family == 4 ? 22 : 48;
}

void pic__exit_facts_clear(pic__exit_facts *f)
{
        size_t i;

        for (i = 0; i <= PIC__EXIT_SLOTS; i++)
                pic__free(f->at[i].remote);
        memset(f, 0, sizeof(*f));
}

int pic__exit_facts_copy(const pic__exit_facts *from, pic__exit_facts *to)
{
        size_t i;

        pic__exit_facts_clear(to);
        for (i = 0; i <= PIC__EXIT_SLOTS; i++) {
                to->at[i] = from->at[i];
                to->at[i].remote = NULL;
                if (from->at[i].remote == NULL)
                        continue;
                to->at[i].remote = pic__strdup(from->at[i].remote);
                if (to->at[i].remote == NULL) {
                        pic__exit_facts_clear(to);
                        return -1;
                }
        }
        return 0;
}

static int same_fact(const pic__exit_fact *a, const pic__exit_fact *b)
{
        const char *left = a->remote != NULL ? a->remote : "", *right = b->remote != NULL ? b->remote : "";

        return a->down == b->down && a->judged == b->judged && a->active == b->active && strcmp(left, right) == 0;
}

int pic__exit_facts_same(const pic__exit_facts *a, const pic__exit_facts *b)
{
        size_t i;

        for (i = 0; i <= PIC__EXIT_SLOTS; i++)
                if (!same_fact(&a->at[i], &b->at[i]))
                        return 0;
        return 1;
}

static int says(const pic_obj *o)
{
        return o != NULL && pic__obj_text(o, "exit")[0] != '\0';
}

const pic_obj *pic__exit_said_by(const pic__snap *s, const pic_obj *peer)
{
        const char *list = pic__obj_text(peer, "groups");
        char name[80];

        if (says(peer))
                return peer;
        while (pic__list_next(&list, name, sizeof(name))) {
                const pic_obj *group = pic__snap_named(s, PIC__GROUP, name);

                if (says(group))
                        return group;
        }
        return says(pic__snap_cell(s)) ? pic__snap_cell(s) : NULL;
}

const pic_obj *pic__exit_of(const pic__snap *s, const pic_obj *peer)
{
        const pic_obj *by = pic__exit_said_by(s, peer);
        const char *name = by != NULL ? pic__obj_text(by, "exit") : "direct";

        return pic__same_name(name, "direct") ? NULL : pic__snap_named(s, PIC__CONNECTION, name);
}

uint32_t pic__exit_peer_mark(const pic__snap *s, const pic_obj *peer)
{
        const pic_obj *exit = pic__exit_of(s, peer);
        int open;

        if (exit == NULL)
                return 0;
        open = pic__obj_has(peer, "failopen") ? pic__obj_int(peer, "failopen") != 0
                                              : pic__obj_int(exit, "failopen") != 0;
        return pic__exit_mark(pic__exit_slot(exit)) | (open ? PIC__EXIT_OPEN : 0);
}

/* The member in use, as the agent knows it; else the first that is enabled. */
static const pic_obj *member_of(const pic__snap *s, const pic_obj *group)
{
        const pic__exit_fact *fact = &pic__snap_exits(s)->at[pic__exit_slot(group)];
        const char *list = pic__obj_text(group, "members");
        char name[80];

        while (pic__list_next(&list, name, sizeof(name))) {
                const pic_obj *member = pic__snap_named(s, PIC__CONNECTION, name);

                if (member == NULL || pic__obj_int(member, "enabled") == 0)
                        continue;
                if (!fact->judged || fact->active == pic__exit_slot(member))
                        return member;
        }
        return NULL;
}

const pic_obj *pic__exit_carried_by(const pic__snap *s, const pic_obj *connection)
{
        const pic_obj *carrier = connection;

        if (pic__obj_int(connection, "enabled") == 0)
                return NULL;
        if (pic__exit_is(connection, "group"))
                carrier = member_of(s, connection);
        return carrier == NULL || pic__exit_is(carrier, "block") || pic__exit_is(carrier, "group") ? NULL : carrier;
}

static int has_family(const char *list, int family)
{
        char one[PIC__PREFIX_TEXT];

        while (pic__list_next(&list, one, sizeof(one)))
                if ((strchr(one, ':') != NULL) == (family == 6))
                        return 1;
        return 0;
}

/* Redirectors of TCP know IPv4 only; what an OpenVPN server gives is known when it is up, and its namespace refuses
 * what it did not give. */
int pic__exit_carries(const pic_obj *c, int family)
{
        const char *allowed = pic__obj_text(c, "allowed");

        if (pic__exit_is(c, "wireguard"))
                return has_family(pic__obj_text(c, "addresses"), family) &&
                       (allowed[0] == '\0' || has_family(allowed, family));
        return family == 4 || pic__exit_is(c, "openvpn") || pic__exit_is(c, "tor");
}

unsigned pic__exit_slot(const pic_obj *connection)
{
        int64_t slot = pic__obj_int(connection, "slot");

        return slot < 1 || slot > PIC__EXIT_SLOTS ? 0 : (unsigned)slot;
}

int pic__exit_is(const pic_obj *connection, const char *type)
{
        return strcmp(pic__obj_text(connection, "type"), type) == 0;
}
