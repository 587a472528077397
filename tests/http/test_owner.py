"""What a new owner does, in the browser, with a real cell: the code on the screen connects a device, a provider's file carries it, a change that locks
it out comes back, an undo, a login with a second factor. After each step the network is looked at, not the page."""
import json
import pathlib
import shutil
import subprocess

import pytest
from test_agent import needs_root
from web import Server
from world import Device, World, random_key, wait_for

WEB = pathlib.Path(__file__).parents[1] / 'web'
pytestmark = [needs_root, pytest.mark.skipif(not shutil.which('node') or not shutil.which('chromium') or not (WEB / 'node_modules/playwright-core').is_dir(),
                                             reason='no browser here: ./dev test web fetches what it needs, where Node and npm are')]


class Page:
    def __init__(self, base, tmp):
        self.err = open(tmp / 'owner.err', 'w')
        self.child = subprocess.Popen(['node', WEB / 'owner.mjs', base], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.err, text=True)

    def __call__(self, what, **words):
        self.child.stdin.write(json.dumps({'do': what, **words}) + '\n')
        self.child.stdin.flush()
        said = self.child.stdout.readline()
        assert said, open(self.err.name).read()
        said = json.loads(said)
        assert said['ok'], f'{what}: {said["error"]}'
        return said

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(20) == 0
        self.child.stdout.close()
        self.err.close()


def provider(w):
    """A WireGuard server with the internet behind it; its file, and the address that the internet sees."""
    own, preshared = (subprocess.run(['wg', k], capture_output=True, text=True, check=True).stdout.strip() for k in ('genkey', 'genpsk'))
    theirs = random_key()
    public = [subprocess.run(['wg', 'pubkey'], input=k, capture_output=True, text=True, check=True).stdout.strip() for k in (own, theirs)]
    far, tun = w.space('far'), w.device('pf')
    w.wire(far, 'eth0', ['100.65.0.2/30'], w.inet, 'far0', ['100.65.0.1/30'])
    w.sh(far, 'ip route add default via 100.65.0.1; sysctl -qw net.ipv4.ip_forward=1')
    w.spawn(far, 'wireguard-go', '-f', tun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: pathlib.Path(f'/var/run/wireguard/{tun}.sock').exists(), what='wireguard-go')
    w.sh(far, f'wg setconf {tun} /dev/stdin; ip addr add 10.9.0.1/24 dev {tun}; ip link set {tun} up; nft add table ip n;'
              'nft "add chain ip n p { type nat hook postrouting priority 100; }"; nft add rule ip n p oifname eth0 masquerade',
         stdin=f'[Interface]\nListenPort = 51999\nPrivateKey = {own}\n[Peer]\nPublicKey = {public[1]}\nPresharedKey = {preshared}\nAllowedIPs = 10.9.0.2/32\n')
    conf = w.tmp / 'far.conf'
    conf.write_text(f'server:\n directory: "{w.tmp}"\n chroot: ""\n username: ""\n use-syslog: no\n pidfile: ""\n interface: 10.9.0.1\n access-control: 0.0.0.0/0 allow\n'
                    ' local-zone: "." static\n local-data: ". NS localhost."\nremote-control:\n control-enable: no\n')
    w.spawn(far, 'unbound', '-d', '-c', conf, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (f'[Interface]\nPrivateKey = {theirs}\nAddress = 10.9.0.2/32\nDNS = 10.9.0.1\n[Peer]\nPublicKey = {public[0]}\nPresharedKey = {preshared}\n'
            'AllowedIPs = 0.0.0.0/0\nEndpoint = 100.65.0.2:51999\n'), '100.65.0.2'


def test_a_new_owner(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        log = w.serve(w.inet, [80], 'web')
        w.start()
        server = Server(w.pic.dir, world='real')
        page = Page(f'http://127.0.0.1:{server.port}', tmp_path)
        said = page('wizard', code=w.pic.json('setup')['code'], device='phone')
        phone = Device(w, 'phone', None, config=said['config'])
        answers = lambda: phone.probe([('tcp', '198.51.100.10', 80)])[0]
        wait_for(answers, 10, 'the device of the code on the screen')
        assert phone.handshake() > 0

        file, outside = provider(w)
        page('bring', file=file, name='far')
        page('leave', device='phone', by='far')
        wait_for(answers, 15, 'the way out')
        assert outside in log.read_text().splitlines()[-1], log.read_text()

        page('lockout', device='phone')
        wait_for(lambda: not answers(), 10, 'the device to be locked out')
        page('back')
        wait_for(answers, 20, 'the device to be let in again')

        page('undo', text='Way out not set → far')
        wait_for(lambda: answers() and outside not in log.read_text().splitlines()[-1], 15, 'the way out to be taken back')
        assert 'phone' in page('overview')['text']
        assert page('again')['wrong'] == []
        page.close()
        assert server.stop() == 0
