"""What befalls the exits of a cell: one function a scenario; all exits at once where that is possible, each with its own devices."""
import json
import os
import signal
import time

from net import MOVED4, MOVED6
from run import IDLE, Run

CARRIERS = {'wireguard-go', 'openvpn', 'ssh', 'redsocks', 'tor'}


def exits(w):
    """Connections that are not members of a group only: each has devices of its own."""
    return [e for e in w.exits if any(d.exit == e for d in w.talking)]


def steady(r):
    """up: nothing befalls them"""
    r.dwell(3)
    for d in r.w.talking:
        r.until(lambda d=d: r.w.served(d), 5, f'{d} leaves as it should')


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
    dead = [(name, states) for _, states in r.poller.said for name in w.exits if states.get(name) == 'down']
    assert not dead, f'false alarm: {dead[0]}'
    w.lose(0)
    r.expect_back(*w.exits)


def refuse(r):
    """the far end's machine is there, its service is not"""
    w = r.w
    r.cause(*[w.ends[e].refuse for e in w.exits])
    r.expect_down(*w.exits)
    r.expect_open(*exits(w))
    r.dwell()
    heal(r)


def heal(r):
    for end in r.w.ends.values():
        end.heal()
    r.expect_back(*r.w.exits, within=30)


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
    r.cause(*[lambda e=e: [os.kill(pid, signal.SIGKILL) for pid, _ in w.programs(e)] for e in w.exits])
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


CARRIERS = ('CARRIER',)  # known gap: without the firewall nobody translates what exits' own programs send; devices' packets are none of it


def firewall_deleted(r):
    """the cell's nft table is deleted by hand"""
    r.gap = (CARRIERS, 1.0)
    r.cause(lambda: r.w.sh(r.w.cellns, 'nft delete table inet pic'))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def firewall_flushed(r):
    """all rules of the cell's nft table are flushed by hand"""
    r.gap = (CARRIERS, 1.0)
    r.cause(lambda: r.w.sh(r.w.cellns, 'nft flush table inet pic'))
    r.dwell(0.5)
    r.expect_back(*r.w.exits)


def firewall_deleted_without_agent(r):
    """the cell's nft table is deleted by hand while there is no agent; then there is one again"""
    w = r.w
    r.gap = (CARRIERS, 5.0)
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
    """the agent ends, everything stays, a new one takes over"""
    w = r.w
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
        for row in w.rows('wan', r.began) + w.rows('web', r.began):
            # Who is the resolver may ask through the tunnel, and so comes to the web by this exit. Nobody may anything else.
            if row.device == number and not (row.cls == 'seen' and row.where in w.ends[e].egress):
                r.fault(f'user {user} inside {e}: {row}')
        w.silence(number)


# wishes

def moved(r):
    """every device is given another exit, and its own back"""
    w = r.w
    order = exits(w)
    for d in w.talking:
        if d.exit in order:
            other = order[(order.index(d.exit) + 1) % len(order)]
            r.moved[d.number] = w.ends[other].egress
    own = {d.number: d.exit for d in w.talking}
    r.cause()
    for d in w.talking:
        if d.exit in order:
            w.pic('peer', 'set', d.name, '--exit', order[(order.index(own[d.number]) + 1) % len(order)], '--no-wait')
    r.until(lambda: all(w.passes(d, time.time() - 0.7) and w.passes(d, time.time() - 0.7) <= r.moved[d.number] for d in w.talking if d.exit in order), 15,
            'all leave by the other exit, and only so')
    for d in w.talking:
        if d.exit in order:
            w.pic('peer', 'set', d.name, '--exit', own[d.number], '--no-wait')
    r.expect_back(*order)


def given_and_taken(r):
    """the direct device is given an exit, and goes direct again: at each moment one of the two"""
    w = r.w
    control, e = w.talking[0], exits(w)[0]
    r.moved[control.number] = w.ends[e].egress
    w.pic('peer', 'set', control.name, '--exit', e)
    since = w.flush()
    r.cause()
    r.dwell(1.5)
    late = [row for row in w.rows('wan', since, w.flush()) if row.device == control.number and row.cls in ('clear', 'name', 'target')]
    assert not late, f'the device has an exit, and still: {late[0]}'
    w.pic('peer', 'set', control.name, '--exit', 'direct')
    r.until(lambda: w.passes(control, time.time() - 0.5) & w.direct(), 5, 'direct again')


def edited(r):
    """every exit is edited: another port of the far end that is not served, then the right one again"""
    w = r.w
    named = [e for e in exits(w) if e not in ('ovpn', 'wg2')]
    r.cause()
    for e in named:
        w.pic('connection', 'set', e, '--endpoint', w.ends[e].at(w.family).rsplit(':', 1)[0] + ':9', '--no-wait')
    r.dwell(5)
    r.expect_silent(*named)
    for e in named:
        w.pic('connection', 'set', e, '--endpoint', w.ends[e].at(w.family), '--no-wait')
    r.expect_back(*named, within=30)


def disabled(r):
    """every exit is switched off while it is used, and on again"""
    w = r.w
    r.cause()
    for e in exits(w):
        w.pic('connection', 'set', e, '--enabled', 'no')
    r.dwell(2)
    for e in exits(w):
        w.pic('connection', 'set', e, '--enabled', 'yes', '--no-wait')
    r.expect_back(*exits(w), within=30)


def removed(r):
    """an exit that is used: removing it is refused; its user is cut off first, then it can go, and comes again"""
    w = r.w
    error = w.pic.refused('connection', 'remove', 'wg')
    assert 'wg-closed' in json.dumps(error), error
    r.dwell(1)


