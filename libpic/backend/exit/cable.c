/* Owns: both ends of the cable between cell and exit, the tunnel's end inside, and the routes inside. All is said in
 * words that can be said again: what is there already is fine.
 *
 * Inside, whose packet it is decides where it goes: the carrier's own by table 100 to the cell; everything else by the
 * main table into the tunnel, whose last route is `unreachable`. So an address can be the far end of the tunnel and the
 * goal of a device at once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "backend/exit/link.h"
#include "backend/exit/way.h"
#include "sys/file.h"

/* The kernel takes up to a second to see that a cable is plugged in, and drops what is sent meanwhile, if both ends
 * happen to have the same number in their namespaces; if they differ it sees it at once. So ours is high. */
#define LINK_INDEX (1u << 20)

#define AROUND 80u  /* what WireGuard puts around a packet: 40 of IPv6, 8 of UDP, 32 of its own */
#define CABLE 1500u /* what our own cable takes */
#define LEAST4 576u
#define LEAST6 1280u /* a link that takes less has no IPv6: rather are its outer packets cut in two */

/* Constant; the words of a batch come from files that we wrote from numbers and addresses. */
static const char sysctl_script[] = "cd /proc/sys/net\n"
                                    "echo 1 >ipv4/ip_forward\n"
                                    "for d in all default cell0; do echo 0 >ipv4/conf/$d/rp_filter\n"
                                    "echo 0 >ipv4/conf/$d/accept_redirects; echo 0 >ipv4/conf/$d/send_redirects; done\n"
                                    "echo 53 >ipv4/ip_unprivileged_port_start\n"
                                    "echo 1 >ipv4/tcp_mtu_probing\n"
                                    "if [ -d ipv6 ]; then\n"
                                    "for d in all default cell0; do echo 0 >ipv6/conf/$d/disable_ipv6\n"
                                    "echo 0 >ipv6/conf/$d/accept_ra; echo 0 >ipv6/conf/$d/accept_redirects; done\n"
                                    "echo 1 >ipv6/conf/all/forwarding\n"
                                    "fi\n"
                                    "ip -4 -batch " PIC__EXIT_HOME "/net4 || exit 1\n"
                                    "[ ! -d ipv6 ] || exec ip -6 -batch " PIC__EXIT_HOME "/net6\n";

static int has_ipv6(void)
{
        return access("/proc/sys/net/ipv6", F_OK) == 0;
}

/* --- the cell's end --------------------------------------------------------------------------------------------- */

int pic__cable_stands(const pic__exit_space *s)
{
        pic__exit_link_info link;

        return pic__exit_link_get(s->dev, &link, NULL) > 0 && link.ours && link.veth && link.up;
}

int pic__cable_conflict(const pic__exit_space *s, pic_error **err)
{
        pic__exit_link_info link;
        int r = pic__exit_link_get(s->dev, &link, err);

        if (r <= 0 || link.ours)
                return r < 0 ? r : 0;
        pic__fail(err, PIC_CONFLICT, "there is a network device %s that is not ours", s->dev);
        pic__hint(err, "see what it is with `ip -d link show %s`, and rename or remove it", s->dev);
        return PIC_CONFLICT;
}

static void delete_link(const char *name)
{
        const char *argv[] = { "ip", "link", "delete", "dev", name, NULL };

        (void)pic__cmd_run(argv, NULL, NULL, NULL, NULL);
}

/* Under its working name nobody else's can be. */
static const char *working_name(const pic__exit_space *s, char name[PIC__EXIT_DEV + 1])
{
        snprintf(name, PIC__EXIT_DEV + 1, "%s~", s->dev);
        return name;
}

void pic__cable_cut(const pic__exit_space *s)
{
        pic__exit_link_info link;
        char name[PIC__EXIT_DEV + 1];

        if (pic__exit_link_get(s->dev, &link, NULL) > 0 && link.ours)
                delete_link(s->dev);
        if (pic__exit_link_get(working_name(s, name), &link, NULL) > 0)
                delete_link(name);
}

/* Of a device that is just made: what the machine's defaults are does not matter then. */
static void set_sysctl(const char *dev, const char *family, const char *name, const char *value)
{
        char path[128];
        int fd;

        snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, dev, name);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return;
        (void)!write(fd, value, strlen(value));
        close(fd);
}

