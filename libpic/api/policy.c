/* Owns: the allowed-packet table as text and as JSON. What it says is plan's. */
#include "plan/policy.h"

#include <string.h>

#include "api/api.h"

static void put_json(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind,
                     enum pic__policy_verdict verdict, void *data)
{
        pic__json *j = data;

        pic__json_open(j, '{');
        pic__json_kstr(j, "carries", pic__policy_caps[cap]);
        pic__json_kstr(j, "state", pic__policy_states[state]);
        pic__json_kstr(j, "packet", pic__policy_kinds[kind]);
        pic__json_kstr(j, "verdict", pic__policy_verdicts[verdict]);
        pic__json_close(j, '}');
}

static void as_json(pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__json_open(&j, '[');
        pic__policy_each(put_json, &j);
        pic__json_close(&j, ']');
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

        pic__buf_putf(out, "%s%s: %s\n%-18s", cap > 0 ? "\n" : "", pic__policy_caps[cap], titles[cap], "");
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

int pic_connection_policy(uint32_t flags, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        unsigned cap;

        if (ret_report == NULL || (flags & ~(uint32_t)PIC_POLICY_JSON) != 0)
                return pic__api_bad(err, "pic_connection_policy", "ret_report or flags is not valid");
        if ((flags & PIC_POLICY_JSON) != 0)
                as_json(&text);
        for (cap = 0; (flags & PIC_POLICY_JSON) == 0 && cap < PIC__CAPS; cap++)
                put_table((enum pic__policy_cap)cap, &text);
        if ((flags & PIC_POLICY_JSON) == 0)
                pic__buf_puts(&text, legend);
        return pic__report_new(&text, 1, ret_report, err);
}
