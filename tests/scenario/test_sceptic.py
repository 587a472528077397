"""What a second hostile reviewer tried: each test was a fault once. One cell for all of the file; each test leaves it as it was."""
import os
import signal
import subprocess
import time

import pytest
from conftest import needs_root
from world import PYTHON, World, wait_for

pytestmark = needs_root
NAS4, NAS6, WEB4, WEB6 = '192.168.77.10', 'fd77::10', '198.51.100.10', '2001:db8:51::10'

# Whoever sends this a datagram is sent datagrams for ever: what an open flow lets through shows in what comes.
PUSH = '''
import socket, sys, time
S = []
for h in sys.argv[1:]:
    s = socket.socket(10 if ":" in h else 2, 2); s.bind((h, 7000)); s.setblocking(False); S.append((s, set()))
print("on", flush=True)
while True:
    for s, who in S:
        try:
            while True: who.add(s.recvfrom(99)[1])
        except OSError: pass
        for w in who:
            try: s.sendto(b"D", w)
            except OSError: pass
    time.sleep(.02)
'''
# Says one word to each, then listens for so long; prints how many datagrams came in the last half second.
LISTEN = '''
import select, socket, sys, time
S = []
for h in sys.argv[2:]:
    s = socket.socket(10 if ":" in h else 2, 2); s.connect((h, 7000)); s.send(b"x"); S.append(s)
print("on", flush=True)
sys.stdin.readline()
until, late = time.time() + float(sys.argv[1]), [0] * len(S)
while time.time() < until:
    for i, s in enumerate(S):
        if select.select([s], [], [], .005)[0]:
            s.recv(99); late[i] += time.time() > until - .5
print(late)
'''


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with World(tmp_path_factory.mktemp('sceptic')) as world:
        world.scene()
        world.start()
        world.a = world.peer('anna', '--access', 'lan')
        world.serve(world.lan, [445], 'lan')
        assert world.spawn(world.lan, PYTHON, '-c', PUSH, NAS4, NAS6, stdout=subprocess.PIPE, text=True).stdout.readline() == 'on\n'
        yield world


def listen(w, seconds, *targets):
    child = w.spawn(w.a.space, PYTHON, '-c', LISTEN, seconds, *targets, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == 'on\n'
    return child


def heard(child):
    return eval(child.communicate('go\n')[0])


def test_right_taken_while_agent_and_table_were_away(w):
    """Nobody knows any more what was allowed before: the flows that today's rights do not cover end."""
    child = listen(w, 1, NAS4, NAS6)
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    w.pic('peer', 'set', 'anna', '--access', f'{NAS4}')
    w.sh(w.cellns, 'nft flush ruleset')
    w.start()
    got = heard(child)
    assert got[0] > 5 and got[1] == 0, got
    w.pic('peer', 'set', 'anna', '--access', 'lan')


def test_whatever_opens_is_shut_at_once(w):
    """A rule or an element that lets more pass is taken away without patience, however often it comes."""
    elem = "nft add element inet pic grants4 '{ 0x00230000 . 1.2.3.4-1.2.3.9 . tcp . 5-6 }'"
    harms = {'nft insert rule inet pic forward accept': lambda t: 'accept\n' not in t.split('chain forward')[1].split('iifname')[0],
             'nft flush chain inet pic forward': lambda t: 'goto from_peer' in t, elem: lambda t: '1.2.3.4' not in t,
             'nft add table inet pic "{ flags dormant; }"': lambda t: 'dormant' not in t}
    for command, good in list(harms.items()) * 3:
        w.sh(w.cellns, command)
        since = time.monotonic()
        wait_for(lambda: good(w.sh(w.cellns, 'nft list table inet pic')), 2, command)
        assert time.monotonic() - since < 0.7, command
