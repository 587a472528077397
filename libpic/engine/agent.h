/* The agent's loop (picd): socket, signals, events, interval. */
#ifndef PIC_ENGINE_AGENT_H
#define PIC_ENGINE_AGENT_H

#include <pic/cancel.h>

#include "engine/engine.h"

typedef struct pic__agent_opts {
        pic__engine_opts engine;
        unsigned interval_ms;      /* between full looks at the world; 0: 60,000 */
        const pic_cancel *cancel;  /* ends the loop */
        int keep_privileges;       /* tests */
        void (*ready)(void *data); /* called once: the first apply was tried and the socket listens */
        void *data;
        /* What programs write, as pic_program_line_fn; may be NULL. */
        int (*line)(int level, const char *area, const char *program, const char *connection, const char *text,
                    void *data);
} pic__agent_opts;

/* Runs until cancel, SIGTERM-by-caller (the caller raises cancel) or the stop verb. PIC_BUSY when another agent has
 * this directory. */
int pic__agent_run(const pic__agent_opts *opts, pic_error **err);

#endif
