/* <pic/schema.h>: the field tables, readable. Front ends make their flags, forms and columns from them, so that a field
 * added to the library appears everywhere. All texts are static. */
#ifndef PIC_SCHEMA_H
#define PIC_SCHEMA_H

#include <pic/types.h>

PIC_BEGIN_DECLS

/* Kinds of things: "cell", "group", "peer", "assertion" (a rule that every state must keep: see
 * pic_edit_override()), "connection" (a way out: <pic/connection.h>), "user" (who may log in: <pic/auth.h>), "token"
 * (by which a program acts for a user), "certificate" (<pic/cert.h>), "record" (a name of the owner's in the
 * cell's zone), "forward" (a zone of others, and whom to ask for it), "domain" (a
 * public name of the cell, and how it is kept: <pic/domain.h>), "service" (a web server of the owner's behind the
 * cell's front: <pic/front.h>), "blocklist" (names that devices are not told: <pic/dns.h>), "alert" (who is told
 * when something is wrong: <pic/alert.h>), "target" (where backups go: <pic/target.h>). NULL past the end. */
PIC_API const char *pic_kind_at(size_t index);
/* "peers" for "peer"; NULL for an unknown kind. */
PIC_API const char *pic_kind_plural(const char *kind);

enum {
        PIC_FIELD_LIST = 1 << 0, /* several, separated by commas in text, an array in JSON */
        PIC_FIELD_REQUIRED = 1 << 1,
        PIC_FIELD_SYSTEM = 1 << 2, /* set by the cell; cannot be wished */
        PIC_FIELD_SECRET =
                1 << 3,          /* never read back; one that is not SYSTEM too is given in clear and sealed at once */
        PIC_FIELD_FIXED = 1 << 4 /* only at creation */
};

/* Number of fields of a kind; 0 for an unknown one. */
PIC_API size_t pic_field_count(const char *kind);
/* Name of the field, "listen_port"; NULL past the end. The same for the readers below. */
PIC_API const char *pic_field_name(const char *kind, size_t index);
/* "text", "name", "domain", "int", "bool", "time", "enum", "addr4", "addr6", "prefix4", "prefix6", "prefix", "key",
 * "secret", "endpoint", "resolver", "grant", "ref", "ifname", "rule", "host", "server" (whom one asks); of names:
 * "owner" (in the cell's zone), "zone", "public" (whole, of the internet), "target" (a host), "address" (either
 * family), "mx", "srv", "txt". */
PIC_API const char *pic_field_type(const char *kind, size_t index);
/* PIC_FIELD_* bits. */
PIC_API unsigned pic_field_flags(const char *kind, size_t index);
/* One line of help. */
PIC_API const char *pic_field_help(const char *kind, size_t index);
/* What stands for the value in help: "HOST:PORT". */
PIC_API const char *pic_field_placeholder(const char *kind, size_t index);
/* The default as text, or NULL. */
PIC_API const char *pic_field_default(const char *kind, size_t index);
/* The words of an enum, "full|split"; of a ref those that may stand in a name's place, "direct"; or NULL. */
PIC_API const char *pic_field_choices(const char *kind, size_t index);
/* The kind that a ref names, "group"; NULL for other types. */
PIC_API const char *pic_field_ref(const char *kind, size_t index);

PIC_END_DECLS

#endif
