"""The Python binding on the fake world: every function of the API is called by it, here."""
import gc
import os
import pathlib
import re
import select
import subprocess
import sys
import threading
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault('PIC_LIBRARY', str(TOP / 'build/release/lib/libpic.so'))
sys.path.insert(0, str(TOP / 'bindings/python'))
import pic  # noqa: E402

CALLED = set()


class Recorder:
    """The library, noting which functions were called through it."""

    def __init__(self, lib):
        self._lib = lib

    def __getattr__(self, name):
        found = getattr(self._lib, name)
        if not callable(found):
            return found

        def call(*args):
            CALLED.add(name)
            return found(*args)
        return call


pic.lib = Recorder(pic.lib)


@pytest.fixture
def ctx(tmp_path):
    with pic.Context(tmp_path / 'cell', world='fake') as c:
        c.init(name='home', endpoint='home.example.org:51820', net4='10.20.0.0/16', net6='fd20::/48')
        yield c


def test_declarations_are_the_headers():
    subprocess.run(['/usr/bin/python3', str(TOP / 'bindings/python/generate.py'), '--check'], check=True)


def test_main_job(ctx):
    outcome = ctx.add('peer', 'anna', access=['internet', 'lan'])
    assert outcome.state == 'applied' and outcome.revision > 0 and outcome.error is None and outcome.json['state'] == 'applied'
    anna = ctx.get('peer', 'anna')
    assert (anna.name, anna.kind, anna['access'], anna['address4'], anna['enabled']) == ('anna', 'peer', ['internet', 'lan'], '10.20.0.2', True)
    assert anna.id > 0 and anna.revision == outcome.revision and anna.text('access') == 'internet,lan'
    assert [p.name for p in ctx.list('peer')] == ['anna'] and ctx.list_json('peer')[0]['name'] == 'anna'
    assert ctx.peer_outdated('anna') is False
    config = ctx.config('anna')
    ctx.peer_installed('anna')
    assert 'PrivateKey = ' in config
    assert pic.qr(config, 'png').startswith(b'\x89PNG') and b'<svg' in pic.qr(config, 'svg') and '█' in pic.qr(config).decode()
    assert b'\x1b' not in pic.qr(config, 'plain')
    with pytest.raises(pic.BadState) as caught:
        ctx.config('anna')
    assert 'rekey' in caught.value.hint
    ctx.rekey('anna')
    assert ctx.qr('anna', 'png').startswith(b'\x89PNG')
    ctx.remove('peer', 'anna')
    assert ctx.list('peer') == []


def test_objects_are_mappings(ctx):
    ctx.add('peer', 'anna', note='the laptop')
    anna = ctx.get('peer', 'anna')
    assert dict(anna)['note'] == 'the laptop' and set(anna) == {f['name'] for f in pic.fields('peer')} - {'private_key', 'preshared_key'}
    assert len(anna) == len(list(anna)) and 'note' in anna and 'nonsense' not in anna and anna.get('nonsense') is None
    with pytest.raises(KeyError):
        anna['private_key']  # a secret is never read back
    assert anna.text('private_key') is None and repr(anna) == '<pic peer anna>' and set(anna.json()) == set(anna) | {'id', 'revision'}


def test_objects_outlive_their_context(tmp_path):
    c = pic.Context(tmp_path / 'cell', world='fake')
    c.init(name='home')
    c.add('peer', 'anna')
    anna, sub, edit = c.get('peer', 'anna'), c.events(), c.edit().set('peer', 'anna', note='x')
    c.close()
    del c
    gc.collect()
    assert anna.name == 'anna' and sub.next()['name'] in ('home', 'anna')
    assert edit.commit().state == 'applied'


def test_a_closed_context_says_so(tmp_path):
    with pic.Context(tmp_path / 'cell', world='fake') as c:
        c.init(name='home')
    for use in (c.status, lambda: c.get('cell'), c.edit, c.events, lambda: c.list('peer'), c.export):
        with pytest.raises(ValueError):
            use()


def test_errors(ctx, tmp_path):
    with pytest.raises(pic.Value) as caught:
        ctx.add('peer', 'anna', access='nonsense')
    error = caught.value
    assert isinstance(error, pic.Error) and (error.code, error.name) == (-17, 'VALUE') and 'nonsense' in str(error)
    assert error.details['field'] == 'access' and error.details['value'] == 'nonsense' and error.details['rule'] and error.others == []
    with pytest.raises(pic.NotFound):
        ctx.get('peer', 'nobody')
    with pytest.raises(pic.Invalid):
        ctx.get('pear', 'nobody')
    with pytest.raises(pic.Syntax) as caught:
        ctx.edit().load('peers:\n  anna:\n    expires: [', 'x.yaml')
    assert caught.value.details['file'] == 'x.yaml' and int(caught.value.details['line']) >= 3
    with pytest.raises(pic.NotFound) as caught:
        ctx.edit().load('peers:\n  a:\n    wrong: 1\n  b:\n    wrong: 2\n', 'x.yaml')
    assert [e.details['line'] for e in [caught.value, *caught.value.others]] == ['3', '5']
    with pytest.raises(pic.Exists):
        ctx.init(name='again')
    with pytest.raises(pic.NotFound) as caught:
        pic.Context(tmp_path / 'nowhere', world='fake').list('peer')
    assert 'pic init' in caught.value.hint
    assert pic.ERRORS[-3] is pic.NotFound and pic.NotFound.__doc__ and len(pic.ERRORS) == len({e.__name__ for e in pic.ERRORS.values()})
    with pytest.raises(pic.InUse) as caught:
        ctx.add('group', 'kids')
        ctx.add('peer', 'anna', groups=['kids'])
        ctx.remove('group', 'kids')
    assert 'anna' in caught.value.details['users']


