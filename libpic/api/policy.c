/* Owns: the allowed-packet table as text and as JSON, whole or of some connections. What it says is plan's. */
#include "plan/policy.h"

#include <string.h>

#include "api/api.h"
#include "model/exit.h"
#include "model/text.h"

#define BIT(cap) (1u << (cap))
#define ALL (BIT(PIC__CAPS) - 1)

struct rows {
        pic__json j;
        unsigned caps;
};

static void put_json(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind,
                     enum pic__policy_verdict verdict, void *data)
{
        struct rows *rows = data;
        pic__json *j = &rows->j;

        if ((rows->caps & BIT(cap)) == 0)
                return;
        pic__json_open(j, '{');
        pic__json_kstr(j, "carries", pic__policy_caps[cap]);
        pic__json_kstr(j, "state", pic__policy_states[state]);
        pic__json_kstr(j, "packet", pic__policy_kinds[kind]);
        pic__json_kstr(j, "verdict", pic__policy_verdicts[verdict]);
        pic__json_close(j, '}');
}

static void as_json(unsigned caps, pic__buf *out)
{
        struct rows rows = { PIC__JSON(out), caps };

        pic__json_open(&rows.j, '[');
        pic__policy_each(put_json, &rows);
        pic__json_close(&rows.j, ']');
}

/* Of which connections a table is. */
static const char *const titles[PIC__CAPS] = {
        [PIC__CAP_FULL] = "carries both families (wireguard, openvpn)",
        [PIC__CAP_V4] = "carries IPv4 only (wireguard, openvpn without an IPv6 address)",
        [PIC__CAP_V6] = "carries IPv6 only",
        [PIC__CAP_TCP] = "carries TCP of both families (tor)",
        [PIC__CAP_TCP4] = "carries TCP of IPv4 (ssh, proxy)",
        [PIC__CAP_BLOCK] = "carries nothing (block)",
};

static void put_table(enum pic__policy_cap cap, pic__buf *out)
{
        unsigned state, kind;

        pic__buf_putf(out, "%s%s: %s\n%-18s", out->len > 0 ? "\n" : "", pic__policy_caps[cap], titles[cap], "");
        for (state = 0; state < PIC__EXIT_STATES; state++)
                pic__buf_putf(out, " %s%*s", pic__policy_states[state],
                              (int)(state + 1 < PIC__EXIT_STATES ? 9 - strlen(pic__policy_states[state]) : 0), "");
        pic__buf_putc(out, '\n');
        for (kind = 0; kind < PIC__PACKET_KINDS; kind++) {
                pic__buf_putf(out, "%-18s", pic__policy_kinds[kind]);
                for (state = 0; state < PIC__EXIT_STATES; state++) {
                        const char *word = pic__policy_verdicts[pic__policy(cap, (enum pic__policy_state)state,
                                                                            (enum pic__policy_kind)kind)];

                        pic__buf_putf(out, " %s%*s", word, (int)(state + 1 < PIC__EXIT_STATES ? 9 - strlen(word) : 0),
                                      "");
                }
                pic__buf_putc(out, '\n');
        }
}

/* What the words mean. */
static const char legend[] =
        "\nabsent    turned off, removed, or not made yet     starting   made, and carries nothing yet\n"
        "failed    does not answer: closed                  opened     the same for a device with failopen\n"
        "switching a group moves to another member          stopping   it is being taken away\n"
        "\ntunnel    leaves inside the carrier's packets, or not at all\n"
        "resolver  answered by the exit's own resolver\n"
        "cell      answered or carried by the cell, never by a default route\n"
        "outside   by the machine's own way out\n"
        "reject    refused at once                          drop       nothing comes back\n"
        "\ndevice    what a device sends: dns to port 53, dot to port 853, near to private networks that it may reach\n"
        "resolver  what the exit's resolver asks: queries of the far side, the cell's own names of the cell\n"
        "carrier   what the exit's programs send: to the far end; elsewhere; to host, device, another exit\n";

/* --- whose ------------------------------------------------------------------------------------------------------ */

