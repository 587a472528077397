/* Owns: the field tables, as a front end may see them. */
#include "api/api.h"
#include "model/field.h"

static const struct {
        unsigned inner;
        unsigned outer;
} bits[] = {
        { PIC__F_LIST, PIC_FIELD_LIST },     { PIC__F_REQUIRED, PIC_FIELD_REQUIRED },
        { PIC__F_SYSTEM, PIC_FIELD_SYSTEM }, { PIC__F_SECRET, PIC_FIELD_SECRET },
        { PIC__F_FIXED, PIC_FIELD_FIXED },
};

static const char *const types[] = {
        [PIC__T_TEXT] = "text",         [PIC__T_NAME] = "name",       [PIC__T_DOMAIN] = "domain",
        [PIC__T_INT] = "int",           [PIC__T_BOOL] = "bool",       [PIC__T_TIME] = "time",
        [PIC__T_ENUM] = "enum",         [PIC__T_ADDR4] = "addr4",     [PIC__T_ADDR6] = "addr6",
        [PIC__T_PREFIX4] = "prefix4",   [PIC__T_PREFIX6] = "prefix6", [PIC__T_PREFIX] = "prefix",
        [PIC__T_KEY] = "key",           [PIC__T_SECRET] = "secret",   [PIC__T_ENDPOINT] = "endpoint",
        [PIC__T_RESOLVER] = "resolver", [PIC__T_GRANT] = "grant",     [PIC__T_REF] = "ref",
        [PIC__T_IFNAME] = "ifname",     [PIC__T_RULE] = "rule",       [PIC__T_HOST] = "host",
        [PIC__T_SERVER] = "server",
};

static const pic__kind_info *kind_of(const char *kind)
{
        int k = kind != NULL ? pic__kind_find(kind) : -1;

        return k >= 0 ? &pic__kinds[k] : NULL;
}

static const pic__field *field_of(const char *kind, size_t index)
{
        const pic__kind_info *k = kind_of(kind);

        return k != NULL && index < k->count ? &k->fields[index] : NULL;
}

const char *pic_kind_at(size_t index)
{
        return index < PIC__KINDS ? pic__kinds[index].name : NULL;
}

const char *pic_kind_plural(const char *kind)
{
        const pic__kind_info *k = kind_of(kind);

        return k != NULL ? k->plural : NULL;
}

size_t pic_field_count(const char *kind)
{
        const pic__kind_info *k = kind_of(kind);

        return k != NULL ? k->count : 0;
}

const char *pic_field_name(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL ? f->name : NULL;
}

const char *pic_field_type(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        if (f == NULL)
                return NULL;
        return f->type == PIC__T_DNS ? f->choices : types[f->type];
}

unsigned pic_field_flags(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);
        unsigned flags = 0;
        size_t i;

        for (i = 0; f != NULL && i < PIC__COUNT(bits); i++)
                if ((f->flags & bits[i].inner) != 0)
                        flags |= bits[i].outer;
        return flags;
}

const char *pic_field_help(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL ? f->help : NULL;
}

const char *pic_field_placeholder(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL ? f->placeholder : NULL;
}

const char *pic_field_default(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL ? f->def : NULL;
}

const char *pic_field_choices(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL && f->type != PIC__T_DNS ? f->choices : NULL;
}

const char *pic_field_ref(const char *kind, size_t index)
{
        const pic__field *f = field_of(kind, index);

        return f != NULL && f->type == PIC__T_REF ? pic__kinds[f->ref].name : NULL;
}
