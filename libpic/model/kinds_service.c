/* Owns: the field table of services: see kinds.c. What a target may be: service.c. */
#include "model/kinds_more.h"

#define NOTE "free text, one line"

const pic__field pic__service_fields[PIC__SERVICE_FIELDS] = {
        { .name = "name",
          .type = PIC__T_NAME,
          .flags = PIC__F_NAME | PIC__F_REQUIRED | PIC__F_LABEL,
          .refused = "cell|portal|ns|ntp|localhost|internet|lan|peers",
          .placeholder = "NAME",
          .help = "name of the service: https://NAME.<cell>.<domain>/, and service:NAME grants it" },
        { .name = "target",
          .type = PIC__T_TEXT,
          .flags = PIC__F_REQUIRED,
          .min = 1,
          .max = 320,
          .hint = "Where it is now: --target http://192.168.1.10:8080, http://nas:5000 (a device or a name of the "
                  "cell) or http://127.0.0.1:8096 (this machine)",
          .placeholder = "http|https://HOST[:PORT]",
          .help = "where it is: an address, or a device or own name of the cell; http or https, without a path" },
        { .name = "verify",
          .type = PIC__T_BOOL,
          .def = "false",
          .placeholder = "yes|no",
          .help = "whether an https target must have a certificate for its name that this machine trusts; no: any "
                  "will do" },
        { .name = "enabled",
          .type = PIC__T_BOOL,
          .def = "true",
          .placeholder = "yes|no",
          .help = "whether it is served; no: its grants reach nothing" },
        { .name = "address4",
          .type = PIC__T_ADDR4,
          .flags = PIC__F_UNIQUE,
          .placeholder = "ADDRESS",
          .help = "IPv4 address in the cell's network; chosen by the cell unless given" },
        { .name = "address6",
          .type = PIC__T_ADDR6,
          .flags = PIC__F_UNIQUE,
          .placeholder = "ADDRESS",
          .help = "IPv6 address in the cell's network; chosen by the cell unless given" },
        { .name = "door",
          .type = PIC__T_INT,
          .flags = PIC__F_SYSTEM,
          .min = 1,
          .max = 100, /* PIC__SERVICES_MAX */
          .placeholder = "NUMBER",
          .help = "which of the front's doors is its own" },
        { .name = "note", .type = PIC__T_TEXT, .min = 0, .max = 500, .placeholder = "TEXT", .help = NOTE },
};