def test_edits(ctx):
    with ctx.edit() as edit:
        edit.add('group', 'kids', access='internet').add('peer', 'anna', groups=['kids'], enabled=False).set('cell', mtu=1400)
    assert edit.outcome.state == 'applied' and ctx.get('cell')['mtu'] == 1400 and ctx.get('peer', 'anna')['enabled'] is False
    ctx.set('peer', 'anna', note='x', enabled=None)
    assert ctx.get('peer', 'anna')['enabled'] is True  # None: its default again
    with pytest.raises(RuntimeError):
        with ctx.edit() as edit:
            edit.remove('peer', 'anna')
            raise RuntimeError('changed my mind')
    assert edit.outcome is None and [p.name for p in ctx.list('peer')] == ['anna']
    with ctx.edit() as edit:
        assert edit.set('peer', 'anna', note='committed by hand').commit().state == 'applied'
    assert ctx.set('peer', 'anna', note='w').state == 'applied'
    assert ctx.edit().set('peer', 'anna', note='v').commit(wait=False).state in ('pending', 'applied')


def test_plan_and_stale(ctx):
    ctx.add('peer', 'anna')
    edit = ctx.edit().set('peer', 'anna', access=['lan'])
    plan = edit.plan()
    assert plan.changes[0]['name'] == 'anna' and len(plan) == len(list(plan)) > 0 and str(plan).count('\n') == len(plan) - 1
    assert ctx.get('peer', 'anna')['access'] is None  # a look
    assert plan.meaning[0]['text'] == 'anna gains the lan' and plan.packets[0].startswith('anna gains the lan (10.20.0.2 -> ')
    assert plan.risk == 'traffic' and plan.json['session'] is None and edit.session('10.20.0.9', '10.20.0.1', 22).plan().json['session']['cut'] is False
    revision = plan.revision
    ctx.set('peer', 'anna', note='meanwhile')
    with pytest.raises(pic.Stale):
        edit.if_revision(revision).commit()
    kept = ctx.edit().set('peer', 'anna', note='kept').plan().json
    assert ctx.edit().load(kept).json == {'revision': kept['revision'], 'wishes': kept['wishes']}
    ctx.edit().load(kept).commit()
    assert ctx.get('peer', 'anna')['note'] == 'kept'
    with pytest.raises(pic.Stale):
        ctx.edit().load(kept).commit()
    ctx.plan(repair=True)
    assert len(ctx.plan()) == 0


def test_assertions(ctx):
    ctx.add('peer', 'tim')
    ctx.add('assertion', 'offline', rule='never tim -> internet')
    edit = ctx.edit().set('peer', 'tim', access=['internet'])
    with pytest.raises(pic.Conflict) as e:
        edit.commit()
    assert e.value.details['packet'] == '10.20.0.2 -> 1.0.0.1 tcp/443' and e.value.details['peer'] == 'tim'
    assert edit.override('a birthday').commit().state == 'applied'
    assert any('a birthday' in event['text'] for event in ctx.history())


def test_names(ctx):
    with ctx.edit() as edit:
        edit.add('record', 'printer', addresses='192.168.1.20', txt='second floor, left')
        edit.add('record', 'print', cname='printer')
    assert ctx.get('record', 'printer')['txt'] == ['"second floor\\044 left"']
    with pytest.raises(pic.Value) as wrong:
        with ctx.edit() as edit:
            edit.set('record', 'print', mx='10 mail')
    assert wrong.value.details['field'] == 'cname'
    with ctx.edit() as edit:
        edit.add('forward', 'corp.example', servers=['192.168.1.1'])
        edit.remove('record', 'print')
        edit.remove('record', 'printer')


def test_services(ctx):
    ctx.add('service', 'tv', target='http://127.0.0.1:8096')
    ctx.add('peer', 'watcher', access=['service:tv'])
    tv = ctx.get('service', 'tv')
    assert tv['address4'].startswith('10.20.') and tv['door'] == 1
    assert ctx.why('watcher', 'tv')['rule'] == 'service:tv'
    assert ctx.front()[1]['services'][0]['url'] == 'https://tv.home.internal/'
    with pytest.raises(pic.InUse) as used:
        ctx.remove('service', 'tv')
    assert 'watcher' in str(used.value)
    with pytest.raises(pic.Value) as wrong:
        ctx.add('service', 'x', target='nas')
    assert wrong.value.details['field'] == 'target'
    ctx.remove('peer', 'watcher')
    ctx.remove('service', 'tv')


