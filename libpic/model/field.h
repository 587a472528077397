/* The heart of the house: one table of fields for each kind of thing. SQL columns, JSON, YAML, checks and their
 * messages, diffs, CLI flags, help, audit text and OpenAPI are all made from it. A second list of a kind's fields
 * anywhere is a mistake.
 *
 * A value is a tagged union in canonical form. "Absent" (PIC__V_NONE) is not the same as zero or empty. */
#ifndef PIC_MODEL_FIELD_H
#define PIC_MODEL_FIELD_H

#include <pic/types.h>

#include "base/err.h"

enum pic__kind {
        PIC__CELL,
        PIC__GROUP,
        PIC__PEER,
        PIC__ASSERTION,
        PIC__CONNECTION,
        PIC__USER,
        PIC__TOKEN,
        PIC__CERTIFICATE,
        PIC__RECORD,
        PIC__FORWARD,
        PIC__DOMAIN,
        PIC__SERVICE,
        PIC__BLOCKLIST,
        PIC__ALERT,
        PIC__TARGET,
        PIC__KINDS
};

enum pic__type {
        PIC__T_TEXT,   /* printable UTF-8, min..max bytes */
        PIC__T_NAME,   /* peer, group, cell names: see reference 2.2 and README of model */
        PIC__T_DOMAIN, /* RFC 1123 name, lower case */
        PIC__T_INT,    /* min..max */
        PIC__T_BOOL,   /* true, false (also yes/no/on/off/1/0 in) */
        PIC__T_TIME,   /* pic_time; RFC 3339 text */
        PIC__T_ENUM,   /* one word of `choices` ("full|split") */
        PIC__T_ADDR4,
        PIC__T_ADDR6,
        PIC__T_PREFIX4,
        PIC__T_PREFIX6,
        PIC__T_PREFIX,   /* either family */
        PIC__T_KEY,      /* 32 bytes in canonical base64; not all zero; public: not of low order */
        PIC__T_SECRET,   /* sealed bytes, base64 of the sealed box; never printed, never exported */
        PIC__T_ENDPOINT, /* HOST:PORT or [V6]:PORT */
        PIC__T_RESOLVER, /* ADDR[@PORT][#TLSNAME] */
        PIC__T_GRANT,    /* one grant: design section 5 */
        PIC__T_REF,      /* name of an object of kind `ref` */
        PIC__T_SERVER,   /* whom one asks: a name of RFC 1123, lower case, or an address */
        PIC__T_IFNAME,   /* 1..15 bytes, no '/', white space or '%' */
        PIC__T_RULE,     /* what an assertion says: model/rule.h */
        PIC__T_HOST,     /* DNS name, perhaps with "*." before it or a dot behind it, or an address */
        PIC__T_DNS       /* a name or what a name has, in the form that `choices` says: model/record.h */
};

enum {
        PIC__F_LIST = 1 << 0,     /* several, canonical: in order, no duplicate, joined by ',' */
        PIC__F_REQUIRED = 1 << 1, /* may not be absent once the object is complete */
        PIC__F_SYSTEM = 1 << 2,   /* set by the cell itself; a person cannot set it */
        PIC__F_UNIQUE = 1 << 3,   /* no two objects of the kind have the same */
        PIC__F_NAME = 1 << 4,     /* this is the object's name */
        PIC__F_FIXED = 1 << 5,    /* cannot change after creation */
        PIC__F_SECRET = 1 << 6,   /* the value is sealed: not in JSON, YAML, diff or journal */
        PIC__F_LABEL = 1 << 7,    /* NAME: one DNS label, at most 63 bytes and no dot */
        PIC__F_ORDERED = 1 << 8,  /* LIST of REF: as it was written, because the order says something */
        PIC__F_CARRIED = 1 << 9,  /* of a connection: told to what carries it, as it is */
        PIC__F_GIVEN_UP = 1 << 10 /* SYSTEM: a person may unset it all the same */
};

typedef struct pic__field {
        const char *name; /* "listen_port"; the CLI flag is "--listen-port", the column "listen_port" */
        enum pic__type type;
        unsigned flags;
        int64_t min; /* INT: range. TEXT: bytes. PREFIX4, PREFIX6: length. LIST: count is max. SECRET: max of its sealed
                        text */
        int64_t max;
        const char *choices;     /* ENUM. REF: words beside names, "direct", that refer to nothing. DNS: its form */
        const char *def;         /* text of the default, or NULL: absent */
        enum pic__kind ref;      /* REF */
        const char *placeholder; /* "HOST:PORT", for help */
        const char *help;        /* one line */
        const char *refused;     /* NAME, IFNAME: words that it may not be, "cell|portal" */
        const char *aliases;     /* ENUM: other words for some of them, "sshuttle=ssh|…" */
        const char *hint;        /* ENUM, REQUIRED: for who says something else, or nothing */
        const char *told;        /* SECRET that somebody is told as it is: fields that say whom, "server,url". Who
                                    changes one of them gives the secret anew: change/told.c */
} pic__field;

#define PIC__SECRET_MAX 4096 /* of a sealed text, unless its field says otherwise */
#define PIC__ITEM_MAX 300    /* bytes of one item of a list of texts */
#define PIC__FIELDS_MAX 63   /* of one kind: the store has a bit for each */

typedef struct pic__kind_info {
        const char *name;   /* "peer" */
        const char *plural; /* "peers" */
        const pic__field *fields;
        size_t count;
} pic__kind_info;

/* The table of tables, indexed by enum pic__kind. */
extern const pic__kind_info pic__kinds[PIC__KINDS];

int pic__kind_find(const char *name);                       /* enum pic__kind, or -1 */
int pic__field_find(enum pic__kind kind, const char *name); /* index, or -1; '-' counts as '_' */

/* Its values may name other objects: see pic__obj_refs(). */
static inline int pic__field_refers(const pic__field *f)
{
        return f->type == PIC__T_REF || f->type == PIC__T_GRANT || f->type == PIC__T_RULE;
}

enum pic__vtag { PIC__V_NONE, PIC__V_INT, PIC__V_TEXT };

typedef struct pic__val {
        enum pic__vtag tag; /* INT for INT, BOOL, TIME; TEXT (owned, canonical) for all others */
        union {
                int64_t i;
                char *s;
        };
} pic__val;

#define PIC__VAL_NONE        \
        {                    \
                PIC__V_NONE, \
                {            \
                        0    \
                }            \
        }

void pic__val_clear(pic__val *v);
int pic__val_copy(const pic__val *from, pic__val *to);    /* -1 when out of memory */
int pic__val_equal(const pic__val *a, const pic__val *b); /* absent equals absent only */

/* Text to canonical value, checked by the field's rule. Empty text of a LIST is an empty list (TEXT ""), of an optional
 * field absent. PIC_VALUE names field, value and rule. Does not look at other objects. */
int pic__field_parse(const pic__field *f, const char *text, pic__val *ret, pic_error **err);
/* Canonical text of a value; NULL when absent or out of memory. The caller frees. Also for secrets: the sealed text. */
char *pic__field_print(const pic__field *f, const pic__val *v);
/* What a person may write, in words: "one of full, split", "a whole number from 1 to 65535". Made from the table. */
void pic__field_rule(const pic__field *f, char *text, size_t size);

#endif
