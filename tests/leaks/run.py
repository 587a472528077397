"""One scenario: what befalls the exits, how long until it is seen, what was outside meanwhile. A row of the table for each device."""
import json
import os
import re
import threading
import time

from net import ROUTER4, ROUTER6, TOP, wait_for

OUT = TOP / 'build/leaks'
FAST, TRAFFIC, IDLE = 1.0, 5.0, 15.0  # s: a failover after it is seen; until a dead exit is seen under traffic, and without
MUTE = 15.5  # and of one that carries nothing, while its far end's machine takes connections
POLL = 0.25
OUTSIDE = {'clear', 'name', 'target', 'naked', 'source'}  # classes of the watcher that are a device's packets
LINKS = ('169.254.', 'fd70:6963:78:')  # addresses between the cell and its exits
WRONG = {'strange', 'source', 'naked', 'dropped'}  # and those that nobody may make


class Poller(threading.Thread):
    """What the cell says of its exits, again and again: (asked, answered, {name: state}); an empty answer while there is no agent. Before each
    question its log is read: what was down only between two answers is told there. Beside it, how long the agent was ready and waited for a
    processor."""

    def __init__(self, w):
        super().__init__(daemon=True)
        self.w, self.said, self.waited, self.stop = w, [], [], False
        self.log, self.fell = open(w.tmp / 'picd.out'), []  # (read, {name}): those that the log told are down since it was read before
        self.followed = []  # (read, seconds): how long it took until the rules were as the state that was said
        self.log.seek(0, os.SEEK_END)

    def run(self):
        while not self.stop:
            asked = time.time()
            told = self.log.read()
            self.fell.append((asked, set(re.findall(r'connection (\S+) is down', told))))
            self.followed += [(asked, int(ms) / 1000) for ms in re.findall(r'followed with \d+ steps in (\d+) ms', told)]
            try:
                states = self.w.states()
            except (AssertionError, ValueError, KeyError, TypeError):  # no agent, or none that answers
                states = {}
            self.said.append((asked, time.time(), states))
            self.waited.append((time.time(), self.w.agent_waited()))
            time.sleep(POLL)

    def first(self, name, state, since):
        """(from, to): it was said first in an answer that came at `to`; what was answered before was asked at `from`."""
        before = since
        for asked, answered, states in self.said:
            if answered >= since and states.get(name) == state:
                return max(before, since), answered
            before = asked
        return None

    def spans(self, name):
        """(from, to) of the times at which it may have been down: from when the last answer was asked for that said otherwise to when the first one
        came that does again, and the rules were made so. Where nobody answered nothing was observed. One that lay between two answers is known by the log."""
        spans, before, inside, read = [], 0.0, False, 0.0
        for asked, answered, states in self.said + [(time.time(), time.time(), {name: None})]:
            fell = any(name in names for t, names in self.fell if read < t <= asked)
            if not states:
                continue
            if states.get(name) == 'down' or fell:
                if not inside:
                    spans.append([before, answered])
                inside = True
            if inside:
                spans[-1][1] = answered
            inside = states.get(name) == 'down'
            before = read = asked
        return [(a, b + max((s for read, s in self.followed if b - POLL <= read <= b + 5), default=0.0)) for a, b in spans]

    def late(self, since, until):
        """What the machine took of that time, measured: how long the agent waited for a processor, and the worst delay of a program that only
        wants to be woken. Nothing else is excused, and no packet ever is."""
        agent = 0.0
        for (a, one), (b, other) in zip(self.waited, self.waited[1:]):
            if b >= since and a <= until and other >= one:  # an agent that is new begins at zero
                agent += other - one
        return agent + self.w.clock_late(since, until)


