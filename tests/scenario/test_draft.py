"""Changes that are collected in a draft, and plans that are kept: made all or none, by the one who made them, for the state they were made for."""
import json
import os
import subprocess

import pytest
from conftest import BIN


@pytest.fixture
def cell(pic):
    pic('group', 'add', 'kids', '--access', 'lan')
    return pic


def revision(pic):
    return pic.json('status')['revision']


def test_collected_and_made_at_once(cell):
    was = revision(cell)
    cell('begin')
    cell.refused('begin', code='BADSTATE')
    cell('group', 'add', 'staff', '--access', 'internet')
    cell('peer', 'add', 'tim', '--groups', 'staff')
    cell('peer', 'set', 'tim', '--note', 'in the draft')
    assert revision(cell) == was and cell.json('peer', 'list') == []
    plan = cell.json('draft')
    assert [c['name'] for c in plan['changes']] == ['staff', 'tim'] and len(plan['wishes']) == 5, plan
    # what cannot be made is not collected
    cell.refused('peer', 'add', 'tim', code='EXISTS')
    cell.refused('peer', 'set', 'nobody', '--note', 'x', code='NOTFOUND')
    cell.refused('peer', 'set', 'tim', '--note', 'x', '--confirm', '5s', status=2)
    assert len(cell.json('draft')['wishes']) == 5
    assert cell.run('commit', '--plan', '--exit-code').returncode == 3
    assert cell.json('commit')['revision'] == was + 1  # one change
    assert cell.json('peer', 'show', 'tim')['note'] == 'in the draft'
    for verb in ('draft', 'commit', 'abort'):
        cell.refused(verb, code='NOTFOUND')
    cell('undo')
    assert cell.json('peer', 'list') == [] and [g['name'] for g in cell.json('group', 'list')] == ['kids']


def test_an_assertion_that_breaks_on_the_way(cell):
    """The end counts: a wish that breaks an assertion is collected and told, and what mends it may follow; else the draft's end needs a reason."""
    cell('peer', 'add', 'tim', '--groups', 'kids')
    cell('assertion', 'add', 'offline', '--rule', 'never group:kids -> internet')
    was = revision(cell)
    cell('begin')
    said = cell.run('group', 'set', 'kids', '--access', 'internet')
    assert said.returncode == 0 and 'assertion offline does not hold' in said.stderr and 'pic commit --override' in said.stderr, said
    assert 'offline' in cell.json('group', 'set', 'kids', '--note', 'x')['breaks'][0]
    for verb in (['draft'], ['commit'], ['commit', '--plan']):
        assert cell.refused(*verb, code='CONFLICT')['object'] == 'assertion offline'
    assert cell.json('draft', '--override', 'homework')['meaning'] and revision(cell) == was
    cell.refused('group', 'set', 'kids', '--note', 'y', '--override', 'too early', status=2)
    # what else is wrong is still refused
    cell.refused('peer', 'set', 'nobody', '--note', 'x', code='NOTFOUND')
    cell('assertion', 'set', 'offline', '--rule', 'never group:kids -> lan')
    cell('commit')
    assert revision(cell) == was + 1 and cell.json('group', 'show', 'kids')['access'] == ['internet']
    cell('begin')
    cell('group', 'set', 'kids', '--access', 'lan')
    cell('commit', '--override', 'homework')
    assert cell.json('group', 'show', 'kids')['access'] == ['lan'] and 'homework' in cell('history')


def test_forgotten(cell):
    was = revision(cell)
    cell('begin')
    cell('group', 'remove', 'kids')
    cell('abort')
    assert revision(cell) == was and len(cell.json('group', 'list')) == 1


def test_none_of_it_when_one_fails(cell):
    """Another change takes away what the draft needs: nothing of it is made, it stays, and can be made when that is put right."""
    cell('begin')
    cell('peer', 'add', 'anna')
    cell('peer', 'add', 'tim', '--groups', 'kids')
    draft = os.path.join(cell.dir, f'draft-{os.geteuid()}.json')
    assert os.stat(draft).st_mode & 0o777 == 0o600
    os.rename(draft, draft + '.aside')
    cell('group', 'remove', 'kids')
    os.rename(draft + '.aside', draft)
    was = revision(cell)
    error = cell.refused('commit', code='NOTFOUND')
    assert 'kids' in error['message'] and revision(cell) == was
    with open(draft, encoding='utf-8') as f:
        assert len(json.load(f)['wishes']) == 3
    os.rename(draft, draft + '.aside')
    cell('group', 'add', 'kids')
    os.rename(draft + '.aside', draft)
    cell('commit')
    assert [p['name'] for p in cell.json('peer', 'list')] == ['anna', 'tim']


def test_a_damaged_draft(cell):
    draft = os.path.join(cell.dir, f'draft-{os.geteuid()}.json')
    for text in ('', '{', '{"wishes":[{"do":"add"}]}', '{"wishes":7}', 'x' * 100):
        with open(draft, 'w', encoding='utf-8') as f:
            f.write(text)
        error = cell.refused('group', 'set', 'kids', '--note', 'x')
        assert error['code'] in ('SYNTAX',) and 'draft-' in error['message'], error
        cell('abort')
    assert cell.json('group', 'show', 'kids')['note'] is None


