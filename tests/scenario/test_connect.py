"""The first whole way through with stock tools: wg setconf takes the config, the QR is the config, keys are shown once."""
import subprocess

import pytest
from conftest import needs_root
from world import World, random_key, wait_for


@needs_root
def test_stock_tools_connect(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        png = tmp_path / 'anna.png'
        w.pic('peer', 'add', 'anna', '--keep-key', '--tunnel', 'split')
        w.pic('peer', 'qr', 'anna', '--png', png)
        text = w.pic('peer', 'config', 'anna')
        decoded = subprocess.run(['zbarimg', '-q', '--raw', str(png)], capture_output=True, text=True, check=True).stdout
        assert decoded.rstrip('\n') == text.rstrip('\n')
        from world import Device
        anna = Device(w, 'anna', allowed=None)
        assert anna.values['AllowedIPs'].replace(' ', '') == '10.20.0.0/16,fd20::/48'
        assert anna.probe([('icmp', '10.20.0.1', 0), ('icmp', 'fd20::1', 0)]) == [True, True]
        assert anna.handshake() > 0
        shown = w.sh(w.cellns, f'wg show {w.dev} dump')
        assert anna.sh(f'wg show {anna.tun} public-key').strip() in shown
        live = w.pic.json('status')['peers'][0]
        assert live['name'] == 'anna' and live['handshake'] and live['rx'] > 0 and live['tx'] > 0


@needs_root
def test_ipv6_endpoint_and_rekey(tmp_path):
    with World(tmp_path) as w:
        w.scene(endpoint='[2001:db8:1::1]:51821', listen_port='51821')
        w.start()
        anna = w.peer('anna')
        assert anna.values['Endpoint'] == '[2001:db8:1::1]:51821'
        assert anna.probe([('icmp', '10.20.0.1', 0), ('icmp', 'fd20::1', 0)]) == [True, True]
        w.pic('peer', 'rekey', 'anna')
        assert anna.probe([('icmp', '10.20.0.1', 0)]) == [False], 'the old key is dead'
        new = w.pic('peer', 'config', 'anna')
        assert new != anna.config
        anna.sh(f'ip link del {anna.tun} 2>/dev/null || true')
        anna.config, anna.tun = new, w.device('pp')
        anna.values = dict(line.split(' = ', 1) for line in new.splitlines() if ' = ' in line)
        anna.up('0.0.0.0/0, ::/0')
        wait_for(lambda: anna.probe([('icmp', 'fd20::1', 0)]) == [True], what='new key')


@needs_root
def test_client_made_key(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        secret = random_key()
        public = subprocess.run(['wg', 'pubkey'], input=secret, capture_output=True, text=True, check=True).stdout.strip()
        w.pic('peer', 'add', 'anna', '--public-key', public)
        text = w.pic('peer', 'config', 'anna')
        assert 'PrivateKey =' not in text.replace('# PrivateKey', '#')
        assert w.pic('peer', 'config', 'anna') == text, 'no secret of the device in it: may be shown again'
        assert w.pic.json('peer', 'show', 'anna')['public_key'] == public


@pytest.mark.parametrize('mode', ('sealed', 'kept'))
def test_shown_once(pic, mode):
    pic('peer', 'add', 'anna', *(['--keep-key'] if mode == 'kept' else []))
    first = pic('peer', 'config', 'anna')
    assert 'PrivateKey = ' in first and 'PresharedKey = ' in first
    if mode == 'kept':
        assert pic('peer', 'config', 'anna') == first
    else:
        error = pic.refused('peer', 'config', 'anna', code='BADSTATE')
        assert 'rekey' in error['hint']
        pic('peer', 'rekey', 'anna')
        assert pic('peer', 'config', 'anna') != first
