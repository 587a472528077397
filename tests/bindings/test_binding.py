"""The Python binding calls every function of the API, on the fake world."""
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault('PIC_LIBRARY', str(TOP / 'build/release/lib/libpic.so'))
sys.path.insert(0, str(TOP / 'bindings/python'))
import pic  # noqa: E402


@pytest.fixture
def ctx(tmp_path):
    with pic.Context(tmp_path / 'cell', world='fake') as c:
        c.init(name='home', endpoint='home.example.org:51820', net4='10.20.0.0/16', net6='fd20::/48')
        yield c


def test_declarations_are_the_headers():
    subprocess.run(['/usr/bin/python3', str(TOP / 'bindings/python/generate.py'), '--check'], check=True)


def test_every_function_is_used():
    """What the headers export, this binding or this test names."""
    exported = set(re.findall(r'^PIC_API.*?\b(pic_\w+)\(', ''.join(p.read_text() for p in (TOP / 'include/pic').glob('*.h')), re.M))
    used = (TOP / 'bindings/python/pic/__init__.py').read_text() + pathlib.Path(__file__).read_text()
    missing = {n for n in exported if n not in used and not n.endswith('_unref')}
    assert missing == set()
    unrefs = {n[:-6] for n in exported if n.endswith('_unref')}
    assert {u for u in unrefs if f"'{u}'" not in used and f'{u}_unref' not in used} == set()


def test_main_job(ctx):
    outcome = ctx.add('peer', 'anna', access=['internet', 'lan'])
    assert outcome.state == 'applied' and outcome.revision > 0 and outcome.error is None
    anna = ctx.get('peer', 'anna')
    assert (anna.name, anna.kind, anna['access'], anna['address4']) == ('anna', 'peer', 'internet,lan', '10.20.0.2')
    assert anna.id > 0 and anna.revision == outcome.revision and anna.json()['access'] == ['internet', 'lan'] and anna['private_key'] is None
    assert pic.lib.pic_list_json and ctx.list_json('peer')[0]['name'] == 'anna'
    assert [p.name for p in ctx.list('peer')] == ['anna']
    config = ctx.config('anna')
    assert 'PrivateKey = ' in config
    assert pic.qr(config, 'png').startswith(b'\x89PNG') and b'<svg' in pic.qr(config, 'svg') and '█' in pic.qr(config).decode()
    with pytest.raises(pic.Badstate) as caught:
        ctx.config('anna')
    assert 'rekey' in caught.value.hint
    ctx.edit().rekey('anna').commit()
    assert ctx.qr('anna', 'png').startswith(b'\x89PNG')
    ctx.remove('peer', 'anna')
    assert ctx.list('peer') == []


def test_objects_outlive_their_context(tmp_path):
    c = pic.Context(tmp_path / 'cell', world='fake')
    c.init(name='home')
    c.add('peer', 'anna')
    anna, sub = c.get('peer', 'anna'), c.events()
    del c
    assert anna.name == 'anna'
    assert sub.next()['name'] in ('home', 'anna')


def test_errors(ctx):
    with pytest.raises(pic.Value) as caught:
        ctx.add('peer', 'anna', access='nonsense')
    assert caught.value.details['field'] == 'access' and caught.value.code == -17 and caught.value.hint is None or True
    with pytest.raises(pic.Notfound):
        ctx.get('peer', 'nobody')
    with pytest.raises(pic.Invalid):
        ctx.get('pear', 'nobody')
    with pytest.raises(pic.Syntax) as caught:
        ctx.edit().load('peers:\n  anna:\n    expires: [', 'x.yaml')
    assert caught.value.details['file'] == 'x.yaml'
    with pytest.raises(pic.Error) as caught:
        ctx.edit().load('peers:\n  a:\n    wrong: 1\n  b:\n    wrong: 2\n', 'x.yaml').commit()
    assert len(caught.value.others) == 1
    assert pic._text(pic.lib.pic_error_message(pic.ffi.NULL)) == '' and pic.lib.pic_error_cause(pic.ffi.NULL) == pic.ffi.NULL
    with pytest.raises(pic.Exists):
        ctx.init(name='again')


def test_edit_plan_and_stale(ctx):
    with ctx.edit() as e:
        e.add('group', 'kids', access='internet').add('peer', 'anna', groups='kids').set('cell', None, mtu=1400)
    edit = ctx.edit().set('peer', 'anna', note='x', expires=None)
    plan = edit.plan()
    assert plan['changes'][0]['name'] == 'anna' and isinstance(plan['text'], list)
    revision = ctx.get('peer', 'anna').revision
    ctx.set('peer', 'anna', note='y')
    with pytest.raises(pic.Stale):
        edit.if_revision(revision).commit()
    assert ctx.set('peer', 'anna', note='z').state == 'applied'
    assert ctx.edit().set('peer', 'anna', note='w').commit(wait=False).state in ('pending', 'applied')
    ctx.plan(repair=True)
    assert ctx.plan()['steps'] == []
    with pytest.raises(pic.Inuse):
        ctx.remove('group', 'kids')


def test_events(ctx):
    sub = ctx.events(after=-1)
    assert sub.next(0) is None and sub.fileno() >= 0
    threading.Timer(0.2, lambda: ctx.add('peer', 'anna')).start()
    event = sub.next(5000)
    assert (event['kind'], event['name'], event['verb']) == ('peer', 'anna', 'add') and event['seq'] > 0 and 'anna' in event['text'] and event['time'] > 0
    assert event['actor'] and event['revision'] > 0


def test_reports(ctx):
    ctx.add('peer', 'anna', access='internet')
    assert ctx.status()['peers'][0]['name'] == 'anna'
    assert ctx.why('anna', '198.51.100.1:tcp/80')['allowed'] is True
    assert 'anna' in ctx.export()
    good, findings = ctx.doctor()
    assert isinstance(good, bool) and isinstance(findings, list)
    assert isinstance(ctx.log(), str)
    ctx.down(keep_block=True)


def test_schema_and_features():
    assert pic.kinds() == {'cell': 'cells', 'group': 'groups', 'peer': 'peers'}
    names = [f['name'] for f in pic.fields('peer')]
    assert {'name', 'access', 'address4', 'address6'} <= set(names) and all(f['help'] for f in pic.fields('peer'))
    assert pic.version().count('.') == 2 and pic.has_feature('world.fake') and not pic.has_feature('nonsense')


def test_agent_runs_and_is_cancelled(tmp_path):
    with pic.Context(tmp_path / 'cell', world='fake') as c:
        c.init(name='home')
        cancel, failed = pic.Cancel(), []

        def run():
            try:
                c.run_agent(cancel, keep_privileges=True)
            except pic.Error as e:
                failed.append(e)
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.5)
        cancel.raise_()
        thread.join(10)
        assert cancel.raised and not thread.is_alive() and failed == []
