"""The command line on the fake world: the contract, errors, JSON, help, completion."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import pytest
from conftest import BIN, TOP, Pic


def test_the_main_job(pic):
    pic('peer', 'add', 'anna', '--access', 'internet,lan', '--tunnel', 'full', '--expires', '2099-01-31', '--note', 'Anna’s phone')
    peers = pic.json('peer', 'list')
    assert isinstance(peers, list) and len(peers) == 1
    anna = peers[0]
    assert anna['name'] == 'anna' and anna['access'] == ['internet', 'lan'] and anna['tunnel'] == 'full' and anna['note'] == 'Anna’s phone'
    assert anna['address4'] == '10.20.0.2' and anna['address6'] == 'fd20::2' and anna['enabled'] is True
    assert anna['expires'] == '2099-01-31T00:00:00Z' and len(anna['public_key']) == 44
    assert 'private_key' not in anna and 'preshared_key' not in anna
    pic('peer', 'set', 'anna', '--access', '')
    assert pic.json('peer', 'show', 'anna')['access'] == []
    pic('peer', 'remove', 'anna')
    assert pic.json('peer', 'list') == []


def test_every_object_has_every_field_as_key(pic):
    pic('peer', 'add', 'anna')
    pic('group', 'add', 'kids')
    help_text = pic('help', 'peer', 'set')
    for field in re.findall(r'^  --([a-z0-9-]+)', help_text.split('Options')[0], re.M):
        assert field.replace('-', '_') in pic.json('peer', 'show', 'anna'), field
    assert set(pic.json('group', 'list')[0]) >= {'name', 'access', 'note', 'id', 'revision'}
    assert set(pic.json('cell', 'show')) >= {'name', 'domain', 'net4', 'net6', 'listen_port', 'endpoint', 'mtu', 'upstreams', 'device', 'public_key'}


def test_random_networks(empty, tmp_path):
    seen = set()
    for i in range(5):
        cell = Pic(tmp_path / f'c{i}')
        cell('init', '--name', 'home')
        c = cell.json('cell', 'show')
        assert re.fullmatch(r'10\.\d+\.0\.0/16', c['net4']) and re.fullmatch(r'fd[0-9a-f:]+::/48', c['net6'])
        seen.add((c['net4'], c['net6']))
    assert len(seen) == 5


def test_exit_status_and_errors(pic):
    assert pic.run().returncode == 2
    assert pic.run('peer').returncode == 2
    assert pic.run('peer', 'add').returncode == 2
    assert pic.run('peer', 'lits').returncode == 2 and 'peer list' in pic.run('peer', 'lits').stderr
    assert pic.run('peer', 'add', 'anna', '--acess', 'lan').returncode == 2 and '--access' in pic.run('peer', 'add', 'anna', '--acess', 'lan').stderr
    error = pic.refused('peer', 'show', 'nobody', code='NOTFOUND')
    assert set(error) >= {'code', 'message', 'field', 'hint'}
    pic('peer', 'add', 'anna')
    assert 'anna' in (pic.refused('peer', 'show', 'ana', code='NOTFOUND')['hint'] or '')
    pic.refused('peer', 'add', 'Anna', code='EXISTS')
    error = pic.refused('peer', 'add', 'bob', '--access', 'nonsense', code='VALUE')
    assert error['field'] == 'access' and error['value'] == 'nonsense' and error['rule']
    assert pic.json('peer', 'list')[0]['name'] == 'anna' and len(pic.json('peer', 'list')) == 1


def test_no_cell(empty):
    error = empty.refused('peer', 'list', code='NOTFOUND')
    assert 'pic init' in error['hint']
    empty('init', '--name', 'home')
    empty.refused('init', '--name', 'home', code='EXISTS')


def test_plan_changes_nothing(pic):
    before = pic('export')
    plan = pic.json('peer', 'add', 'anna', '--access', 'lan', '--plan')
    assert plan['steps'] and plan['changes'][0]['name'] == 'anna'
    kinds = {s['backend'] for s in plan['steps']}
    assert {'nft', 'wg', 'dns'} <= kinds
    text = json.dumps(plan)
    assert pic('export') == before and pic.json('peer', 'list') == []
    pic('peer', 'add', 'anna', '--access', 'lan')
    assert pic.json('plan')['steps'] == []
    assert 'secret' not in text.lower() or '(secret)' in text


def test_groups_and_references(pic):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--groups', 'kids')
    pic('peer', 'add', 'bob', '--access', 'peer:anna,group:kids')
    error = pic.refused('group', 'remove', 'kids', code='INUSE')
    assert 'anna' in error['message'] or 'anna' in (error['hint'] or '')
    pic.refused('peer', 'remove', 'anna', code='INUSE')
    pic('peer', 'set', 'anna', '--name', 'annika')
    assert pic.json('peer', 'show', 'bob')['access'] == ['peer:annika', 'group:kids']
    pic('peer', 'set', 'bob', '--access', '')
    pic('peer', 'remove', 'annika')
    pic('group', 'remove', 'kids')
    pic.refused('peer', 'add', 'carl', '--groups', 'none', code='NOTFOUND')
    pic.refused('peer', 'add', 'carl', '--access', 'peer:none', code='NOTFOUND')


def test_document_round_trip(pic, tmp_path):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--groups', 'kids', '--note', 'a: "b" # c', '--access', '192.168.1.10:tcp/445,[fd00::5]:udp/53')
    text = pic('export')
    (tmp_path / 'cell.yaml').write_text(text)
    assert pic.json('plan', '--file', tmp_path / 'cell.yaml')['changes'] == []
    pic('apply', '--file', tmp_path / 'cell.yaml')
    assert pic('export') == text
    (tmp_path / 'new.yaml').write_text('groups:\n  kids: {access: [lan]}\npeers:\n  bob:\n    groups: [kids]\n')
    pic('apply', '--file', tmp_path / 'new.yaml')
    assert {p['name'] for p in pic.json('peer', 'list')} == {'anna', 'bob'}
    pic('apply', '--file', tmp_path / 'new.yaml', '--prune')
    assert {p['name'] for p in pic.json('peer', 'list')} == {'bob'}
    assert pic.json('group', 'show', 'kids')['access'] == ['lan']


BAD_DOCUMENTS = {
    'tab': ('peers:\n\tanna: {}\n', 2), 'anchor': ('a: &x [1]\nb: *x\n', 1), 'two': ('cell: {}\n---\ncell: {}\n', 2),
    'unknown key': ('peers:\n  anna:\n    acces: lan\n', 3), 'unknown section': ('piers: {}\n', 1),
    'bad value': ('peers:\n  anna:\n    expires: tomorrow\n', 3), 'duplicate': ('peers:\n  anna: {}\n  anna: {}\n', 3),
    'wrong type': ('peers: [anna]\n', 1), 'nested': ('cell: {name: {a: b}}\n', 1), 'not a map': ('- x\n', 1), 'broken': ('cell: {name: [\n', None),
    'utf8': ('cell: {note: "\udcff"}\n', None),
}


@pytest.mark.parametrize('name', BAD_DOCUMENTS)
def test_bad_documents(pic, tmp_path, name):
    text, line = BAD_DOCUMENTS[name]
    before = pic('export')
    path = tmp_path / 'bad.yaml'
    path.write_bytes(text.encode('utf-8', 'surrogateescape'))
    error = pic.refused('apply', '--file', path)
    assert 'bad.yaml:' in error['message'] and (line is None or error['line'] == line), error
    assert pic('export') == before


def test_all_errors_of_a_document_at_once(pic, tmp_path):
    path = tmp_path / 'bad.yaml'
    path.write_text('peers:\n  anna:\n    expires: tomorrow\n    access: nonsense\n  bob:\n    keepalive: 70000\n    wrong: 1\n')
    error = pic.refused('apply', '--file', path)
    assert [e['line'] for e in [error] + error['more']] == [3, 4, 6, 7]
    assert pic.json('peer', 'list') == []


def test_each_item_of_a_list_has_its_place(pic, tmp_path):
    path = tmp_path / 'bad.yaml'
    path.write_text('peers:\n  anna:\n    access:\n      - lan\n      - nonsense\n      - 10.0.0.1/24\n    subnets: [192.168.1.0/24, 192.168.2.1/24, [x]]\n')
    error = pic.refused('apply', '--file', path)
    assert [(e['line'], e['column'], e['field']) for e in [error] + error['more']] == [(5, 9, 'access'), (6, 9, 'access'), (7, 31, 'subnets'),
                                                                                      (7, 47, 'subnets')]


def test_all_errors_of_the_command_line_at_once(pic, empty):
    error = pic.refused('peer', 'add', 'an na', '--address4', 'bad', '--access', 'lan,bad,10.0.0.1/8', '--expires', 'soon', code='VALUE')
    assert [(e['field'], e['value']) for e in [error] + error['more']] == [('name', 'an na'), ('address4', 'bad'), ('access', 'bad'),
                                                                          ('access', '10.0.0.1/8'), ('expires', 'soon')]
    text = pic.run('cell', 'set', '--mtu', '1', '--endpoint', 'x', '--unset', 'nonsense').stderr
    assert [word in text for word in ('mtu', 'endpoint', 'nonsense')] == [True] * 3
    other = type(pic)(pic.dir + '2')
    error = other.refused('init', '--name', 'a.b', '--net4', 'x', '--mtu', '3')
    assert [e['field'] for e in [error] + error['more']] == ['name', 'net4', 'mtu'] and not os.path.exists(other.dir)


def test_one_wrong_object_hides_no_other(pic, tmp_path):
    """A taken address is found by the store, others by rules between objects: all are told; who names a refused object is not blamed."""
    path = tmp_path / 'bad.yaml'
    path.write_text('peers:\n  dora: {address4: 10.21.0.1}\n  eve: {address4: 10.20.0.9}\n  fay: {address4: 10.20.0.9}\n'
                    '  gus: {address4: 10.20.0.1}\n  hal: {access: ["peer:fay"]}\n')
    error = pic.refused('apply', '--file', path)
    assert sorted(e['line'] for e in [error] + error['more']) == [2, 4, 5]
    assert pic.json('peer', 'list') == []


def test_place_of_what_is_in_conflict_with_what_is_there(pic, tmp_path):
    pic('peer', 'add', 'site', '--subnets', '172.20.0.0/24')
    path = tmp_path / 'bad.yaml'
    for text, line in (('cell:\n  mtu: 1400\n  net4: 172.20.0.0/16\n', 3), ('peers:\n  aaa:\n    subnets: [172.20.0.0/25]\n', 3)):
        path.write_text(text)
        assert pic.refused('apply', '--file', path, code='CONFLICT')['line'] == line
    pic('peer', 'add', 'later', '--subnets', '172.21.0.0/24')
    path.write_text('peers:\n  site:\n    note: x\n    subnets: [172.21.0.0/25]\n')
    assert pic.refused('apply', '--file', path, code='CONFLICT')['line'] == 4


def test_endpoint_inside_the_cell(pic):
    for endpoint in ('10.20.0.1:51820', '10.20.7.7:51820', '[fd20::1]:51820'):
        error = pic.refused('cell', 'set', '--endpoint', endpoint, code='VALUE')
        assert error['field'] == 'endpoint' and 'inside' in error['rule'], error


@pytest.mark.parametrize('words', (['peer', 'lits', '--json'], ['peer', 'add', 'x', '--nonsense', '--json'], ['peer', 'add', '--json'], ['lits', '--json']))
def test_errors_are_json_wherever_the_word_stands(pic, words):
    done = pic.run(*words)
    assert done.returncode == 2 and json.loads(done.stderr)['code'] == 'INVALID'
    assert pic.run('peer', 'add', 'x', '--nonsense', '--', '--json').stderr.startswith('pic: ')


def test_a_document_full_of_errors_ends_soon(pic, tmp_path):
    path = tmp_path / 'bad.yaml'
    pic('cell', 'set', '--net4', '10.30.0.0/24')
    path.write_text('peers:\n' + ''.join(f'  p{i}: {{}}\n' for i in range(60000)))
    error = pic.refused('apply', '--file', path, code='CONFLICT', timeout=30)
    assert len(error['more']) == 99 and error['line'] == 255 and pic.json('peer', 'list') == []


def test_alias_bomb_and_huge_document(pic, tmp_path):
    bomb = 'a: &a [x,x,x,x,x,x,x,x,x]\n' + ''.join(f'{chr(98 + i)}: &{chr(98 + i)} [{",".join(["*" + chr(97 + i)] * 9)}]\n' for i in range(9))
    (tmp_path / 'bomb.yaml').write_text(bomb)
    pic.refused('apply', '--file', tmp_path / 'bomb.yaml', code='SYNTAX')
    with open(tmp_path / 'huge.yaml', 'w') as f:
        for i in range(100):
            f.write('# ' + 'x' * (1 << 20) + '\n')
    done = pic.run('apply', '--file', tmp_path / 'huge.yaml')
    assert done.returncode == 1 and 'larger' in done.stderr


def test_why(pic):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--groups', 'kids', '--access', '192.168.1.10:tcp/445')
    pic('peer', 'add', 'bob')
    yes = pic.json('why', 'anna', '192.168.1.10:tcp/445')
    assert yes['allowed'] and yes['rule'] == '192.168.1.10:tcp/445' and 'anna' in yes['through']
    assert not pic.json('why', 'anna', '192.168.1.10:tcp/446')['allowed']
    internet = pic.json('why', 'anna', '198.51.100.10:tcp/80')
    assert internet['allowed'] and internet['rule'] == 'internet' and 'kids' in internet['through']
    assert not pic.json('why', 'bob', 'anna')['allowed']
    assert pic.json('why', 'bob', '10.20.0.1:udp/53')['allowed']


def test_networks_of_the_pretend_machine(pic):
    """What the machine is attached to is lan and not internet, for `why` and for what a plan means."""
    pic('peer', 'add', 'anna', '--access', 'internet')
    pathlib.Path(pic.dir, 'fake/route.attached').write_text('198.51.100.0/24\n2001:db8:1::/64\n')
    pic('apply')
    no = pic.json('why', 'anna', '198.51.100.10:tcp/80')
    assert not no['allowed'] and no['reason'] == '198.51.100.0/24 is a network of this machine: it belongs to lan, not to internet; anna has no lan'
    assert pic.json('why', 'anna', '198.51.101.10:tcp/80')['allowed']
    gains = pic.json('peer', 'set', 'anna', '--access', 'internet,198.51.100.10:tcp/80', '--plan')['meaning']
    assert [m['text'] for m in gains] == ['anna gains tcp/80 to 198.51.100.10']
    assert pic.json('peer', 'set', 'anna', '--access', 'internet,198.51.101.10:tcp/80', '--plan')['meaning'] == []
    pic('assertion', 'add', 'home', '--rule', 'never anna -> lan')
    said = pic.refused('peer', 'set', 'anna', '--access', 'internet,[2001:db8:1::7]:tcp/80', code='CONFLICT')
    assert '2001:db8:1::7' in said['packet'], said
    pic('peer', 'set', 'anna', '--access', 'internet,[2001:db8:2::7]:tcp/80')
    pathlib.Path(pic.dir, 'fake/route.attached').write_text('nonsense\n')
    assert 'nonsense' in str(pic.refused('apply', code='CORRUPT'))
    assert not pic.json('why', 'anna', '198.51.100.10:tcp/80')['allowed']  # as the rules are
    pathlib.Path(pic.dir, 'fake/route.attached').unlink()
    pic('apply')
    assert pic.json('why', 'anna', '198.51.100.10:tcp/80')['allowed']


def test_quiet_events_log_doctor(pic):
    pic('peer', 'add', 'anna')
    events = [json.loads(line) for line in pic('--json', 'events').splitlines()]
    assert any(e['verb'] == 'add' and e['name'] == 'anna' for e in events)
    assert 'secret' in json.dumps(events) or 'private_key' not in json.dumps(events)
    pic('log')
    pic.run('doctor')


def test_a_device_that_needs_its_configuration_anew(pic):
    pic('peer', 'add', 'anna')
    pic('peer', 'installed', 'anna', '--check')
    pic('peer', 'config', 'anna')
    pic('peer', 'installed', 'anna', '--check')
    pic('peer', 'set', 'anna', '--tunnel', 'full')
    done = pic.run('peer', 'installed', 'anna', '--check')
    assert done.returncode == 1 and 'pic peer config anna' in done.stdout
    assert json.loads(pic.run('--json', 'peer', 'installed', 'anna', '--check').stdout) == {'outdated': True}
    pic('peer', 'installed', 'anna')
    pic('peer', 'installed', 'anna', '--check')
    pic.refused('peer', 'installed', 'nobody', code='NOTFOUND')


def test_log_levels_are_hot_and_outlive_the_agent(pic):
    def agent():
        p = subprocess.Popen([str(BIN / 'picd'), '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pic('status', '--wait', '10s')
        return p

    def debug_lines():
        return sum(' DEBUG engine ' in line for line in pic('log', 'engine', '--lines', '1000').splitlines())

    running = agent()
    try:
        pic('peer', 'add', 'anna')
        assert debug_lines() == 0
        pic('log', 'level', 'engine', 'debug')
        pic('peer', 'add', 'ben')
        assert debug_lines() > 0
        running.terminate()
        running.wait(20)
        running = agent()
        before = debug_lines()
        assert pic.json('log', 'level')['own'] == ['engine']
        pic('peer', 'add', 'carl')
        assert debug_lines() > before
        pic('log', 'level', 'engine', 'default')
        before = debug_lines()
        pic('peer', 'add', 'dora')
        assert debug_lines() == before
    finally:
        running.terminate()
        running.wait(20)
    assert [e['text'] for e in pic.json('audit', 'list', '--verb', 'log-level')] == ['the log of engine: as before', 'the log of engine: debug']


def test_every_command_has_help(pic):
    commands = re.findall(r'^  (dns \w+ \w+|\w+(?: \w+)?)', pic('help').split('Commands')[1].split('Options')[0], re.M)
    for command in commands:
        words = command.split()
        done = pic.run(*words, '--help')
        assert done.returncode == 0 and done.stdout.startswith('pic '), command
    page = (TOP / 'frontends/cli/pic.1.scd').read_text()
    for command in commands:
        assert all(w in page for w in command.split()), f'{command} is not in pic(1)'
    for other, noun in (('ddns', 'domain'), ('certificate', 'cert')):  # other words for a noun
        assert pic('help', other) == pic('help', noun) and pic('help', noun) != ''
        assert pic.run(other, '--help').stdout == pic('help', noun)
        assert "needs a verb" in pic.run(other).stderr
    assert "did you mean 'domain status'" in pic.run('ddns', 'statu').stderr


def test_unprivileged(tmp_path_factory):
    """The whole command line on the fake world, as nobody."""
    if os.geteuid() != 0:
        pytest.skip('runs as an ordinary user already: every other test of this file shows it')
    import tempfile
    home = tempfile.mkdtemp(prefix='pic-nobody-')
    try:
        os.chown(home, 65534, 65534)
        for name in ('bin', 'lib'):
            shutil.copytree(BIN.parent / name, f'{home}/{name}', symlinks=True)

        def run(*args, ok=True):
            done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all',
                                   '--inh-caps=-all', f'{home}/bin/pic', '--world', 'fake', '--dir', f'{home}/cell', *args],
                                  capture_output=True, text=True, cwd='/', env={'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent'})
            assert not ok or done.returncode == 0, f'{args}\n{done.stdout}{done.stderr}'
            return done.stdout
        run('init', '--name', 'home', '--endpoint', 'h.example.org:51820')
        for args in (['group', 'add', 'kids', '--access', 'internet'], ['group', 'list'], ['group', 'show', 'kids'], ['group', 'set', 'kids', '--note', 'x'],
                     ['peer', 'add', 'anna', '--groups', 'kids'], ['peer', 'list'], ['peer', 'show', 'anna'], ['peer', 'set', 'anna', '--note', 'x'],
                     ['peer', 'qr', 'anna'], ['peer', 'rekey', 'anna'], ['peer', 'config', 'anna'], ['peer', 'disable', 'anna'], ['peer', 'enable', 'anna'],
                     ['cell', 'list'], ['cell', 'show'], ['cell', 'set', '--mtu', '1400'], ['plan'], ['apply'], ['export'], ['why', 'anna', 'internet'],
                     ['status'], ['log'], ['events'], ['version'], ['help'], ['peer', 'remove', 'anna'], ['group', 'remove', 'kids'], ['down']):
            run(*args)
        run('doctor', ok=False)
    finally:
        shutil.rmtree(home)


WG_FILE = TOP / 'tests/golden/profiles/mullvad.conf'
HOUSEHOLD = TOP / 'tests/fixtures/household/wg0.conf'
PASSWORD_FILE = '/proc/sys/kernel/random/boot_id'  # one line, which nobody would guess
# What the words of a verb are, in the cell of `busy`; those that are not here take none.
PLACES = {'peer add': ['new'], 'group add': ['new'], 'assertion add': ['new', '--rule', 'never anna -> lan'], 'cell set': ['--mtu', '1400'], 'cell import': [HOUSEHOLD],
          **{f'peer {v}': ['anna'] for v in ('show', 'remove', 'config', 'qr', 'enable', 'disable', 'rekey', 'history')},
          **{f'{k} {v}': [n] for k, n in (('group', 'kids'), ('assertion', 'off'), ('connection', 'tor'), ('user', 'ben'), ('token', 't'), ('record', 'printer'), ('forward', 'corp.example'), ('block', 'ads'), ('alert', 'me'), ('domain', 'home.example.org'), ('service', 'tv'), ('target', 'disk')) for v in ('show', 'remove', 'history')},
          **{f'{k} set': [n, '--note', 'seen'] for k, n in (('peer', 'bob'), ('group', 'kids'), ('assertion', 'off'), ('connection', 'tor'), ('user', 'ben'), ('token', 't'), ('record', 'printer'), ('forward', 'corp.example'), ('block', 'ads'), ('alert', 'me'), ('domain', 'home.example.org'), ('service', 'tv'), ('target', 'disk'))},
          'target add': ['new', '--url', '/tmp/never', '--plain', 'yes', '--every', 'never'], **{f'target {v}': ['disk'] for v in ('enable', 'disable')}, 'backup fetch': ['disk'],
          'record add': ['new', '--addresses', '192.168.1.9'], 'forward add': ['lab.example', '--servers', '192.168.1.2'], 'block add': ['new', '--source', '/etc/lists/new'], 'block test': ['ads.example'], 'alert add': ['new', '--to', 'https://example.org/new'], **{f'alert {v}': ['me'] for v in ('enable', 'disable', 'test')}, 'domain add': ['lab.example.org', '--mode', 'http01'], 'service add': ['new', '--target', 'http://192.168.1.9'], **{f'service {v}': ['tv'] for v in ('show', 'remove', 'history', 'enable', 'disable')},
          'connection add': ['new', '--type', 'tor'], 'connection import': [WG_FILE, 'new'], **{f'connection {v}': ['tor'] for v in ('test', 'restart', 'enable', 'disable')},
          'user add': ['new', '--role', 'viewer'], 'token add': ['new', '--user', 'carl', '--scope', 'viewer'], 'user password': ['ben', '--file', PASSWORD_FILE],
          'cert issue': ['new', '--key-mode', 'kept'], 'cert set': ['web', '--note', 'seen'], **{f'cert {v}': ['web'] for v in ('show', 'remove', 'history', 'export', 'renew')},
          'user reset': ['ben'], 'session end': ['1'], 'peer link': ['anna'], 'peer installed': ['anna'], 'user passkey': ['list', 'ben'], 'cell add': ['other'], 'init': ['--name', 'other'], 'audit show': ['1'], 'show': ['2'], 'diff': ['2', '3'], 'at': ['2'], 'why': ['anna', 'internet'], 'dns query': ['anna'], 'age': ['keygen'],
          'backup create': ['-', '--plain'], 'backup extract': ['-', 'key'], **{f'backup {v}': ['-'] for v in ('list', 'show', 'verify', 'drill', 'diff', 'restore')}, 'backup forget': ['none', '--yes']}
CHANGES = {*(f'{k} {v}' for k in ('peer', 'group', 'assertion', 'connection', 'user', 'token', 'record', 'forward', 'block', 'alert', 'domain', 'service', 'target') for v in ('add', 'set', 'remove')), 'user password', 'user reset', 'connection import', 'cell import', 'cert issue', 'cert set', 'cert remove', 'cell set', 'peer rekey', *(f'{k} {v}' for k in ('peer', 'connection', 'service', 'alert', 'target') for v in ('enable', 'disable')),
           'undo', 'commit', 'apply --file', 'plan --file', 'backup restore --only'}
NEVER_BACK = ('user password', 'user reset', 'user remove', 'token remove')
OF_SOME = {'plan': [], 'exit-code': [], 'no-wait': [], 'confirm': ['60s'], 'if-revision': ['1'], 'override': ['because']}
ELSEWHERE = {'exit-code': {'plan', 'diff', 'draft', 'drift', 'plan --file', 'backup diff'}, 'plan': {'plan', 'apply', 'draft', 'backup restore', 'backup undo'}, 'override': {'draft'}, 'if-revision': {'draft'}}


@pytest.fixture
def busy(pic, tmp_path):
    """A cell in which every verb has something to do; `document` is one that changes something."""
    pic('group', 'add', 'kids')
    pic('peer', 'add', 'bob', '--keep-key')
    pic('assertion', 'add', 'off', '--rule', 'never bob -> lan')
    pic('connection', 'add', 'tor', '--type', 'tor')
    pic('record', 'add', 'printer', '--addresses', '192.168.1.7')
    pic('forward', 'add', 'corp.example', '--servers', '192.168.1.2')
    pic('dns', 'block', 'add', 'ads', '--source', '/etc/lists/ads')
    pic('alert', 'add', 'me', '--to', 'https://example.org/hook')
    pic('domain', 'add', 'home.example.org', '--mode', 'http01')
    pic('target', 'add', 'disk', '--url', tmp_path / 'kept', '--plain', 'yes', '--every', 'never')
    pic('service', 'add', 'tv', '--target', 'http://192.168.1.8:8096')
    pic('peer', 'add', 'anna', '--access', 'internet')
    for name in ('ben', 'carl'):
        pic('user', 'add', name, '--role', 'viewer')
    pic('token', 'add', 't', '--user', 'carl', '--scope', 'viewer')
    pic('cert', 'issue', 'web', '--key-mode', 'kept')
    pic.document = tmp_path / 'new.yaml'
    pic.document.write_text('peers: {cleo: {}}\n')
    pic('backup', 'create', tmp_path / 'backup', '--plain')
    PLACES['backup diff'] = PLACES['backup restore'] = [tmp_path / 'backup']
    shutil.copytree(pic.dir, f'{pic.dir}.before-2026-01-01T00-00-00Z')
    pic('group', 'set', 'kids', '--note', 'later')  # so that both have something to bring back
    return pic


def verbs(pic):
    for c in pic.json('help'):
        name = f"{c['noun']} {c['verb']}" if c['noun'] else c['verb']
        if name not in ('up', 'user totp'):  # it stays in the foreground; it talks with a person
            yield name, c, []
        if name in ('apply', 'plan'):
            yield name, c, ['--file', pic.document]
        if name == 'backup restore':
            yield name, c, ['--only', 'groups']


def test_no_option_is_ignored(busy, tmp_path):
    """Every verb honours an option or says that it cannot, and then does nothing: never a third thing."""
    pic, tried, before = busy, 0, state(busy)
    for name, command, more in list(verbs(pic)):
        if name == 'cert revoke':  # it cannot be taken back: test_certificates
            continue
        label = name + (f' {more[0]}' if more else '')
        assert {h['name'] for h in command['heeds']} >= {o for o in ELSEWHERE if label in ELSEWHERE[o]}, label
        for option, value in OF_SOME.items():
            draft = name in ('draft', 'commit', 'abort')
            if draft:
                pic('begin')
                pic('peer', 'set', 'bob', '--note', 'later')
            tried += 1
            done = pic.run(*name.split(), *PLACES.get(name, []), *more, f'--{option}', *value)
            if label in (CHANGES if option != 'exit-code' else ()) or label in ELSEWHERE.get(option, ()):
                check_honoured(pic, label, option, done, before)
                before = state(pic)
            else:
                assert done.returncode == 2 and f"--{option} is not for 'pic {name}'" in done.stderr and 'hint: pic ' in done.stderr, (label, option, done)
            if draft:
                pic.run('abort')
        assert state(pic) == before, label
    assert tried > 300


def state(pic):
    """The revision and all that is wished. Asked of the programs where anything was written since: the journal's end says so."""
    with contextlib.closing(sqlite3.connect(f'file:{pic.dir}/cell.db?mode=ro', uri=True)) as db:
        end = db.execute('SELECT max(seq), max(revision) FROM journal').fetchone()
    if getattr(pic, 'seen', (None,))[0] != end:
        pic.seen = end, (pic.json('status')['revision'], pic('export'))
    return pic.seen[1]


