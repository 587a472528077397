"""Scenarios: what a person wishes while everybody talks. See phases.py."""
import time

from run import exits, heal


def moved(r):
    """every device is given another exit, and its own back"""
    w = r.w
    order = exits(w)
    for d in w.talking:
        if d.exit in order:
            other = order[(order.index(d.exit) + 1) % len(order)]
            r.moved[d.number], r.lent[d.number] = w.ends[other].egress, {other}
    own = {d.number: d.exit for d in w.talking}
    r.cause()
    for d in w.talking:
        if d.exit in order:
            w.pic('peer', 'set', d.name, '--exit', order[(order.index(own[d.number]) + 1) % len(order)], '--no-wait')
    r.until(lambda: all(w.passes(d, time.time() - 0.7) and w.passes(d, time.time() - 0.7) <= r.moved[d.number] for d in w.talking if d.exit in order), 15 * w.slow,
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
    """every exit is edited: another port of the far end (Tor: a bridge) that is not served, then the right one again"""
    w = r.w
    r.cause()
    for e in exits(w):
        w.pic('connection', 'set', e, *w.wish(e, port=9), '--no-wait')
    r.dwell(5)
    r.expect_silent(*exits(w))
    for e in exits(w):
        w.pic('connection', 'set', e, *w.wish(e), '--no-wait')
    r.expect_back(*w.exits, within=30)


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
    """exits that are used are removed: it is refused, and says who uses them"""
    w = r.w
    r.cause()
    for e in exits(w):
        error = w.pic.refused('connection', 'remove', e, code='INUSE')
        assert {d.name for d in w.talking if d.exit == e} <= set(error['users'].split(',')), error
    r.dwell(1)


def removed_by_force(r):
    """every exit is removed while it is used: who left by it leaves by the next one, in one change; then all is made again"""
    w = r.w
    order = exits(w)
    pairs = [(order[i], order[i + 1]) for i in range(0, len(order) - 1, 2)]
    r.cause()
    for gone in ([a if i % 2 == 0 else b for i, (a, b) in enumerate(pairs)], [b if i % 2 == 0 else a for i, (a, b) in enumerate(pairs)]):
        other = {x: y for a, b in pairs for x, y in ((a, b), (b, a)) if x in gone}
        users = [d for d in w.talking if d.exit in gone]
        for d in users:
            r.moved[d.number], r.lent[d.number] = w.ends[other[d.exit]].egress, {other[d.exit]}
        for e in gone:
            w.pic('connection', 'remove', e, '--to', other[e], '--no-wait')
        r.until(lambda: all(w.passes(d, time.time() - 0.7) and w.passes(d, time.time() - 0.7) <= r.moved[d.number] for d in users), 20 * w.slow,
                'all leave by the other exit, and only so')
        since = w.flush()
        r.dwell()
        late = [row for row in w.rows('wan', since) if row.first > since and row.cls == 'carrier' and row.where in gone]
        if late:
            r.fault(f'removed, and it still carries: {late[0]}')
        w.rewish()
        r.expect_back(*w.exits, within=30)
    numbers = {w.slot(e) for e in w.exits}
    assert len(numbers) == len(w.exits), 'each has a number of its own'


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
