/* Owns: what must hold. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend/fake/fake.h"
#include "plan/judge.h"
#include "sim.h"

void sim_world(sim *s, pic__items *out)
{
        if (pic__engine_observe(s->e, out, NULL) < 0)
                sim_fail(s, "the world cannot be read");
        pic__items_sort(out);
}

static void wished(sim *s, pic__items *out)
{
        pic__snap *snap = NULL;
        pic_error *err = NULL;
        int r = pic__engine_load(s->e, &snap, &(pic_revision){ 0 }, &err);

        if (r == 0)
                r = pic__derive_all(snap, NULL, out, &err);
        if (r < 0)
                sim_fail(s, "derive: %s", pic_error_message(err));
        pic__snap_unref(snap);
        pic__items_sort(out);
}

static int has(const pic__items *items, const pic__item *i)
{
        const pic__item *found = pic__items_find(items, i->kind, i->key);

        return found != NULL && strcmp(found->value, i->value) == 0;
}

static int opens(const pic__item *i)
{
        static const enum pic__item_kind ways[] = { PIC__I_NFT_WAY,       PIC__I_NFT_OPEN,     PIC__I_NFT_RESOLVER4,
                                                    PIC__I_NFT_RESOLVER6, PIC__I_NFT_CARRIER4, PIC__I_NFT_CARRIER6,
                                                    PIC__I_ROUTE_DEFAULT };
        size_t k;

        for (k = 0; k < PIC__COUNT(ways); k++)
                if (i->kind == ways[k])
                        return 1;
        return i->kind >= PIC__I_NFT_PEER4 && i->kind <= PIC__I_NFT_SERVED6;
}

/* After an apply that failed: nothing passes that neither the old wishes nor the new ones let pass. */
static void no_looser(sim *s, const pic__items *old, const pic__items *new)
{
        pic__items there = PIC__ITEMS_INIT;
        size_t i;

        sim_world(s, &there);
        for (i = 0; i < there.count; i++)
                if (opens(&there.at[i]) && !has(old, &there.at[i]) && !has(new, &there.at[i]))
                        sim_fail(s, "after a failure this passes that was never wished: %s = %s", there.at[i].key,
                                 there.at[i].value);
        pic__items_wipe(&there);
}

static void same_world(sim *s, const pic__items *want)
{
        pic__items there = PIC__ITEMS_INIT;
        size_t i;

        sim_world(s, &there);
        for (i = 0; i < there.count; i++)
                if (!has(want, &there.at[i]))
                        sim_fail(s, "the world has %s = %s, which nobody wished", there.at[i].key, there.at[i].value);
        for (i = 0; i < want->count; i++)
                if (!has(&there, &want->at[i]))
                        sim_fail(s, "the world lacks %s = %s (%zu clock jumps)", want->at[i].key, want->at[i].value,
                                 (size_t)s->jumps);
        pic__items_wipe(&there);
}

static void heal(sim *s)
{
        pic_error *err = NULL;
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                pic__fake_fail_at(s->world[i], 0);
        if (pic__engine_apply(s->e, NULL, &err) < 0)
                sim_fail(s, "does not heal: %s", pic_error_message(err));
}

static void refused(sim *s, pic_revision was, const char *before)
{
        char *now = sim_document(s, 0);

        if (sim_revision(s) != was || strcmp(now, before) != 0)
                sim_fail(s, "a change that was refused changed something");
        pic__free(now);
        s->refused++;
}

void sim_judge_change(sim *s, int r, pic_revision was, const char *before, pic__items *old)
{
        pic__items new = PIC__ITEMS_INIT;
        pic_error *err = NULL;

        if (r < 0)
                refused(s, was, before);
        wished(s, &new);
        if (pic__engine_apply(s->e, NULL, &err) < 0) {
                s->failed++;
                pic_error_free(err);
                no_looser(s, old, &new);
                if (sim_roll(s, 3) == 0)
                        sim_restart(s);
                heal(s);
        }
        same_world(s, &new);
        pic__items_wipe(&new);
}

static pic__snap *state_at(sim *s, pic_revision revision)
{
        pic__snap *snap = NULL;
        pic_id *ids = NULL;
        size_t count = 0;

        if (pic__snap_new(&snap, NULL) < 0 || pic__store_at(s->e->store, revision, snap, NULL) < 0 ||
            pic__snap_now(snap, s->wall, &ids, &count, NULL) < 0)
                sim_fail(s, "revision %" PRId64 " cannot be read", revision);
        pic__free(ids);
        return snap;
}

/* What was committed without a reason breaks no assertion that held before. */
void sim_judge_assertions(sim *s, pic_revision was, int override)
{
        pic__snap *before = state_at(s, was), *now = state_at(s, sim_revision(s));
        pic__judge *j = NULL;

        if (pic__judge_new(&j, NULL) < 0 || pic__judge_now(j, now, NULL) < 0 || pic__judge_was(j, before, NULL) < 0)
                sim_fail(s, "no judgement");
        if (pic__judge_count(j) > 0 && !override)
                sim_fail(s, "%s is broken without a reason", pic__judge_breach(j, 0)->rule);
        s->broken += pic__judge_count(j) > 0;
        s->held += pic__judge_count(j) == 0 && pic__snap_count(now, PIC__ASSERTION) > 0;
        pic__judge_unref(j);
        pic__snap_unref(before);
        pic__snap_unref(now);
}

void sim_keep(sim *s)
{
        size_t i = sim_roll(s, SIM_KEPT);
        char *now = sim_document(s, 0), *then;

        if (s->kept[i].text != NULL) {
                then = sim_document(s, s->kept[i].revision);
                if (strcmp(then, s->kept[i].text) != 0)
                        sim_fail(s, "revision %" PRId64 " is remembered otherwise:\n%s\nwas:\n%s", s->kept[i].revision,
                                 then, s->kept[i].text);
                pic__free(then);
                pic__free(s->kept[i].text);
        }
        s->kept[i].revision = sim_revision(s);
        s->kept[i].text = now;
}

void sim_judge_all(sim *s)
{
        pic_error *err = NULL;
        pic__trail trail;

        s->checks++;
        if (pic__store_check(s->e->store, &err) < 0)
                sim_fail(s, "the store: %s", pic_error_message(err));
        if (pic__store_trail(s->e->store, NULL, NULL, &trail, &err) < 0)
                sim_fail(s, "the trail: %s", pic_error_message(err));
        if (trail.bad != 0)
                sim_fail(s, "the trail: %s", trail.what);
}