def check_honoured(pic, label, option, done, before):
    if option == 'if-revision':  # it changed since
        assert done.returncode == 1 and 'revision' in done.stderr and state(pic) == before, (label, done)
        return
    if option == 'confirm' and label in NEVER_BACK and done.returncode == 1:  # what would stay changed is not promised to go back
        assert 'never comes back' in done.stderr and state(pic) == before, (label, done)
        return
    changes = label in ('plan --file', 'draft', 'diff') or (label == 'backup diff' and 'nothing to do' not in done.stdout)
    assert done.returncode == (3 if option == 'exit-code' and changes else 0), (label, option, done)
    waits = pic.json('status').get('confirm')
    if option == 'plan' or label.split()[0] in ('plan', 'draft', 'diff', 'drift', 'apply') and option == 'exit-code':
        assert state(pic) == before, (label, option)
    if option == 'confirm':
        assert label == 'plan --file' and 'goes back in 60 s' in done.stderr or waits, (label, done)
    if state(pic)[0] != before[0]:
        pic.run('confirm')
        done = pic.run('undo')
        assert done.returncode == (1 if label == 'user password' else 0), (label, option, done)  # an old password does not come back
        assert state(pic)[1] == before[1], (label, option)


def test_certificates(pic, tmp_path):
    leaf, key, root = tmp_path / 'leaf.pem', tmp_path / 'leaf.key', tmp_path / 'root.pem'
    pic('cert', 'issue', 'nas.home', '--output', leaf, '--key-output', key)
    pic('cert', 'root', '--output', root)
    assert leaf.stat().st_mode & 0o777 == 0o600 and key.stat().st_mode & 0o777 == 0o600 and 'PRIVATE' in key.read_text() and 'PRIVATE' not in leaf.read_text()

    def good(name='nas.home.internal', *more):
        return subprocess.run(['openssl', 'verify', '-CAfile', root, *more, '-verify_hostname', name, leaf], capture_output=True).returncode == 0
    assert good() and not good('tv.home.internal')
    again = pic.run('cert', 'export', 'nas.home', '--key')
    assert again.returncode == 1 and 'shown already' in again.stderr and 'pic cert export nas.home' in again.stderr
    pic('cert', 'renew', 'nas.home')
    pic('cert', 'export', 'nas.home', '--output', leaf)
    pub = [subprocess.run(['openssl', *words], capture_output=True, check=True).stdout for words in (('x509', '-in', leaf, '-pubkey', '-noout'), ('pkey', '-in', key, '-pubout'))]
    assert good() and pub[0] == pub[1]  # the host's key is still the right one
    outside = pic.run('cert', 'issue', 'www.example.org')
    assert outside.returncode == 1 and 'outside' in outside.stderr and '--ca-zones' in outside.stderr
    assert 'revoked' in pic('cert', 'revoke', 'nas.home', '--plan') and good()
    pic('cert', 'revoke', 'nas.home')
    crl = tmp_path / 'crl.pem'
    pic('cert', 'root', '--crl', '--output', crl)
    assert good() and not good('nas.home.internal', '-crl_check', '-CRLfile', crl)
    undone = pic.run('undo')
    assert undone.returncode == 1 and 'cannot be taken back' in undone.stderr
    told = pic('cert', 'root')
    assert 'SHA-256' in told and 'home.internal' in told and 'BEGIN CERTIFICATE' in told and len(pic('cert', 'root', '--qr').splitlines()) > 20
    former = pic.json('cert', 'root')['fingerprint']
    pic('cert', 'root', '--rotate')
    assert pic.json('cert', 'root')['former']['fingerprint'] == former and 'new root' in pic.run('doctor').stdout
    assert pic.json('certificate', 'show', 'nas.home')['revoked'] is True  # the kind's whole name is understood too


