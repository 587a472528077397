"""What befalls the exits of a cell: one function a scenario; all exits at once where that is possible, each with its own devices. Here: far ends,
programs, what is done by hand, the agent."""
import contextlib
import os
import signal
import time

from cell import NEAR
from net import CELL4, CELL6, TCP_KINDS, target
from run import IDLE, MUTE, everything, exits, heal

HELD = {'ssh', 'tor'}  # all that they carry goes over one TCP connection
CARRIERS = {'wireguard-go', 'openvpn', 'ssh', 'redsocks', 'tor'}


def steady(r):
    """nothing befalls them: what can be carried comes to the web, each kind of packet in both families, and nothing else does"""
    everything(r)


# far ends

def black_hole(r):
    """the far end is silent: every packet to it and from it vanishes"""
    w = r.w
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    r.expect_down(*w.exits)
    r.expect_open(*exits(w))
    r.dwell()
    heal(r)


def idle(r):
    """the far end becomes silent while no device says anything"""
    w = r.w
    r.control = False
    w.hush()
    r.dwell(3)
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    r.expect_down(*w.exits, within=IDLE)
    w.cure()
    r.expect_back(*w.exits, within=30)


def lossy(r):
    """one packet of twenty is lost on its way, each way: nothing is taken for dead"""
    w = r.w
    r.cause(lambda: w.lose(5))
    r.dwell(60 * float(os.environ.get('PIC_LEAKS_SOAK', 0.2)))  # minutes; the real one has 30
    dead = [(name, states) for _, _, states in r.poller.said for name in w.exits if states.get(name) == 'down']
    assert not dead, f'false alarm: {dead[0]}'
    w.lose(0)
    r.expect_back(*w.exits)


def still(r):
    """what goes over one connection stands still for 7 s, as it does when the same bytes are lost again and again: nothing is taken for dead"""
    w = r.w
    held = [e for e in w.exits if e in HELD]
    r.cause(lambda: w.freeze(*held))
    r.dwell(7)
    w.freeze()
    r.dwell(1)
    r.expect_back(*w.exits)
    dead = [(name, states) for _, _, states in r.poller.said for name in held if states.get(name) == 'down']
    assert not dead, f'false alarm: {dead[0]}'


def frozen(r):
    """it stands still for good, and its far end takes new connections: a relay that is stopped"""
    w = r.w
    held = [e for e in w.exits if e == 'tor']  # ssh ends by itself, and connects anew
    r.cause(lambda: w.freeze(*held))
    r.expect_down(*held, within=MUTE)
    w.freeze()
    r.expect_back(*w.exits, within=40)


def refuse(r):
    """the far end's machine is there, its service is not"""
    w = r.w
    r.cause(*[w.ends[e].refuse for e in w.exits])
    r.expect_down(*w.exits)
    r.expect_open(*exits(w))
    r.dwell()
    heal(r)


def failover(r):
    """the first member of each group dies, and returns"""
    w = r.w
    r.cause(*[w.ends[w.groups_of(g)[0]].black_hole for g in w.groups])
    r.expect_down(*{w.groups_of(g)[0] for g in w.groups})
    for g in w.groups:
        r.expect_failover(g, w.groups_of(g)[1])
    r.dwell()
    heal(r)
    for g in w.groups:
        first = w.ends[w.groups_of(g)[0]]
        for d in w.talking:
            if d.exit == g:
                r.until(lambda d=d, first=first: w.passes(d, time.time() - 1) <= first.egress and w.served(d), 60,
                        f'{d} is back at the first member')


# programs

def each_program(r, number, names):
    found = 0
    for e in r.w.exits:
        for pid, program in r.w.programs(e):
            if program in names:
                os.kill(pid, number)
                found += 1
                if number == signal.SIGSTOP:
                    r.w.stopped.append(pid)
    assert found, f'no {names} runs'


def carrier_killed(r):
    """kill -9 of every carrier"""
    r.cause(lambda: each_program(r, signal.SIGKILL, CARRIERS))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def carrier_killed_without_agent(r):
    """kill -9 of the agent, then of every carrier; then there is an agent again"""
    w = r.w
    r.cause(w.kill_agent, lambda: each_program(r, signal.SIGKILL, CARRIERS))
    r.dwell(2)
    w.start()
    r.expect_back(*w.exits)


def carrier_stopped(r):
    """SIGSTOP of every carrier: others take their places by themselves"""
    r.cause(lambda: each_program(r, signal.SIGSTOP, CARRIERS))
    r.dwell(3)
    r.expect_back(*r.w.exits, within=30)


def resolver_killed(r):
    """kill -9 of every exit's resolver"""
    r.cause(lambda: each_program(r, signal.SIGKILL, {'unbound'}))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def resolver_stopped(r):
    """SIGSTOP of every exit's resolver: others take their places by themselves"""
    r.cause(lambda: each_program(r, signal.SIGSTOP, {'unbound'}))
    r.dwell(3)
    r.expect_back(*r.w.exits, within=30)


