"""Plans on the command line: what a change means in packets, whether it cuts the one who makes it, the exit status."""
import os
import pty
import subprocess

import pytest
from conftest import BIN


@pytest.fixture
def home(pic):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--access', '192.168.1.10:tcp/445,10.20.0.1:tcp/22')
    for name in ('ben', 'cleo', 'dan'):
        pic('peer', 'add', name, '--groups', 'kids')
    return pic


def meaning(pic, *args, **kw):
    return [m['text'] for m in pic.json(*args, '--plan', **kw)['meaning']]


def test_meaning(home):
    assert meaning(home, 'peer', 'set', 'anna', '--access', '10.20.0.1:tcp/22') == ['anna loses tcp/445 to 192.168.1.10']
    assert meaning(home, 'group', 'set', 'kids', '--access', 'lan') == ['3 devices of group kids lose the internet', '3 devices of group kids gain the lan']
    assert meaning(home, 'peer', 'disable', 'ben') == ['ben loses the internet', 'ben loses names, time and portal of the cell']
    assert meaning(home, 'peer', 'add', 'eve', '--groups', 'kids') == ['eve gains the internet', 'eve gains names, time and portal of the cell']
    for quiet in (['peer', 'set', 'anna', '--note', 'x'], ['peer', 'set', 'anna', '--address4', '10.20.0.99'], ['peer', 'set', 'anna', '--name', 'annika'],
                  ['group', 'set', 'kids', '--name', 'children'], ['peer', 'rekey', 'anna'], ['cell', 'set', '--net4', '10.30.0.0/16'],
                  ['cell', 'set', '--mtu', '1300']):
        plan = home.json(*quiet, '--plan')
        assert plan['changes'] and [m for m in plan['meaning'] if '10.' not in m['to']] == [], (quiet, plan['meaning'])
    document = 'groups:\n  kids: {access: [lan]}\n'
    assert meaning(home, 'plan', '-f', '-', stdin=document) == meaning(home, 'group', 'set', 'kids', '--access', 'lan')
    example = home.json('peer', 'set', 'anna', '--access', 'lan', '--plan')['meaning'][0]['example']
    assert example == {'peer': 'anna', 'source': '10.20.0.2', 'destination': '10.20.0.1', 'proto': 'tcp', 'port': 22}
    text = home('peer', 'set', 'anna', '--access', '', '--plan')
    assert '\nwhich means:\n  anna loses tcp/22 to 10.20.0.1 (10.20.0.2 -> 10.20.0.1 tcp/22)\n' in text
    # why agrees, before and after
    assert home.json('why', 'anna', '192.168.1.10:tcp/445')['allowed'] is True
    home('peer', 'set', 'anna', '--access', '10.20.0.1:tcp/22')
    assert home.json('why', 'anna', '192.168.1.10:tcp/445')['allowed'] is False


def test_exit_code(home):
    change, same = ['peer', 'set', 'anna', '--note', 'x', '--plan'], ['peer', 'set', 'anna', '--access', '10.20.0.1:tcp/22,192.168.1.10:tcp/445', '--plan']
    assert home.run(*change).returncode == 0 and home.run(*same).returncode == 0
    assert home.run(*change, '--exit-code').returncode == 3 and home.run(*same, '--exit-code').returncode == 0
    assert home.run(*change, '--exit-code', '--json').returncode == 3
    assert home.run('plan', '--exit-code').returncode == 0
    assert home.run('peer', 'set', 'nobody', '--note', 'x', '--plan', '--exit-code').returncode == 1
    assert home.run('peer', 'list', '--exit-code').returncode == 2
    assert home.run('peer', 'list', '-f', 'x').returncode == 2


def ssh(source, destination='10.20.0.1'):
    return {**os.environ, 'SSH_CONNECTION': f'{source} 50000 {destination} 22'}


def test_session(home):
    cut = ['peer', 'set', 'anna', '--access', 'lan', '--plan']
    session = home.json(*cut, env=ssh('10.20.0.2'))['session']
    assert session == {'address': '10.20.0.2', 'peer': 'anna', 'cut': True, 'reason': 'anna may not reach tcp/22 of 10.20.0.1 any more'}
    assert 'This cuts the connection you use (from 10.20.0.2): anna may not reach' in home(*cut, env=ssh('10.20.0.2'))
    assert home.json(*cut, env=ssh('10.20.0.3'))['session']['cut'] is False
    assert home.json(*cut, env=ssh('203.0.113.7', '198.51.100.1'))['session'] == {'address': '203.0.113.7', 'peer': None, 'cut': False, 'reason': None}
    assert home.json(*cut)['session'] is None and home.json(*cut, env=ssh('fe80::1%eth0'))['session'] is None
    rekey = home.json('peer', 'rekey', 'anna', '--plan', env=ssh('10.20.0.2'))
    assert rekey['risk'] == 'session' and 'key' in rekey['session']['reason']
    assert home.json('cell', 'set', '--listen-port', '51821', '--plan', env=ssh('10.20.0.2'))['session']['cut'] is True
    assert home.json('cell', 'set', '--listen-port', '51821', '--plan', env=ssh('203.0.113.7'))['risk'] == 'traffic'
    assert home.json('cell', 'set', '--listen-port', '51821', '--plan')['risk'] == 'session'  # somebody's, who is not known


def on_terminal(pic, *args, answer, env):
    """The command with a terminal for input and messages; answers status and what was said there."""
    master, slave = pty.openpty()
    child = subprocess.Popen([str(BIN / 'pic'), '--dir', pic.dir, '--world', pic.world, *args], stdin=slave, stdout=subprocess.DEVNULL, stderr=slave, env=env)
    os.close(slave)
    os.write(master, answer.encode())
    said = b''
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    os.close(master)
    return child.wait(20), said.decode()


def test_who_cuts_the_own_connection_is_asked(home):
    """On a terminal: quit changes nothing, yes makes it go back by itself, no just does it."""
    cut = ['peer', 'set', 'anna', '--access', 'lan']
    status, said = on_terminal(home, *cut, answer='q\n', env=ssh('10.20.0.2'))
    assert status == 1 and 'This cuts the connection you use' in said and 'nothing was changed' in said
    assert 'lan' not in home.json('peer', 'show', 'anna')['access']
    status, said = on_terminal(home, *cut, answer='\n', env=ssh('10.20.0.2'))
    assert status == 0 and 'goes back in 60 s' in said and home.json('status')['confirm']['revision'] > 0
    home('undo')
    assert '10.20.0.1:tcp/22' in home.json('peer', 'show', 'anna')['access']
    status, said = on_terminal(home, *cut, answer='n\n', env=ssh('10.20.0.2'))
    assert status == 0 and home.json('status')['confirm'] is None and home.json('peer', 'show', 'anna')['access'] == ['lan']
    status, said = on_terminal(home, 'peer', 'set', 'anna', '--note', 'x', answer='', env=ssh('10.20.0.2'))
    assert status == 0 and 'cuts' not in said