def test_help_and_completion_offer_what_is_honoured(busy):
    for name, command, more in verbs(busy):
        words = busy.run('__complete', *name.split(), '--').stdout.split()
        text = busy('help', *name.split())
        heeds = {h['name'] for h in command['heeds']}
        for option in OF_SOME:
            assert (f'--{option}' in words) == (f'\n  --{option}' in text) == (option in heeds), (name, option)
    assert all(f'\n  --{option}' in busy('help') for option in OF_SOME)


def test_options_that_go_together(busy):
    for verb in ('apply', 'plan'):
        said = busy.run(verb, '--prune')
        assert said.returncode == 2 and '--file' in said.stderr
        said = busy.run(verb, '--confirm', '60s')
        assert said.returncode == 2 and f"--confirm is not for 'pic {verb}' without --file FILE" in said.stderr
        assert f'hint: pic {verb} --file FILE --confirm' in said.stderr
    said = busy.run('peer', 'set', 'bob', '--note', 'x', '--exit-code')
    assert said.returncode == 2 and 'without --plan' in said.stderr
    assert busy.refused('audit', 'export', '--format', 'csv', code='INVALID', status=2)['hint']
    assert [g['grant'] for g in busy.json('help', 'grants')['grants']][:2] == ['internet', 'lan']
    said = busy.refused('status', '--confirm', '5s', code='INVALID', status=2)
    assert said['hint'] == 'pic help status' and "'pic status'" in said['message']