def test_domains(ctx):
    with pytest.raises(pic.Value) as wrong:
        ctx.add('domain', 'home.example.org', mode='duckdns')
    assert wrong.value.details['field'] in ('name', 'token')
    ctx.add('domain', 'home.example.org', mode='cloudflare', token='hunter2')
    good, told = ctx.domains()
    assert good and told['domains'][0]['state'] == 'waiting' and told['ipv4'] is None
    with pytest.raises(pic.Unsupported):  # the fake world is in no internet
        ctx.publish('home.example.org')
    assert ctx.get('domain', 'home.example.org')['mode'] == 'cloudflare' and 'hunter2' not in str(ctx.get('domain', 'home.example.org'))
    with ctx.edit() as edit:
        edit.set('domain', 'home.example.org', mode='http01', token='')
    with ctx.edit() as edit:
        edit.remove('domain', 'home.example.org')


def test_documents(ctx, tmp_path):
    ctx.add('group', 'kids', access=['internet'])
    ctx.add('peer', 'anna', groups=['kids'], note='ü: "x"')
    data, text = ctx.export(data=True), ctx.export()
    assert data['peers']['anna']['groups'] == ['kids'] and 'anna' in text
    with pic.Context(tmp_path / 'other', world='fake') as other:
        other.init(name='elsewhere')
        other.add('peer', 'old')
        other.edit().load(data, prune=True).commit()
        assert other.export(data=True) == data and other.export() == text
        assert other.edit().load(text).plan().changes == []


def test_events(ctx):
    assert [e['verb'] for e in ctx.events()] == ['add']
    sub = ctx.events(after=-1)
    assert sub.next() is None and list(sub) == []
    timer = threading.Timer(0.2, lambda: ctx.add('peer', 'anna'))
    timer.start()
    assert select.select([sub], [], [], 10)[0]  # any event loop can wait for it
    event = next(iter(sub))
    assert (event['kind'], event['name'], event['verb']) == ('peer', 'anna', 'add') and event['seq'] == 2 and 'anna' in event['text']
    assert event['actor'] and event['revision'] > 0 and 1.7e9 < event['time'] < 4e9
    timer.join()
    threading.Timer(0.2, lambda: ctx.remove('peer', 'anna')).start()
    assert next(ctx.events(after=event['seq']).follow())['verb'] == 'remove'


