"""Assertions on a real cell: a change that breaks one is refused and the wire stays as it was; made on purpose, just what was named passes."""
import json

import pytest
from conftest import needs_root
from world import World

pytestmark = needs_root
NAS = [('tcp', '192.168.77.10', 445), ('tcp', 'fd77::10', 445)]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with World(tmp_path_factory.mktemp('assert')) as world:
        world.scene()
        world.start()
        world.pic('group', 'add', 'kids')
        world.tim = world.peer('tim', '--groups', 'kids')
        world.anna = world.peer('anna', '--access', 'lan')
        world.serve(world.lan, [445], 'lan')
        world.pic('assertion', 'add', 'nas', '--rule', 'never group:kids -> lan')
        yield world


def broken(w):
    return [f for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'] if f['area'] == 'assertion']


def test_refused(w):
    four, six = (w.pic.json('peer', 'show', 'tim')[f] for f in ('address4', 'address6'))
    cap = w.capture(w.lan, 'eth0', f'src {four} or src {six}')
    for change in (('group', 'set', 'kids', '--access', 'lan'), ('peer', 'set', 'tim', '--access', '192.168.77.10:tcp/445'), ('peer', 'set', 'anna', '--groups', 'kids')):
        error = w.pic.refused(*change, code='CONFLICT')
        assert error['object'] == 'assertion nas' and '--override' in error['hint'], error
        assert w.tim.probe(NAS, timeout=0.3) == [False, False]
    assert '192.168.77.10 tcp/445' in w.pic.refused('peer', 'set', 'tim', '--access', '192.168.77.10:tcp/445', code='CONFLICT')['message']
    assert w.pic.refused('peer', 'set', 'tim', '--access', '192.168.77.10:tcp/445', '--plan', code='CONFLICT')
    assert cap.stop() == [] and w.pic.json('plan')['steps'] == []


def test_on_purpose(w):
    w.pic('peer', 'set', 'tim', '--access', '192.168.77.10:tcp/445', '--override', 'homework on the NAS')
    assert w.tim.probe(NAS) == [True, False]
    rows = [json.loads(line) for line in w.pic('--json', 'history', '--lines', '3').splitlines()]
    assert any('homework on the NAS' in row['text'] and row['verb'] == 'override' for row in rows)
    found = broken(w)
    assert len(found) == 1 and '192.168.77.10 tcp/445' in found[0]['what']
    w.pic('peer', 'set', 'anna', '--note', 'not held up')
    w.pic('undo', str(w.pic.json('status')['revision'] - 1))
    assert w.tim.probe(NAS, timeout=0.3) == [False, False]
    assert broken(w) == []
    w.pic.refused('undo', code='CONFLICT')  # which would bring it back


def test_by_itself(w):
    """An expiry breaks a rule without a change: told, and nobody is held up."""
    w.pic('assertion', 'add', 'backup', '--rule', 'always anna -> 192.168.77.10')
    w.pic.refused('peer', 'set', 'anna', '--expires', '2020-01-01', code='CONFLICT')
    w.pic('assertion', 'set', 'backup', '--enabled', 'no')
    w.pic('peer', 'disable', 'anna')
    w.pic.refused('assertion', 'set', 'backup', '--enabled', 'yes', code='CONFLICT')