def test_the_readme_as_it_stands(pic, tmp_path):
    """Each command of "Changing things safely", typed by a newcomer, does what it says."""
    block = re.search(r'## Changing things safely\s+```sh\n(.*?)```', (TOP / 'README.md').read_text(), re.S)[1]
    env = {**os.environ, 'PATH': f'{BIN}:{os.environ["PATH"]}', 'PIC_DIR': pic.dir, 'PIC_WORLD': 'fake'}
    done = subprocess.run(['bash', '-eux', '-c', block], capture_output=True, text=True, timeout=60, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert 'anna gains the lan' in done.stdout and 'laptop' in (tmp_path / 'evidence.txt').read_text()


def test_what_a_newcomer_gets_wrong(busy):
    said = busy.run('apply', 'new.yaml')
    assert said.returncode == 2 and "takes no word such as 'new.yaml'" in said.stderr and 'hint: pic apply --file new.yaml' in said.stderr
    said = busy.run('peer', 'qr')
    assert said.returncode == 2 and 'usage: pic peer qr NAME\n  hint: pic help peer qr' in said.stderr
    said = busy.run('peer', 'set', 'bob', 'access', 'lan')
    assert said.returncode == 2 and 'usage: pic peer set NAME [--FIELD VALUE...]' in said.stderr and 'hint: an option has two dashes: --access' in said.stderr
    assert 'pic history' in busy.run('show', '99').stderr
    assert 'such as tcp/443' in busy.refused('peer', 'set', 'bob', '--access', '192.168.1.10:445')['rule']
    other = type(busy)(busy.dir + '2')
    assert other.json('init', 'home')['name'] == 'home' and other.run('init', 'a', '--name', 'b').returncode == 2
    said = busy.run('status', 'now')
    assert said.returncode == 2 and 'hint: pic help status' in said.stderr


def test_what_a_change_says(busy):
    """What a command's own words do not tell is told: where the cell is now; and what a new device reaches also by its groups."""
    for words in (['apply', '--file', busy.document], ['undo']):
        revision = busy.json('status')['revision'] + 1
        assert f'at revision {revision} now' in busy.run(*words).stderr
    busy('group', 'add', 'staff', '--access', 'lan')
    assert 'names and time only' in busy.run('peer', 'add', 'leo', '--groups', 'kids').stderr
    assert 'names and time only' not in busy.run('peer', 'add', 'mia', '--groups', 'kids,staff').stderr
