"""A small internet out of network namespaces: hosts, wires, devices with WireGuard, probes, captures. All that it makes carries
this process's number and is taken away by the very names it made, also when a test fails."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import time

from conftest import BIN, Pic

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = '/usr/bin/python3'


def wait_for(condition, seconds=10, what='condition', nap=0.05):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = condition()
        if answer:
            return answer
        time.sleep(nap)
    raise AssertionError(f'{what}: not within {seconds} s')


class World:
    count = 0

    def __init__(self, tmp_path):
        World.count += 1
        self.tag = f'pt{os.getpid()}x{World.count}'
        self.tmp = pathlib.Path(tmp_path)
        self.spaces, self.children, self.devices, self.wires = [], [], [], 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in reversed(self.children):
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for space in self.spaces:
            for pid in subprocess.run(['ip', 'netns', 'pids', space], capture_output=True, text=True).stdout.split():
                subprocess.run(['kill', '-9', pid], stderr=subprocess.DEVNULL)  # in a namespace that we made: ours
            subprocess.run(['ip', 'netns', 'del', space], check=False)
        self.end_exits()
        for device in self.devices:
            pathlib.Path(f'/var/run/wireguard/{device}.sock').unlink(missing_ok=True)

    def end_exits(self):
        """What a cell of ours keeps running in the namespaces of its exits, which have no name: it says in its environment whose it is."""
        for path in pathlib.Path('/proc').glob('[0-9]*/environ'):
            try:
                if f'PIC_EXIT={self.tmp}/'.encode() in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)
            except OSError:
                pass  # gone meanwhile

    # namespaces and wires

    def space(self, name):
        full = f'{self.tag}-{name}'
        subprocess.run(['ip', 'netns', 'add', full], check=True)
        self.spaces.append(full)
        self.sh(full, 'ip link set lo up; sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0')
        return full

    def sh(self, space, command, check=True, stdin=None, timeout=60):
        done = subprocess.run(['ip', 'netns', 'exec', space, 'sh', '-ec', command], capture_output=True, text=True, input=stdin,
                              timeout=timeout)
        assert not check or done.returncode == 0, f'{space}: {command}\n{done.stdout}{done.stderr}'
        return done.stdout if check else done

    def spawn(self, space, *command, **kw):
        child = subprocess.Popen(['ip', 'netns', 'exec', space, *map(str, command)], start_new_session=True, **kw)
        self.children.append(child)
        return child

    def wire(self, a, name_a, addresses_a, b, name_b, addresses_b):
        subprocess.run(['ip', 'link', 'add', name_a, 'netns', a, 'type', 'veth', 'peer', 'name', name_b, 'netns', b], check=True)
        for space, name, addresses in ((a, name_a, addresses_a), (b, name_b, addresses_b)):
            for address in addresses:
                self.sh(space, f'ip addr add {address} dev {name}' + (' nodad' if ':' in address else ''))
            self.sh(space, f'ip link set {name} up')

    def device(self, prefix):
        """A device name that no other namespace uses: wireguard-go's sockets are one folder for all."""
        name = f'{prefix}{os.getpid() % 100000}{World.count}{len(self.devices)}'
        assert len(name) <= 15
        self.devices.append(name)
        return name

    # the usual scene: cell between lan and internet, a web host far away

    def scene(self, **cell_fields):
        self.inet, self.cellns, self.lan = self.space('inet'), self.space('cell'), self.space('lan')
        self.wire(self.cellns, 'wan0', ['203.0.113.1/24', '2001:db8:1::1/64'], self.inet, 'cell0', ['203.0.113.254/24', '2001:db8:1::fe/64'])
        self.wire(self.cellns, 'lan0', ['192.168.77.1/24', 'fd77::1/64'], self.lan, 'eth0', ['192.168.77.10/24', 'fd77::10/64'])
        self.sh(self.lan, 'ip addr add 192.168.77.11/24 dev eth0; ip addr add fd77::11/64 dev eth0 nodad')
        self.sh(self.cellns, 'ip route add default via 203.0.113.254; ip -6 route add default via 2001:db8:1::fe')
        self.sh(self.inet, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;'
                           'ip addr add 198.51.100.10/32 dev lo; ip addr add 2001:db8:51::10/128 dev lo nodad')
        self.pic = Pic(self.tmp / 'cell', world='real', netns=self.cellns)
        self.dev = self.device('pc')
        fields = {'name': 'home', 'endpoint': '203.0.113.1:51820', 'net4': '10.20.0.0/16', 'net6': 'fd20::/48', 'device': self.dev}
        fields.update(cell_fields)
        self.pic('init', *[x for k, v in fields.items() for x in ('--' + k.replace('_', '-'), v)])
        return self

    def start(self, wait=True):
        self.picd = self.spawn(self.cellns, BIN / 'picd', '--dir', self.pic.dir, stdout=open(self.tmp / 'picd.out', 'a'),
                               stderr=subprocess.STDOUT)
        if wait:
            self.pic('status', '--wait', '20s')
        return self.picd

    def agent_pid(self):
        return self.pic.json('status')['agent']['pid']

    # devices

    def peer(self, name, *add_args, allowed='0.0.0.0/0, ::/0'):
        """Adds a peer to the cell and makes a host that has it, with AllowedIPs as written by hand (default: everything)."""
        self.pic('peer', 'add', name, *add_args)
        return Device(self, name, allowed)

    def serve(self, space, ports, name='server'):
        log = self.tmp / f'{name}.log'
        log.touch()
        child = self.spawn(space, PYTHON, HERE / 'probe.py', 'serve', log, *ports, stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline().strip() == 'ready'
        return log

    def probe(self, space, probes, timeout=1.0):
        """Each probe: (proto, address, port[, source]). Answers a list of True (an answer came) and False."""
        done = subprocess.run(['ip', 'netns', 'exec', space, PYTHON, str(HERE / 'probe.py'), 'probe', str(timeout)], input=json.dumps(probes),
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def capture(self, space, interface, expression):
        return Capture(self, space, interface, expression)


class Device:
    """A host with a WireGuard interface whose configuration came from the cell; it may lie about AllowedIPs."""
    count = 0

    def __init__(self, world, name, allowed, config=None):
        Device.count += 1
        self.world, self.name = world, name
        self.space = world.space(name)
        n = len(world.spaces)
        self.outer = f'203.0.113.{100 + n}'
        world.wire(self.space, 'eth0', [f'100.64.{n}.2/30', f'2001:db8:64:{n}::2/64'],
                   world.inet, f'peer{n}', [f'100.64.{n}.1/30', f'2001:db8:64:{n}::1/64'])
        world.sh(self.space, f'ip route add 203.0.113.0/24 via 100.64.{n}.1; ip -6 route add 2001:db8:1::/64 via 2001:db8:64:{n}::1')
        world.sh(world.cellns, f'ip route replace 100.64.0.0/10 via 203.0.113.254')
        self.config = config or world.pic('peer', 'config', name)
        self.values = dict(line.split(' = ', 1) for line in self.config.splitlines() if ' = ' in line)
        self.address4, self.address6 = [a.strip().split('/')[0] for a in self.values['Address'].split(',')]
        self.tun = world.device('pp')
        self.up(allowed)

    def up(self, allowed):
        world = self.world
        world.spawn(self.space, 'wireguard-go', '-f', self.tun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(f'/var/run/wireguard/{self.tun}.sock'), what='wireguard-go')
        lines = [line for line in self.config.splitlines() if not line.startswith(('Address', 'DNS', 'MTU'))]
        if allowed:
            lines = [f'AllowedIPs = {allowed}' if line.startswith('AllowedIPs') else line for line in lines]
        world.sh(self.space, f'wg setconf {self.tun} /dev/stdin', stdin='\n'.join(lines) + '\n')
        world.sh(self.space, f'ip addr add {self.address4}/32 dev {self.tun}; ip addr add {self.address6}/128 dev {self.tun} nodad;'
                             f'ip link set {self.tun} mtu {self.values["MTU"]} up;'
                             f'ip route add default dev {self.tun} src {self.address4};'
                             f'ip -6 route add default dev {self.tun} src {self.address6}')

    def sh(self, command, **kw):
        return self.world.sh(self.space, command, **kw)

    def probe(self, probes, **kw):
        return self.world.probe(self.space, probes, **kw)

    def handshake(self):
        return int(self.sh(f'wg show {self.tun} latest-handshakes').split()[-1])


class Capture:
    """tcpdump on one wire; stop() answers its lines."""

    def __init__(self, world, space, interface, expression):
        self.file = world.tmp / f'capture{len(world.children)}.txt'
        self.child = world.spawn(space, 'tcpdump', '-l', '-n', '-i', interface, expression, stdout=open(self.file, 'w'), stderr=subprocess.PIPE,
                                 text=True)
        while 'listening on' not in self.child.stderr.readline():
            pass

    def stop(self, linger=0.3):
        time.sleep(linger)
        self.child.send_signal(signal.SIGINT)
        self.child.wait(5)
        return [line for line in self.file.read_text().splitlines() if line.strip()]


def random_key():
    key = bytearray(os.urandom(32))
    key[0] &= 248
    key[31] = key[31] & 127 | 64
    return base64.b64encode(bytes(key)).decode()