def test_reports(ctx, tmp_path):
    ctx.add('peer', 'anna', access='internet')
    assert ctx.status(wait=5)['peers'][0]['name'] == 'anna'
    assert ctx.status()['peers'][0]['leaves']['text'] == 'direct'
    ctx.add('connection', 'far', type='tor')
    ctx.set('peer', 'anna', exit='far')
    leaves = ctx.status()['peers'][0]['leaves']
    assert (leaves['exit'], leaves['by'], leaves['direct'], leaves['text']) == ('far', 'own', False, 'far, up')
    ctx.set('peer', 'anna', exit='direct')
    assert ctx.why('anna', '198.51.100.1:tcp/80')['allowed'] is True and ctx.why('anna', '10.20.0.1:udp/53', family=4)['allowed'] is True
    good, findings = ctx.doctor()
    assert isinstance(good, bool) and isinstance(findings, list)
    good, told = ctx.doctor_fix()
    assert isinstance(told['findings'], list) and not [f for f in told['fixed'] if not f['done']]
    good, front = ctx.front()
    assert good and front['ready'] and front['serving'] and front['url'] == 'https://home.internal/'
    good, clock = ctx.ntp()
    assert good and clock['serving'] and not clock['wrong'] and clock['name'].startswith('ntp.')
    assert ctx.health_history(max=3) == []
    assert ctx.traffic('anna', hours=3)['rx'] == 0 and len(ctx.traffic(days=7)['buckets']) == 7
    assert ctx.dns_stats()['answers'] is True and ctx.dns_flush() == 0 and ctx.dns_flush('example.org') == 0
    assert ctx.dns_log() == (False, []) and ctx.dns_log('anna', 5) == (False, []) and ctx.status()['query_log'] is False
    good, answer = ctx.dns_query('anna', 'AAAA', peer='anna')
    assert good and (answer['from'], answer['object'], answer['type'], answer['peer'], answer['asked']) == ('device', 'anna', 'AAAA', 'anna', False)
    with pytest.raises(pic.Error):
        ctx.dns_query('a b')
    ctx.add('alert', 'me', to='ntfy://ntfy.example/cell', quiet='22:00-07:00')
    good, alerts = ctx.alert_status()
    assert good and [(a['name'], a['way'], a['server'], a['state'], a['troubles']) for a in alerts['alerts']] == [('me', 'ntfy', 'ntfy.example', 'waiting', [])]
    with pytest.raises(pic.Error):
        ctx.alert_test('me')  # nothing is sent in the fake world
    ctx.remove('alert', 'me')
    ctx.add('blocklist', 'ads', source='/etc/lists/ads', allow='a.example,b.example')
    good, blocks = ctx.dns_blocks()
    assert good and blocks['filter'] and blocks['lists'][0]['state'] == 'waiting'
    assert ctx.dns_block_test('ads.example', 'anna') == (True, {'name': 'ads.example.', 'peer': 'anna', 'lists': [], 'blocked': False, 'hidden': False})
    with pytest.raises(pic.Error):
        ctx.dns_block_refresh()  # nothing is fetched in the fake world
    ctx.remove('blocklist', 'ads')
    ctx.add('target', 'disk', url=str(tmp_path / 'kept'), plain='yes')
    good, targets = ctx.target_do('run')
    assert good and targets[0]['state'] == 'ok' and ctx.targets() == (True, targets)
    assert ctx.target_fetch('disk', tmp_path / 'fetched')['name'] == targets[0]['backup'] and pic.backup_verify(tmp_path / 'fetched')['members']
    assert ctx.target_cancel() == (True, targets) and ctx.target_do('verify', 'disk')[0]
    ctx.remove('target', 'disk')
    good, drift = ctx.drift()
    assert good and drift['steps'] == [] and drift['foreign'] == [] and drift['repair'] is True
    world = tmp_path / 'cell/fake'
    (world / 'nft').write_text(''.join(line for line in (world / 'nft').read_text().splitlines(True) if 'peer4' not in line))
    (world / 'route.strangers').write_text('warning|ip rule 100: somewhere else|ip rule del pref 100\n')
    good, drift = ctx.drift(repair=True)
    assert not good and drift['repaired'] == len(drift['steps']) == 1 and drift['steps'][0]['verb'] == 'add'
    assert drift['foreign'][0]['area'] == 'route' and 'somewhere' in drift['foreign'][0]['what']
    (world / 'route.strangers').unlink()
    assert ctx.drift()[0]
    assert isinstance(ctx.log(), list)
    (tmp_path / 'cell/log').mkdir(exist_ok=True)
    with open(tmp_path / 'cell/log/agent.log', 'a') as log:
        log.write('2026-01-01T00:00:01Z WARNING wg One\n2026-01-01T00:00:02Z INFO wg two about anna\n')
    told = ctx.log_search(until=1767225700, max=1)
    assert [one['text'] for one in told['lines']] == ['two about anna'] and not told['more']
    assert [one['text'] for one in ctx.log_search(before=told['before'], since=1767225600)['lines']] == ['One']
    assert ctx.log_search(after=told['after'])['lines'] == [] and len(ctx.log_search('one', fold=True, level='warning', area='wg')['lines']) == 1
    assert [one['text'] for one in ctx.log_search(peer='anna')['lines']] == ['two about anna']
    with pytest.raises(pic.NotFound):
        ctx.log_search(connection='nowhere')
    ctx.set_log_level('debug', 'wg')
    assert ctx.log_levels()['own'] == ['wg'] and ctx.log_levels()['areas']['wg'] == 'debug'
    ctx.set_log_level(None, 'wg')
    with pytest.raises(pic.Value):
        ctx.set_log_level('loud')
    with pytest.raises(pic.NotFound) as caught:
        ctx.log('nonsense')
    assert 'dns' in caught.value.hint
    ctx.down(keep_block=True)


def test_schema_and_features():
    assert pic.kinds() == {'cell': 'cells', 'group': 'groups', 'peer': 'peers', 'assertion': 'assertions', 'connection': 'connections', 'user': 'users', 'token': 'tokens',
                           'certificate': 'certificates', 'record': 'records', 'forward': 'forwards', 'domain': 'domains', 'service': 'services', 'blocklist': 'blocklists', 'alert': 'alerts', 'target': 'targets'}
    peer = {f['name']: f for f in pic.fields('peer')}
    assert {'name', 'access', 'address4', 'address6'} <= set(peer) and all(f['help'] for f in peer.values())
    assert peer['tunnel']['choices'] == 'full|split' and peer['keepalive']['default'] == '25' and peer['access']['flags'] & pic.lib.PIC_FIELD_LIST
    assert pic.version().count('.') == 2 and pic.has_feature('world.fake') and not pic.has_feature('nonsense')


def test_an_agent_on_a_thread(tmp_path):
    said, lines = [], []
    with pic.Context(tmp_path / 'cell', world='fake', log=lambda *record: said.append(record)) as c:
        c.init(name='home')
        cancel, failed, ready = pic.Cancel(), [], threading.Event()

        def run():
            try:
                c.run_agent(cancel, keep_privileges=True, interval=1.0, ready=ready.set, line=lambda *line: lines.append(line))
            except pic.Error as e:
                failed.append(e)
        thread = threading.Thread(target=run)
        thread.start()
        assert ready.wait(20) and not cancel.cancelled
        assert c.add('peer', 'anna').state == 'applied'  # by the agent
        with pytest.raises(pic.Busy):
            c.run_agent()
        (tmp_path / 'cell/log/unbound.log').write_text('[1800000000] unbound[12:0] warning: from a program\n')  # as a child would
        until = time.monotonic() + 20
        while not lines and time.monotonic() < until:
            time.sleep(0.05)
        assert lines == [(1, 'dns', 'unbound', None, 'from a program')]
        cancel.cancel()
        thread.join(20)
        assert cancel.cancelled and not thread.is_alive() and failed == []
    assert all(len(record) == 3 and record[0] <= 2 for record in said) and any('picd' in message for _, _, message in said)


