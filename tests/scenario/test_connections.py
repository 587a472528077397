"""Connections by the command line, on the fake world: made, imported, used, looked at, removed; no secret is ever seen again."""
import base64
import json
import os
import pathlib
import pty
import re
import subprocess

import pytest
from conftest import BIN

OWN, FAR = (base64.b64encode(bytes([n]) * 31 + b'\x40').decode() for n in (7, 9))
WG = f'''[Interface]
PrivateKey = {OWN}
Address = 10.64.0.2/32,fc00:bbbb::2/128
DNS = 10.64.0.1
[Peer]
PublicKey = {FAR}
AllowedIPs = 0.0.0.0/0,::/0
Endpoint = far.example.net:51820
'''
SSH = ['--type', 'ssh', '--endpoint', '192.0.2.1:22', '--user', 'me', '--host-key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==']


def everything(pic):
    """All that a person, or who has the files, can read of a cell: the store's own bytes, drafts, logs, and what commands print."""
    seen = b''.join(path.read_bytes() for path in sorted(pathlib.Path(pic.dir).rglob('*')) if path.is_file())
    for args in (('export',), ('--json', 'export'), ('--json', 'connection', 'list'), ('connection', 'list'), ('--json', 'history'), ('--json', 'audit', 'list'),
                 ('--json', 'status'), ('--json', 'plan'), ('audit', 'export', '--format', 'bundle'), ('--json', 'at', '2')):
        seen += pic(*args).encode()
    return seen


def test_import(pic, tmp_path):
    (tmp_path / 'mullvad-ch.conf').write_text(WG)
    pic('connection', 'import', tmp_path / 'mullvad-ch.conf', '--note', 'bought in May')
    one = pic.json('connection', 'show', 'mullvad-ch')
    assert one['type'] == 'wireguard' and one['endpoint'] == 'far.example.net:51820' and one['slot'] == 1 and one['note'] == 'bought in May'
    assert one['addresses'] == ['10.64.0.2/32', 'fc00:bbbb::2/128'] and one['dns'] == ['10.64.0.1'] and 'private_key' not in one
    assert one['status']['name'] == 'mullvad-ch' and one['status']['state'] in ('up', 'starting', 'down')
    text = pic('connection', 'show', 'mullvad-ch')
    assert re.search(r'^private_key +\(sealed\)$', text, re.M) and re.search(r'^preshared_key +-$', text, re.M) and re.search(r'^state +', text, re.M)
    error = pic.refused('connection', 'import', tmp_path / 'mullvad-ch.conf', 'again', code='EXISTS')
    assert 'mullvad-ch' in error['message'] and 'again' in error['object']
    pic.refused('connection', 'import', tmp_path / 'mullvad-ch.conf', code='EXISTS')
    pic('connection', 'set', 'mullvad-ch', '--mtu', '1300')
    (tmp_path / 'new.conf').write_text(WG.replace('DNS = 10.64.0.1\n', '').replace(':51820', ':443'))
    pic('connection', 'import', tmp_path / 'new.conf', 'mullvad-ch', '--replace')
    one = pic.json('connection', 'show', 'mullvad-ch')
    assert one['dns'] is None and one['mtu'] is None and one['endpoint'].endswith(':443') and one['note'] == 'bought in May' and one['slot'] == 1
    said = pic.json('connection', 'import', '-', 'two', stdin=WG.replace(FAR, base64.b64encode(b'\x0b' * 32).decode()))
    assert said['told']['type'] == 'wireguard' and said['told']['warnings'] == [] and said['object']['name'] == 'two'
    assert pic.run('connection', 'import', '-', stdin=WG).returncode == 2
    assert OWN.encode() not in everything(pic)


def test_import_refuses(pic, tmp_path):
    bad = tmp_path / 'bad.conf'
    bad.write_bytes(('﻿' + WG.replace('Address', 'PostUp = iptables -F; curl http://x\nPostDown = y\nAddress')).replace('\n', '\r\n').encode())
    done = pic.run('connection', 'import', bad)
    assert done.returncode == 1 and 'bad.conf:3:' in done.stderr and 'bad.conf:4:' in done.stderr and OWN not in done.stderr
    error = pic.refused('connection', 'import', bad, code='UNSUPPORTED')
    assert error['line'] == 3 and pic.json('connection', 'list') == []
    bad.write_text(WG.replace('Endpoint', '# Endpoint'))
    assert 'ndpoint' in pic.refused('connection', 'import', bad)['message']
    bad.write_text('# nothing\n')
    assert '--type' in pic.refused('connection', 'import', bad, code='SYNTAX')['hint']
    pic.refused('connection', 'import', bad, '--type', 'tor', code='VALUE')
    pic.refused('connection', 'import', tmp_path / 'nowhere', code='NOTFOUND')
    for endpoint in ('127.0.0.1:1', '[::1]:1', '10.20.0.1:51820', 'home.example.org:51820', 'anna.home.internal:1', '169.254.96.6:1'):
        bad.write_text(WG.replace('far.example.net:51820', endpoint))
        error = pic.refused('connection', 'import', bad)
        assert error['field'] == 'endpoint' and error['value'] == endpoint, error
    assert pic.json('connection', 'list') == []


