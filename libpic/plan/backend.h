/* The interface every subsystem implements, fake and real alike. plan owns it; backends implement it; only engine
 * calls it.
 *
 * observe   all items of ours in that subsystem, as they are now. Foreign objects are left out; one in the way of
 *           ours is PIC_CONFLICT at apply.
 * apply     the steps given, in order, all of one backend; in as few messages as the subsystem allows, atomically
 *           where it can. On failure *ret_done says how many of the steps are in force; the engine undoes those
 *           with apply of the inverse.
 * undo      is apply of pic__steps_invert(): there is no second way.
 * finish    the end of what apply left running, so that a long start costs no time of its own.
 * later     what nobody need wait for, behind the answer.
 * news      observes again, if that can tell anything new.
 * events    a file descriptor that becomes readable when somebody else changed something; drain() empties it and
 *           answers whether anything of ours may have changed.
 *
 * A backend never includes another, never keeps wishes, and is used by one thread at a time. tests/contract/ holds
 * each one to this. */
#ifndef PIC_PLAN_BACKEND_H
#define PIC_PLAN_BACKEND_H

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "model/attached.h"
#include "model/exit.h"
#include "model/net.h"
#include "plan/diff.h"
#include "plan/item.h"

typedef struct pic__backend pic__backend;

/* What is true now about one peer; not compared, only shown. */
typedef struct pic__live {
        char key[48];       /* public key, base64 */
        char endpoint[64];  /* "" when never seen */
        pic_time handshake; /* 0: never */
        uint64_t rx;
        uint64_t tx;
} pic__live;

/* Bytes that devices got by exits (rx) and sent by them (tx), by slot, as they are inside: what carries them counts
 * nothing. Since the rules were made. */
typedef struct pic__passed {
        uint64_t rx[PIC__EXIT_SLOTS + 1];
        uint64_t tx[PIC__EXIT_SLOTS + 1];
} pic__passed;

/* A far end of a carrier's over TCP, as its connection has it. */
typedef struct pic__far_end {
        pic__addr addr;
        uint16_t port;
} pic__far_end;

#define PIC__FAR_ENDS 8 /* so many of one carrier's at most */

/* What the cell's time server knows of this machine's clock. */
typedef struct pic__clock_fact {
        int follows;        /* another clock; 0: this machine's, as it is */
        int stratum;        /* how far from a clock that is right by itself */
        int64_t offset_us;  /* the right time minus this machine's clock */
        int64_t error_us;   /* the most that this may be wrong by */
        int pid;            /* of who serves it */
        char reference[48]; /* whom it follows, "" when that cannot be told */
} pic__clock_fact;

/* What the front knows of itself. */
typedef struct pic__front_fact {
        int serving;
        int outside, shut; /* it is open to everybody; it is to be, and somebody has the ports */
        int pid;
        pic_time until;                            /* how long the page's own certificate is good; 0: it has none */
        int64_t connections, requests, handshakes; /* since it was started; the first: at this moment */
        char trouble[400];                         /* why it does not serve; "" */
        char mend[400];                            /* what to do about it; "" */
} pic__front_fact;

/* A service behind the front, as the front sees it. Texts are the caller's for the call only. */
typedef struct pic__service_fact {
        const char *name;
        const char *state; /* "up", "down", "nowhere": its host is nobody's */
        const char *why;   /* it is down; "" */
        int64_t connections;
} pic__service_fact;

typedef void (*pic__service_fn)(const pic__service_fact *fact, void *data);

/* What `pic doctor --fix` does about a finding (engine/fixes.c has how): said with its level, as syslog has a facility
 * with a priority. What has none a person has to do. Others' rules, packages, keys and wishes are never of it. */
enum pic__act {
        PIC__ACT_APPLY = 1 << 8,   /* looks at the whole world and puts right what differs */
        PIC__ACT_REPAIR = 2 << 8,  /* the same, also where the cell says that what others did is left */
        PIC__ACT_RENEW = 3 << 8,   /* certificates of the own CA that are due */
        PIC__ACT_PRIVATE = 4 << 8, /* modes of the cell's directory and key */
        PIC__ACT_BLOCKS = 5 << 8,  /* fetches block lists that failed */
        PIC__ACT_BACKUP = 6 << 8,  /* makes a backup where one is missing */
        PIC__ACT_PUBLISH = 7 << 8, /* publishes names that are not */
        PIC__ACTS = 8
};
#define PIC__LEVEL_OF(level) ((level)&0xff)
#define PIC__ACT_OF(level) ((level) & ~0xff)

/* A finding of doctor. Texts are owned by the callback's caller for the call only. */
typedef void (*pic__finding_fn)(int level /* PIC_LOG_* | PIC__ACT_* */, const char *area, const char *what,
                                const char *fix, void *data);

/* From drain(): what keeps packets out is gone, so no patience: every moment lets them pass. */
#define PIC__DRAIN_OPEN 2
/* From drain(), beside what it answers: the networks that the machine is attached to may be others now. */
#define PIC__DRAIN_NETS 4

