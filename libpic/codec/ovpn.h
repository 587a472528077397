/* A provider's .ovpn profile (openvpn 2.6) becomes the fields of a connection of type openvpn:
 *   type, remotes, dns, user, password (secret), profile (secret)
 * remotes: HOST:PORT/PROTO,… in the profile's order, [V6]:PORT/PROTO; PROTO is udp or tcp, with 4 or 6 behind it when
 * the profile wants that family alone. dns: what its `dhcp-option` and `dns` lines name. user, password: from an
 * <auth-user-pass> or the file of that directive.
 * profile: the normalised text, for openvpn's --config: only directives of the table (ovpn_table.h) that may be kept,
 * each in a line and checked, all files inline, nothing else of them than their PEM blocks. It has a bare line
 * "auth-user-pass" when the far end wants a login, and no `remote` and no `proto`: names are resolved by the cell, and
 * the carrier is told "remote ADDRESS PORT PROTO" for each. */
#ifndef PIC_CODEC_OVPN_H
#define PIC_CODEC_OVPN_H

#include "codec/import.h"

#define PIC__OVPN_TEXT ((size_t)256 << 10)
#define PIC__OVPN_FILE_MAX ((size_t)128 << 10) /* of a file beside it */
#define PIC__OVPN_PROFILE ((size_t)256 << 10)  /* the normalised text */
#define PIC__OVPN_REMOTES 64
#define PIC__OVPN_ITEMS 2000 /* directives and blocks */

/* PIC_SYNTAX for what is no profile, PIC_UNSUPPORTED for what is refused, PIC_VALUE for words that a directive does not
 * take, and what the callbacks answer. `told` may be NULL; its warnings are set in any case. */
int pic__ovpn_read(const pic__import *in, pic__imported *told, pic_error **err);

#endif
