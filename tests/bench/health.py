"""What it costs to know how the cell is, at 1,000 devices. One look at everything that `pic doctor` looks at, which the agent does once a minute for the history of health and for alerts, is
asked for LOOKS times in a row, and the CPU of the agent and of those whom it asks is divided by that. What an alert for all events adds (devices each 30 s, exits and the journal each 2 s) is the
difference of two times a minute or more, with it and without. The agent altogether is told beside: it also keeps connections, names and rules. CPU is counted by ticks of 10 ms.
In namespaces of its own; wireguard-go (kernels without WireGuard only), whose own time is told apart."""
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
SPAN = float(os.environ.get('PIC_BENCH_SPAN', '123'))
LOOKS = int(os.environ.get('PIC_BENCH_LOOKS', '30'))
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


def looks(w, pid):
    """CPU of the agent, and of those that it asks, for one look at everything."""
    before, beside = used(pid), others(w)
    for _ in range(LOOKS):
        w.pic.run('--json', 'doctor', timeout=60)
    return (used(pid) - before) / LOOKS, (others(w) - beside) / LOOKS


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
        look, look_beside = looks(w, pid)
        idle, idle_beside = span(w, pid)
        w.pic('alert', 'add', 'all', '--to', 'http://127.0.0.1:9/none', '--after', '86400')
        wait_for(lambda: (pathlib.Path(w.pic.dir) / 'alerts').exists(), 20, 'the alert')
        time.sleep(5)
        busy, busy_beside = span(w, pid)
        unit = 'ms CPU a minute'
        more = max(busy + busy_beside - idle - idle_beside, 0.0)
        f.add('one look at everything, the agent', look, unit)
        f.add('the same, whom it asks (wireguard-go, unbound)', look_beside, unit)
        f.add('an alert for everything, more than that', more, unit)
        f.add('so all checks cost', look + look_beside + more, unit, None, '', '<= 100 ms' if SIZE == 1000 else '')
        f.add('agent with all that it does, nobody is told', idle, unit)
        f.add('the same, one alert for everything', busy, unit)
        f.add('whom it asks meanwhile, at most', max(busy_beside, idle_beside), unit)
    f.done(out)


main(sys.argv[1])