class Run:
    """The hands of one scenario."""

    def __init__(self, w, phase):
        self.w, self.phase, self.name = w, phase.__name__, phase.__doc__.split('\n')[0]
        self.faults, self.detect, self.failover, self.back, self.late = [], {}, {}, {}, {}
        self.lost = set()  # addresses that the cell has lost: what comes for them goes back where it came from, as routers do
        self.gap, self.moved = ((), 0.0), {}  # (kinds of packets, seconds): the known gap; devices by other exits
        self.lent = {}  # by number of a device: exits that it has meanwhile beside its own
        self.flipped = set()  # numbers of devices for which fail-open is chosen meanwhile
        self.control = True  # the control device is seen

    def fault(self, text):
        self.faults.append(text)

    # before and after

    def __enter__(self):
        self.w.settle()
        self.poller = Poller(self.w)
        self.poller.start()
        self.began = self.w.flush()
        self.sent = {d.number: self.w.total(d.number) for d in self.w.talking}
        self.caused = self.began
        return self

    def __exit__(self, kind, *unused):
        self.ended = self.w.flush()
        self.poller.stop = True
        self.poller.join()
        self.w.cure()
        if kind:
            self.w.rewish()
        self.report(broken=kind is not None)

    def cause(self, *deeds):
        self.caused = time.time()
        for deed in deeds:
            deed()

    # what is waited for

    def expect_down(self, *names, within=TRAFFIC):
        """The cell says so, in time: what the machine was late comes on top, and is told."""
        for name in names:
            until = self.until(lambda name=name: self.poller.first(name, 'down', self.caused), 3 * within + 10, f'{name} is seen down')
            self.detect[name] = until[1] - self.caused
            self.judge(name, until[0] - self.caused, within, until, f'{name}: seen down after more than {until[0] - self.caused:.1f} s')

    def judge(self, name, took, limit, until, text):
        """took: what it took at least, between two answers of the cell."""
        late = self.poller.late(self.caused, until[1])
        self.late[name] = max(late, self.late.get(name, 0.0))
        if took > limit + late:
            self.fault(f'{text}; the machine was late by {late:.1f} s')

    def until(self, condition, seconds, what, quiet=False):
        try:
            return wait_for(condition, seconds, f'{self.name}: {what}', 0.1)
        except AssertionError:
            if not quiet:
                raise

    def expect_open(self, *names):
        """Devices for which fail-open was chosen go directly now."""
        for d in self.w.talking:
            if d.exit in names and d.failopen:
                self.until(lambda d=d: self.w.passes(d, time.time() - 1) & self.w.direct(), 10, f'{d} goes directly')

    def expect_silent(self, *names):
        """Nothing of their closed devices comes to the web for a second, as soon as the agent has done what it was told."""
        for d in self.w.talking:
            if d.exit in names and not d.failopen:
                self.until(lambda d=d: not self.w.passes(d, time.time() - 1.2), 15, f'{d} is not served any more')

    def expect_failover(self, group, member):
        """The group's devices leave by that member, a second after the death of the one before it was seen."""
        end, others = self.w.ends[member], [m for m in self.w.groups_of(group) if m != member]
        seen = [self.poller.first(o, 'down', self.caused) for o in others if o in self.detect]
        for d in self.w.talking:
            if d.exit == group:
                row = self.until(lambda: next((r for r in self.w.rows('web', self.caused) if r.device == d.number and r.where in end.egress), None), 20, f'{d} leaves by {member}')
                self.failover[group] = max([0.0] + [row.first - a for a, _ in seen])
                least = max([0.0] + [row.first - b for _, b in seen])
                self.judge(group, least, FAST, (row.first, row.first), f'{group}: by {member} more than {least:.1f} s after the death was seen')

    def expect_back(self, *names, within=20):
        """The exits are up, and their devices leave by them again, those that went directly too; not what was seen before now."""
        began, within = time.time(), within * self.w.slow
        for name in names:
            if self.w.states().get(name) != 'up':
                self.until(lambda name=name: self.poller.first(name, 'up', began), within, f'{name} is up again')
        for d in self.w.talking:
            if d.exit in names:
                self.until(lambda d=d: self.w.served(d, began), within, f'{d} leaves by its exit again')
        for name in names:
            self.back[name] = time.time() - began

    def dwell(self, seconds=1.0):
        time.sleep(seconds)

    # what comes of it

    def report(self, broken):
        rows, web = self.w.rows('wan', self.began, self.ended), self.w.rows('web', self.began, self.ended)
        for r in rows:
            # Without the firewall nobody gives carriers the cell's address either: theirs to its endpoint, and sealed.
            if r.cls in WRONG and r.device < 0 and not (r.cls == 'source' and (self.gap[0] and r.where.startswith(LINKS) or r.where.split()[2] in self.lost)):
                self.fault(f'on the wire: {r}')
        table = []
        for d in self.w.talking:
            mine = [r for r in rows if r.device == d.number and r.cls in OUTSIDE]
            bad = self.bad(d, mine)
            mine_there = [r for r in web if r.device == d.number and r.where not in (ROUTER4, ROUTER6)]
            elsewhere = [r for r in mine_there if r.where not in self.ways(d) and not self.known(r)]
            gap = [r for r in bad if self.known(r)]
            if len(gap) < len(bad):
                first = next(r for r in bad if not self.known(r))
                self.fault(f'{d}: {sum(r.packets for r in bad)} packets outside: {first} …')
            if elsewhere:
                self.fault(f'{d}: came to the web by another way: {elsewhere[0]} …')
            window = max(r.last for r in gap) - min(r.first for r in gap) if gap else 0
            if gap and window > self.gap[1]:
                self.fault(f'{d}: outside for {window:.2f} s, more than the known gap of {self.gap[1]} s')
            if not d.exit and self.control and not mine:
                self.fault('the control device is not seen: nothing is proven')
            table.append({'world': self.w.title(), 'kinds': '+'.join(self.w.exits), 'phase': self.phase, 'scenario': self.name, 'exit': d.kind(), 'mode': self.mode(d), 'device': d.name,
                          'sent': self.w.total(d.number) - self.sent[d.number], 'outside': sum(r.packets for r in mine),
                          'bad': sum(r.packets for r in bad), 'detect': self.detect.get(d.exit), 'failover': self.failover.get(d.exit),
                          'back': self.back.get(d.exit), 'pause': self.pause([r for r in web if r.device == d.number and r.where in d.egress()]), 'gap': sum(r.packets for r in gap), 'window': window or None,
                          'late': self.late.get(d.exit), 'failed': broken or bool(self.faults)})
        OUT.mkdir(parents=True, exist_ok=True)
        with open(OUT / f'{self.w.tag}.rows', 'a') as out:
            for row in table:
                out.write(json.dumps(row) + '\n')
        if not broken:
            assert not self.faults, f'{self.name}:\n' + '\n'.join(self.faults)
        elif self.faults:
            print('\n'.join(self.faults))

    def mode(self, d):
        return 'direct' if not d.exit else 'open' if d.failopen else 'closed'

    def known(self, row):
        """Of a gap that is in the list of known ones (README)."""
        return row.kind in self.gap[0] or 'RESET' in self.gap[0] and row.kind == '-' and row.cls == 'source' and row.where.startswith(LINKS)

    def bad(self, d, rows):
        """Those of its packets outside that should not be there: as `pic connection policy` says, of devices that are closed in every state, of
        open ones while the exit was not down."""
        if not d.exit:
            return []
        exits = {d.exit} | self.lent.get(d.number, set())
        spans = [span for e in exits for span in self.poller.spans(e)] if d.failopen or d.number in self.flipped else []
        return [r for r in rows if not (self.w.may(d, r.kind, r.family, 'opened') and any(a - POLL <= r.first and r.last <= b + POLL for a, b in spans))
                and not self.w.may_ever(d, r.kind, r.family)]

    def pause(self, rows):
        """The longest time in which nothing of it came to the web by its own way."""
        if not rows:
            return None
        longest, last = 0.0, self.began
        for r in sorted(rows, key=lambda r: r.first):
            longest, last = max(longest, r.first - last), max(last, r.last)
        return max(longest, self.ended - last)

    def ways(self, d):
        """Where it may come from to the web."""
        ways = set(d.egress()) | self.moved.get(d.number, set())
        if not d.exit or d.failopen or d.number in self.flipped:
            ways |= self.w.direct()
        return ways


# what several scenarios do

def exits(w):
    """Connections that are not members of a group only: each has devices of its own."""
    return [e for e in w.exits if any(d.exit == e for d in w.talking)]


def everything(r):
    """From now on what can be carried comes to the web, each kind of packet in both families, and nothing else does."""
    w, since = r.w, time.time()

    def seen(d):
        """By its exit; what went directly meanwhile is judged as all packets outside are."""
        return {(row.kind, row.family) for row in w.rows('web', since) if row.device == d.number and row.where not in (w.direct() if d.failopen else ())}

    r.until(lambda: all(seen(d) >= w.carried(d, all) for d in w.talking), 15 * w.slow, 'all of it comes to the web', quiet=True)
    r.dwell()
    for d in w.talking:
        for what, kinds in (('does not come to the web', w.carried(d, all) - seen(d)), ('is not carried, and came to the web', seen(d) - w.carried(d, any))):
            if kinds:
                r.fault(f'{d}: {sorted(kinds)} {what}')


def heal(r):
    for end in r.w.ends.values():
        end.heal()
    r.expect_back(*r.w.exits, within=30)
