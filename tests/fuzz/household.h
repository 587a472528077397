/* What holds of any household that was read, whatever the bytes were. */
#ifndef PIC_FUZZ_HOUSEHOLD_H
#define PIC_FUZZ_HOUSEHOLD_H

#include "fuzz.h"

#include "codec/doc.h"
#include "household/report.h"
#include "model/key.h"
#include "model/text.h"

static void good_findings(const pic__household *h)
{
        size_t i, k;

        must(h->findings.count <= PIC__HOUSEHOLD_FINDINGS);
        for (i = 0; i < h->findings.count; i++)
                for (k = 0; h->findings.at[i].message[k] != '\0'; k++)
                        must((unsigned char)h->findings.at[i].message[k] >= ' '); /* one line */
}

/* Whoever wrote a private key where a public one belongs is told it. */
static int is_public(const pic__household *h, const char *key)
{
        size_t i;

        for (i = 0; i < h->devices.count; i++)
                if (h->devices.at[i]->public_key != NULL && strcmp(h->devices.at[i]->public_key, key) == 0)
                        return 1;
        return 0;
}

static void untold(const pic__household *h, const char *report, const char *key)
{
        must(key == NULL || strstr(report, key) == NULL || is_public(h, key));
}

/* Keys that are taken are told nowhere. */
static void no_keys(const pic__household *h, const char *report)
{
        size_t i;

        untold(h, report, h->private_key);
        for (i = 0; i < h->devices.count && i < 20; i++) {
                untold(h, report, h->devices.at[i]->private_key);
                untold(h, report, h->devices.at[i]->preshared);
        }
}

static void good_devices(const pic__household *h)
{
        size_t i, j;

        must(h->devices.count <= PIC__HOUSEHOLD_DEVICES);
        for (i = 0; i < h->devices.count; i++) {
                const pic__device *d = h->devices.at[i];
                int k;

                if (d->dropped)
                        continue;
                must(d->public_key != NULL && strlen(d->public_key) == PIC__KEY_TEXT - 1);
                must(d->name != NULL && pic__name_rule(d->name) == NULL);
                for (k = 0; k < 2; k++)
                        must(d->address[k].family == 0 || pic__prefix_has(&h->net[k], &d->address[k]));
                for (j = 0; j < i && j < 50; j++) {
                        const pic__device *o = h->devices.at[j];

                        if (o->dropped)
                                continue;
                        must(!pic__same_name(o->name, d->name) && strcmp(o->public_key, d->public_key) != 0);
                        for (k = 0; k < 2; k++)
                                must(d->address[k].family == 0 || pic__addr_cmp(&o->address[k], &d->address[k]) != 0);
                }
        }
}

static void settle_and_tell(pic__household *h)
{
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic_error *err = NULL;
        pic__doc *doc = NULL;

        h->product = "x";
        if (pic__household_settle(h, &err) == 0) {
                good_devices(h);
                pic__household_report(h, "/x", 1, &j);
                if (out.len < PIC__DOC_TEXT)
                        must(pic__doc_json(pic__buf_str(&out), out.len, "report", &doc, NULL) == 0);
                no_keys(h, pic__buf_str(&out));
        } else {
                must(err != NULL);
        }
        good_findings(h);
        pic_error_free(err);
        (void)pic__doc_unref(doc);
        pic__buf_free(&out);
}

#endif