static int ip_batch(const pic__buf *text, pic_error **err)
{
        const char *argv[] = { "ip", "-batch", "-", NULL };
        pic__cmd_opts opts = { .input = text->data, .input_len = text->len };

        return text->failed ? pic__nomem(err) : pic__cmd_run(argv, &opts, NULL, NULL, err);
}

static int lay_outside(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char name[PIC__EXIT_DEV + 1], address[PIC__ADDR_TEXT];
        int r;

        working_name(s, name);
        pic__buf_putf(&text, "link add dev %s index %u type veth peer name " PIC__EXIT_LINK " netns %d\n", name,
                      LINK_INDEX + s->slot, (int)pic__child_pid(s->holder));
        r = ip_batch(&text, err);
        if (r < 0)
                return r;
        set_sysctl(name, "ipv4", "rp_filter", "2");
        set_sysctl(name, "ipv4", "accept_redirects", "0");
        set_sysctl(name, "ipv6", "disable_ipv6", "0");
        set_sysctl(name, "ipv6", "accept_ra", "0");
        set_sysctl(name, "ipv6", "accept_redirects", "0");
        pic__buf_clear(&text);
        pic__buf_putf(&text, "link set dev %s addrgenmode none\n", name);
        pic__buf_putf(&text, "address add %s/%d dev %s\n", pic__addr_print(&c->cell4, address), PIC__EXIT_LINK4_LEN,
                      name);
        if (has_ipv6())
                pic__buf_putf(&text, "address add %s/%d dev %s nodad\n", pic__addr_print(&c->cell6, address),
                              PIC__EXIT_LINK6_LEN, name);
        pic__buf_putf(&text, "link set dev %s name %s alias " PIC__EXIT_ALIAS " up\n", name, s->dev);
        return ip_batch(&text, err);
}

/* The far end's own address of the wire. */
#define WIRE_TEXT 24
static const char *wire_of(const pic__exit_space *s, char text[WIRE_TEXT])
{
        snprintf(text, WIRE_TEXT, "02:70:69:63:78:%02x", s->slot & 0xffu);
        return text;
}

/* What goes to a filter comes from a device, and the kernel has no address of its own to ask its neighbour with (IPv6:
 * there is no link-local one): it is told. */
static int tell_neighbour(const pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char wire[WIRE_TEXT], address[PIC__ADDR_TEXT];

        pic__buf_putf(&text, "neigh replace %s lladdr %s dev %s nud permanent\n", pic__addr_print(&c->exit4, address),
                      wire_of(s, wire), s->dev);
        if (has_ipv6())
                pic__buf_putf(&text, "neigh replace %s lladdr %s dev %s nud permanent\n",
                              pic__addr_print(&c->exit6, address), wire, s->dev);
        return ip_batch(&text, err);
}

/* --- inside ----------------------------------------------------------------------------------------------------- */

/* `self`: what such a connection comes from, so that the redirector's answers stay in the machine. */
static void put_rules(const pic__exit_space *s, int sieved, const char *self, pic__buf *out)
{
        unsigned carrier = pic__space_user(s, 0), resolver = pic__space_user(s, 1);
        int tcp_only = s->carrier != NULL && (s->carrier->flags & PIC__CARRIER_TCP_ONLY) != 0;

        pic__buf_puts(out, "rule flush\nrule add pref 32766 lookup main\n");
        /* What no route takes is led to the firewall, which refuses it: TCP with a reset. An unreachable route answers
         * with ICMP, which a connection that begins takes for a passing trouble. The floor is a rule: as a route of
         * main it would end the lookup of rule 102, which leaves out only routes that lead somewhere. */
        pic__buf_putf(out, "rule add pref 32767 iif " PIC__EXIT_LINK " lookup %d\n", PIC__EXIT_TABLE);
        pic__buf_puts(out, "rule add pref 32768 unreachable\n");
        if (sieved)
                pic__buf_putf(out, "rule add pref 99 uidrange %u-%u lookup %d\n", PIC__SIEVE_USER, PIC__SIEVE_USER,
                              PIC__EXIT_TABLE);
        pic__buf_putf(out, "rule add pref 100 uidrange %u-%u lookup %d\n", carrier, carrier, PIC__EXIT_TABLE);
        pic__buf_putf(out, "rule add pref 101 fwmark 0x%x lookup %d\n", PIC__EXIT_MARK, PIC__EXIT_TABLE);
        if (!tcp_only)
                return;
        /* Its connections are turned to the redirector after they were routed: any route into the machine will do. */
        pic__buf_puts(out, "rule add pref 102 lookup main suppress_prefixlength 0\n");
        pic__buf_putf(out, "rule add pref 103 uidrange %u-%u lookup %d\n", resolver, resolver, PIC__EXIT_TABLE + 1);
        pic__buf_putf(out, "route replace local default dev lo src %s table %d\n", self, PIC__EXIT_TABLE + 1);
}