/* What those of a type can carry; which of it, its addresses or its far end say. */
static const struct {
        const char *type;
        unsigned caps;
} types[] = {
        { "wireguard", BIT(PIC__CAP_FULL) | BIT(PIC__CAP_V4) | BIT(PIC__CAP_V6) },
        { "openvpn", BIT(PIC__CAP_FULL) | BIT(PIC__CAP_V4) | BIT(PIC__CAP_V6) },
        { "tor", BIT(PIC__CAP_TCP) },
        { "ssh", BIT(PIC__CAP_TCP4) },
        { "proxy", BIT(PIC__CAP_TCP4) },
        { "block", BIT(PIC__CAP_BLOCK) },
        { "group", ALL }, /* as its member in use */
};

/* 0: it is no type, nor a word for what is carried. */
static unsigned caps_of_word(const char *word)
{
        unsigned i;

        for (i = 0; i < PIC__COUNT(types); i++)
                if (pic__same_name(types[i].type, word))
                        return types[i].caps;
        for (i = 0; i < PIC__CAPS; i++)
                if (pic__same_name(pic__policy_caps[i], word))
                        return BIT(i);
        return 0;
}

static unsigned caps_of_one(const pic_obj *c)
{
        int tcp = pic__exit_is(c, "tor") || pic__exit_is(c, "ssh") || pic__exit_is(c, "proxy");

        if (pic__exit_is(c, "openvpn")) /* what its far end hands out is known when it is up */
                return caps_of_word("openvpn");
        if (pic__exit_is(c, "block"))
                return BIT(PIC__CAP_BLOCK);
        return BIT(pic__policy_cap_of(tcp, pic__exit_carries(c, 4), pic__exit_carries(c, 6)));
}

static unsigned caps_of(const pic__snap *s, const pic_obj *c)
{
        const char *at = pic__obj_text(c, "members");
        unsigned caps = 0;
        char name[80];

        if (!pic__exit_is(c, "group"))
                return caps_of_one(c);
        while (pic__list_next(&at, name, sizeof(name))) {
                const pic_obj *member = pic__snap_named(s, PIC__CONNECTION, name);

                if (member != NULL)
                        caps |= caps_of_one(member);
        }
        return caps;
}

static int find(pic_ctx *ctx, const char *of, unsigned *ret_caps, pic_error **err)
{
        pic_error *bad = NULL;
        pic__snap *s = NULL;
        const pic_obj *c;
        int r = ctx != NULL ? pic__ctx_load(ctx, &s, NULL, &bad) : 0;

        *ret_caps = caps_of_word(of);
        c = s != NULL ? pic__snap_named(s, PIC__CONNECTION, of) : NULL;
        if (c != NULL)
                *ret_caps = caps_of(s, c);
        pic__snap_unref(s);
        if (*ret_caps == 0 && r < 0) {
                pic__err_append(err, bad);
                return r;
        }
        pic_error_free(bad);
        if (*ret_caps != 0)
                return 0;
        (void)pic__fail(err, PIC_NOTFOUND, "no connection is named %s, and no type of them", of);
        pic__hint(err, "Types: wireguard, openvpn, tor, ssh, proxy, block, group. Names: pic connection list");
        return PIC_NOTFOUND;
}

int pic_connection_policy(pic_ctx *ctx, const char *of, uint32_t flags, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        unsigned cap, caps = ALL;
        int r = 0;

        if (ret_report == NULL || (flags & ~(uint32_t)PIC_POLICY_JSON) != 0)
                return pic__api_bad(err, "pic_connection_policy", "ret_report or flags is not valid");
        if (ctx != NULL && !pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_connection_policy", "ctx is not valid");
        if (of != NULL)
                r = find(ctx, of, &caps, err);
        if (r < 0)
                return r;
        if ((flags & PIC_POLICY_JSON) != 0)
                as_json(caps, &text);
        for (cap = 0; (flags & PIC_POLICY_JSON) == 0 && cap < PIC__CAPS; cap++)
                if ((caps & BIT(cap)) != 0)
                        put_table((enum pic__policy_cap)cap, &text);
        if ((flags & PIC_POLICY_JSON) == 0)
                pic__buf_puts(&text, legend);
        return pic__report_new(&text, 1, ret_report, err);
}
