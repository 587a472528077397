/* Alerts as objects: whom to tell, and of what. */
#ifndef PIC_MODEL_ALERT_H
#define PIC_MODEL_ALERT_H

#include "base/buf.h"
#include "model/snap.h"

#define PIC__ALERTS_MAX 16

/* All that may be told: the one list. Name; what it is called in a title; a tag of ntfy's. */
#define PIC__ALERT_EVENTS(X)                                                  \
        X(EXIT, "exit", "a connection is down", "electric_plug")              \
        X(PEER_NEW, "peer_new", "a new device", "new")                        \
        X(PEER_SILENT, "peer_silent", "a device is silent", "zzz")            \
        X(PEER_ENDPOINT, "peer_endpoint", "a device's address flaps", "eyes") \
        X(CERTIFICATE, "certificate", "a certificate", "lock")                \
        X(BACKUP, "backup", "backups", "floppy_disk")                         \
        X(DISK, "disk", "disk or memory", "file_cabinet")                     \
        X(DRIFT, "drift", "others changed something", "hammer")               \
        X(LOGIN, "login", "somebody was refused", "key")                      \
        X(AGENT, "agent", "the cell itself", "gear")                          \
        X(CLOCK, "clock", "the clock", "clock3")                              \
        X(NAMES, "names", "names", "card_index")                              \
        X(NETWORK, "network", "the network", "satellite")

enum pic__alert_event {
#define PIC__X(id, name, title, tag) PIC__ALERT_##id,
        PIC__ALERT_EVENTS(PIC__X)
#undef PIC__X
                PIC__ALERT_EVENT_COUNT
};

struct pic__alert_event_info {
        const char *name, *title, *tag;
};
extern const struct pic__alert_event_info pic__alert_events[PIC__ALERT_EVENT_COUNT];
int pic__alert_event_find(const char *name); /* or -1 */

enum pic__alert_way { PIC__ALERT_WEBHOOK, PIC__ALERT_NTFY, PIC__ALERT_MAIL };

/* Where `to` leads. */
typedef struct pic__alert_target {
        enum pic__alert_way way;
        char base[300];  /* "https://host:port" of ntfy, "smtp://host:port" of mail; of a webhook all of it */
        char topic[65];  /* ntfy */
        char place[280]; /* host and port, for people: never the path, where others put secrets */
        int self;        /* this machine */
} pic__alert_target;
/* 0, or -1 and the rule that it breaks. */
int pic__alert_target_parse(const char *to, pic__alert_target *ret, const char **ret_rule);
/* "22:00-07:00": minutes of a day. -1: it is none. */
int pic__alert_quiet_parse(const char *text, int *ret_from, int *ret_to);
/* 1: this minute of a day is quiet. */
int pic__alert_quiet_has(int from, int to, int minute);

/* The rules of its fields; added to *list. */
void pic__alert_check(const pic_obj *o, pic_error **list);
int pic__alert_wants(const pic_obj *o, enum pic__alert_event event);
/* 1: it is about this device: about all, or by name, or by one of its groups. */
int pic__alert_about(const pic_obj *o, const pic_obj *peer);

#endif