def test_causes():
    """An error below an error is its __cause__; the readers take NULL; a code has its name and text without an error."""
    assert pic._text(pic.lib.pic_code_name(-3)) == 'NOTFOUND' and pic._text(pic.lib.pic_code_text(-3)) == pic.NotFound.__doc__
    assert pic._text(pic.lib.pic_error_message(pic.ffi.NULL)) == '' and pic.lib.pic_error_cause(pic.ffi.NULL) == pic.ffi.NULL


def test_the_readme_works(tmp_path):
    readme = (TOP / 'bindings/python/README.md').read_text()
    code = re.search(r'```python\n(.*?)```', readme, re.S)[1]
    assert len(code.strip().splitlines()) <= 12
    done = subprocess.run(['/usr/bin/python3', '-c', code], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, 'PYTHONPATH': str(TOP / 'bindings/python'), 'PIC_DEMO': str(tmp_path / 'cell')})
    assert done.returncode == 0 and 'PrivateKey' in done.stdout, done.stderr


def test_audit(ctx, tmp_path):
    ctx.add('peer', 'anna', note='x')
    ctx.audit_note('login', 'anna from 192.0.2.1')
    assert [e['text'] for e in ctx.history(verb='login', way='api', text='192.0.2')] == ['anna from 192.0.2.1']
    head = ctx.audit_head()
    assert head['size'] == head['rows'] == 3 and head['note'].startswith('pic/') and head['key'].startswith('pic/')
    good, found = ctx.audit_verify(head['key'], head['note'])
    assert good and found['signed'] == found['outside'] == 3 and ctx.audit_verify()[0]
    assert ctx.audit_get(2)['proof'] is None and ctx.audit_get(2, proof=True)['proof']['size'] == 3
    for form, begin in (('jsonl', '{"seq":1,'), ('csv', 'seq,'), ('bundle', 'pic audit bundle 1\n')):
        with open(tmp_path / form, 'wb') as out:
            ctx.audit_export(out, form)
        assert (tmp_path / form).read_text().startswith(begin)
    with open(tmp_path / 'one', 'wb') as out:
        ctx.audit_export(out, verb='login')
    assert len((tmp_path / 'one').read_text().splitlines()) == 1
    with pytest.raises(pic.Value) as caught:
        ctx.audit_note('add', 'x')
    assert caught.value.details['field'] == 'verb'
    with pytest.raises(pic.Syntax):
        ctx.audit_verify(key='nonsense')
    with pytest.raises(pic.NotFound):
        ctx.audit_get(99)


def test_history(ctx):
    ctx.add('peer', 'anna', access='lan')
    changed = ctx.set('peer', 'anna', access='internet').revision
    assert [e['verb'] for e in ctx.history(kind='peer', name='anna')] == ['change', 'add']
    assert len(ctx.history(max=1)) == 1 and ctx.history(actor='nobody') == []
    newest = ctx.history()[0]
    assert ctx.revision_at(newest['time'] + 1) == changed and ctx.history(since=newest['time'] + 1) == [] and newest in list(ctx.events())
    assert 'access: [lan]' in ctx.export_at(changed - 1) and ctx.export_at(changed - 1, data=True)['peers']['anna']['access'] == ['lan']
    assert ctx.diff(changed - 1, changed).changes[0]['fields'][0]['field'] == 'access'
    assert ctx.edit().undo().plan().changes != []
    ctx.edit().undo(changed).commit()
    assert ctx.get('peer', 'anna')['access'] == ['lan']
    ctx.edit().return_to(changed).commit()
    assert ctx.get('peer', 'anna')['access'] == ['internet']
    ctx.edit().set('peer', 'anna', note='x').confirm_within(60).commit()
    assert ctx.status()['confirm']['left_ms'] > 0
    ctx.confirm()
    assert ctx.status()['confirm'] is None
    with pytest.raises(pic.NotFound):
        ctx.confirm()


WG = """[Interface]
PrivateKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=
Address = 10.64.0.2/32
[Peer]
PublicKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=
Endpoint = 192.0.2.7:51820
AllowedIPs = 0.0.0.0/0
"""