PEM = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0ZBTEtFAA==\n-----END CERTIFICATE-----\n'
OVPN = 'client\ndev tun\nproto udp\nremote far.example.net 1194\nca ca.crt\nauth-user-pass\n'


def test_import_openvpn(pic, tmp_path):
    (tmp_path / 'vpn.ovpn').write_text(OVPN)
    assert 'ca.crt' in pic.refused('connection', 'import', tmp_path / 'vpn.ovpn')['message']
    (tmp_path / 'ca.crt').symlink_to('/etc/hostname')
    pic.refused('connection', 'import', tmp_path / 'vpn.ovpn')
    (tmp_path / 'ca.crt').unlink()
    (tmp_path / 'ca.crt').write_text(PEM)
    assert '--user NAME --password-file FILE' in pic.refused('connection', 'import', tmp_path / 'vpn.ovpn', code='VALUE')['message']
    done = pic.run('connection', 'import', tmp_path / 'vpn.ovpn', '--user', 'me', '--password-file', '-', stdin='hunter2hunter2\n')
    assert done.returncode == 0, done.stderr
    one = pic.json('connection', 'show', 'vpn')
    assert one['type'] == 'openvpn' and one['remotes'] == ['far.example.net:1194/udp'] and one['user'] == 'me'
    assert b'hunter2' not in everything(pic) and b'MIIBszCCAVmgAwIBAgIU' not in everything(pic)
    # the profile as a field: the same reader
    profile = tmp_path / 'inline.ovpn'
    profile.write_text(OVPN.replace('ca ca.crt\n', f'<ca>\n{PEM}</ca>\n').replace('1194', '443'))
    assert 'must be given anew: with remotes' in pic.refused('connection', 'set', 'vpn', '--profile-file', profile, code='VALUE')['message']
    (tmp_path / 'password').write_text('hunter2hunter2')
    pic('connection', 'set', 'vpn', '--profile-file', profile, '--password-file', tmp_path / 'password')
    assert pic.json('connection', 'show', 'vpn')['remotes'] == ['far.example.net:443/udp']
    # what the sealed profile wants is known when the login is taken away
    error = pic.refused('connection', 'set', 'vpn', '--unset', 'user', '--unset', 'password', code='VALUE')
    assert error['field'] == 'user' and 'the far end wants a user and a password' in error['message'] and '--password-file' in error['hint']
    assert pic.json('connection', 'show', 'vpn')['user'] == 'me'
    profile.write_text('client\nup /tmp/x\n')
    assert 2 == pic.refused('connection', 'set', 'vpn', '--profile-file', profile)['line']


def test_secrets(pic, tmp_path):
    secret = 'hunter2-Zürich'
    pic('connection', 'add', 's', *SSH, '--password-file', '-', stdin=secret + '\n')
    key = tmp_path / 'id'
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key], check=True)
    pic('connection', 'set', 's', '--key-file', key, '--unset', 'password')
    assert re.search(r'^password +-$', pic('connection', 'show', 's'), re.M) and re.search(r'^key +\(sealed\)$', pic('connection', 'show', 's'), re.M)
    middle = key.read_text().splitlines()[2]
    locked = tmp_path / 'locked'
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'abcdef', '-f', locked], check=True)
    assert 'passphrase' in pic.refused('connection', 'set', 's', '--key-file', locked, code='VALUE')['message']
    assert '.pub' in pic.refused('connection', 'set', 's', '--key-file', f'{key}.pub', code='VALUE')['hint']
    pic.refused('connection', 'set', 's', '--key-file', tmp_path / 'nowhere', code='NOTFOUND')
    # never on a command line
    done = pic.run('connection', 'set', 's', '--password', secret)
    assert done.returncode == 2 and '--password-file FILE' in done.stderr and secret not in done.stderr
    # in a draft: sealed in the file, and what is committed is what was said
    pic('begin')
    pic('connection', 'set', 's', '--password-file', '-', stdin=secret + '\n')
    kept = json.loads(next(pathlib.Path(pic.dir).glob('draft-*.json')).read_text())['wishes']
    assert kept[0]['field'] == 'password' and len(kept[0]['value']) > 88
    assert '(secret)' in pic('draft')
    pic('commit')
    plan = pic('--json', 'connection', 'set', 's', '--password-file', '-', '--plan', stdin='another-hunter2')
    assert 'another' not in plan
    # in a document: sealed at once
    document = f'connections: {{p: {{type: proxy, protocol: socks5, endpoint: "192.0.2.1:1080", user: me, password: "{secret}"}}}}'
    pic('apply', '-f', '-', stdin=document)
    assert 'secrets: [password]' in pic('export') and 'password:' not in pic('export')
    bad = pic.refused('apply', '-f', '-', stdin=document.replace('socks5', 'socks9').replace('}}', ', private_key: "xyzzy123"}}'), code='VALUE')
    assert 'xyzzy123' not in json.dumps(bad)
    seen = everything(pic)
    for text in (secret, 'hunter2', middle, 'another', 'xyzzy123'):
        assert text.encode() not in seen, text


