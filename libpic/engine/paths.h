/* Where a cell's files are. All texts are new; the caller frees them; NULL when out of memory. */
#ifndef PIC_ENGINE_PATHS_H
#define PIC_ENGINE_PATHS_H

#include "base/err.h"

#define PIC__SOCKET_NAME "agent.sock"
#define PIC__AGENT_LOCK "agent.lock"  /* held by the agent; its text is the agent's pid */
#define PIC__ATTACHED_FILE "attached" /* the networks of this machine that the rules were made with, one a line */
#define PIC__EXITS_FILE "exits.facts" /* what is known of exits, one a line: engine/exits_facts.h */
#define PIC__LOCAL_LOCK "local.lock"  /* held by the process that acts in the fake world */

char *pic__run_dir(const char *dir); /* /run/pic for /var/lib/pic (trailing slashes do not matter), else <dir>/run */
char *pic__log_dir(const char *dir); /* <dir>/log */
char *pic__socket_path(
        const char *run_dir); /* <run>/agent.sock; may be longer than a socket's name can be: see engine/sockname.h */
/* 0 when the directory has a store, else what opening it would say (PIC_NOTFOUND with a hint). Makes nothing. */
int pic__cell_there(const char *dir, pic_error **err);

#endif
