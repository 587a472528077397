"""The time: a stock client asks the cell through the tunnel, in both families; chronyd killed, the agent killed; a clock that is wrong."""
import json
import os
import signal
import subprocess
import time

from conftest import needs_root
from world import HERE, PYTHON, World, wait_for

CELL = '10.20.0.1', 'fd20::1'


def state(w):
    """Whether it is good or not."""
    return json.loads(w.pic.run('--json', 'ntp', 'status').stdout)


def asks(w, space, server):
    return w.sh(space, f"chronyd -Q -t 3 'server {server} iburst maxsamples 1'", check=False).returncode == 0


def chronyd(w):
    """Of this cell, which its pid file names."""
    path = w.tmp / 'cell/run/ntp/chronyd.pid'
    return int(path.read_text().split()[0]) if path.exists() else None


@needs_root
def test_devices_are_told_the_time(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        anna = w.peer('anna')
        assert [asks(w, anna.space, server) for server in CELL] == [True, True]
        name = anna.sh('dig +short ntp.home.internal @10.20.0.1').split()
        assert name == ['10.20.0.1'] and anna.sh('dig +short AAAA ntp.home.internal @10.20.0.1').split() == ['fd20::1']
        t = w.pic.json('ntp', 'status')
        assert t['serving'] and t['wished'] and not t['follows'] and t['addresses'] == list(CELL) and t['reference'] == "this machine's clock"
        assert not asks(w, w.inet, '203.0.113.1') and not asks(w, w.lan, '192.168.77.1'), 'nobody else is told'

        pid = chronyd(w)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: chronyd(w) not in (pid, None) and state(w)['serving'], 10, 'another one')
        assert asks(w, anna.space, CELL[0])

        pid = chronyd(w)
        os.kill(w.agent_pid(), signal.SIGKILL)
        w.picd.wait(5)
        assert asks(w, anna.space, CELL[0]), 'without an agent as well'
        w.start()
        assert chronyd(w) == pid, 'the same one goes on'

        w.pic('cell', 'set', '--ntp', 'no')
        assert not asks(w, anna.space, CELL[0])
        t = state(w)
        assert not t['serving'] and not t['wished']
        assert anna.sh('dig +short ntp.home.internal @10.20.0.1') == ''
        w.pic('undo')
        assert asks(w, anna.space, CELL[1])
        w.pic('down')
        assert w.sh(w.cellns, 'ss -Hlun sport = :123') == ''


@needs_root
def test_a_wrong_clock_is_told_and_not_handed_on(tmp_path):
    """A time server far away that is two minutes ahead of this machine: devices get its time, the machine's clock stays, doctor says it."""
    with World(tmp_path) as w:
        w.scene()
        w.start()
        far = w.spawn(w.inet, PYTHON, HERE / 'falsetime.py', '198.51.100.10', '120', stdout=subprocess.PIPE, text=True)
        assert far.stdout.readline().strip() == 'ready'
        w.pic('cell', 'set', '--ntp-servers', '198.51.100.10')
        t = wait_for(lambda: (lambda t: t if t['follows'] else None)(state(w)), 20, 'following')
        assert t['reference'] in ('198.51.100.10', None) and abs(t['offset_us'] - 120_000_000) < 1_000_000 and t['wrong'] and not t['sets_clock']
        anna = w.peer('anna')
        before = time.time()
        done = anna.sh(f"chronyd -Q -t 3 'server {CELL[0]} iburst maxsamples 1' 2>&1", check=False).stdout
        assert 'System clock wrong by 120.' in done or 'System clock wrong by 119.9' in done, done
        assert abs(time.time() - before) < 60
        found = [f for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'] if f['area'] == 'clock']
        assert found and found[0]['level'] == 'warning' and (' 2 min' in found[0]['what'] or ' 1 min 59' in found[0]['what']) and 'behind' in found[0]['what']
        assert '198.51.100.10' in found[0]['what']
        done = w.pic.run('ntp', 'status')
        text = done.stdout
        assert done.returncode == 1 and 'WRONG' in text and '198.51.100.10' in text
