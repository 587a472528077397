/* <pic/object.h>: reading things. A pic_obj is one cell, peer, group... as it was when it was read. */
#ifndef PIC_OBJECT_H
#define PIC_OBJECT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* One object by kind ("peer") and name (letter case does not count; for "cell" the name may be NULL). Reads the store;
 * may wait for the disk. PIC_NOTFOUND: no such object (hint: near names), or no cell here (hint: pic init);
 * PIC_INVALID: a bad ctx, an unknown kind, no name; PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT,
 * PIC_DENIED, PIC_BUSY, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_get(pic_ctx *ctx, const char *kind, const char *name, pic_obj **ret_obj, pic_error **err);
/* All objects of a kind, in order of creation, as of one moment. Codes as pic_get, without PIC_NOTFOUND but for a
 * missing cell. */
PIC_API PIC_MUST_USE int pic_list_get(pic_ctx *ctx, const char *kind, pic_list **ret_list, pic_error **err);

/* Number of objects; 0 for NULL. */
PIC_API size_t pic_list_count(const pic_list *list);
/* Borrowed from the list; NULL past the end. */
PIC_API const pic_obj *pic_list_at(const pic_list *list, size_t index);
/* The list as a JSON array, borrowed; NULL when out of memory, and for NULL. */
PIC_API const char *pic_list_json(pic_list *list);
PIC_API pic_list *pic_list_unref(pic_list *list);

/* "peer"; borrowed; "" for NULL. */
PIC_API const char *pic_obj_kind(const pic_obj *obj);
/* "anna"; borrowed; "" for NULL. */
PIC_API const char *pic_obj_name(const pic_obj *obj);
/* Its identity, never used twice in one cell; 0 for NULL. */
PIC_API pic_id pic_obj_id(const pic_obj *obj);
/* The revision that last changed it: see pic_edit_if_revision(); 0 for NULL. */
PIC_API pic_revision pic_obj_revision(const pic_obj *obj);
/* Effective value of a field as canonical text (lists joined by ','), its default when it was not set; NULL when it has
 * none, when the field is a secret or unknown, when memory is short. A new text: free it with pic_text_free(). */
PIC_API char *pic_obj_get(const pic_obj *obj, const char *field);
PIC_API void pic_text_free(char *text);
/* 1 when the field was set: also a secret, whose value nobody gets. 0 when its default holds; for a bad handle, an
 * unknown field. */
PIC_API int pic_obj_has(const pic_obj *obj, const char *field);
/* The object as JSON: its field names as keys, "id", "revision". A new text for pic_text_free(); NULL when out of
 * memory. */
PIC_API char *pic_obj_json(const pic_obj *obj);
/* One more reference. Takes NULL. */
PIC_API pic_obj *pic_obj_ref(const pic_obj *obj);
PIC_API pic_obj *pic_obj_unref(pic_obj *obj);

PIC_END_DECLS

#endif
