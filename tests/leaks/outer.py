"""Scenarios: the cell's outer side, the way to the far ends, the cell's beginning and end. See phases.py."""
from net import MOVED4, MOVED6
from run import everything, exits, heal


# the outer side

def address_changed(r):
    """the cell's outer addresses change"""
    w = r.w
    r.lost = w.direct()
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
    """every far end is found by name; it moves to another address, and its name says so; and back"""
    w = r.w
    by_name = [e for e in w.exits if e != 'tor']  # that one has no address of its own
    for e in by_name:
        w.pic('connection', 'set', e, *w.ends[e].wish(w.named(e)), '--no-wait')
    r.expect_back(*by_name, within=60)
    r.cause(*[w.ends[e].move for e in by_name])
    for e in by_name:
        w.name(f'{e}.vpn.example', w.ends[e].other4 if w.family == 4 else w.ends[e].other6)
    r.expect_back(*by_name, within=60)
    for e in by_name:
        w.named(e)
        w.ends[e].heal()
    r.expect_back(*by_name, within=60)
    w.rewish()
    r.expect_back(*w.exits, within=60)


def path_narrowed(r):
    """a link on the way takes packets of 1400 bytes at most: what is larger is told so and comes again, in pieces or smaller; and it widens"""
    w = r.w
    r.cause(lambda: w.narrow(1400))
    r.dwell(3)
    r.expect_back(*w.exits, within=40)
    everything(r)
    w.narrow(1500)
    r.expect_back(*w.exits, within=40)


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


def restored(r):
    """the cell's machine is lost, and its backup comes back on one that never had a cell; devices are as they were"""
    w = r.w
    r.control = False
    w.back_up()
    r.cause(lambda: w.pic('down'))
    w.picd.wait(20)
    w.bring_back()
    r.dwell(2)
    w.start()
    r.expect_back(*w.exits)