def test_household(ctx):
    path = pathlib.Path(__file__).resolve().parents[1] / 'fixtures/household/wg0.conf'
    with ctx.edit() as edit:
        told = edit.import_household(path, access=['internet', 'lan'])
        assert told['product'] == 'wg-quick' and told['takes_over'] and told['devices'][0]['untouched']
        assert any(f['tale'] == 'lost' and f['line'] == 5 and 'PostUp is a command' in f['message'] for f in told['findings'])
        assert 'EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLm8=' not in str(edit.json) + str(told)
    assert ctx.get('peer', 'moved')['access'] == ['internet', 'lan'] and ctx.get('cell')['net4'] == '10.8.0.0/24'
    with pytest.raises(pic.Error) as refused:
        ctx.edit().import_household('/dev/null')
    assert refused.value.name == 'VALUE'
    with pytest.raises(pic.Exists) as refused, ctx.edit() as edit:
        edit.import_household(path, take_over=False)
    assert refused.value.details['line'] == '8'


def test_connections(ctx):
    with ctx.edit() as edit:
        told = edit.import_connection('mullvad', WG, file='mullvad.conf')
        edit.add('connection', 'tor', type='tor')
        edit.add('connection', 'ssh', type='sshuttle', endpoint='192.0.2.1:22', user='me', host_key='ssh-ed25519 AAAA', password='hunter2')
        assert told['type'] == 'wireguard' and 'private_key' in told['fields'] and told['warnings'] == []
        assert 'hunter2' not in str(edit.json) and 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=' not in str(edit.json)
        edit.add('peer', 'anna', exit='mullvad')
    ssh = ctx.get('connection', 'ssh')
    assert ssh.has('password') and not ssh.has('key') and ssh.text('password') is None and ssh['type'] == 'ssh' and ssh['slot'] == 3
    with pytest.raises(pic.InUse) as refused:
        ctx.remove('connection', 'mullvad')
    assert refused.value.details['users'] == 'anna'
    with ctx.edit() as edit:
        assert edit.move_connection('mullvad', 'tor') == 1
        edit.remove('connection', 'mullvad')
    assert ctx.get('peer', 'anna')['exit'] == 'tor'
    with pytest.raises(pic.Error) as refused:
        ctx.edit().import_connection('bad', WG.replace('Address', 'PostUp = rm -rf /\nAddress'), file='bad.conf')
    assert refused.value.name == 'UNSUPPORTED' and refused.value.details['line'] == '3' and refused.value.details['file'] == 'bad.conf'
    for call in (lambda: ctx.connection_test('tor'), lambda: ctx.connection_restart('nobody')):
        with pytest.raises(pic.Error):
            call()
    assert 'carrier' in pic.policy() and {'carries', 'state', 'packet', 'verdict'} == set(pic.policy(data=True)[0])
    assert {row['carries'] for row in pic.policy(data=True, of='tor', context=ctx)} == {'tcp'} and 'device udp4' in pic.policy(of='ssh')
    with pytest.raises(pic.NotFound):
        pic.policy(of='nobody', context=ctx)
    assert [f['ref'] for f in pic.fields('peer') if f['name'] == 'exit'] == ['connection']


def test_a_way_is_held(ctx):
    """By which way something leaves: held by a rule, and told of each device."""
    with ctx.edit() as edit:
        edit.add('connection', 'vpn', type='tor')
        edit.add('group', 'kids', access=['internet'], exit='vpn')
        edit.add('peer', 'tim', groups=['kids'])
        edit.add('assertion', 'closed', rule='never group:kids -> internet unless via vpn')

    def leaves():
        return {peer['name']: peer['leaves'] for peer in ctx.status()['peers']}['tim']

    assert leaves()['exit'] == 'vpn' and leaves()['by'] == 'group' and not leaves()['direct'] and leaves()['text'] == 'vpn (group kids), up'
    with pytest.raises(pic.Conflict) as refused:
        ctx.set('peer', 'tim', exit='direct')
    assert refused.value.details['object'] == 'assertion closed' and 'tim' in str(refused.value)
    ctx.set('connection', 'vpn', enabled=False)
    assert leaves()['closed'] and leaves()['state'] == 'off'


def test_people(ctx):
    assert ctx.in_setup
    setup = ctx.open_setup(ctx.setup_code(), '192.0.2.1')
    assert setup.role == 'setup' and ctx.find_session(setup.token).role == 'setup'
    assert 0 <= ctx.watch_session(setup.token).age < 60
    with pytest.raises(pic.Denied):
        ctx.open_setup('0000-0000-0000')
    ctx.add('user', 'anna', role='admin', password='correct staple of May')
    assert not ctx.in_setup
    with pytest.raises(pic.Denied):
        ctx.find_session(setup.token)
    anna = ctx.login('anna', 'correct staple of May', address='192.0.2.1', agent='test')
    assert (anna.user, anna.role, anna.json['agent']) == ('anna', 'admin', 'test') and len(anna.csrf) == 43 and 'anna' in repr(anna)
    other = ctx.login('anna', 'correct staple of May', device=anna.device)
    assert other.device == anna.device and other.token != anna.token
    with pytest.raises(pic.Denied) as wrong:
        ctx.login('anna', 'something else')
    with pytest.raises(pic.Denied) as nobody:
        ctx.login('nobody', 'something else')
    assert str(wrong.value) == str(nobody.value)
    ctx.password_check('anna', 'correct staple of May')
    ctx.acting_as('anna', 'http').edit().set('user', 'anna', password='another staple of May').keep(anna).commit()
    assert ctx.history(verb='change', kind='user')[0]['actor'] == 'anna' and [s['id'] for s in ctx.sessions('anna')] == [anna.id]
    with pytest.raises(pic.Denied):
        ctx.find_session(other.token)
    ctx.end_session(anna.id)
    assert ctx.sessions() == []