def test_typed_secret_is_not_shown(pic):
    """On a terminal a secret is asked for without echo."""
    parent, child = pty.openpty()
    done = subprocess.Popen([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', 'connection', 'add', 's', *SSH, '--password-file', '-'], stdin=child,
                            stdout=child, stderr=child)
    os.close(child)
    seen = b''
    while b'password: ' not in seen:
        seen += os.read(parent, 1000)
    os.write(parent, b'hunter2\n')
    assert done.wait(20) == 0
    try:
        while more := os.read(parent, 1000):
            seen += more
    except OSError:
        pass
    os.close(parent)
    assert b'hunter2' not in seen and 'password' in pic('connection', 'show', 's')


def test_kinds_of_connections(pic):
    for alias, kind in (('sshuttle', 'ssh'), ('wireguard-ext', 'wireguard'), ('openvpn-client', 'openvpn')):
        error = pic.refused('connection', 'add', 'x', '--type', alias, code='VALUE')
        assert f'type {kind}' in error['message'] + json.dumps(error)
    for wrong in ((), ('--type', 'vpn')):
        assert 'pic connection import FILE' in pic.refused('connection', 'add', 'x', *wrong, code='VALUE')['hint']
    pic('connection', 'add', 't', '--type', 'tor', '--country', 'ch')
    pic('connection', 'add', 'b', '--type', 'block')
    pic('connection', 'add', 'g', '--type', 'group', '--members', 't,b')
    assert pic.json('connection', 'show', 'g')['members'] == ['t', 'b']
    pic('connection', 'set', 'g', '--members', 'b,t')
    assert pic.json('connection', 'show', 'g')['members'] == ['b', 't']
    done = pic.run('connection', 'add', 'w', '--type', 'wireguard', '--peer-key', FAR, '--endpoint', 'far.example.net:1', '--addresses', '10.64.0.2/32')
    assert done.returncode == 0 and pic.json('connection', 'show', 'w')['public_key'] in done.stderr
    for wrong, field in ((('--members', 'g'), 'members'), (('--members', 'nobody'), 'members'), (('--members', ''), 'members'), (('--endpoint', '192.0.2.1:1'), 'endpoint')):
        assert pic.refused('connection', 'set', 'g', *wrong)['field'] == field
    pic.refused('connection', 'set', 't', '--type', 'block', code='DENIED')
    pic.refused('connection', 'add', 'direct', '--type', 'tor', code='VALUE')
    # everything that is wrong is told at once
    error = pic.run('connection', 'add', 'y', '--type', 'ssh', '--country', 'c1', '--mtu', '1400').stderr
    for field in ('endpoint', 'user', 'host_key', 'password', 'country', 'mtu'):
        assert f'{field}: ' in error, field


def test_assignment_and_removal(pic):
    pic('connection', 'add', 'a', '--type', 'tor')
    pic('connection', 'add', 'b', '--type', 'tor')
    pic('group', 'add', 'kids', '--exit', 'a')
    pic('group', 'add', 'staff', '--exit', 'b')
    pic('peer', 'add', 'anna', '--groups', 'kids', '--access', 'internet', '--failopen', 'yes')
    pic('peer', 'add', 'bob', '--exit', 'a')
    pic('cell', 'set', '--exit', 'b')
    assert 'leaves' in pic('peer', 'list').splitlines()[0]
    assert pic.json('peer', 'show', 'anna')['failopen'] is True and pic.json('cell', 'show')['exit'] == 'b'
    error = pic.refused('peer', 'set', 'anna', '--groups', 'kids,staff', code='CONFLICT')
    assert 'kids' in error['message'] and 'staff' in error['message'] and '--exit' in error['hint']
    error = pic.refused('connection', 'remove', 'a', code='INUSE')
    assert set(error['users'].split(',')) == {'kids', 'bob'} and '--to' in error['hint']
    assert 'bob' in pic('connection', 'remove', 'a', '--to', 'b', '--plan')
    pic('connection', 'remove', 'a', '--to', 'b')
    assert pic.json('peer', 'show', 'bob')['exit'] == pic.json('group', 'show', 'kids')['exit'] == 'b'
    pic('connection', 'remove', 'b', '--to', 'direct')
    assert pic.json('peer', 'show', 'bob')['exit'] == pic.json('cell', 'show')['exit'] == 'direct'
    pic('undo')
    assert pic.json('peer', 'show', 'bob')['exit'] == 'b' and pic.json('connection', 'show', 'b')['slot'] == 2
    pic.refused('connection', 'remove', 'b', '--to', 'b', code='VALUE')
    pic.refused('connection', 'remove', 'b', '--to', 'nobody', code='NOTFOUND')
    pic.refused('peer', 'set', 'bob', '--exit', 'nobody', code='NOTFOUND')
    pic('connection', 'set', 'b', '--name', 'c')
    assert pic.json('peer', 'show', 'bob')['exit'] == 'c'


def test_slots(pic):
    for name in 'abc':
        pic('connection', 'add', name, '--type', 'tor')
    pic('connection', 'remove', 'b')
    pic('connection', 'add', 'd', '--type', 'tor')
    pic('undo', '5')
    assert {c['name']: c['slot'] for c in pic.json('connection', 'list')} == {'a': 1, 'c': 3, 'd': 2, 'b': 4}


def test_documents(pic):
    """Objects may name each other in any order, and the same document again changes nothing."""
    text = f'''
cell: {{exit: all}}
peers: {{anna: {{groups: [kids]}}, bob: {{exit: direct}}}}
groups: {{kids: {{exit: t}}}}
connections:
  all: {{type: group, members: [w, t]}}
  w: {{type: wireguard, endpoint: "far.example.net:1", peer_key: "{FAR}", addresses: [10.64.0.2/32], private_key: new}}
  t: {{type: tor}}
'''
    pic('apply', '-f', '-', stdin=text)
    public = pic.json('connection', 'show', 'w')['public_key']
    assert public and pic.json('plan')['steps'] == []
    exported = pic('export')
    pic('apply', '-f', '-', '--prune', stdin=exported)
    assert pic.json('connection', 'show', 'w')['public_key'] == public and pic('export') == exported
    pic('apply', '-f', '-', '--prune', stdin=exported.split('connections:')[0].replace('exit: all', 'exit: direct').replace('exit: t', 'exit: direct')
        + 'connections: {}\nusers: {}\ntokens: {}\ncertificates: {}\n')
    assert pic.json('connection', 'list') == []


def test_help_and_completion(pic):
    text = pic('help', 'connection', 'add')
    assert '--password-file FILE' in text and '--password ' not in text and '--type wireguard|openvpn' in text and '--members CONNECTION' in text
    assert '--slot' not in text and '--public-key' not in text
    options = {o['name'] for o in pic.json('help', 'connection', 'set')[0]['options']}
    assert 'private_key-file' in options or 'private-key-file' in options
    assert '--exit CONNECTION|direct' in pic('help', 'peer', 'set')
    pic('connection', 'add', 't', '--type', 'tor')
    pic('group', 'add', 'kids')
    assert set(pic('__complete', 'peer', 'set', 'anna', '--exit', '').split()) == {'direct', 't'}
    assert '--private-key-file' in pic('__complete', 'connection', 'add', 'x', '--').split()
    assert pic('__complete', 'connection', 'add', 'x', '--key-file', '') == ''
    assert pic('__complete', 'peer', 'set', 'x', '--groups', '').split() == ['kids']
    assert pic('__complete', 'connection', 'show', '').split() == ['t']
    assert set(pic('__complete', 'connection', 'remove', 't', '--to', '').split()) == {'direct', 't'}
    assert pic('__complete', 'connection', 'import', '') == ''
    assert 'connection' in pic('__complete', '').split() and 'policy' in pic('__complete', 'connection', '').split()


def test_policy(pic):
    text = pic('connection', 'policy')
    assert re.search(r'^opened |  opened +the same for a device with failopen', text, re.M) and 'carrier elsewhere' in text and text.count('device tcp4') == 6
    rows = pic.json('connection', 'policy')
    elsewhere = {r['verdict'] for r in rows if r['packet'] == 'carrier elsewhere'}
    assert elsewhere == {'drop'}
    assert all(r['verdict'] != 'outside' for r in rows if r['packet'].startswith('device') and r['state'] != 'opened')
    pic('connection', 'add', 'onion', '--type', 'tor')
    for of, carried in (('onion', {'tcp'}), ('ssh', {'tcp4'}), ('wireguard', {'full', 'ipv4', 'ipv6'})):
        assert {r['carries'] for r in pic.json('connection', 'policy', of)} == carried
        assert pic('connection', 'policy', of).count('device tcp4') == len(carried)
    assert 'pic connection list' in pic.refused('connection', 'policy', 'nobody', code='NOTFOUND')['hint']
    assert pic('__complete', 'connection', 'policy', '').split() == ['onion']


@pytest.mark.parametrize('verb', ['test', 'restart'])
def test_of_the_agent(pic, verb):
    pic.refused('connection', verb, 'nobody', code='NOTFOUND')
    assert pic.run('connection', verb).returncode == 2


def test_words(pic):
    """What a newcomer reads: of its own type only, what to do about what is missing, and what turns it off."""
    pic('connection', 'add', 'onion', '--type', 'tor')
    pic('connection', 'add', 'px', '--type', 'proxy', '--endpoint', '192.0.2.1:1080', '--protocol', 'socks5')
    pic('connection', 'add', 'both', '--type', 'group', '--members', 'px,onion')
    for name, there, absent in (('onion', 'bridges', 'endpoint'), ('px', 'password', 'keepalive'), ('both', 'members', 'user')):
        fields = [line.split()[0] for line in pic('connection', 'show', name).splitlines()]
        assert {'name', 'type', 'enabled', 'failopen', 'note', there} <= set(fields) and absent not in fields, fields
    error = pic.refused('connection', 'add', 'x', '--type', 'proxy', '--endpoint', '192.0.2.1:1080', code='VALUE')
    assert '--protocol socks5' in error['hint']
    assert 'obfs4' in pic.refused('connection', 'add', 'x', '--type', 'tor', '--bridges', 'snowflake 192.0.2.3:1', code='VALUE')['hint']
    assert 'two letters' in pic.refused('connection', 'add', 'x', '--type', 'tor', '--country', 'germany', code='VALUE')['message']
    assert 'pic connection import' in pic('help', 'exits') and max(map(len, pic('help', 'exits').splitlines())) <= 80
    pic('peer', 'add', 'anna', '--access', 'internet', '--exit', 'px')
    assert 'anna is let out directly while px is down' in pic('peer', 'set', 'anna', '--failopen', 'yes', '--plan')
    assert 'anna is cut off from the internet' in pic('connection', 'disable', 'px', '--plan')
    pic('connection', 'disable', 'px')
    assert pic.json('connection', 'show', 'px')['status']['state'] == 'off'
    pic('connection', 'enable', 'px')
    assert pic.json('connection', 'show', 'px')['enabled'] is True


def facts(pic, *lines):
    """What an agent would have found out: 'SLOT ID up|down ACTIVE|- -'. The fake world's engine starts from it."""
    (pathlib.Path(pic.dir) / 'run/exits.facts').write_text(''.join(line + '\n' for line in lines))


def ids(pic):
    return {c['name']: c['id'] for c in pic.json('connection', 'list')}


def test_by_what_a_device_leaves(pic):
    """Lists tell it of each device: whose word, what carries it, how that is; a device that leaves directly against its exit is seen at once."""
    assert 'leaves' not in pic('peer', 'list').splitlines()[0]
    for name, more in (('t', ()), ('u', ()), ('off', ('--enabled', 'no'))):
        pic('connection', 'add', name, '--type', 'tor', *more)
    pic('connection', 'add', 'best', '--type', 'group', '--members', 't,u')
    pic('group', 'add', 'kids', '--access', 'internet', '--exit', 'best')
    pic('peer', 'add', 'ben', '--groups', 'kids')
    pic('peer', 'add', 'dora', '--access', 'internet', '--exit', 't', '--failopen', 'yes')
    pic('peer', 'add', 'emil', '--access', 'internet')
    pic('peer', 'add', 'fay', '--access', 'internet', '--exit', 'off')
    pic('peer', 'add', 'gus', '--access', 'internet', '--exit', 'direct')

    def told():
        rows = {p['name']: p['leaves'] for p in pic.json('status')['peers']}
        assert rows == {p['name']: p['leaves'] for p in pic.json('peer', 'list')}
        for name, leaves in rows.items():
            assert pic.json('peer', 'show', name)['leaves'] == leaves
            assert re.search(rf"^leaves +{re.escape(leaves['text'])}$", pic('peer', 'show', name), re.M)
            for text in (pic('peer', 'list'), pic('status')):
                assert re.search(rf"^{name} .*{re.escape(leaves['text'])} ", text, re.M), text
        return {name: leaves['text'] for name, leaves in rows.items()}

    assert told() == {'ben': 'best: t (group kids), up', 'dora': 't, up; directly while it is down', 'emil': 'direct', 'fay': 'off, off: closed', 'gus': 'direct (own)'}
    assert pic.json('peer', 'show', 'ben')['leaves'] == {'exit': 'best', 'by': 'group', 'group': 'kids', 'carrier': 't', 'state': 'up', 'open': False, 'closed': False,
                                                         'direct': False, 'may': True, 'text': 'best: t (group kids), up'}
    assert 'OPEN' not in pic('status') and 'OPEN' not in pic('peer', 'list')
    pic('cell', 'set', '--exit', 'u')
    known = ids(pic)
    facts(pic, f"1 {known['t']} down - -", f"4 {known['best']} up 2 -")
    assert told() == {'ben': 'best: u (group kids), up', 'dora': 't, down, open: leaves directly!', 'emil': 'u (cell), up', 'fay': 'off, off: closed', 'gus': 'direct (own)'}
    for text in (pic('status'), pic('peer', 'list')):
        assert re.search(r'^OPEN +dora: directly to the internet', text, re.M), text
    assert 'it goes directly, as was chosen' in pic('why', 'dora', '9.9.9.9')
    pic('peer', 'set', 'dora', '--unset', 'failopen')
    facts(pic, f"1 {known['t']} down - -", f"4 {known['best']} down 0 -")
    assert told()['ben'] == 'best (group kids), down: closed' and told()['dora'] == 't, down: closed'
    assert 'OPEN' not in pic('status') and 'it goes nowhere' in pic('why', 'dora', '9.9.9.9') and pic.json('why', 'dora', '9.9.9.9')['closed']


def other(pic, tmp_path):
    """Another cell, to which a document is taken."""
    cell = type(pic)(tmp_path / 'other')
    cell('init', '--name', 'away', '--net4', '10.21.0.0/16', '--net6', 'fd21::/48')
    return cell


def told(cell, *args, **kw):
    return {(s['name'], s['field']): s['state'] for s in cell.json('plan', *args, **kw)['secrets']}


def test_a_document_has_no_secrets(pic, tmp_path):
    """An export names the secrets that it does not hold: onto the same cell they are kept, onto another one they are asked for, by field, and no key is made up."""
    (tmp_path / 'far.conf').write_text(WG.replace('AllowedIPs', f'PresharedKey = {OWN}\nAllowedIPs'))
    pic('connection', 'import', tmp_path / 'far.conf')
    pic('connection', 'add', 's', *SSH, '--password-file', '-', stdin='hunter2\n')
    pic('connection', 'add', 'p', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '192.0.2.1:1080', '--user', 'me', '--password-file', '-', stdin='hunter2\n')
    public = pic.json('connection', 'show', 'far')['public_key']
    text = pic('export')
    assert 'secrets: [private_key, preshared_key]' in text and text.count('secrets: [password]') == 2
    assert json.loads(pic('--json', 'export'))['connections']['s']['secrets'] == ['password']
    # onto the cell that has them
    kept = {('far', 'private_key'): 'kept', ('far', 'preshared_key'): 'kept', ('s', 'password'): 'kept', ('p', 'password'): 'kept'}
    assert told(pic, '-f', '-', stdin=text) == kept and 'connection s: password is kept' in pic('plan', '-f', '-', stdin=text)
    pic('apply', '-f', '-', stdin=text.replace('far.example.net:51820', 'far.example.net:51821'))
    assert pic.json('connection', 'show', 'far')['public_key'] == public and pic.json('connection', 'show', 'far')['endpoint'].endswith(':51821')
    assert re.search(r'^password +\(sealed\)$', pic('connection', 'show', 's'), re.M)
    # onto another one: each is named, with its line and a way out
    text = text.split('connections:')[1].join(['connections:', ''])
    away = other(pic, tmp_path)
    error = away.refused('apply', '-f', '-', code='VALUE', stdin=text)
    all_of_it = [error, *error['more']]
    assert {(e['object'], e['field']) for e in all_of_it} == {(f'connection {name}', field) for name, field in kept}
    assert all(text.splitlines()[e['line'] - 1].strip().startswith('secrets:') and 'enabled: no' in e['hint'] for e in all_of_it)
    away.refused('plan', '-f', '-', code='VALUE', stdin=text)
    assert away.json('connection', 'list') == []
    # turned off, if a person says so: told before and when it is made
    off = re.sub(r'^    secrets', '    enabled: no\n    secrets', text, flags=re.M)
    assert set(told(away, '-f', '-', stdin=off).values()) == {'missing'}
    assert 'warning: connection far: private_key is missing' in away('plan', '-f', '-', stdin=off)
    done = away.run('apply', '-f', '-', stdin=off)
    assert done.returncode == 0 and 'warning: connection s: password is missing' in done.stderr
    assert 'public_key' not in {k for k, v in away.json('connection', 'show', 'far').items() if v is not None}
    for name, field in (('far', 'private_key'), ('s', 'password')):
        error = away.refused('connection', 'enable', name, code='VALUE')
        assert error['field'] == field and '-file FILE' in error['hint']
    away('connection', 'set', 's', '--password-file', '-', '--enabled', 'yes', stdin='hunter2\n')
    away('connection', 'set', 'far', '--private-key-file', '-', '--enabled', 'yes', stdin=OWN + '\n')
    assert away.json('connection', 'show', 'far')['public_key'] == public


def test_a_new_key_is_asked_for(pic, tmp_path):
    """A key that no far end knows is made when a person adds a connection, or says `new`; the plan tells; the same document again changes nothing."""
    new = ('connection', 'add', 'w', '--type', 'wireguard', '--peer-key', FAR, '--endpoint', 'far.example.net:1', '--addresses', '10.64.0.2/32')
    plan = pic.json(*new, '--plan')
    assert [(s['state'], 'pic connection show w' in s['text']) for s in plan['secrets']] == [('new', True)]
    pic(*new)
    public = pic.json('connection', 'show', 'w')['public_key']
    pic('connection', 'disable', 'w')
    pic('connection', 'enable', 'w')
    assert pic.json('connection', 'show', 'w')['public_key'] == public
    text = f'connections: {{v: {{type: wireguard, endpoint: "far.example.net:2", peer_key: "{FAR}", addresses: [10.64.0.3/32]}}}}'
    error = pic.refused('apply', '-f', '-', code='VALUE', stdin=text)
    assert error['field'] == 'private_key' and 'private_key: new' in error['hint'] and error['line'] == 1
    plan = pic.json('plan', '-f', '-', stdin=text.replace('/32]', '/32], private_key: new'))
    assert [s['state'] for s in plan['secrets']] == ['new']
    (tmp_path / 'plan.json').write_text(json.dumps(plan))
    pic('apply', '-f', tmp_path / 'plan.json')
    public = pic.json('connection', 'show', 'v')['public_key']
    assert public in plan['secrets'][0]['text']
    pic('apply', '-f', '-', stdin=text.replace('/32]', '/32], private_key: new'))
    pic('apply', '-f', '-', stdin=text)
    assert pic.json('connection', 'show', 'v')['public_key'] == public
    pic('connection', 'set', 'v', '--unset', 'private_key')
    assert pic.json('connection', 'show', 'v')['public_key'] != public


def test_assertions_of_ways(pic):
    """By which way something leaves can be held: a change that has it leave otherwise is refused, and says who, and how."""
    pic('connection', 'add', 'far', '--type', 'tor')
    pic('connection', 'add', 'near', '--type', 'tor')
    pic('group', 'add', 'kids', '--access', 'internet', '--exit', 'far')
    pic('peer', 'add', 'ben', '--groups', 'kids')
    pic('peer', 'add', 'anna', '--access', 'internet,lan')
    pic('assertion', 'add', 'closed', '--rule', 'never group:kids -> internet direct')
    assert pic.json('assertion', 'show', 'closed')['rule'] == 'never group:kids -> internet via direct'
    pic('assertion', 'add', 'only', '--rule', 'always ben -> internet via far')
    for change, how in ((('peer', 'set', 'ben', '--exit', 'direct'), 'directly (own)'), (('peer', 'set', 'ben', '--failopen', 'yes'), 'directly while that is down'),
                        (('connection', 'set', 'far', '--failopen', 'yes'), 'directly while that is down'), (('group', 'set', 'kids', '--exit', ''), 'it leaves directly')):
        error = pic.refused(*change, code='CONFLICT')
        assert error['object'] in ('assertion closed', 'assertion only') and 'ben' in error['message'] and how in error['message'], error
        pic.refused(*change, '--plan', code='CONFLICT')
    error = pic.refused('group', 'set', 'kids', '--exit', 'near', code='CONFLICT')
    assert error['object'] == 'assertion only' and 'by near (group kids)' in error['message']
    # what is so at the moment does not matter, what is near neither
    facts(pic, f"1 {ids(pic)['far']} down - -")
    pic('peer', 'set', 'ben', '--access', 'lan')
    # it names connections: renamed with them, in the way of their removal
    pic('connection', 'set', 'far', '--name', 'away')
    assert pic.json('assertion', 'show', 'only')['rule'] == 'always peer:ben -> internet via away'
    assert 'only' in pic.refused('connection', 'remove', 'away', '--to', 'near', code='INUSE')['message']
    pic.refused('assertion', 'add', 'x', '--rule', 'never anna -> internet via nobody', code='NOTFOUND')
    assert 'internet, or a destination' in pic.refused('assertion', 'add', 'x', '--rule', 'never anna -> lan via away', code='VALUE')['message']
    pic('peer', 'set', 'ben', '--failopen', 'yes', '--override', 'for a day')
    pic('peer', 'set', 'anna', '--note', 'nobody is blamed for it now')
    assert 'pic assertion add closed' in pic('help', 'assertions') and max(map(len, pic('help', 'assertions').splitlines())) <= 80


def test_what_is_no_file(pic, tmp_path):
    """What could keep us waiting, what is no provider's file, and a name that is too long: refused at once, nothing is cut."""
    os.mkfifo(tmp_path / 'fifo')
    for path, word in ((tmp_path / 'fifo', 'pipe'), ('/dev/zero', 'device'), (tmp_path, 'directory')):
        done = pic.run('connection', 'import', path, 'x', timeout=5)
        assert done.returncode == 1 and word in done.stderr and "'-' reads standard input" in done.stderr, done.stderr
    (tmp_path / 'big.conf').write_text(WG + '#' * (1 << 20))
    assert '1 MiB' in pic.refused('connection', 'import', tmp_path / 'big.conf', code='VALUE')['message']
    (tmp_path / f"{'n' * 80}.conf").write_text(WG)
    error = pic.refused('connection', 'import', tmp_path / f"{'n' * 80}.conf", code='VALUE')
    assert error['field'] == 'name'
    (tmp_path / 'letter').write_text('Dear friend,\nhere is your VPN.\n')
    error = pic.refused('connection', 'import', tmp_path / 'letter', code='SYNTAX')
    assert "neither a WireGuard file (no [Interface]) nor an OpenVPN profile (no 'client' or 'remote')" in error['message'] and '--type' in error['hint']
    assert error['file'].endswith('letter')
    assert "no directive 'Dear'" in pic.refused('connection', 'import', tmp_path / 'letter', '--type', 'openvpn')['message']
    assert pic.json('connection', 'list') == []
    pic('connection', 'import', '-', 'far', stdin=WG)


FULL = OVPN.replace('ca ca.crt\n', f'<ca>\n{PEM}</ca>\n')
OUTSIDE, OUT = 'another machine, that is reached without this cell', 'take the line out'


@pytest.mark.parametrize('text, line, field, rule, hint', [
    (WG.replace('Address', 'PreDown = sh\nAddress'), 3, 'PreDown', 'never run', OUT),
    (WG + f'[Peer]\nPublicKey = {OWN}\n', 9, None, 'a second section [Peer]: the first is in line 5', 'a connection of each file'),
    (WG.replace('Endpoint', '# Endpoint'), 5, 'Endpoint', 'the section has no Endpoint', 'ask the provider'),
    (WG + '# ' + 'x' * 1000000, None, None, 'longer than 64 KiB', 'take out what is not of it'),
    (FULL + f"remote {'x' * 1000000} 1194\n", None, None, 'longer than 256 KiB', 'take out what is not of it'),
    (FULL + 'up /tmp/x\n', 11, 'up', 'a program that comes with a profile is never run', OUT),
    (FULL + 'tls-verify /bin/x\n', 11, 'tls-verify', 'a program that comes with a profile is never run', OUT),
    (FULL + 'script-security 2\n', 11, 'script-security', 'no script is ever run', OUT),
    (FULL + 'plugin /x.so\n', 11, 'plugin', 'a program that comes with a profile is never run', OUT),
    (FULL + 'setenv FORWARD_COMPATIBLE 1\nsetenv PATH /tmp\n', 12, 'setenv', "the environment of the carrier is the cell's", OUT),
    ('\ufeff' + (FULL + 'down x\n').replace('\n', '\r\n'), 11, 'down', 'a program that comes with a profile is never run', OUT),
    (OVPN.replace('ca.crt', '/etc/ssl/ca.crt'), 5, 'ca', 'is an absolute path', 'between <ca> and </ca>'),
    (OVPN.replace('ca.crt', '../ca.crt'), 5, 'ca', 'leads to another directory', 'between <ca> and </ca>'),
    (FULL.replace('far.example.net', '127.0.0.1'), None, 'remotes', 'is this machine itself', OUTSIDE),
    (FULL.replace('far.example.net', 'fd20::99'), None, 'remotes', "is inside the cell's network fd20::/48", OUTSIDE),
    (WG.replace('far.example.net', '10.20.0.2'), None, 'endpoint', "is inside the cell's network 10.20.0.0/16", OUTSIDE),  # anna's
], ids=lambda value: value.strip()[-20:] if isinstance(value, str) else None)
def test_bad_files(pic, text, line, field, rule, hint):
    """What a provider's file may not say: each refused with its line, its field, the rule, and a way out; nothing of it is kept."""
    pic('peer', 'add', 'anna')
    login = ['--user', 'me', '--password-file', '/dev/null'] if text.lstrip('\ufeff').startswith('client') else []
    error = pic.refused('connection', 'import', '-', 'bad', *login, stdin=text)
    assert error.get('line') == line and error['field'] == field and rule in error['message'] and hint in error['hint'], error
    assert pic.json('connection', 'list') == []


def test_the_same_network_inside(pic):
    """A tunnel's own address may be one of the cell's: it is in another network namespace. A provider may be had twice, with two keys."""
    for name, address in (('four', '10.20.0.9/32'), ('six', 'fd20::9/128')):
        pic('connection', 'import', '-', name, stdin=WG.replace('10.64.0.2/32,fc00:bbbb::2/128', address).replace(OWN, base64.b64encode(name.ljust(31, 'x').encode() + b'\x40').decode()))
        pic('peer', 'add', f'of-{name}', '--access', 'internet', '--exit', name)
    assert 'four' in pic('why', 'of-four', '9.9.9.9')
    again = pic.refused('connection', 'import', '-', 'again', stdin=WG.replace(OWN, base64.b64encode('four'.ljust(31, 'x').encode() + b'\x40').decode()), code='EXISTS')
    assert '--exit four' in again['hint'] and 'second key' in again['hint']
