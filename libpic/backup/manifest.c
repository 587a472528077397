/* Owns: the manifest, both ways. What is read may be by anybody. */
#include "backup/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "base/utf8.h"
#include "codec/json_in.h"
#include "sys/crypto.h"

#define FORMAT "pic-backup"

int pic__member_name(const char *name)
{
        const char *part = name;

        if (strlen(name) > PIC__BACKUP_NAME || !pic__utf8_printable(name) || strcmp(name, PIC__MANIFEST) == 0)
                return 0;
        for (;;) {
                size_t n = strcspn(part, "/");

                if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
                        return 0;
                if (part[n] == '\0')
                        return 1;
                part += n + 1;
        }
}

int pic__manifest_add(pic__manifest *m, const char *name, uint64_t size, const uint8_t sha256[32], pic_error **err)
{
        pic__member *more;

        if (!pic__member_name(name) || m->count >= PIC__BACKUP_MEMBERS || size > (uint64_t)INT64_MAX - m->total)
                return pic__fail(err, PIC_VALUE, "%s cannot be in a backup", name);
        if ((m->count & (m->count - 1)) == 0) {
                more = pic__realloc(m->members, (m->count > 0 ? 2 * m->count : 1) * sizeof(*more));
                if (more == NULL)
                        return pic__nomem(err);
                m->members = more;
        }
        m->members[m->count].name = pic__strdup(name);
        if (m->members[m->count].name == NULL)
                return pic__nomem(err);
        m->members[m->count].size = size;
        memcpy(m->members[m->count].sha256, sha256, 32);
        m->count++;
        m->total += size;
        return 0;
}

const pic__member *pic__manifest_find(const pic__manifest *m, const char *name)
{
        size_t i;

        for (i = 0; i < m->count; i++)
                if (strcmp(m->members[i].name, name) == 0)
                        return &m->members[i];
        return NULL;
}

static void put_member(const pic__member *m, pic__json *j)
{
        char hex[65];

        pic__hex(m->sha256, 32, hex);
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", m->name);
        pic__json_kint(j, "size", (int64_t)m->size);
        pic__json_kstr(j, "sha256", hex);
        pic__json_close(j, '}');
}

void pic__manifest_put(const pic__manifest *m, pic__buf *out)
{
        pic__json j = PIC__JSON(out);
        char time[PIC__TIME_TEXT];
        size_t i;

        (void)pic__time_print(m->created, time);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "format", FORMAT);
        pic__json_kint(&j, "layout", PIC__BACKUP_LAYOUT);
        pic__json_kstr(&j, "version", m->version);
        pic__json_kstr(&j, "created", time);
        pic__json_key(&j, "cell");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", m->cell);
        pic__json_kstr(&j, "domain", m->domain);
        pic__json_kstr(&j, "public_key", m->public_key);
        pic__json_kint(&j, "revision", m->revision);
        pic__json_close(&j, '}');
        pic__json_key(&j, "members");
        pic__json_open(&j, '[');
        for (i = 0; i < m->count; i++) {
                pic__buf_putc(out, '\n');
                put_member(&m->members[i], &j);
        }
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
        pic__buf_putc(out, '\n');
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static int bad(pic_error **err, const char *what)
{
        return pic__fail(err, PIC_CORRUPT, "the manifest is wrong: %s", what);
}

/* A text that is absent, or printable. -1: neither; PIC_NOMEM. */
static int text(const pic__node *map, const char *key, char **ret)
{
        const char *s = pic__node_str(map, key, NULL);

        if (s == NULL)
                return 0;
        if (strlen(s) > PIC__BACKUP_NAME || !pic__utf8_printable(s))
                return -1;
        *ret = pic__strdup(s);
        return *ret != NULL ? 0 : PIC_NOMEM;
}

static int unhex(const char *hex, uint8_t out[32])
{
        unsigned i, k;

        if (hex == NULL || strlen(hex) != 64)
                return -1;
        for (i = 0; i < 32; i++) {
                out[i] = 0;
                for (k = 0; k < 2; k++) {
                        char c = hex[2 * i + k];

                        if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
                                return -1;
                        out[i] = (uint8_t)(out[i] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
                }
        }
        return 0;
}

static int get_members(const pic__node *list, pic__manifest *m, pic_error **err)
{
        const pic__node *n;
        uint8_t sha256[32];
        int64_t size;

        if (list == NULL || list->count > PIC__BACKUP_MEMBERS)
                return bad(err, list == NULL ? "it has no list of members" : "more members than are taken");
        for (n = list->first; n != NULL; n = n->next) {
                const char *name = n->type == PIC__N_MAP ? pic__node_str(n, "name", NULL) : NULL;
                int r;

                if (name == NULL || !pic__member_name(name))
                        return bad(err, "a member without a name that may be");
                if (m->count > 0 && strcmp(m->members[m->count - 1].name, name) >= 0)
                        return bad(err, "members twice, or not in order");
                if (pic__node_int(n, "size", &size) < 0 || size < 0 || size > INT64_MAX - (int64_t)m->total)
                        return bad(err, "a member's size");
                if (unhex(pic__node_str(n, "sha256", NULL), sha256) < 0)
                        return bad(err, "a member's digest");
                r = pic__manifest_add(m, name, (uint64_t)size, sha256, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int get(const pic__node *root, pic__manifest *m, pic_error **err)
{
        const pic__node *cell = root->type == PIC__N_MAP ? pic__node_map(root, "cell") : NULL;
        const char *format = root->type == PIC__N_MAP ? pic__node_str(root, "format", "") : "", *created;
        int r;

        if (strcmp(format, FORMAT) != 0)
                return bad(err, "this is no backup of a cell");
        if (pic__node_int_or(root, "layout", 0) != PIC__BACKUP_LAYOUT)
                return pic__fail(err, PIC_UNSUPPORTED, "this backup has another layout: a newer version made it");
        created = pic__node_str(root, "created", "");
        if (pic__time_parse(created, &m->created) < 0)
                return bad(err, "when it was made");
        r = text(root, "version", &m->version);
        if (r == 0 && cell != NULL)
                r = text(cell, "name", &m->cell);
        if (r == 0 && cell != NULL)
                r = text(cell, "domain", &m->domain);
        if (r == 0 && cell != NULL)
                r = text(cell, "public_key", &m->public_key);
        if (r < 0)
                return r == PIC_NOMEM ? pic__nomem(err) : bad(err, "of which cell it is");
        m->revision = cell != NULL ? pic__node_int_or(cell, "revision", 0) : 0;
        return get_members(pic__node_list(root, "members"), m, err);
}

int pic__manifest_get(const char *text_, size_t len, pic__manifest *ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *why = NULL;
        int r = pic__doc_json(text_, len, PIC__MANIFEST, &doc, &why);

        *ret = (pic__manifest){ .version = NULL };
        if (r < 0)
                return r == PIC_NOMEM ? pic__nomem(err) : bad(err, "it is no JSON");
        r = get(pic__doc_root(doc), ret, err);
        if (r < 0)
                pic__manifest_clear(ret);
        return r;
}

void pic__manifest_clear(pic__manifest *m)
{
        size_t i;

        for (i = 0; i < m->count; i++)
                pic__free(m->members[i].name);
        pic__free(m->members);
        pic__free(m->version);
        pic__free(m->cell);
        pic__free(m->domain);
        pic__free(m->public_key);
        *m = (pic__manifest){ .version = NULL };
}
