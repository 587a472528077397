"""What it costs to know how the cell is: all CPU of the agent at 1,000 devices, with one alert for all events (so everything is looked at: findings once a minute,
devices each 20 s, exits and the journal each 2 s) and without any. The look at findings each minute (for pic health history) and the regular one at the machine are in
both, so the difference is alerts alone, and the goal is held against all of it, with those whom it asks. A minute each; CPU is counted by ticks of 10 ms. In namespaces of its own; wireguard-go (kernels without WireGuard only), whose own time is told apart."""
import os
import pathlib
import sys
import tempfile
import time

from bare import PROGRAMS, numbers
from figures import Figures
from policies import document
from world import World, wait_for

SIZE = int(os.environ.get('PIC_BENCH_SIZE', '1000'))
SPAN = float(os.environ.get('PIC_BENCH_SPAN', '63'))
TICK = os.sysconf('SC_CLK_TCK')


def used(pid):
    """Milliseconds of CPU that a process and its ended children have used."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return sum(int(x) for x in fields[11:15]) * 1000 / TICK


def others(w):
    """wireguard-go's and the name server's."""
    total = 0
    for space in (w.cellns,):
        for pid in os.popen(f'ip netns pids {space}').read().split():
            try:
                if pathlib.Path(f'/proc/{pid}/comm').read_text().strip() in ('wireguard-go', 'unbound'):
                    total += used(pid)
            except OSError:
                pass
    return total


def span(w, pid):
    """CPU of the agent, and of those that it asks, in a minute."""
    before, beside = used(pid), others(w)
    began = time.monotonic()
    time.sleep(SPAN)
    scale = 60 / (time.monotonic() - began)
    return (used(pid) - before) * scale, (others(w) - beside) * scale


def main(out):
    f = Figures(f'Health checks at {SIZE} devices')
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base, World(base) as w:
        w.scene()
        (w.tmp / 'cell.yaml').write_text(document(SIZE))
        w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
        w.start(wait=False)
        numbers(w.cellns, PROGRAMS / 'bench_pic', 'ready', w.pic.dir)
        pid = w.agent_pid()
        time.sleep(5)
        idle, idle_beside = span(w, pid)
        w.pic('alert', 'add', 'all', '--to', 'http://127.0.0.1:9/none', '--after', '86400')
        wait_for(lambda: (pathlib.Path(w.pic.dir) / 'alerts').exists(), 20, 'the alert')
        time.sleep(5)
        busy, busy_beside = span(w, pid)
        f.add('agent, nobody is told', idle, 'ms CPU a minute', None, '', '')
        f.add('agent, one alert for everything', busy, 'ms CPU a minute', None, '', '')
        f.add('whom it asks meanwhile (wireguard-go, unbound)', max(busy_beside, idle_beside), 'ms CPU a minute', None, '', '')
        f.add('so all checks cost, and all else, at most', max(busy, idle) + max(busy_beside, idle_beside), 'ms CPU a minute', None, '', '<= 100 ms' if SIZE == 1000 else '')
    f.done(out)


main(sys.argv[1])