def test_what_is_told_once(ctx):
    ctx.add('user', 'anna', role='admin', password='correct staple of May')
    edit = ctx.edit().add('token', 'graphs', user='anna', scope='metrics')
    secret = edit.token('graphs')
    edit.commit()
    graphs = ctx.find_session(secret)
    assert (graphs.role, graphs.json['token'], graphs.id) == ('metrics', 'graphs', 0) and secret not in ctx.export()
    offered = ctx.totp_offer('anna')
    code = subprocess.run(['oathtool', '--totp', '-b', offered['secret']], capture_output=True, text=True, check=True).stdout.strip()
    edit = ctx.edit()
    codes = edit.totp('anna', offered['secret'], code)
    edit.commit()
    assert len(codes) == 10 and offered['uri'].startswith('otpauth://totp/home:anna?')
    with pytest.raises(pic.BadState) as more:
        ctx.login('anna', 'correct staple of May')
    assert more.value.details['need'] == 'code'
    assert ctx.login('anna', 'correct staple of May', code=codes[0]).json['totp']
    ctx.add('peer', 'phone')
    link = ctx.make_link('phone', 60)
    assert 'PrivateKey = ' in ctx.take_link(link, '192.0.2.1')['config']
    with pytest.raises(pic.Denied):
        ctx.take_link(link)
    assert not ctx.is_front('') and not ctx.is_front('x' * 43)


def test_passkeys(ctx, tmp_path):
    sys.path.append(str(TOP / 'tests/http'))
    from authenticator import Authenticator
    page = 'http://localhost:3000'
    ctx.add('user', 'anna', role='admin', password='correct staple of May')
    anna, key = ctx.login('anna', 'correct staple of May'), Authenticator(tmp_path, page)
    offer = ctx.passkey_offer(page, anna)
    number = ctx.add_passkey(anna, page, offer['state'], key.create(offer['public_key']), 'phone')
    ctx.rename_passkey('anna', number, 'ring')
    offer = ctx.passkey_offer(page)
    answer = key.get(offer['public_key'])
    assert ctx.login_passkey(page, offer['state'], answer, agent='test').user == 'anna'
    with pytest.raises(pic.Denied):
        ctx.login_passkey(page, offer['state'], answer)
    assert [(p['id'], p['name'], p['page']) for p in ctx.passkeys('anna')] == [(number, 'ring', 'localhost')]
    ctx.remove_passkey('anna', number)
    assert ctx.passkeys() == []
    with pytest.raises(pic.BadState):
        ctx.passkey_offer('http://127.0.0.1:3000')


def test_certificates(ctx, tmp_path):
    ctx.add('certificate', 'nas', names=['nas', 'nas.home'])
    assert ctx.get('certificate', 'nas')['subjects'] == ['nas.home.internal']
    shown = ctx.certificate('nas', key=True)
    assert 'PRIVATE KEY' in shown and shown.startswith(ctx.certificate('nas'))
    with pytest.raises(pic.BadState):
        ctx.certificate('nas', key=True)
    for name, data in (('leaf', shown.encode()), ('root', ctx.root())):
        (tmp_path / name).write_bytes(data)
    subprocess.run(['openssl', 'verify', '-CAfile', tmp_path / 'root', '-verify_hostname', 'nas.home.internal', tmp_path / 'leaf'], check=True, capture_output=True)
    before = ctx.authority()
    assert before['zones'] == ['home.internal'] and before['fits'] and before['former'] is None
    ctx.renew('nas')
    ctx.renew()
    assert ctx.certificate_state() == (True, [])
    ctx.add('domain', 'home.example.org', mode='http01')  # its certificate comes with it
    assert ctx.get('certificate', 'home.example.org')['issuer'] == 'acme'
    good, told = ctx.certificate_state('home.example.org')
    assert good and told[0]['state'] == 'due' and told[0]['proof'] == 'http-01' and told[0]['subjects'] == ['home.example.org']
    with pytest.raises(pic.BadState):
        ctx.certificate_state('nas')
    assert ctx.authority()['former']['fingerprint'] == before['fingerprint']
    assert ctx.root('der')[:1] == b'0' and b'com.apple.security.root' in ctx.root('profile') and b'X509 CRL' in ctx.root('crl')


