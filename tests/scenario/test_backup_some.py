"""Some of a backup, as a change of the cell that runs; and a restore that is taken back."""
import json
import os
import subprocess

import pytest
from conftest import BIN, Pic


@pytest.fixture
def backup(pic, tmp_path):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--groups', 'kids')
    pic('peer', 'add', 'ben', '--keep-key')
    pic('record', 'add', 'nas', '--addresses', '192.168.1.10')
    pic('backup', 'create', tmp_path / 'b', '--plain')
    return tmp_path / 'b'


def names(pic, kind='peer'):
    return [o['name'] for o in pic.json(kind, 'list')]


def test_some_of_it(pic, backup, tmp_path):
    """While the agent runs: looked at, made, undone; keys as they were; what is only here stays unless it is asked away."""
    agent = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pic('status', '--wait', '10s')
        config = pic('peer', 'config', 'ben')
        for name in ('anna', 'ben'):
            pic('peer', 'remove', name)
        pic('record', 'set', 'nas', '--addresses', '192.168.1.99')
        pic('peer', 'add', 'later')
        was = pic('export')
        plan = pic.json('backup', 'restore', backup, '--only', 'peers,dns', '--plan')
        assert [(c['kind'], c['name'], c['verb']) for c in plan['changes']] == [('peer', 'anna', 'add'), ('peer', 'ben', 'add'), ('record', 'nas', 'change')]
        assert plan['told']['picked']['only_here'] == [{'kind': 'peer', 'name': 'later'}] and pic('export') == was
        done = pic.run('backup', 'restore', backup, '--only', 'peers,dns')
        assert done.returncode == 0 and 'peer: 2 added' in done.stderr and '1 object is only here and stays: --exact' in done.stderr
        assert sorted(names(pic)) == ['anna', 'ben', 'later']
        pic('undo')
        assert pic('export') == was and 'nothing to do' in pic('backup', 'restore', backup, '--only', 'groups', '--plan')
        pic('backup', 'restore', backup, '--only', 'peer:ben')
        assert sorted(names(pic)) == ['ben', 'later'] and pic('peer', 'config', 'ben') == config
        pic('backup', 'restore', backup, '--only', 'peers', '--exact', '--confirm', '60s')
        assert sorted(names(pic)) == ['anna', 'ben']
        pic('confirm')
        row = pic.json('audit', 'list')[1]
        assert row['kind'] == 'peer' and json.dumps(plan).count('PrivateKey') == 0
    finally:
        agent.terminate()
        agent.wait(20)


def test_it_names_what_is_not_here(pic, backup, tmp_path):
    pic('peer', 'remove', 'anna')
    pic('group', 'remove', 'kids')
    error = pic.refused('backup', 'restore', backup, '--only', 'peers', code='NOTFOUND')
    assert error == {**error, 'field': 'groups', 'value': 'kids', 'rule': 'is no group of this cell', 'object': 'peer anna'}
    assert names(pic) == ['ben']
    pic('backup', 'restore', backup, '--only', 'devices')
    assert names(pic) == ['ben', 'anna'] and names(pic, 'group') == ['kids']
    for words in (['--only', 'peers', '--replace'], ['--only', 'peers', '--mtu', '1300'], ['--exact'], ['--confirm', '60s']):
        assert pic.run('backup', 'restore', backup, *words).returncode == 2, words
    assert pic.refused('backup', 'restore', backup, '--only', 'friends', code='VALUE')['value'] == 'friends'
    pic.refused('backup', 'restore', backup, '--only', 'peer:nobody', code='NOTFOUND')
    Pic(tmp_path / 'none').refused('backup', 'restore', backup, '--only', 'all', code='NOTFOUND')


def test_a_restore_taken_back(pic, backup, tmp_path):
    assert pic('backup', 'kept') == '' or 'when' in pic('backup', 'kept')
    pic.refused('backup', 'undo', code='NOTFOUND')
    pic('peer', 'add', 'later')
    was = pic('export')
    told = pic.json('backup', 'restore', backup, '--replace')
    kept, = pic.json('backup', 'kept')['kept']
    assert kept['path'] == told['former'] and kept['cell'] == 'home' and kept['size'] > 10000 and kept['name'] in pic('backup', 'kept')
    assert kept['by']['text'].startswith('the backup of ') and kept['by']['way'] == 'cli' and kept['by']['actor']
    planned = pic.json('backup', 'undo', '--plan')
    assert ('add', 'later') in [(c['verb'], c['name']) for c in planned['changes']] and pic.json('backup', 'kept')['kept'] == [kept]
    assert 'later' in pic('backup', 'undo', kept['name'], '--plan') and pic.refused('backup', 'undo', 'none', '--plan', code='NOTFOUND')['hint']
    agent = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pic('status', '--wait', '10s')
        assert 'picd' in pic.refused('backup', 'undo', code='BUSY')['hint'] and sorted(names(pic)) == ['anna', 'ben']
    finally:
        agent.terminate()
        agent.wait(20)
    back = pic.json('backup', 'undo')
    assert back['name'] == kept['name'] and pic('export') == was and pic.json('audit', 'verify')['ok']
    assert 'came back' in pic.json('audit', 'list', '--verb', 'restore')[0]['text']
    pic('backup', 'undo', os.path.basename(back['former']))  # and that too
    assert sorted(names(pic)) == ['anna', 'ben']
    kept, = pic.json('backup', 'kept')['kept']
    (tmp_path / 'outside').mkdir()
    os.symlink(tmp_path / 'outside', f"{kept['path']}/link")
    assert pic.run('backup', 'forget', kept['name']).returncode == 2
    pic('backup', 'forget', kept['name'], '--yes')
    assert pic.json('backup', 'kept')['kept'] == [] and not os.path.exists(kept['path']) and (tmp_path / 'outside').exists()
    pic.refused('backup', 'forget', '../cell', '--yes', code='NOTFOUND')
    assert [n for n in os.listdir(os.path.dirname(pic.dir)) if n.startswith(os.path.basename(pic.dir))] == [os.path.basename(pic.dir)]


def test_what_was_put_aside_is_asked(pic, backup):
    """One that does not work any more does not come back."""
    told = pic.json('backup', 'restore', backup, '--replace')
    os.remove(f"{told['former']}/key")
    was = pic('export')
    assert 'has no key' in pic.refused('backup', 'undo', code='CORRUPT')['message'] and pic('export') == was
    with open(f"{told['former']}/cell.db", 'r+b') as store:
        store.truncate(4096)
    pic.refused('backup', 'undo')
    assert pic('export') == was and pic.json('backup', 'kept')['kept'][0]['revision'] is None