static void put_inside(const pic__exit_space *s, const pic__exit_conf *c, int family, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];

        if (family == 4)
                pic__buf_puts(out, "link set dev lo up\nlink set dev " PIC__EXIT_LINK " addrgenmode none\n");
        if (family == 4 && pic__exit_sieved(c))
                pic__buf_putf(out, "link set dev " PIC__EXIT_LINK " address %s\n", wire_of(s, text));
        /* Anew, so that the route that comes with it is there whatever was flushed. */
        pic__buf_puts(out, "address flush dev " PIC__EXIT_LINK "\n");
        pic__buf_putf(out, "address add %s/%d dev " PIC__EXIT_LINK "%s\n",
                      pic__addr_print(family == 4 ? &c->exit4 : &c->exit6, text),
                      family == 4 ? PIC__EXIT_LINK4_LEN : PIC__EXIT_LINK6_LEN, family == 4 ? "" : " nodad");
        pic__buf_puts(out, "link set dev " PIC__EXIT_LINK " up\n");
        put_rules(s, pic__exit_sieved(c), pic__addr_print(family == 4 ? &c->exit4 : &c->exit6, text),
                  out); /* first: a gateway is looked for by them */
        pic__buf_putf(out, "route replace default via %s dev " PIC__EXIT_LINK " table %d\n",
                      pic__addr_print(family == 4 ? &c->cell4 : &c->cell6, text), PIC__EXIT_TABLE);
}

static int lay_inside(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        static const char *const argv[] = { "sh", "-c", sysctl_script, NULL };
        static const struct {
                int family;
                const char *file;
        } batches[] = { { 4, "net4" }, { 6, "net6" } };
        size_t i;
        int r = 0;

        for (i = 0; i < PIC__COUNT(batches) && r == 0; i++) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;
                pic__auto_free char *path = pic__space_file(s, batches[i].file);

                put_inside(s, c, batches[i].family, &text);
                if (path == NULL || text.failed)
                        return pic__nomem(err);
                r = pic__file_write(path, text.data, text.len, 0644, err);
        }
        return r < 0 ? r : pic__inside_run(s, PIC__INSIDE_ROOT, argv, NULL, 0, NULL, err);
}

int pic__cable_lay(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__exit_link_info link;
        int r = pic__cable_conflict(s, err);

        if (r < 0)
                return r;
        if (!pic__cable_stands(s)) {
                pic__cable_cut(s);
                r = lay_outside(s, c, err);
        }
        if (r == 0)
                r = lay_inside(s, c, err);
        if (r == 0 && pic__exit_sieved(c))
                r = tell_neighbour(s, c, err);
        if (r == 0 && pic__exit_link_get(s->dev, &link, NULL) > 0)
                s->nsid = link.peer_nsid;
        return r;
}

/* --- the tunnel's end ------------------------------------------------------------------------------------------- */

int pic__tunnel_make(const pic__exit_space *s, pic_error **err)
{
        static const char script[] =
                "ip link show dev " PIC__EXIT_DEVICE " >/dev/null 2>&1 || exec ip tuntap add dev " PIC__EXIT_DEVICE
                " mode tun user \"$1\"";
        char user[16];
        const char *argv[] = { "sh", "-c", script, "picx", user, NULL };

        snprintf(user, sizeof(user), "%u", (unsigned)pic__space_user(s, 0));
        return pic__inside_run(s, PIC__INSIDE_ROOT, argv, NULL, 0, NULL, err);
}

