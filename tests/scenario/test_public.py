"""Services under the cell's public names, with a certificate that a public CA gave (pebble): inside, for whom they are granted, at their own
address; and from the internet, where they are to be public. A renewal under load; what is told to nobody, and what ends."""
import json
import subprocess
import time

import pytest
from conftest import needs_root
from test_acme import DIRECTORY, FAR, NAME, dns_script, until, world  # noqa: F401 (a fixture)
from test_services import addresses, shown, target
from world import PYTHON, wait_for

pytestmark = needs_root
ALBUM = f'album.{NAME}'


@pytest.fixture
def album(world):  # noqa: F811
    """With a wildcard, a service, and somebody who may."""
    w = world
    w.script = dns_script(w)
    try:
        w.pic('domain', 'add', NAME, '--mode', 'exec', '--script', w.script, '--ddns', 'no', '--acme', DIRECTORY)
        w.pic('cert', 'root')
        target(w, w.cellns, 'the album', '127.0.0.1', 8096)
        w.pic('service', 'add', 'album', '--target', 'http://127.0.0.1:8096')
        w.anna = w.peer('anna', '--access', 'service:album')
        (w.tmp / 'roots.pem').write_text(w.sh(w.inet, f'curl -sk https://{FAR}:15000/roots/0'))
        yield w
    finally:
        w.script.unlink()


def curl(w, space, at, *options, name=ALBUM, port=443):
    at = f'[{at}]' if ':' in at else at
    return w.sh(space, f'curl -sS --max-time 3 --cacert {w.tmp}/roots.pem --resolve {name}:{port}:{at} ' + ' '.join(options) +
                f" http{'s' if port == 443 else ''}://{name}/", check=False).stdout


def names(w):
    return w.pic.json('front', 'status')['services'][0]['public_names']


# Which TCP ports take a connection, of those that something of the cell has anywhere.
SCAN = '''
import socket, sys
for a in sys.argv[1:]:
    for p in 22, 53, 80, 443, 853, 3000, 5300, 5301, 5443, 5480, 5500, 51820:
        try:
            socket.create_connection((a, p), 1).close()
            print(a, p)
        except OSError:
            pass
'''


class Host:
    """As a device, for shown()."""
    def __init__(self, w, space):
        self.world, self.space = w, space


class Load:
    """Somebody who asks all the time, but for what is allowed: 200 connections of one address in ten seconds."""
    def __init__(self, w, space, at):
        self.enough = w.tmp / 'enough'
        self.child = subprocess.Popen(['ip', 'netns', 'exec', space, 'sh', '-c', f'while [ ! -e {self.enough} ]; do curl -s -o /dev/null -w "%{{http_code}}\\n" '
                                       f'--max-time 5 --cacert {w.tmp}/roots.pem --resolve {ALBUM}:443:{at} https://{ALBUM}/ || echo bad; sleep 0.1; done'],
                                      stdout=subprocess.PIPE, text=True)

    def end(self):
        self.enough.touch()
        answers = self.child.communicate(timeout=20)[0].split()
        assert len(answers) > 5 and set(answers) == {'200'}, answers


def serial(w, space, at):
    return w.sh(space, f'openssl s_client -connect {at}:443 -servername {ALBUM} </dev/null 2>/dev/null | openssl x509 -noout -serial', check=False).stdout.lower()


def test_inside(album):
    w, anna = album, album.anna
    bert, (a4, a6) = w.peer('bert', '--access', 'peers,lan,internet'), addresses(w, 'album')
    until(w, lambda c: c['subjects'] == [NAME, f'*.{NAME}'])
    assert anna.sh(f'dig +short @10.20.0.1 {ALBUM} A {ALBUM} AAAA other.{NAME} A').split() == [a4, a6, '10.20.0.1']
    wait_for(lambda: 'x-pic-peer: anna' in curl(w, anna.space, a4).lower(), 5, 'a lock')
    assert 'x-pic-peer: anna' in curl(w, anna.space, a6).lower()
    assert curl(w, anna.space, a4, "-o /dev/null -w '%{redirect_url}'", port=80) == f'https://{ALBUM}/'
    assert shown(w, anna, a4, f'-servername other.{NAME}') == shown(w, anna, a4, f'-servername {NAME}') == shown(w, bert, (a4, a6), f'-servername {ALBUM}') == ''
    for host, code in ('album.home.internal', '200'), (NAME, '421'), (f'other.{NAME}', '421'):
        assert curl(w, anna.space, a4, f"-H 'Host: {host}' -o /dev/null -w '%{{http_code}}'") == code, host
    assert curl(w, anna.space, '10.20.0.1', "-k -o /dev/null -w '%{http_code}'") == '421'
    assert names(w) == [{'url': f'https://{ALBUM}/', 'domain': NAME, 'certificate': True}] and f'https://{ALBUM}/' in w.pic('front', 'status')

    assert not json.loads(w.pic.run('--json', 'drift').stdout)['foreign']
    w.pic('service', 'disable', 'album')
    assert shown(w, anna, a4, f'-servername {ALBUM}') == '' and anna.sh(f'dig +short @10.20.0.1 {ALBUM} A').split() == ['10.20.0.1']
    w.pic('undo')
    assert 'the album' in curl(w, anna.space, a4)
    w.pic('domain', 'remove', NAME)
    assert curl(w, anna.space, a4) == '' and names(w) == []


