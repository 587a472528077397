"""Carriers that refuse, hang or are stopped, with a real agent: a trouble of one connection is that connection's."""
import os
import pathlib
import signal
import time

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root
PROXY = ('--type', 'proxy', '--protocol', 'socks5', '--endpoint')


@pytest.fixture
def w(tmp_path):
    with World(tmp_path) as world:
        yield world.scene()


def hide(w, program):
    """A start of the agent that does not find a program."""
    child = w.picd
    child.send_signal(signal.SIGTERM)
    child.wait(20)
    for at in ('/usr/sbin', '/usr/bin', '/sbin', '/bin'):
        path = pathlib.Path(at) / program
        if path.exists():
            break
    w.picd = w.spawn(w.cellns, 'unshare', '--mount', '--propagation', 'private', 'sh', '-c',
                     f'mount --bind /dev/null {path} && exec {w.BIN}/picd --dir {w.pic.dir} >>{w.tmp}/picd.out 2>&1')
    w.pic('status', '--wait', '20s')


def of(w, name):
    return next(c for c in w.pic.json('status')['connections'] if c['name'] == name)


def test_a_refusal_is_that_connections_own(w):
    from conftest import BIN
    w.BIN = BIN
    w.start()
    hide(w, 'redsocks')
    w.pic('connection', 'add', 'one', *PROXY, '203.0.113.254:1080')
    w.pic('peer', 'add', 'anna', '--exit', 'one')
    w.pic('peer', 'add', 'ben')
    one = wait_for(lambda: of(w, 'one')['state'] == 'down' and of(w, 'one'), 12, 'down')
    assert 'redsocks is not installed' in one['error']['message'] and 'apt-get install redsocks' in one['error']['hint'], one
    assert 'redsocks is not installed' in w.pic('status')
    assert 'redsocks is not installed' in w.pic.run('doctor').stdout
    assert 'picx1' in w.sh(w.cellns, 'ip -br link') and 'unreachable' in w.sh(w.cellns, 'ip route show table 1001')


def test_logs_and_what_is_kept_go_with_the_connection(w):
    w.start()
    kept = pathlib.Path(w.pic.dir) / 'exits'
    w.pic('connection', 'add', 'one', *PROXY, '203.0.113.254:1080')
    wait_for(lambda: list(w.tmp.rglob('exit1-names.log')), 10, 'a log')
    logs = list(w.tmp.rglob('exit1-names.log'))[0].parent
    kept.mkdir(exist_ok=True)
    (kept / '1-tor').write_text('guards')
    (kept / '2-tor').write_text('nobody')
    w.pic('connection', 'restart', 'one')
    w.pic('connection', 'set', 'one', '--enabled', 'no')
    wait_for(lambda: not (kept / '2-tor').exists(), 10, 'what nobody has is gone')
    assert (kept / '1-tor').exists() and list(logs.glob('exit1-*.log'))
    w.pic('connection', 'remove', 'one')
    wait_for(lambda: not kept.exists() and not list(logs.glob('exit1-*.log')), 10, 'gone with it')
