"""What the doctor finds on a real machine, and what it puts right by itself: and nothing else."""
import json
import os
import pathlib
import stat

import pytest
from conftest import needs_root
from world import World

pytestmark = needs_root


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('doctor')) as w:
        w.scene()
        w.start()
        yield w


def found(w, part):
    return [f for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'] if part in f['what']]


def fixed(w):
    return json.loads(w.pic.run('--json', 'doctor', '--fix').stdout)


def test_forwarding_and_modes(world):
    w = world
    key = next(p for p in pathlib.Path(w.pic.dir).iterdir() if p.name.endswith('key') and p.is_file())
    assert not found(w, 'forwarding is off') and not found(w, 'can be read by others')
    w.sh(w.cellns, 'sysctl -qw net.ipv4.ip_forward=0')
    os.chmod(key, 0o644)
    assert [f['act'] for f in found(w, 'IPv4 forwarding is off')] in (['apply'], [])  # the agent may have been quicker
    assert [f['act'] for f in found(w, 'can be read by others')] == ['private']
    told = fixed(w)
    assert {'act': 'private', 'done': True, 'what': "the cell's directory and its key are private again", 'error': None} in told['fixed']
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and w.sh(w.cellns, 'sysctl -n net.ipv4.ip_forward').strip() == '1'
    assert not found(w, 'forwarding is off') and not found(w, 'can be read by others')
    assert 'private again' in w.pic('history', '--verb', 'fix') and not [f for f in told['fixed'] if not f['done']]


def test_a_tunnel_that_does_not_fit(world):
    w = world
    assert not found(w, 'do not fit')
    w.pic('cell', 'set', '--mtu', '1480')
    one = found(w, 'do not fit')[0]
    assert (one['level'], one['act']) == ('warning', None) and 'MTU 1480' in one['what'] and 'pic cell set --mtu 1420' in one['fix']
    fixed(w)
    assert found(w, 'do not fit')  # a person has to
    w.pic('cell', 'set', '--mtu', '1420')
    assert not found(w, 'do not fit')
