/* Owns: formatting of log records. The level is looked at before anything is formatted. */
#include "base/log.h"

#include <pic/error.h>
#include <stdarg.h>

#include "base/buf.h"

void pic__log_put(const pic__log *log, int level, const char *area, const char *fmt, ...)
{
        pic__buf b = PIC__BUF_INIT;
        va_list ap;

        if (log == NULL || log->fn == NULL || level > log->level)
                return;
        va_start(ap, fmt);
        pic__buf_vputf(&b, fmt, ap);
        va_end(ap);
        log->fn(level, area, pic__buf_str(&b), log->data);
        pic__buf_free(&b);
}

void pic__log_err(const pic__log *log, int level, const char *area, const pic_error *err)
{
        pic__buf b = PIC__BUF_INIT;

        if (log == NULL || log->fn == NULL || level > log->level || err == NULL)
                return;
        pic__buf_putf(&b, "%s: ", pic_code_name(pic_error_code(err)));
        for (; err != NULL; err = pic_error_cause(err))
                pic__buf_putf(&b, "%s%s", pic_error_message(err), pic_error_cause(err) != NULL ? ": " : "");
        log->fn(level, area, pic__buf_str(&b), log->data);
        pic__buf_free(&b);
}