def test_encrypted_files(tmp_path):
    plain, sealed, back = (tmp_path / n for n in ('plain', 'sealed', 'back'))
    plain.write_bytes(b'abc' * 50000)

    def convey(do, source, target, **more):
        fd = os.open(source, os.O_RDONLY)
        try:
            do(fd, target, **more)
        finally:
            os.close(fd)

    file = pic.age_keygen()
    identity = file.split()[-1]
    mine, both = pic.AgeKeys(identities_file=file), pic.AgeKeys(identities=[identity]).own()
    other = pic.AgeKeys(recipients=both.recipients(), recipients_file='# mine\n' + both.recipients()[0])
    assert identity.startswith('AGE-SECRET-KEY-1') and both.recipients()[0] in file and len(other.recipients()) == 2
    convey(other.encrypt, plain, sealed, armor=True)
    assert sealed.read_text().startswith('-----BEGIN AGE')
    convey(mine.decrypt, sealed, back)
    assert back.read_bytes() == plain.read_bytes()
    locked = pic.AgeKeys(passphrase='correct staple of May')
    convey(locked.encrypt, plain, sealed, work_factor=2)
    with pytest.raises(pic.Unsupported):
        convey(locked.decrypt, sealed, back, work_factor=1)
    with pytest.raises(pic.Denied):
        convey(mine.decrypt, sealed, back)
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with pytest.raises(pic.Corrupt) as caught:
        convey(locked.decrypt, sealed, tmp_path / 'never')
    assert caught.value.details['part'] == 'payload' and not (tmp_path / 'never').exists()


def test_backups(ctx, tmp_path):
    ctx.add('peer', 'anna')
    keys, file = pic.AgeKeys(identities_file=pic.age_keygen()).own(), tmp_path / 'b.age'
    made = ctx.backup(file, keys)
    assert made['cell']['name'] == 'home' and pic.backup_show(file, keys)['members'] == made['members'] == pic.backup_verify(file, keys)['members']
    pic.backup_extract(file, 'key', tmp_path / 'key', keys)
    assert (tmp_path / 'key').read_text() == (tmp_path / 'cell/key').read_text()
    with pytest.raises(pic.NotFound):
        pic.backup_extract(file, 'nothing', tmp_path / 'never', keys)
    with pytest.raises(pic.Denied):
        pic.backup_show(file)
    tried = ctx.drill(file, keys)
    assert tried['restorable'] and tried['failed'] is None and tried['checks'][-1]['state'] == 'ok'
    with pic.Context(tmp_path / 'other', world='fake') as other:
        assert [c['name'] for c in other.backup_diff(file, keys).changes] == ['home', 'anna']
        assert other.restore(file, keys, answers={'name': 'cottage'})['former'] is None
    with pic.Context(tmp_path / 'other', world='fake') as other:
        assert other.get('cell').name == 'cottage'
        assert [p.name for p in other.list('peer')] == ['anna']
    ctx.backup(tmp_path / 'plain')
    assert pic.backup_verify(tmp_path / 'plain')['members']
    key = ctx.get('peer', 'anna')['public_key']
    ctx.remove('peer', 'anna')
    ctx.add('peer', 'bob')
    edit = ctx.edit()
    told = edit.pick(file, ['peer'], keys, exact=True)['picked']
    assert told['same'] and told['kinds'] == [{'kind': 'peer', 'added': 1, 'changed': 0, 'alike': 0}] and told['only_here'] == [{'kind': 'peer', 'name': 'bob'}]
    edit.commit()
    assert [p.name for p in ctx.list('peer')] == ['anna'] and ctx.get('peer', 'anna')['public_key'] == key
    with pytest.raises(pic.Value):
        ctx.edit().pick(file, 'friends', keys)
    with pic.Context(tmp_path / 'other', world='fake') as other:
        other.add('peer', 'bob')
        assert other.kept() == [] and other.restore(file, keys)['former']
    with pic.Context(tmp_path / 'other', world='fake') as other:
        kept, = other.kept()
        assert ('add', 'bob') in [(c['verb'], c['name']) for c in other.undo_restore_diff(kept['name']).json['changes']] and kept['by']['way'] == 'api'
        with pytest.raises(pic.NoAgent):
            other.undo_restore(agent=True)
        assert (kept['cell'], [p.name for p in other.list('peer')]) == ('cottage', ['anna']) and other.undo_restore(kept['name'])['name'] == kept['name']
    with pic.Context(tmp_path / 'other', world='fake') as other:
        assert [p.name for p in other.list('peer')] == ['anna', 'bob']
        assert other.restore(file, keys, copy=True)['former']
    with pic.Context(tmp_path / 'other', world='fake') as other:
        assert [p.name for p in other.list('peer')] == ['anna'] and other.undo_restore()
    with pic.Context(tmp_path / 'other', world='fake') as other:
        for one in other.kept()[1:]:
            other.forget(one['name'])
        other.forget(other.kept()[0]['name'])
        assert other.kept() == []
        with pytest.raises(pic.NotFound):
            other.undo_restore()


def test_zz_every_function_was_called():
    """Last: what the headers export, the tests above have called through the binding."""
    exported = set(re.findall(r'^PIC_API.*?\b(pic_\w+)\(', ''.join(p.read_text() for p in (TOP / 'include/pic').glob('*.h')), re.M))
    gc.collect()
    assert exported - CALLED == set()
