/* One set of checks of plan/backend.h, run against any backend, fake or real. A fake is wrong if both do not pass.
 *
 * A program per backend: it describes its world in a `contract` and calls contract_main(). Real ones live in
 * tests/contract/real_<wg|nft|route|dns>.c (found by name, linked with that room: ctest name contract.<x>, label
 * "root"); they make their own network namespace in open_world (unshare(CLONE_NEWNET)) and exit 77 with a reason aloud
 * when they cannot. */
#ifndef PIC_TESTS_CONTRACT_H
#define PIC_TESTS_CONTRACT_H

#include "plan/backend.h"

/* An item of the sample world. `changed`: another value that the item can take in place, NULL when it has none. */
typedef struct contract_item {
        enum pic__item_kind kind;
        const char *key;
        const char *value;
        const char *changed;
        const uint8_t *secret;         /* or NULL */
        const uint8_t *changed_secret; /* with `changed` (or alone): NULL keeps `secret` */
} contract_item;

enum {
        /* What a subsystem cannot refuse; say in the test why. Without the flag the refusal is required:
         * adding what is there and changing or removing what is not fail with a code and a message. */
        CONTRACT_ADD_TWICE_OK = 1 << 0,
        CONTRACT_REMOVE_ABSENT_OK = 1 << 1,
        /* Secrets are not given back by observe (they are still set): compared as absent. */
        CONTRACT_SECRETS_UNSEEN = 1 << 2,
        /* Everything is gone with the process or the namespace only: teardown is not expected to be seen by a second
           backend. */
        CONTRACT_ONE_INSTANCE = 1 << 3
};

typedef struct contract {
        const char *name; /* "fake.nft" */
        enum pic__backend_id id;
        unsigned flags;
        /* An empty world, fresh for each check; 77 skips the whole program. NULL: nothing to make. Returns 0 or 77. */
        int (*open_world)(void *world);
        void (*close_world)(void *world); /* removes it; may be NULL */
        void *world;
        /* A backend on that world. Called again within one check to see that a second instance observes the same. */
        int (*open)(void *world, pic__backend **ret, pic_error **err);
        const contract_item *base; /* what has to be there before the rest (table, device, server), in order of adding;
                                      may be empty */
        size_t base_count;
        const contract_item *items; /* these come and go, in order of adding */
        size_t item_count;
        /* Somebody else changes one of `items` behind the backend's back: removes it. NULL: not checked. Then the event
         * descriptor has to become readable within a second (if event_fd gives one) and drain() has to answer 1.
         * Returns 0. */
        int (*tamper)(void *world, pic__backend *b, const contract_item *item);
        /* Somebody else changes what is not ours; drain() may answer 0 or 1, observe has to stay the same. NULL: not
         * checked. */
        int (*tamper_foreign)(void *world);
        /* Looks by other means whether anything of ours is left after teardown: 0 nothing. NULL: not checked. */
        int (*leftover)(void *world);
        size_t secret_len; /* of all secrets; 0: 32 bytes */
} contract;

/* Runs all checks on each; the program's exit status. */
int contract_main(const contract *contracts, size_t count);

#endif