def test_a_plan_that_was_kept(cell, tmp_path):
    path = tmp_path / 'plan.json'
    path.write_text(cell('group', 'set', 'kids', '--access', 'internet', '--plan', '--json'), encoding='utf-8')
    assert cell.json('group', 'show', 'kids')['access'] == ['lan']
    assert cell.json('plan', '-f', path)['changes'] == json.loads(path.read_text(encoding='utf-8'))['changes']
    cell('apply', '-f', path)
    assert cell.json('group', 'show', 'kids')['access'] == ['internet']
    cell.refused('apply', '-f', path, code='STALE')
    document = 'groups: {a: {}, b: {access: lan}}\npeers: {}'
    path.write_text(cell('plan', '-f', '-', '--prune', '--json', stdin=document), encoding='utf-8')
    cell('apply', '-f', path)
    assert [g['name'] for g in cell.json('group', 'list')] == ['a', 'b']
    # for the revision that it was made for, whatever revision the caller names
    path.write_text(cell('group', 'set', 'b', '--access', 'internet', '--plan', '--json'), encoding='utf-8')
    cell('group', 'set', 'b', '--note', 'x')
    error = cell.refused('apply', '-f', path, '--if-revision', revision(cell), code='CONFLICT')
    assert 'anew' in error['hint']
    assert cell.json('group', 'show', 'b')['access'] == ['lan']


def test_many_at_once(cell):
    """Commands at work on one draft take turns: none's wish is lost, none is made that was not drafted, none comes after the end."""
    cell('begin')
    command = [str(BIN / 'pic'), '--dir', cell.dir, '--world', 'fake']
    running = [subprocess.Popen([*command, 'group', 'add', f'g{i}'], stderr=subprocess.PIPE, text=True) for i in range(24)]
    for child in running:
        assert 'Added to the draft' in child.communicate()[1] and child.returncode == 0
    assert len(cell.json('draft')['wishes']) == 24
    running = [subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True)
               for words in (('commit',), *(('group', 'add', f'h{i}') for i in range(8)))]
    for child in running:
        assert child.communicate()[1] is not None and child.returncode == 0
    made = {g['name'] for g in cell.json('group', 'list')}
    assert made == {'kids', *(f'g{i}' for i in range(24)), *(f'h{i}' for i in range(8))}, made
    assert not os.path.exists(os.path.join(cell.dir, f'draft-{os.geteuid()}.json'))


def test_a_draft_of_another(cell, tmp_path):
    """What the user did not write is not made, and does not mean that there is no draft."""
    draft = os.path.join(cell.dir, f'draft-{os.geteuid()}.json')
    wish = '{"wishes":[{"do":"remove","kind":"group","name":"kids"}]}'
    (tmp_path / 'planted').write_text(wish, encoding='utf-8')
    for plant in (lambda: os.symlink(tmp_path / 'planted', draft), lambda: os.symlink('/nowhere', draft), lambda: os.mkfifo(draft)):
        plant()
        for words in (('commit',), ('draft',), ('group', 'add', 'x')):
            assert 'draft-' in cell.refused(*words)['message']
        cell('abort')
    if os.geteuid() == 0:
        with open(draft, 'w', encoding='utf-8') as f:
            f.write(wish)
        os.chown(draft, 65534, 65534)
        assert 'no file of this user' in cell.refused('commit', code='DENIED')['message']
        cell('abort')
    assert [g['name'] for g in cell.json('group', 'list')] == ['kids']


def test_undo_in_a_draft(cell):
    """It takes back what was the last change when it was drafted, not what became it meanwhile."""
    cell('group', 'add', 'one')
    cell('begin')
    cell('undo')
    draft = os.path.join(cell.dir, f'draft-{os.geteuid()}.json')
    os.rename(draft, draft + '.aside')
    cell('group', 'add', 'two')
    os.rename(draft + '.aside', draft)
    cell('commit')
    assert [g['name'] for g in cell.json('group', 'list')] == ['kids', 'two']


def test_options_that_would_do_nothing(cell):
    for words in (('--confirm', '5s'), ('--if-revision', '1'), ('--override', 'because'), ('--prune',)):
        for verb in ('apply', 'plan'):
            assert '--file' in cell.refused(verb, *words, status=2)['message'], words
    cell.refused('group', 'set', 'kids', '--note', 'x', '--override', '  ', code='VALUE')
    assert 'nothing to confirm' in cell.run('group', 'set', 'kids', '--access', 'lan', '--confirm', '60s').stderr
    cell.refused('confirm', code='NOTFOUND')
    cell('group', 'set', 'kids', '--access', '')  # nothing stands in the way


def test_begin_without_a_cell(empty, tmp_path):
    (tmp_path / 'cell').mkdir()
    assert 'init' in empty.refused('begin', code='NOTFOUND')['hint']
    assert os.listdir(tmp_path / 'cell') == []
