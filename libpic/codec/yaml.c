/* Owns: YAML in. libyaml's events (not its document API, which keeps all tokens and follows aliases) become the tree.
 * What a configuration file has no use for is refused by name, because each is a way to surprise: anchors and aliases
 * (bombs), tags (types), directives, further documents, complex keys, tabs in the indentation. */
#include <string.h>
#include <yaml.h>

#include "codec/build.h"

static pic__place place(const yaml_mark_t *m)
{
        return (pic__place){ (unsigned)m->line + 1, (unsigned)m->column + 1 };
}

/* libyaml's own message for a tab is "found character that cannot start any token". */
static int check_tabs(const pic__build *b, const char *text, size_t len, pic_error **err)
{
        const char *at = text, *end = text + len;

        while (at < end) {
                const char *eol = memchr(at, '\n', (size_t)(end - at));

                while (at < end && *at == ' ')
                        at++;
                if (at < end && *at == '\t')
                        return pic__build_fail(b, pic__place_of(text, len, (size_t)(at - text)), err,
                                               "a tab in the indentation: YAML takes spaces only");
                at = eol != NULL ? eol + 1 : end;
        }
        return 0;
}

static int parser_failed(const pic__build *b, const yaml_parser_t *p, const char *text, size_t len, pic_error **err)
{
        const char *problem = p->problem != NULL ? p->problem : "does not parse";

        if (p->error == YAML_MEMORY_ERROR)
                return pic__nomem(err);
        if (p->error == YAML_READER_ERROR)
                return pic__build_fail(b, pic__place_of(text, len, p->problem_offset), err, "%s", problem);
        if (p->context != NULL)
                return pic__build_fail(b, place(&p->problem_mark), err, "%s, %s", problem, p->context);
        return pic__build_fail(b, place(&p->problem_mark), err, "%s", problem);
}

static int refuse_extras(const pic__build *b, const yaml_event_t *ev, const yaml_char_t *anchor, const yaml_char_t *tag,
                         pic_error **err)
{
        if (anchor != NULL)
                return pic__build_fail(b, place(&ev->start_mark), err, "anchors (&) and aliases (*) are not taken");
        if (tag != NULL)
                return pic__build_fail(b, place(&ev->start_mark), err, "tags (!) are not taken");
        return 0;
}

static int is_null(const char *text, size_t len)
{
        static const char *const words[] = { "", "~", "null", "Null", "NULL" };
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++)
                if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
                        return 1;
        return 0;
}

static int on_scalar(pic__build *b, const yaml_event_t *ev, pic_error **err)
{
        const char *text = (const char *)ev->data.scalar.value;
        size_t len = ev->data.scalar.length;
        int plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        int r = refuse_extras(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag, err);

        if (r < 0)
                return r;
        if (pic__build_wants_key(b))
                return pic__build_key(b, text, len, place(&ev->start_mark), err);
        if (plain && is_null(text, len))
                return pic__build_null(b, place(&ev->start_mark), err);
        return pic__build_scalar(b, text, len, !plain, place(&ev->start_mark), err);
}

static int on_open(pic__build *b, const yaml_event_t *ev, enum pic__node_type type, const yaml_char_t *anchor,
                   const yaml_char_t *tag, pic_error **err)
{
        int r = refuse_extras(b, ev, anchor, tag, err);

        if (r < 0)
                return r;
        if (pic__build_wants_key(b))
                return pic__build_fail(b, place(&ev->start_mark), err, "a key must be plain text");
        return pic__build_open(b, type, place(&ev->start_mark), err);
}

static int on_document(const pic__build *b, const yaml_event_t *ev, pic_error **err)
{
        if (b->doc->root != NULL)
                return pic__build_fail(b, place(&ev->start_mark), err,
                                       "a second document begins here: only one is taken");
        if (ev->data.document_start.version_directive != NULL ||
            ev->data.document_start.tag_directives.start != ev->data.document_start.tag_directives.end)
                return pic__build_fail(b, place(&ev->start_mark), err, "directives (%%) are not taken");
        return 0;
}

static int on_event(pic__build *b, const yaml_event_t *ev, pic_error **err)
{
        switch (ev->type) {
        case YAML_DOCUMENT_START_EVENT: return on_document(b, ev, err);
        case YAML_ALIAS_EVENT:
                return pic__build_fail(b, place(&ev->start_mark), err, "anchors (&) and aliases (*) are not taken");
        case YAML_SCALAR_EVENT: return on_scalar(b, ev, err);
        case YAML_SEQUENCE_START_EVENT:
                return on_open(b, ev, PIC__N_LIST, ev->data.sequence_start.anchor, ev->data.sequence_start.tag, err);
        case YAML_MAPPING_START_EVENT:
                return on_open(b, ev, PIC__N_MAP, ev->data.mapping_start.anchor, ev->data.mapping_start.tag, err);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: pic__build_close(b); return 0;
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT: return 0;
        }
        return 0;
}

static int run(pic__build *b, yaml_parser_t *p, const char *text, size_t len, pic_error **err)
{
        int r = 0, end = 0;

        while (r == 0 && !end) {
                yaml_event_t ev;

                if (!yaml_parser_parse(p, &ev))
                        return parser_failed(b, p, text, len, err);
                r = on_event(b, &ev, err);
                end = ev.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&ev);
        }
        return r;
}

int pic__doc_yaml(const char *text, size_t len, const char *name, pic__doc **ret, pic_error **err)
{
        pic__auto_build pic__build b;
        yaml_parser_t parser;
        int r;

        r = pic__build_start(&b, name, len, err);
        if (r == 0)
                r = pic__build_check_text(&b, text, len, err);
        if (r == 0)
                r = check_tabs(&b, text, len, err);
        if (r < 0)
                return r;
        if (!yaml_parser_initialize(&parser))
                return pic__nomem(err);
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
        r = run(&b, &parser, text, len, err);
        yaml_parser_delete(&parser);
        return r < 0 ? r : pic__build_finish(&b, ret, err);
}
