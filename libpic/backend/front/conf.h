/* The server's item as a plain value, and haproxy's configuration that follows from it. */
#ifndef PIC_BACKEND_FRONT_CONF_H
#define PIC_BACKEND_FRONT_CONF_H

#include "base/buf.h"
#include "base/err.h"
#include "model/net.h"
#include "model/service.h"

#define PIC__FRONT_LISTEN_MAX 8

/* Names of its files, as they stand in the configuration and in commands to its socket. It stands in their directory.
 */
#define PIC__FRONT_CONF "front.cfg"
#define PIC__FRONT_CERTS "certs"     /* list of certificates */
#define PIC__FRONT_HOSTS "hosts.map" /* name that is asked for -> who serves it */
#define PIC__FRONT_PEERS "peers.map" /* address -> whose it is; nobody else gets an answer */
/* The same for services, which are reached at addresses of their own. */
#define PIC__FRONT_SERVED "service-certs"  /* list of certificates; nobody is shown one who names no service */
#define PIC__FRONT_PLACES "places.map"     /* address that was dialled -> service */
#define PIC__FRONT_DOORS "doors.map"       /* port that was led to -> service, of IPv6 */
#define PIC__FRONT_NAMES "names.map"       /* name that is asked for -> service */
#define PIC__FRONT_OUTNAMES "outside.map"  /* name that everybody may ask for -> service */
#define PIC__FRONT_OUTSIDE "outside-certs" /* list of certificates */
#define PIC__FRONT_SERVERS "servers.map"   /* service -> the server that has it */
#define PIC__FRONT_SERVICES "services"     /* the backend of all of them */
#define PIC__FRONT_FACTS "facts.map"       /* "secret" -> what pic-http knows us by */
#define PIC__FRONT_SOCKET "sock"
#define PIC__FRONT_USER 61120 /* of nobody else: behind the last of those that exits have (backend/exit) */
/* The certificate that is shown to who names nobody. It is always there: at first one that nobody trusts. */
#define PIC__FRONT_FIRST "front"

/* "listen=ADDR,…", and " outside=yes" */
typedef struct pic__front_conf {
        pic__addr listen[PIC__FRONT_LISTEN_MAX];
        size_t listens;
        int outside; /* at 80 and 443 of all addresses of this machine too, for some services */
} pic__front_conf;

/* PIC_INVALID: it is no such value. */
int pic__front_conf_parse(const char *value, pic__front_conf *ret, pic_error **err);
int pic__front_conf_text(const pic__front_conf *c, pic__buf *out);

/* Whether they can stand in a command to the socket: no blanks, ASCII that is seen. */
int pic__front_key_ok(const char *key);
int pic__front_value_ok(const char *value);
/* A certificate's: letters, digits, "-", "_" and "."; it is a file's name to haproxy. */
int pic__front_name_ok(const char *name);

#endif
