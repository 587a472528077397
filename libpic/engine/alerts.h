/* The agent's care for alerts: facts are gathered and judged (alert_judge), messages wait in a bounded queue that a
 * restart does not empty, and are sent with patience, by no exit. Rows of the journal about the alert: alert,
 * alert-failed. */
#ifndef PIC_ENGINE_ALERTS_H
#define PIC_ENGINE_ALERTS_H

#include "engine/engine.h"

int pic__engine_alerts_fd(const pic__engine *e); /* readable: turn() is due; -1: nobody waits */
void pic__engine_alerts_turn(pic__engine *e);    /* never waits */
void pic__engine_drop_alerts(pic__engine *e);

/* {"alerts":[…]}: see pic_alert_status(). */
int pic__engine_alerts(pic__engine *e, pic__json *out, pic_error **err);
/* Sends a test. 1: the answer is in out; 0: not yet, ask again. PIC_NOTFOUND; PIC_UNSUPPORTED in the fake world. */
int pic__engine_alert_test(pic__engine *e, const char *name, pic__json *out, pic_error **err);

#endif