typedef struct pic__backend_ops {
        int (*observe)(pic__backend *b, pic__items *out, pic_error **err);
        int (*apply)(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err);
        /* Waits for what apply began and left running beside the other backends' steps (a server that still reads its
         * zones). Called after the last step of all. On failure nothing of it is in force. May be NULL. */
        int (*finish)(pic__backend *b, pic_error **err);
        /* Does what apply put off because nobody need wait for it (what holds back packets never is). Called some time
         * after steps were taken, and once after the first look; what is still put off when the backend is freed is
         * done then. May be NULL. */
        void (*later)(pic__backend *b);
        /* 0: observe would answer what it answered last, or what that became by the steps applied since; found by a
         * look that costs less than observe, and nothing is added. 1: it would not, or nobody knows: observed, as
         * observe does. May be NULL: nobody ever knows. */
        int (*news)(pic__backend *b, pic__items *out, pic_error **err);
        int (*event_fd)(pic__backend *b); /* -1: none */
        int (*drain)(pic__backend *b);    /* 1: something of ours may have changed; 0: not; or PIC__DRAIN_* */
        /* Adds the networks that the machine is attached to: not ours, but what "lan" and "internet" mean depends on
         * them. route only; NULL elsewhere */
        int (*attached)(pic__backend *b, pic__attached *out, pic_error **err);
        int (*live)(pic__backend *b, const char *key /* NULL: all */, void (*fn)(const pic__live *live, void *data),
                    void *data, pic_error **err); /* wg only; NULL elsewhere */
        /* What exits have carried. nft only; NULL elsewhere */
        int (*passed)(pic__backend *b, pic__passed *ret, pic_error **err);
        /* Why what carries an item of this key does not, in its own last words; nothing when it does, or says nothing.
         * exit only; NULL elsewhere */
        void (*fault)(pic__backend *b, const char *key, pic__buf *out);
        /* Why nothing carries an item of this key though it is in force: its carrier refused, and that is no reason
         * for a change of others to fail. Its code, with a hint in err; 0: nothing refused. exit only; NULL elsewhere
         */
        int (*refusal)(pic__backend *b, const char *key, pic_error **err);
        /* What carries an item of this key may be there and do nothing. `down`: it has not worked for a while, so it is
         * asked, and replaced when it does not answer. 1: something was replaced since the last call, and `told` says
         * what. exit only; NULL elsewhere */
        int (*revive)(pic__backend *b, const char *key, int down, pic__buf *told);
        /* Whom what carries an item of this key waits for: of those that it has a connection of its own with, by which
         * all it carries goes, those that owe it an answer, else all. How many, of PIC__FAR_ENDS; 0 also where it
         * carries otherwise. exit only; NULL elsewhere */
        size_t (*awaited)(pic__backend *b, const char *key, pic__far_end *out);
        /* Which slots connections have, by number (256 of them, 0: none): what outlives an item and is of no connection
         * any more goes. Removing an item says nothing of that: who turns a connection off, or makes its item anew,
         * keeps it. exit only; NULL elsewhere */
        void (*keep)(pic__backend *b, const uint8_t *slots);
        /* Asks the time server that runs. 1: it answered; 0: none runs, or it does not. ntp only; NULL elsewhere */
        int (*clock)(pic__backend *b, pic__clock_fact *ret);
        /* What the name server that runs has counted, as members of an open JSON object: see <pic/dns.h>. 1: it
         * answered; 0: none runs, or it does not. dns only; NULL elsewhere */
        int (*counts)(pic__backend *b, pic__json *out);
        /* Makes it forget a name and all below it ("." is everything). How many answers, or a code. dns only; NULL
         * elsewhere */
        int (*flush)(pic__backend *b, const char *name, pic_error **err);
        /* Whether the front serves. front only; NULL elsewhere */
        void (*front)(pic__backend *b, pic__front_fact *ret);
        /* Each service that it has. front only; NULL elsewhere */
        void (*services)(pic__backend *b, pic__service_fn fn, void *data);
        void (*doctor)(pic__backend *b, pic__finding_fn fn, void *data);
        /* What of others in that subsystem acts on our packets before ours does, stops them, or leads them past us: by
         * name. Reads only; bounded. May be NULL. */
        void (*strangers)(pic__backend *b, pic__finding_fn fn, void *data);
        /* Called each time the agent's loop has been woken by the interval: look after children and the like. May be
         * NULL. */
        void (*tick)(pic__backend *b);
        /* Takes all of ours out of the subsystem (a clean `pic down`); `keep` leaves what blocks in place. */
        int (*teardown)(pic__backend *b, int keep_block, pic_error **err);
        void (*free)(pic__backend *b);
} pic__backend_ops;

/* First member of every backend's own struct. */
struct pic__backend {
        enum pic__backend_id id;
        const pic__backend_ops *ops;
        const pic__log *log; /* borrowed; may be NULL */
};

#endif
