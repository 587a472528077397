"""A change that cuts its own maker off goes back by itself, also when the agent is killed meanwhile; a confirmed one stays."""
import os
import signal
import time

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root
NAS = [('tcp', '192.168.77.10', 445), ('tcp', 'fd77::10', 445)]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with World(tmp_path_factory.mktemp('confirm')) as world:
        world.scene()
        world.start()
        world.admin = world.peer('admin', '--access', 'lan')
        world.serve(world.lan, [445], 'lan')
        assert world.admin.probe(NAS) == [True, True]
        yield world


def back_within(w, seconds):
    """How long it takes until the admin reaches the NAS again, and that a capture on its wire saw the answer."""
    cap = w.capture(w.lan, 'eth0', 'tcp port 445 and tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)')
    since = time.monotonic()
    wait_for(lambda: w.admin.probe(NAS, timeout=0.3) == [True, True], seconds, 'access back')
    took = time.monotonic() - since
    assert cap.stop() != []
    return took


def test_goes_back(w):
    w.pic('peer', 'set', 'admin', '--access', '', '--confirm', '4s')
    since = time.monotonic()
    assert w.admin.probe(NAS, timeout=0.3) == [False, False]
    assert w.pic.json('status')['confirm']['revision'] == w.pic.json('status')['applied']
    w.pic.refused('peer', 'set', 'admin', '--note', 'x', code='BADSTATE')
    back_within(w, 7)
    assert 3.5 < time.monotonic() - since < 7
    assert w.pic.json('status')['confirm'] is None
    assert 'was not confirmed in time' in w.pic('history', '--lines', '3')


def test_goes_back_with_the_agent_killed(w):
    w.pic('peer', 'set', 'admin', '--access', '', '--confirm', '4s')
    since = time.monotonic()
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    time.sleep(1)
    assert w.admin.probe(NAS, timeout=0.3) == [False, False]  # nobody there: as it was, and no looser
    w.start()
    assert w.admin.probe(NAS, timeout=0.3) == [False, False]  # not earlier than its time
    back_within(w, 7)
    assert 3.5 < time.monotonic() - since < 8


def test_goes_back_when_its_time_ends_without_an_agent(w):
    w.pic('peer', 'set', 'admin', '--access', '', '--confirm', '2s')
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    time.sleep(2.5)
    w.start()  # the first thing that it does
    assert w.admin.probe(NAS) == [True, True]


def test_confirmed(w):
    w.pic('peer', 'set', 'admin', '--access', 'lan,internet', '--confirm', '2s')
    w.pic('confirm')
    w.pic.refused('confirm', code='NOTFOUND')
    time.sleep(2.5)
    assert 'internet' in w.pic('peer', 'show', 'admin')
    w.pic('peer', 'set', 'admin', '--access', '', '--confirm', '60s')
    w.pic('undo')  # by hand, before its time
    assert w.admin.probe(NAS) == [True, True]


def test_goes_back_while_something_else_is_in_trouble(w):
    """Somebody's route is where a device's network is, and the agent has tried often enough to try seldom: that does not keep a change."""
    w.pic('peer', 'add', 'site', '--subnets', '172.30.0.0/24')
    w.sh(w.cellns, 'ip route replace 172.30.0.0/24 dev lan0')
    try:
        wait_for(lambda: w.pic.json('status').get('error'), 5, 'the trouble is told')
        time.sleep(16)  # 1, 2, 4, 8 s have passed: the next attempt is 16 s after the last one
        done = w.pic.run('peer', 'set', 'admin', '--access', '', '--confirm', '3s')
        assert done.returncode == 1 and '172.30.0.0/24' in done.stderr and 'goes back' in done.stderr, done.stderr
        since = time.monotonic()
        assert w.admin.probe(NAS, timeout=0.3) == [False, False]
        back_within(w, 7)
        assert time.monotonic() - since < 7
        w.pic('peer', 'set', 'admin', '--access', '', '--no-wait')  # nor does it what nobody rang for
        wait_for(lambda: w.admin.probe(NAS, timeout=0.3) == [False, False], 5, 'access taken')
        w.pic.run('undo')
        assert w.admin.probe(NAS) == [True, True]
    finally:
        w.sh(w.cellns, 'ip route del 172.30.0.0/24 dev lan0')
        w.pic('peer', 'remove', 'site')