# by hand

def cable_deleted(r):
    """the devices picx<n> are deleted by hand"""
    w = r.w
    r.cause(lambda: w.sh(w.cellns, ';'.join(f'ip link del picx{w.slot(e)}' for e in w.exits)))
    r.dwell(0.5)
    r.expect_back(*w.exits)


def tunnel_deleted(r):
    """the tunnel devices in the exits' namespaces are deleted by hand"""
    w = r.w

    def deed():
        for e in w.exits:
            w.inside(e, 'for d in $(ls /sys/class/net 2>/dev/null; ip -o link | cut -d: -f2 | cut -d@ -f1); do case $d in lo|cell0) ;; *) ip link del "$d" 2>/dev/null || true;; esac; done')

    r.cause(deed)
    r.dwell(0.5)
    r.expect_back(*w.exits)


def inside_flushed(r):
    """the nft rules in the exits' namespaces are flushed by hand"""
    w = r.w
    r.cause(*[lambda e=e: w.inside(e, 'nft flush ruleset') for e in w.exits])
    r.dwell(2)
    r.expect_back(*w.exits)


def inside_killed(r):
    """everything in the exits' namespaces is killed"""
    w = r.w

    def end(name):
        for pid, _ in w.programs(name):
            with contextlib.suppress(ProcessLookupError):  # who held it all is gone first, and takes the rest along
                os.kill(pid, signal.SIGKILL)
    r.cause(*[lambda e=e: end(e) for e in w.exits])
    r.dwell(0.5)
    r.expect_back(*w.exits)


def tables_flushed(r):
    """the exits' routing tables are flushed by hand, both families"""
    w = r.w
    r.cause(lambda: w.sh(w.cellns, ';'.join(f'ip {f} route flush table {1000 + w.slot(e)}' for e in w.exits + w.groups + ['nowhere'] for f in ('-4', '-6'))))
    r.dwell(0.5)
    r.expect_back(*w.exits)


def rules_deleted(r):
    """the exits' routing rules are deleted by hand, both families"""
    w = r.w
    r.cause(lambda: w.sh(w.cellns, ';'.join(f'ip {f} rule del priority {4000 + w.slot(e)}' for e in w.exits + w.groups + ['nowhere'] for f in ('-4', '-6'))))
    r.dwell(0.5)
    r.expect_back(*w.exits)


def routing_flushed(r):
    """all rules and tables of the exits at once, without an agent; then there is one again"""
    w = r.w
    both = ';'.join(f'ip {f} rule del priority {4000 + w.slot(e)}; ip {f} route flush table {1000 + w.slot(e)}'
                    for e in w.exits + w.groups + ['nowhere'] for f in ('-4', '-6'))
    r.cause(w.kill_agent, lambda: w.sh(w.cellns, both))
    r.dwell(2)
    w.start()
    r.expect_back(*w.exits)


# Known gap: without the firewall nobody translates what exits' own programs send, and the host refuses (TCP resets) what comes
# from them for devices. Devices' packets are none of it.
SEALED = ('CARRIER', 'RESET')


def firewall_deleted(r):
    """the cell's nft table is deleted by hand"""
    r.gap = (SEALED, 1.0)
    r.cause(lambda: r.w.sh(r.w.cellns, 'nft delete table inet pic'))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def firewall_flushed(r):
    """all rules of the cell's nft table are flushed by hand"""
    r.gap = (SEALED, 1.0)
    r.cause(lambda: r.w.sh(r.w.cellns, 'nft flush table inet pic'))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def firewall_deleted_without_agent(r):
    """the cell's nft table is deleted by hand while there is no agent; then there is one again"""
    w = r.w
    r.gap = (SEALED, 5.0)
    r.control = False
    r.cause(w.kill_agent, lambda: w.sh(w.cellns, 'nft delete table inet pic'))
    r.dwell(2)
    w.start()
    r.expect_back(*w.exits)


def marks_emptied(r):
    """the maps of the cell's nft table that say who has which exit are emptied by hand"""
    w = r.w
    r.cause(lambda: w.sh(w.cellns, ';'.join(f'nft flush map inet pic {m}' for m in ('peers4', 'peers6', 'subnets4', 'subnets6'))))
    r.dwell(0.5)
    r.expect_back(*w.exits)


def sets_emptied(r):
    """the sets of the cell's nft table that say by which device an exit is reached, and where carriers may go, are emptied by hand"""
    w = r.w
    r.cause(lambda: w.sh(w.cellns, 'for s in ways carriers4 carriers6 local4 local6; do nft flush set inet pic $s; done;'
                                   'for m in spaces resolvers4 resolvers6; do nft flush map inet pic $m; done'))
    r.dwell(0.5)
    r.expect_back(*w.exits)