unsigned pic__tunnel_index(const pic__exit_space *s)
{
        static const char *const argv[] = { "ip", "-o", "link", "show", "dev", PIC__EXIT_DEVICE, NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        if (pic__inside_run(s, PIC__INSIDE_ROOT, argv, NULL, 0, &out, NULL) < 0)
                return 0;
        return (unsigned)strtoul(pic__buf_str(&out), NULL, 10);
}

/* As wg-quick reckons, whatever the family outside: an exit whose far end moves to the other one stays as it is. Where
 * no way is known it was enough until now, or is what is usual. What is no device of the carrier's own gets its size
 * later, from the far end. */
static unsigned fitting(const pic__exit_space *s, const pic__exit_conf *c)
{
        unsigned least = c->v6 ? LEAST6 : LEAST4, way;

        if (c->mtu != 0)
                return c->mtu;
        way = pic__way_mtu(&c->remote);
        if (way == 0 && s->mtu != 0)
                return s->mtu;
        if (way == 0 || way > CABLE)
                way = CABLE;
        return way < least + AROUND ? least : way - AROUND;
}

static int routed(const pic__exit_conf *c, const pic__prefix *p)
{
        return p->addr.family == 4 ? c->v4 : c->v6;
}

static int addressed(const pic__exit_conf *c, int family)
{
        size_t i;

        for (i = 0; i < c->addresses.count; i++)
                if (c->addresses.at[i].addr.family == family)
                        return 1;
        return 0;
}

/* Only what the far end takes: the rest is refused at once instead of being lost. Without an address nothing may go
 * yet: the kernel would take the link's, and keep it for that flow. */
static void put_routes(const pic__exit_conf *c, int family, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;

        if (!(family == 4 ? c->v4 : c->v6) || !addressed(c, family))
                return;
        if (c->allowed.count == 0)
                pic__buf_puts(out, "route replace default dev " PIC__EXIT_DEVICE "\n");
        for (i = 0; i < c->allowed.count; i++) {
                pic__prefix p = c->allowed.at[i];

                if (p.addr.family != family || !routed(c, &p))
                        continue;
                pic__prefix_mask(&p);
                pic__buf_putf(out, "route replace %s dev " PIC__EXIT_DEVICE "\n", pic__prefix_print(&p, text));
        }
}

static void put_tunnel(const pic__exit_space *s, const pic__exit_conf *c, int family, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;

        if (family == 4) {
                pic__buf_puts(out, "link set dev " PIC__EXIT_DEVICE " addrgenmode none\n");
                pic__buf_putf(out, "link set dev " PIC__EXIT_DEVICE " mtu %u\n", s->mtu);
                pic__buf_puts(out, "link set dev " PIC__EXIT_DEVICE " up\n");
        }
        pic__buf_puts(out, "route flush dev " PIC__EXIT_DEVICE "\naddress flush dev " PIC__EXIT_DEVICE "\n");
        for (i = 0; i < c->addresses.count; i++)
                if (c->addresses.at[i].addr.family == family && routed(c, &c->addresses.at[i]))
                        pic__buf_putf(out, "address replace %s dev " PIC__EXIT_DEVICE "%s\n",
                                      pic__prefix_print(&c->addresses.at[i], text), family == 6 ? " nodad" : "");
        put_routes(c, family, out);
}

static int dress(const pic__exit_space *s, const pic__exit_conf *c, int family, pic_error **err)
{
        static const char *const four[] = { "ip", "-4", "-batch", "-", NULL };
        static const char *const six[] = { "ip", "-6", "-batch", "-", NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        put_tunnel(s, c, family, &text);
        if (text.failed)
                return pic__nomem(err);
        return text.len > 0
                       ? pic__inside_run(s, PIC__INSIDE_ROOT, family == 4 ? four : six, text.data, text.len, NULL, err)
                       : 0;
}

int pic__tunnel_dress(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        int r;

        s->mtu = fitting(s, c);
        r = dress(s, c, 4, err);
        if (r == 0 && has_ipv6())
                r = dress(s, c, 6, err);
        if (r < 0)
                s->mtu = 0;
        return r;
}

void pic__tunnel_fit(pic__exit_space *s)
{
        pic__auto_err pic_error *err = NULL;
        char mtu[16];
        const char *const argv[] = { "ip", "link", "set", "dev", PIC__EXIT_DEVICE, "mtu", mtu, NULL };
        unsigned fits, was = s->mtu;

        if (!s->settled || s->carrier == NULL || (s->carrier->flags & PIC__CARRIER_OWN_DEVICE) == 0)
                return;
        fits = fitting(s, &s->conf);
        if (fits == was)
                return;
        snprintf(mtu, sizeof(mtu), "%u", fits);
        s->mtu = fits;
        if (pic__inside_run(s, PIC__INSIDE_ROOT, argv, NULL, 0, NULL, &err) < 0)
                pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: its mtu cannot be set: %s", s->dev,
                             pic_error_message(err));
        else if (was != 0)
                pic__log_put(s->log, PIC_LOG_INFO, "exit", "%s: mtu %u, as the way to its far end", s->dev, fits);
}
