/* Owns: the questions. What is to be answered is derived from the store, not asked of the agent. */
#include "drill/names.h"

#include <string.h>

#include "base/time.h"
#include "model/net.h"
#include "plan/derive.h"
#include "store/store.h"
#include "sys/dnsmsg.h"

enum { MOST = 300, PATIENCE_MS = 2000, BUSY_MS = 5000 };

struct asking {
        const char *server[2]; /* by family, in turn */
        char text[2][PIC__ADDR_TEXT];
        const char *want; /* "10.1.0.2,10.1.0.3" */
        size_t found, count;
};

/* Who has expired has no name any more. */
static int judge_expiry(pic__snap *s, pic_error **err)
{
        pic_id *ids = NULL;
        size_t count = 0;
        int r = pic__snap_now(s, pic__clock_real.now(NULL), &ids, &count, err);

        pic__free(ids);
        return r < 0 ? r : 0;
}

static int load(const char *dir, pic__snap **ret, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        int r = pic__store_open(dir, BUSY_MS, &pic__clock_real, &st, err);

        if (r == 0)
                r = pic__snap_new(&s, err);
        if (r == 0)
                r = pic__store_load(st, s, NULL, err);
        if (r == 0)
                r = judge_expiry(s, err);
        if (r == 0)
                *ret = pic__take(s);
        return r;
}

static void see(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data)
{
        struct asking *a = data;

        (void)name;
        (void)type;
        (void)ttl;
        a->found += pic__list_has(a->want, rdata) != 0;
}

static int silent(int code, const char *name, pic_error **err)
{
        (void)pic__wrap(err, "%s is asked for", name);
        return code;
}

static int check(struct asking *a, const char *name, const char *type, pic_error **err)
{
        uint8_t answer[PIC__DNSMSG_MAX];
        pic__dnsmsg m = { .code = 0 };
        uint16_t id = 0;
        char code[16];
        int len = pic__dnsmsg_ask(a->server[a->count++ % 2], 53, name, pic__dnsmsg_type(type), 0, PATIENCE_MS, answer,
                                  &id, err);

        if (len < 0)
                return silent(len, name, err);
        a->found = 0;
        if (pic__dnsmsg_read(answer, (size_t)len, id, &m, see, a) < 0 || m.code != 0 || a->found == 0)
                return pic__fail(err, PIC_CORRUPT, "the answer for %s %s is not %s (%s)", name, type, a->want,
                                 pic__dnsmsg_code_text(m.code, code));
        return 0;
}

/* "anna.home.internal. A" with "10.1.0.2 ttl=60" */
static int ask(struct asking *a, const pic__item *item, pic_error **err)
{
        const char *type = strrchr(item->key, ' ');
        char name[256], want[1024];
        size_t len = type != NULL ? (size_t)(type - item->key) : 0;

        if (type == NULL || len >= sizeof(name) || item->key[0] == '*' || strlen(item->value) >= sizeof(want) ||
            (strcmp(type, " A") != 0 && strcmp(type, " AAAA") != 0))
                return 0;
        memcpy(name, item->key, len);
        name[len] = '\0';
        memcpy(want, item->value, strlen(item->value) + 1);
        want[strcspn(want, " ")] = '\0';
        a->want = want;
        return check(a, name, type + 1, err);
}

/* The first address of a network of the cell. */
static const char *first_of(const pic_obj *cell, const char *field, char text[PIC__ADDR_TEXT])
{
        pic__prefix net;
        pic__addr a;

        if (pic__prefix_parse(pic__obj_text(cell, field), &net) < 0 || pic__addr_add(&net.addr, 1, &a) < 0)
                return "";
        return pic__addr_print(&a, text);
}

int pic__drill_names(const char *dir, size_t *ret_asked, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        struct asking a = { .count = 0 };
        size_t i;
        int r = load(dir, &s, err);

        if (r == 0)
                r = pic__derive_parts(s, PIC__PART(PIC__B_DNS), NULL, &items, err);
        if (r < 0)
                return r;
        a.server[0] = first_of(pic__snap_cell(s), "net4", a.text[0]);
        a.server[1] = first_of(pic__snap_cell(s), "net6", a.text[1]);
        for (i = 0; r == 0 && i < items.count && a.count < MOST; i++)
                if (items.at[i].kind == PIC__I_DNS_RECORD)
                        r = ask(&a, &items.at[i], err);
        *ret_asked = a.count;
        return r;
}