def failopen_changed(r):
    """far ends are dead; fail-open is chosen for the closed devices, then taken back"""
    w = r.w
    chosen = [d for d in w.talking if d.exit in exits(w) and not d.failopen]
    r.flipped = {d.number for d in chosen}
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    r.expect_down(*w.exits)
    for d in chosen:
        w.pic('peer', 'set', d.name, '--failopen', 'yes', '--no-wait')
    r.expect_open(*exits(w))
    for d in chosen:
        r.until(lambda d=d: w.passes(d, time.time() - 1) & w.direct(), 10, f'{d} goes directly')
    for d in chosen:
        w.pic('peer', 'set', d.name, '--failopen', 'no')
    since = w.flush()
    r.dwell(2)
    late = [row for row in w.rows('wan', since, w.flush()) if row.device in [d.number for d in chosen] and row.cls in ('clear', 'name', 'target')]
    if late:
        r.fault(f'fail-open was taken back, and still outside: {late[0]}')
    heal(r)


# the outer side

def address_changed(r):
    """the cell's outer addresses change"""
    w = r.w
    r.cause(lambda: w.readdress(MOVED4, MOVED6))
    r.dwell(1)
    r.expect_back(*w.exits, within=40)
    w.readdress()
    r.expect_back(*w.exits, within=40)


def wire_down(r):
    """the outer wire is pulled and put back"""
    w = r.w
    r.cause(lambda: w.sh(w.inet, 'ip link set cell0 down'))
    r.dwell(3)
    w.sh(w.inet, 'ip link set cell0 up')
    r.expect_back(*w.exits, within=40)


def wire_lost(r):
    """the first of two outer wires is pulled: everything takes the second one; and back"""
    w = r.w
    r.cause(lambda: w.sh(w.inet, 'ip link set cell0 down'))
    r.dwell(1)
    r.expect_back(*w.exits, within=40)
    second = [row for row in w.rows('wan', r.caused) if row.wire == 'cell1' and row.cls == 'carrier']
    assert {row.where for row in second} >= set(exits(w)), 'every carrier takes the second wire'
    w.sh(w.inet, 'ip link set cell0 up')
    r.dwell(1)
    r.expect_back(*w.exits, within=40)


def name_changed(r):
    """the far end moves to another address, and its name says so"""
    w = r.w
    end = w.ends['wg2']
    r.cause(end.move)
    w.name('wg2.vpn.example', end.other4 if w.family == 4 else end.other6)
    r.expect_back('wg2', within=60)
    w.name('wg2.vpn.example', end.address4 if w.family == 4 else end.address6)
    end.heal()
    r.expect_back('wg2', within=60)


# the beginning and the end

def boot(r):
    """the machine starts: the block is loaded, then the agent; far ends are silent at first"""
    w = r.w
    w.pic('down', '--keep-block')
    w.picd.wait(20)
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    w.start(wait=False)
    r.dwell(4)
    heal(r)


def boot_without_block(r):
    """the machine starts and nobody loaded a block; far ends are silent at first"""
    w = r.w
    w.pic('down')
    w.picd.wait(20)
    r.cause(*[w.ends[e].black_hole for e in w.exits])
    w.start(wait=False)
    r.dwell(4)
    heal(r)


def shut_down(r):
    """the cell is shut down while everybody talks, and starts again"""
    w = r.w
    r.control = False
    r.cause(lambda: w.pic('down'))
    r.dwell(2)
    w.picd.wait(20)
    w.start()
    r.expect_back(*w.exits)


def shut_down_blocked(r):
    """the same, with the block left in place"""
    w = r.w
    r.control = False
    r.cause(lambda: w.pic('down', '--keep-block'))
    r.dwell(2)
    w.picd.wait(20)
    w.start()
    r.expect_back(*w.exits)


ALL = [steady, boot, boot_without_block, failover, black_hole, refuse, idle, lossy, captive, carrier_killed, carrier_killed_without_agent, carrier_stopped, resolver_killed,
       resolver_stopped, cable_deleted, tunnel_deleted, inside_flushed, inside_killed, tables_flushed, rules_deleted, routing_flushed, firewall_deleted,
       firewall_flushed, firewall_deleted_without_agent, marks_emptied, sets_emptied, flows_flushed, agent_killed, agent_upgraded, agent_stopped, dead_over_restart, moved, given_and_taken, edited, disabled, removed,
       failopen_changed, address_changed, wire_down, name_changed, shut_down, shut_down_blocked]
OUTER = [steady, boot, failover, black_hole, refuse, carrier_killed, cable_deleted, tables_flushed, rules_deleted, agent_killed, address_changed, name_changed,
         shut_down]
DUAL = [steady, boot, wire_lost, failover, black_hole, carrier_killed, agent_upgraded, address_changed, shut_down]


# What `./dev test` takes of them; `./dev test leaks` takes all. Beside each fault that cannot be told from another by
# the rules that it meets, one: the rest is the same rules again.
SAMPLE = {
    'v4': [steady, boot, failover, black_hole, carrier_killed, cable_deleted, rules_deleted, firewall_deleted, agent_killed, moved, removed, failopen_changed,
           shut_down_blocked],
    'v6': [steady, black_hole, carrier_killed, tables_flushed, name_changed, shut_down],
    'dual': [steady, wire_lost, failover, agent_upgraded, address_changed],
}


def chosen(world, phases):
    return SAMPLE[world] if os.environ.get('PIC_LEAKS_SAMPLE') else phases


def play(w, phase):
    with Run(w, phase.__doc__.split('\n')[0] if '{' not in phase.__doc__ else phase.__name__) as r:
        phase(r)
