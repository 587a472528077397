"""A household of another product becomes a cell, and its devices do not notice: real WireGuard, both families, their files as they were. And what is
told of it, refused, planned, undone."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from conftest import Pic, needs_root
from world import Device, World, wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'fixtures'))
import households  # noqa: E402

FAR = [('tcp', '198.51.100.10', 80), ('tcp', '2001:db8:51::10', 80)]


def found(told, tale):
    return [f'{pathlib.Path(f["file"]).name}:{f["line"] or 0}: {f["device"] or ""}: {f["message"]}' for f in told['findings'] if f['tale'] == tale]


def server(w, folder):
    """What ran there before: the same file, by wg and wireguard-go. Answers how it is stopped."""
    tun = w.device('po')
    child = w.spawn(w.cellns, 'wireguard-go', '-f', tun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists(f'/var/run/wireguard/{tun}.sock'), what='wireguard-go')
    stripped = subprocess.run(['wg-quick', 'strip', str(folder / 'wg0.conf')], capture_output=True, text=True, check=True).stdout
    w.sh(w.cellns, f'wg setconf {tun} /dev/stdin', stdin=stripped)
    w.sh(w.cellns, f'ip addr add 10.8.0.1/24 dev {tun}; ip addr add fd42:42:42::1/64 dev {tun} nodad; ip link set {tun} up')

    def stop():
        child.terminate()
        child.wait(5)
    return stop


def empty_scene(w):
    w.scene()
    w.pic = Pic(w.tmp / 'home', world='real', netns=w.cellns)
    w.serve(w.inet, [80])


@needs_root
def test_phone_is_not_touched(tmp_path):
    with World(tmp_path) as w:
        empty_scene(w)
        devices = households.wg_quick(tmp_path / 'old', endpoint='203.0.113.1:51821')
        stop = server(w, tmp_path / 'old')
        anna = Device(w, 'anna', None, config=(tmp_path / 'old/clients/anna.conf').read_text())
        wait_for(lambda: anna.probe([('icmp', '10.8.0.1', 0)]) == [True], what='the old server')
        import_it = 'cell', 'import', tmp_path / 'old', 'home', '--device', w.dev
        text = w.pic.run(*import_it)
        assert 'PostUp is a command' in text.stdout and 'stop it first: systemctl' in text.stderr, 'it is told what would come over'
        error = w.pic.refused(*import_it, code='CONFLICT')
        assert '10.8.0.0/24' in error['message'], 'the old server runs yet'
        assert not (tmp_path / 'home').exists(), 'nothing half'
        stop()
        w.pic(*import_it)
        w.start()
        shown = w.sh(w.cellns, f'wg show {w.dev} dump').splitlines()
        assert shown[0].split('\t')[0] == households.SERVER and shown[0].split('\t')[2] == '51821'
        assert {line.split('\t')[0] for line in shown[1:]} == {d.public for d in devices.values()}
        ben = Device(w, 'ben', None, config=devices['ben'].config(households.public(households.SERVER), '203.0.113.1:51821'))
        assert ben.probe([('icmp', '10.8.0.1', 0), ('icmp', 'fd42:42:42::1', 0)] + FAR, timeout=5) == [True] * 4, 'its first connection'
        wait_for(lambda: anna.probe([('icmp', '10.8.0.1', 0)]) == [True], seconds=40, what='a phone that was connected to the old server')
        assert anna.probe([('icmp', 'fd42:42:42::1', 0), ('icmp', '10.8.0.3', 0), ('icmp', 'fd42:42:42::3', 0)] + FAR) == [True] * 5
        assert w.pic.json('why', 'anna', '198.51.100.10:tcp/80')['allowed'] is True
        again = dict(line.split(' = ', 1) for line in w.pic('peer', 'config', 'anna').splitlines() if ' = ' in line)
        for key in ('PrivateKey', 'Address', 'PublicKey', 'PresharedKey', 'Endpoint', 'AllowedIPs', 'PersistentKeepalive'):
            assert again[key] == anna.values[key], key


@needs_root
def test_wg_easy_both_families(tmp_path):
    with World(tmp_path) as w:
        empty_scene(w)
        devices = households.wg_easy15(tmp_path / 'old', host='203.0.113.1', firewall=True)
        before = {p.name: p.read_bytes() for p in (tmp_path / 'old').iterdir()}
        w.pic('cell', 'import', tmp_path / 'old', 'home', '--device', w.dev)
        w.start()
        assert {p.name: p.read_bytes() for p in (tmp_path / 'old').iterdir()} == before, 'nothing there is changed'
        own = households.public(households.SERVER)
        phone, cam = (Device(w, n, None, config=devices[n].config(own, '203.0.113.1:51820')) for n in ('phone', 'cam'))
        assert phone.probe([('icmp', '10.8.0.1', 0), ('icmp', 'fdcc:ad94:bacf:61a4::cafe:1', 0)] + FAR) == [True] * 4
        assert cam.probe([('icmp', '10.8.0.1', 0)] + FAR) == [True, False, False], 'the firewall there let it reach one host, and so it is here'
        assert w.pic.json('peer', 'show', 'cam')['access'] == ['192.168.1.10:tcp/443']
        live = {p['name']: p for p in w.pic.json('status')['peers']}
        assert live['phone']['handshake'] and not live['guest']['handshake'], 'its time was over'


MAKERS = {'wg_quick': 'wg-quick', 'pivpn': 'pivpn', 'wg_easy14': 'wg-easy 14', 'wg_easy15': 'wg-easy 15'}


@pytest.mark.parametrize('maker', MAKERS)
def test_each_product(empty, tmp_path, maker):
    made = getattr(households, maker)(tmp_path / 'old')
    path = made if maker == 'pivpn' else tmp_path / 'old'
    plan = empty.json('cell', 'import', path, 'home', '--plan')
    assert plan['told']['product'] == MAKERS[maker] and plan['changes'] and 'wishes' not in plan
    assert not pathlib.Path(empty.dir).exists(), 'a plan makes nothing'
    told = empty.json('cell', 'import', path, 'home', '--endpoint', 'home.example.org:51820')['told']
    for d in told['devices'] + plan['told']['devices']:
        assert d['untouched'] and (d.pop('address6') or maker != 'wg_easy14'), 'a network of its own, where it had none'
    assert told == plan['told']
    cell = empty.json('cell', 'show')
    assert cell['net4'] == '10.8.0.0/24' and cell['public_key'] == households.public(households.SERVER)
    assert cell['endpoint'] == 'home.example.org:51820', 'what is said here counts'
    peers = {p['name']: p for p in empty.json('peer', 'list')}
    assert len(peers) == told['counts']['devices']
    for p in peers.values():
        assert p['address4'].startswith('10.8.0.') and p['address6'], p
    text = json.dumps(told) + empty('history')
    for key in [households.SERVER] + [households.private(d['was'] or '') for d in told['devices']]:
        assert key not in text, 'no private key is told'
    empty('undo')
    assert empty.json('peer', 'list') == [] and empty.json('cell', 'show')['public_key'] != cell['public_key']
    empty('undo')
    assert {p['name'] for p in empty.json('peer', 'list')} == set(peers)
    for d in told['devices']:
        if d['private_key']:
            assert f"PrivateKey = {households.private(d['was'])}" in empty('peer', 'config', d['name'])


def test_what_is_told(empty, tmp_path):
    households.wg_quick(tmp_path / 'q')
    told = empty.json('cell', 'import', tmp_path / 'q', 'home', '--plan')['told']
    assert [d['name'] for d in told['devices']] == ['anna', 'ben', 'Carlas-phone', 'router', 'device']
    assert told['devices'][3]['subnets'] == '192.168.87.0/24'
    assert 'wg0.conf:7: : PostUp is a command and is never run here: ' + households.HOOK in found(told, 'lost')
    assert any(line.startswith('gone.conf:0: : the server knows no device') for line in found(told, 'lost'))
    assert any(line.startswith('router.conf:0: : every user of that machine could read') for line in found(told, 'unsafe'))
    easy = households.wg_easy15(tmp_path / 'e')
    told = empty.json('cell', 'import', tmp_path / 'e', 'home', '--plan')['told']
    assert {d['name'] for d in told['devices']} == set(easy)
    for word in ("user 'admin' (admin)", 'post_up is a command'):
        assert any(word in line for line in found(told, 'lost')), word
    for word in ('second factor', 'a link that gives', 'metrics that anybody'):
        assert any(word in line for line in found(told, 'unsafe')), word
    assert any('guest: its time was over' in line for line in found(told, 'note'))
    wg = households.pivpn(tmp_path / 'p')
    told = empty.json('cell', 'import', wg, 'home', '--plan')['told']
    assert [(d['name'], d['enabled']) for d in told['devices']] == [('laptop', False), ('phone.2', True)]
    assert told['cell']['endpoint'] == 'pivpn.example.org:51820' and told['cell']['upstreams'] == ['9.9.9.9', '149.112.112.112']
    assert any("'ghost'" in line for line in found(told, 'lost'))


def rows(pic):
    return [json.loads(line) for line in pic('--json', 'history').splitlines()]


def fields(obj):
    return {k: v for k, v in obj.items() if k != 'revision'}


def test_into_a_cell_that_is_there(pic, tmp_path):
    households.wg_quick(tmp_path / 'q')
    own = pic.json('cell', 'show')
    pic('peer', 'add', 'mine', '--address4', '10.20.0.9')
    told = pic.json('cell', 'import', tmp_path / 'q', '--access', 'internet')['told']
    assert told['takes_over'] is False and not any(d['untouched'] for d in told['devices'])
    assert fields(pic.json('cell', 'show')) == fields(own)
    peers = {p['name']: p for p in pic.json('peer', 'list')}
    assert len(peers) == 6 and peers['anna']['address4'].startswith('10.20.') and peers['anna']['access'] == ['internet']
    assert households.private('anna') in pic('peer', 'config', 'anna'), 'its key is the same, its address is another'
    revision = rows(pic)[0]['revision']
    text = pic.run('cell', 'import', tmp_path / 'q').stderr
    assert 'wg0.conf:12:1: ' in text and 'anna' in text, 'all of them are there already'
    assert text.count('wg0.conf:') == 5
    assert rows(pic)[0]['revision'] == revision, 'nothing half'
    pic('undo', [r['revision'] for r in rows(pic) if r['name'] == 'ben'][-1])
    assert [p['name'] for p in pic.json('peer', 'list')] == ['mine']


def test_take_over_and_confirm(pic, tmp_path):
    households.wg_easy14(tmp_path / 'e')
    old = pic.json('cell', 'show')
    pic('cell', 'import', tmp_path / 'e', '--confirm', '60s')
    assert pic.json('cell', 'show')['net4'] == '10.8.0.0/24'
    pic('undo')
    assert fields(pic.json('cell', 'show')) == fields(old)
    pic('begin')
    pic('cell', 'import', tmp_path / 'e')
    assert 'Muellers-Handy' in pic('draft')
    pic('commit')
    assert pic.json('peer', 'show', 'Muellers-Handy')['address4'] == '10.8.0.2'
    assert households.private('Müllers Handy') in pic('peer', 'config', 'Muellers-Handy'), 'sealed keys went through the draft'
    assert households.private('Müllers Handy') not in pathlib.Path(pic.dir, 'cell.db').read_text(errors='replace')


def test_take_over_with_devices(pic, tmp_path):
    """Devices that are there keep their numbers in the network that comes; one that is in the way is told by field."""
    households.wg_easy14(tmp_path / 'e')
    pic('peer', 'add', 'mine', '--address4', '10.20.0.9', '--address6', 'fd20::9')
    told = pic.json('cell', 'import', tmp_path / 'e', '--take-over', 'yes')['told']
    assert told['takes_over'] and pic.json('peer', 'show', 'mine')['address4'] == '10.8.0.9'
    assert pic.json('peer', 'show', 'tablet')['address6'] == 'fd20::3'
    pic('undo')
    pic('peer', 'set', 'mine', '--address4', '10.20.0.3')
    error = pic.refused('cell', 'import', tmp_path / 'e', '--take-over', 'yes', code='EXISTS')
    assert 'address4 10.8.0.3' in error['message'] and 'wg0.json:' in error['message'], error
    assert pic.json('cell', 'show')['net4'] == '10.20.0.0/16', 'nothing half'


def test_refused(empty, tmp_path):
    households.wg_quick(tmp_path / 'q')
    (tmp_path / 'link').symlink_to(tmp_path / 'q')
    assert 'link' in empty.refused('cell', 'import', tmp_path / 'link', 'home', code='VALUE')['hint']
    empty.refused('cell', 'import', tmp_path / 'nowhere', 'home', code='NOTFOUND')
    empty.refused('cell', 'import', '/dev/null', 'home', code='VALUE')
    empty.refused('cell', 'import', tmp_path / 'q/clients/anna.conf', 'home', code='SYNTAX')
    assert 'server' in empty.refused('cell', 'import', tmp_path / 'q/clients', 'home', code='SYNTAX')['message']
    shutil.copy(tmp_path / 'q/wg0.conf', tmp_path / 'q/wg1.conf')
    empty.refused('cell', 'import', tmp_path / 'q', 'home', code='CONFLICT')
    empty.json('cell', 'import', tmp_path / 'q/wg1.conf', 'home', '--plan')
    (tmp_path / 'a.tgz').write_bytes(b'\x1f\x8b\x08' + bytes(40))
    empty.refused('cell', 'import', tmp_path / 'a.tgz', 'home', code='UNSUPPORTED')
    (tmp_path / 'w.json').write_text('{"server":')
    empty.refused('cell', 'import', tmp_path / 'w.json', 'home', code='SYNTAX')
    (tmp_path / 'w.db').write_bytes(b'SQLite format 3\0' + bytes(4080))
    empty.refused('cell', 'import', tmp_path / 'w.db', 'home', code='SYNTAX')
    empty.refused('cell', 'import', tmp_path / 'q/wg1.conf', 'home', '--access', 'nowhere!', code='VALUE')
    empty.refused('cell', 'import', tmp_path / 'q/wg1.conf', status=2)
    (tmp_path / 'q/clients/anna.conf').unlink()
    (tmp_path / 'q/clients/anna.conf').symlink_to('/etc/passwd')
    told = empty.json('cell', 'import', tmp_path / 'q/wg1.conf', 'home', '--plan')['told']
    assert not any('passwd' in json.dumps(f) for f in told['findings'])
    assert not pathlib.Path(empty.dir).exists(), 'nothing was made by all that'
