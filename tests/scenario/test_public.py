"""Services under the cell's public names: inside, for whom they are granted, at their own address with a certificate that a public CA gave
(pebble), exchanged under load."""
import json
import subprocess

import pytest
from conftest import needs_root
from test_acme import DIRECTORY, FAR, NAME, dns_script, until, world  # noqa: F401 (a fixture)
from test_services import addresses, shown, target
from world import wait_for

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


class Load:
    """Somebody who asks all the time."""
    def __init__(self, w, space, at):
        self.enough = w.tmp / 'enough'
        self.child = subprocess.Popen(['ip', 'netns', 'exec', space, 'sh', '-c', f'while [ ! -e {self.enough} ]; do curl -s -o /dev/null -w "%{{http_code}}\\n" '
                                       f'--max-time 5 --cacert {w.tmp}/roots.pem --resolve {ALBUM}:443:{at} https://{ALBUM}/ || echo bad; done'],
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

    load, before = Load(w, anna.space, a4), serial(w, anna.space, a4)
    w.pic('cert', 'renew', NAME)
    wait_for(lambda: serial(w, anna.space, a4) not in (before, ''), 30, 'the new one')
    load.end()
    assert not json.loads(w.pic.run('--json', 'drift').stdout)['foreign']
    w.pic('service', 'disable', 'album')
    assert shown(w, anna, a4, f'-servername {ALBUM}') == '' and anna.sh(f'dig +short @10.20.0.1 {ALBUM} A').split() == ['10.20.0.1']
    w.pic('undo')
    assert 'the album' in curl(w, anna.space, a4)
    w.pic('domain', 'remove', NAME)
    assert curl(w, anna.space, a4) == '' and names(w) == []
