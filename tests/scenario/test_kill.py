"""picd is killed with -9 and started again: traffic does not notice, and the kernel equals the store."""
import random
import signal
import time

from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root


def kernel(w):
    """What the kernel, WireGuard and the resolver hold, without what changes by itself."""
    import json
    table = json.loads(w.sh(w.cellns, 'nft -j list table inet pic'))
    elements = {}
    for item in table['nftables']:
        for kind in ('map', 'set'):
            if kind in item:
                elements[item[kind]['name']] = sorted(json.dumps(e, sort_keys=True) for e in item[kind].get('elem', []))
    wg = sorted(tuple(line.split('\t')[i] for i in (0, 1, 3)) for line in w.sh(w.cellns, f'wg show {w.dev} dump').splitlines()[1:])
    return elements, wg


def expected_wg(w):
    peers = {p['public_key']: f'{p["address4"]}/32,{p["address6"]}/128' for p in w.pic.json('peer', 'list') if p['enabled']}
    return peers


def test_stream_survives(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        anna = w.peer('anna', '--access', 'lan')
        w.serve(w.lan, [445], 'lan')
        out = tmp_path / 'ping.txt'
        assert anna.probe([('udp', '192.168.77.10', 445)]) == [True]
        ping = w.spawn(anna.space, 'sh', '-c', f'ping -i 0.01 -c 800 -q 192.168.77.10 > {out} 2>&1')
        ping6 = w.spawn(anna.space, 'sh', '-c', f'ping -i 0.01 -c 800 -q fd77::10 > {out}6 2>&1')
        for _ in range(3):
            time.sleep(1)
            pid = w.agent_pid()
            import os
            os.kill(pid, signal.SIGKILL)
            w.picd.wait(5)
            time.sleep(0.3)
            w.start()
            assert w.agent_pid() != pid
        ping.wait(20)
        ping6.wait(20)
        for f in (out, tmp_path / 'ping.txt6'):
            assert '800 packets transmitted, 800 received, 0% packet loss' in f.read_text(), f.read_text()


def test_200_random_changes(tmp_path):
    dice = random.Random(20261124)
    with World(tmp_path) as w:
        w.scene()
        w.start()
        names = [f'p{i}' for i in range(12)]
        there, grants = set(), ['', 'internet', 'lan', 'peers', '192.168.77.10:tcp/445', '[fd77::10]:udp/53', 'internet,lan']
        w.pic('group', 'add', 'g', '--access', 'lan')
        killer = None
        for step in range(200):
            name = dice.choice(names)
            if name not in there:
                command = ['peer', 'add', name, '--access', dice.choice(grants)]
                there.add(name)
            else:
                command = dice.choice((['peer', 'remove', name], ['peer', 'set', name, '--access', dice.choice(grants)],
                                       ['peer', 'rekey', name], ['peer', 'disable', name], ['peer', 'enable', name],
                                       ['peer', 'set', name, '--groups', dice.choice(('', 'g'))]))
                if command[1] == 'remove':
                    there.discard(name)
            if step % 10 == 5:
                # killed in the middle of the change: at a random moment after the command began
                child = w.spawn(w.cellns, 'sh', '-c', ' '.join(
                    [str(__import__('conftest').BIN / 'pic'), '--dir', w.pic.dir, '--world', 'real'] + [f"'{c}'" for c in command]) + ' >/dev/null 2>&1')
                time.sleep(dice.random() * 0.03)
                w.picd.poll()
                import subprocess
                subprocess.run(['pkill', '-9', '-f', f'picd --dir {w.pic.dir}'], check=False)
                w.picd.wait(5)
                child.wait(40)
                w.start()
                there = {p['name'] for p in w.pic.json('peer', 'list')}
            else:
                w.pic(*command)
            if step % 10 in (5, 9):
                wait_for(lambda: w.pic.json('plan')['steps'] == [], 10, f'step {step}: kernel equals store')
                elements, wg = kernel(w)
                assert {k: v for k, _, v in wg} == expected_wg(w)
                active = {p['address4'] for p in w.pic.json('peer', 'list') if p['enabled']}
                held = {a for a in active if any(a in e for e in elements['peers4'])}
                assert held == active and len(elements['peers4']) == len(active) == len(elements['peers6'])
        assert killer is None