def flows_flushed(r):
    """the kernel's table of flows is flushed"""
    r.cause(lambda: r.w.sh(r.w.cellns, 'conntrack -F'))
    r.dwell(2)
    r.expect_back(*r.w.exits)


# the agent

def agent_killed(r):
    """kill -9 of the agent, two seconds without one, and a new one"""
    w = r.w
    r.cause(w.kill_agent)
    r.dwell(2)
    w.start()
    r.dwell(1)
    r.expect_back(*w.exits)


def agent_upgraded(r):
    """the agent's files are replaced, it ends, everything stays, and the new one takes over"""
    w = r.w
    w.install(anew=True)
    r.cause(lambda: w.kill_agent(signal.SIGTERM))
    r.dwell(1)
    w.start()
    r.dwell(1)
    r.expect_back(*w.exits)


def agent_stopped(r):
    """SIGSTOP of the agent while the far ends die: nobody sees it, and still nothing is outside"""
    w = r.w
    pid = w.agent_pid()
    w.stopped.append(pid)
    os.kill(pid, signal.SIGSTOP)
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    r.dwell(4)
    for end in w.ends.values():
        end.heal()
    r.dwell(1)
    w.cure()
    r.expect_back(*w.exits, within=30)


def dead_over_restart(r):
    """far ends die, the agent is killed and starts again: still dead for it"""
    w = r.w
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    r.expect_down(*w.exits)
    w.kill_agent()
    w.start()
    r.dwell(2)
    heal(r)


def captive(r):
    """somebody inside the exits' namespaces, as each of the users that run there and as root, sends all it can"""
    w = r.w
    talkers = []
    for e in w.exits:
        users = {0} | {os.stat(f'/proc/{pid}').st_uid for pid, _ in w.programs(e)}
        for user in users:
            talkers.append(w.talk_inside(e, user, 60 + len(talkers)))
    r.cause()
    r.dwell(4)
    assert all(w.total(n) > 50 or w.total(n, 'refused') > 50 for n, _, _ in talkers)
    for number, e, user in talkers:
        if w.anywhere(e, user):
            nearby(r, e, user, number)
        for row in w.rows('wan', r.began) + w.rows('web', r.began):
            # Who is the resolver may ask through the tunnel, and so comes to the web by this exit. Nobody may anything else, but Tor.
            if row.device == number and not (row.cls == 'seen' and row.where in w.ends[e].egress) and not (w.anywhere(e, user) and by_tcp(w, row)):
                r.fault(f'user {user} inside {e}: {row}')
        w.silence(number)


def by_tcp(w, row):
    """Known gap: what Tor's user sends, a TCP connection of the cell to a public address. The packet on the wire, or what came of it to the web."""
    if row.cls == 'seen':
        return row.where in w.direct() and row.kind in TCP_KINDS - {'DNS_CELL', 'DNS_PUBLIC'}
    source, proto, to, _ = row.where.split()
    return source in w.direct() and proto == '6' and to in target(row.device)


def nearby(r, e, user, number):
    """Who may go to any public address comes there, by TCP, each port in both families; and neither to the cell's machine nor to a device, another
    exit, or private space."""
    w, d, n = r.w, r.w.talking[0], next(r.w.slot(other) for other in r.w.exits if other != e)
    wanted = {(kind, family) for kind in TCP_KINDS if kind.startswith(('TCP', 'DOT', 'DNS_PUBLIC_TCP')) for family in (4, 6)}
    r.until(lambda: {(row.kind, row.family) for row in w.rows('web', r.caused) if row.device == number and row.where in w.direct()} == wanted, 10,
            f'user {user} inside {e} comes to the web by TCP, each port')
    host = [CELL4[0], CELL6[0], '192.168.77.1', '10.20.0.1', 'fd20::1', f'169.254.96.{4 * w.slot(e) + 1}', f'fd70:6963:78::{w.slot(e):x}:1']
    w.serve(w.cellns, [NEAR], f'host-{number}')
    w.serve(d.space, [NEAR], f'device-{number}')
    assert all(w.probe(w.cellns, [(proto, a, NEAR) for a in host + [d.address4, d.address6] for proto in ('tcp', 'udp')])), 'they answer'
    others = [d.address4, d.address6, '192.168.77.21', f'169.254.96.{4 * n + 1}', f'169.254.96.{4 * n + 2}', f'fd70:6963:78::{n:x}:2', '10.99.0.1',
              '172.16.9.9', '192.168.1.1', '100.64.9.9', '169.254.9.9', 'fd99::9']
    for proto, address in w.reaches(e, user, host + others):
        r.fault(f'user {user} inside {e}: {address} answers it by {proto}')