def test_outside(album):
    w, out, ours = album, album.inet, ('203.0.113.1', '2001:db8:1::1')

    def scan():
        return [(a, int(p)) for a, p in (line.split() for line in w.sh(out, f"{PYTHON} -c '{SCAN}' {' '.join(ours)}").splitlines())]
    until(w, lambda c: c['subjects'] == [NAME, f'*.{NAME}'])
    assert scan() == []
    assert 'everybody on the internet gains service album' in w.pic('service', 'set', 'album', '--public', 'yes', '--plan')
    w.pic('service', 'set', 'album', '--public', 'yes')
    wait_for(lambda: curl(w, out, ours[0]).startswith('the album'), 5, 'a public service')
    assert scan() == [(a, p) for a in ours for p in (80, 443)] and 'open to everybody' in w.pic('front', 'status')

    # what is told: of whom asks to what stands behind it, of the cell to nobody
    for at, me in zip(ours, ('203.0.113.254', '2001:db8:1::fe')):
        heard = curl(w, out, at, "-D - -H 'X-Pic-Peer: anna' -H 'X-Forwarded-For: 6.6.6.6'").lower()
        assert 'x-pic-peer' not in heard and '6.6.6.6' not in heard and f'x-forwarded-for: {me}' in heard and 'strict-transport-security: max-age=31536000' in heard
        assert curl(w, out, at, "-o /dev/null -w '%{http_code} %{redirect_url}'", port=80) == f'301 https://{ALBUM}/'
    host = Host(w, out)
    for sni in f'-servername other.{NAME}', f'-servername {NAME}', '-servername home.internal', '-servername album.home.internal', '-noservername':
        assert shown(w, host, ours, sni) == '', sni
    for name in NAME, 'home.internal', 'album.home.internal', '203.0.113.1':
        assert curl(w, out, ours[0], f"-H 'Host: {name}' -o /dev/null -w '%{{http_code}}'") == '421', name
        assert curl(w, out, ours[0], f"-H 'Host: {name}' -o /dev/null -w '%{{http_code}}'", port=80) == '000', name
    assert 'x-pic-peer: anna' in curl(w, w.anna.space, addresses(w, 'album')[0]).lower()

    # a CA that comes to port 80 finds its proof; certificates are exchanged under load
    load, before = Load(w, out, ours[0]), serial(w, out, ours[0])
    w.pic('domain', 'add', 'web.example.test', '--mode', 'http01', '--acme', DIRECTORY)
    wait_for(lambda: w.pic.json('cert', 'show', 'web.example.test')['not_after'], 20, 'a certificate by http-01', nap=0.2)
    w.pic('cert', 'renew', NAME)
    wait_for(lambda: serial(w, out, ours[0]) not in (before, ''), 20, 'the new one', nap=0.3)
    load.end()
    assert serial(w, out, ours[0]) == serial(w, w.anna.space, addresses(w, 'album')[0])
    found = [f['what'] for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings']]
    assert any('album.web.example.test' in f for f in found) and not any('port 80' in f for f in found), found

    # what is open ends, and nothing is left
    drip = w.tmp / 'drip'
    child = subprocess.Popen(['ip', 'netns', 'exec', out, 'curl', '-sN', '--cacert', f'{w.tmp}/roots.pem', '--max-time', '20', '--resolve', f'{ALBUM}:443:{ours[0]}',
                              f'https://{ALBUM}/drip', '-o', drip])
    wait_for(lambda: drip.exists() and drip.stat().st_size, 5, 'drips')
    began = time.monotonic()
    w.pic('service', 'set', 'album', '--public', 'no')
    child.wait(5)
    assert time.monotonic() - began < 2 and scan() == []
    assert 'x-pic-peer: anna' in curl(w, w.anna.space, addresses(w, 'album')[0]).lower()
    w.pic('undo')
    assert curl(w, out, ours[1]).startswith('the album')
    assert 'loses service album' in w.pic('service', 'disable', 'album', '--plan')
    w.pic('service', 'disable', 'album')
    assert curl(w, out, ours[1]) == '' and scan() == []
