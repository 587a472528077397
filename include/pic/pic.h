/* <pic/pic.h>: all of libpic. */
#ifndef PIC_PIC_H
#define PIC_PIC_H

#include <pic/age.h>
#include <pic/agent.h>
#include <pic/alert.h>
#include <pic/audit.h>
#include <pic/auth.h>
#include <pic/backup.h>
#include <pic/cancel.h>
#include <pic/cell.h>
#include <pic/cert.h>
#include <pic/connection.h>
#include <pic/ctx.h>
#include <pic/dns.h>
#include <pic/domain.h>
#include <pic/edit.h>
#include <pic/error.h>
#include <pic/event.h>
#include <pic/export.h>
#include <pic/front.h>
#include <pic/history.h>
#include <pic/import.h>
#include <pic/log.h>
#include <pic/ntp.h>
#include <pic/object.h>
#include <pic/peer.h>
#include <pic/plan.h>
#include <pic/schema.h>
#include <pic/status.h>
#include <pic/target.h>
#include <pic/traffic.h>
#include <pic/types.h>
#include <pic/version.h>

#endif
