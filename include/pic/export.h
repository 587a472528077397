/* <pic/export.h>: how a symbol of libpic is marked. Includes nothing. */
#ifndef PIC_EXPORT_H
#define PIC_EXPORT_H

#ifdef __cplusplus
#define PIC_BEGIN_DECLS extern "C" {
#define PIC_END_DECLS }
#else
#define PIC_BEGIN_DECLS
#define PIC_END_DECLS
#endif

#if defined(__GNUC__) || defined(__clang__)
#define PIC_API __attribute__((visibility("default")))
#define PIC_MUST_USE __attribute__((warn_unused_result))
#define PIC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define PIC_API
#define PIC_MUST_USE
#define PIC_PRINTF(fmt, args)
#endif

#endif
