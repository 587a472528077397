"""A cell with ways out in the capture suite's internet: its connections, its devices, the faults that befall them."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import ends
import pytest
from net import BIN, CELL4, CELL6, HERE, KINDS, MOVED4, MOVED6, NAMESERVER, NOBODY, NOBODY_PORT, PERIOD, TOOLS, Net, Pic, target, wait_for
from world import Device

EXITS = ['wg', 'ovpn', 'ssh', 'socks', 'http']
GROUPS = {'pair': ['wg', 'wg2'], 'mixed': ['socks', 'ovpn'], 'onion': ['tor', 'wg']}
CARRIES = {'wg': 'full', 'wg2': 'full', 'ovpn': 'full', 'ssh': 'tcp4', 'socks': 'tcp4', 'http': 'tcp4', 'tor': 'tcp', 'nowhere': 'block'}
PROBE, NEAR = HERE.parent / 'scenario/probe.py', 7777  # the port at which the host and a device answer, for who must not reach them
RATE = int(os.environ.get('PIC_LEAKS_PERIOD', 4 * PERIOD))
os.environ.setdefault('GOMAXPROCS', '1')  # many small programs on few cores: a quarter less work


needs_exits = pytest.mark.skipif('connection' not in subprocess.run([BIN / 'pic', '--help'], capture_output=True, text=True).stdout,
                                 reason='no command `pic connection` yet')


class Talker(Device):
    """A WireGuard device on the lan that never stops talking. exit: what it was given; None: it goes direct."""

    def __init__(self, world, number, name, exit_, failopen):
        self.world, self.number, self.name, self.exit, self.failopen = world, number, name, exit_, failopen
        self.space = world.space(f'd{number}')
        world.wire(self.space, 'eth0', [f'192.168.77.{20 + number}/24', f'fd77::{20 + number:x}/64'], world.lan, f'd{number}', [])
        world.sh(world.lan, f'ip link set d{number} master br0')
        self.config = world.pic('peer', 'config', name)
        self.values = dict(line.split(' = ', 1) for line in self.config.splitlines() if ' = ' in line)
        self.address4, self.address6 = [a.strip().split('/')[0] for a in self.values['Address'].split(',')]
        self.tun = world.device('pp')
        self.up('0.0.0.0/0, ::/0')

    def egress(self):
        """Where what it says may come from on the web's wire."""
        members = GROUPS.get(self.exit, [self.exit])
        return set().union(*(self.world.ends[m].egress for m in members if m in self.world.ends))

    def kind(self):
        return ends.TITLES.get(self.exit, self.exit or 'direct')

    def __str__(self):
        return f'{self.name} (exit {self.exit or "direct"}, {"open" if self.failopen else "closed"})'


class Cell(Net):
    def __init__(self, tmp_path, family=4, dual=False, slow=1):
        super().__init__(tmp_path, dual)
        self.family = family
        self.slow = slow  # so many times the usual time may pass until an exit is back
        self.width = 1500
        self.talking, self.stopped, self.outer = [], [], (CELL4[0], CELL6[0])

    def make(self, exits=EXITS, groups=('pair', 'mixed'), opened=True):
        self.build()
        self.watch_clock()
        wanted = list(exits) + [m for g in groups for m in GROUPS[g]]
        ends.make(self, *[e for e in ends.TYPES if e in wanted])
        self.exits, self.groups = [e for e in ends.TYPES if e in wanted], list(groups)
        self.pic = Pic(self.tmp / 'cell', world='real', netns=self.cellns)
        self.pic('init', '--name', 'home', '--endpoint', '192.168.77.1:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48', '--device',
                 self.device('pc'), '--upstreams', NAMESERVER[0])
        self.start()
        self.policy = {(row['carries'], row['state'], row['packet']): row['verdict'] for row in self.pic.json('connection', 'policy')}
        for name in self.exits:
            self.add_exit(name)
        for name in groups:
            self.add_group(name)
        self.pic('connection', 'add', 'nowhere', '--type', 'block')
        self.everything_else()
        self.add_device('control', None)
        for name in exits:
            self.add_device(f'{name}-closed', name)
            if opened:
                self.add_device(f'{name}-open', name, failopen=True)
        for name in groups:
            self.add_device(f'{name}-closed', name)
        if 'wg2' in self.exits:
            self.add_device('named-closed', 'wg2')
        self.add_device('blocked', 'nowhere')
        if os.environ.get('PIC_LEAKS_RESTORED'):  # all that follows befalls a cell that came back from its backup
            self.back_up()
            self.pic('down')
            self.picd.wait(20)
            self.bring_back()
            self.start()
        self.watch_all()
        for d in self.talking:
            self.talk(d.space, d.number, self.resolvers(d), RATE)
        return self

    def everything_else(self):
        """What else a cell does, and says to the world: names of its own and of others, a public name that it publishes and asks a CA about (nobody
        serves that one), a note of who asked for what, a list of names that are blocked, a service of the house. The time and the page by HTTPS are there without a word."""
        key = self.tmp / 'home.key'
        key.write_text('key "home" { algorithm hmac-sha256; secret "K2tf3TRrmE7TJd+m2NPBuw=="; };\n')
        self.pic('dns', 'record', 'add', 'nas', '--addresses', '192.168.77.9')
        self.pic('dns', 'forward', 'add', 'lan.example', '--servers', '192.168.77.9')
        self.pic('domain', 'add', 'home.example', '--mode', 'rfc2136', '--zone', 'example', '--server', NAMESERVER[0], '--key-file', key, '--acme',
                 f'https://{NOBODY[0]}:{NOBODY_PORT}/dir')
        self.pic('cell', 'set', '--query-log', 'yes')
        (self.tmp / 'blocked.txt').write_text('0.0.0.0 ads.example\n0.0.0.0 counted.example\n')
        self.pic('dns', 'block', 'add', 'ads', '--source', self.tmp / 'blocked.txt')
        self.pic('service', 'add', 'files', '--target', 'http://127.0.0.1:8080')
        wait_for(lambda: self.pic.json('front', 'status')['serving'] and self.pic.json('ntp', 'status')['serving'], 20, 'the page and the time')

    def back_up(self):
        """The cell as it is now, for a key that is not on its machine."""
        key = subprocess.run(['age-keygen'], check=True, capture_output=True, text=True).stdout
        (self.tmp / 'backup.key').write_text(key)
        (self.tmp / 'backup.age').unlink(missing_ok=True)
        self.pic('backup', 'create', self.tmp / 'backup.age', '-r', next(line.split()[-1] for line in key.splitlines() if 'public key' in line))

    def bring_back(self):
        """Nothing is left of the cell but its backup, which is restored."""
        while os.path.exists(self.pic.dir):  # what of its own still ends takes files away under our hands
            shutil.rmtree(self.pic.dir, ignore_errors=True)
        self.pic('backup', 'restore', self.tmp / 'backup.age', '-i', self.tmp / 'backup.key')

    def resolvers(self, device):
        """The cell's own addresses, as the device's configuration says."""
        return [a.strip() for a in device.values['DNS'].split(',')][:2]

    def start(self, wait=True):
        """The agent, with the world's name server in its resolv.conf, and a tor that knows the world's network instead of the real one. It runs
        from files of its own, as if installed."""
        (self.tmp / 'resolv.conf').write_text(f'nameserver {NAMESERVER[0]}\noptions timeout:1 attempts:2\n')
        self.install()
        mounts = 'mount --bind "$0" /etc/resolv.conf;'
        if 'tor' in self.ends:
            mounts += f'mount --bind {self.ends["tor"].program()} /usr/local/sbin;'
        self.picd = self.spawn(self.cellns, 'unshare', '--mount', 'sh', '-ec', mounts + 'exec "$@"', self.tmp / 'resolv.conf', self.tmp / 'opt/bin/picd', '--dir',
                               self.pic.dir, *os.environ.get('PIC_LEAKS_PICD', '').split(), stdout=open(self.tmp / 'picd.out', 'a'), stderr=subprocess.STDOUT)
        if wait:
            self.pic('status', '--wait', '20s')
        return self.picd

    def install(self, anew=False):
        """The agent's files. anew: others come in their place, as packages do it."""
        for file in (BIN / 'picd', BIN / 'pic-acme-hook', BIN / 'pic-sieve', BIN.parent / 'lib/libpic.so.0'):
            to = self.tmp / 'opt' / file.parent.name / file.name
            if anew or not to.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, to.with_suffix('.new'))
                to.with_suffix('.new').rename(to)

    def add_exit(self, name):
        end, file = self.ends[name], self.tmp / f'{name}.conf'
        if name.startswith('wg'):
            host = None
            if name == 'wg2':  # this one is found by name
                host = self.named(name)
            file.write_text(end.conf(self.family, host))
            self.pic('connection', 'import', file, name)
        elif name == 'ovpn':
            file.write_text(end.conf(self.family))
            self.pic('connection', 'import', file, name, '--user', ends.USER, *end.password())
        elif name == 'tor':
            self.pic('connection', 'add', name, '--type', 'tor')
        elif name == 'ssh':
            self.pic('connection', 'add', name, '--type', 'ssh', '--endpoint', end.at(self.family), '--user', end.user, '--key-file', end.key, '--host-key',
                     end.host_key, '--dns', NAMESERVER[0])
        else:
            self.pic('connection', 'add', name, '--type', 'proxy', '--protocol', {'socks': 'socks5', 'http': 'http'}[name], '--endpoint',
                     end.at(self.family), '--user', ends.USER, *end.password(), '--dns', NAMESERVER[0])

    def add_group(self, name):
        self.pic('connection', 'add', name, '--type', 'group', '--members', ','.join(GROUPS[name]))

    def wish(self, name, port=None):
        """What `pic connection set` is told so that it leads to its far end as at first, or to another port there."""
        return self.ends[name].wish(self.named(name) if name == 'wg2' else None, self.family, port)

    def named(self, name):
        """A name of that far end, and it leads to its usual address."""
        end, host = self.ends[name], f'{name}.vpn.example'
        self.name(host, end.address4 if self.family == 4 else end.address6)
        return host

    def add_device(self, name, exit_, failopen=False):
        more = ['--exit', exit_, '--failopen', 'yes' if failopen else 'no'] if exit_ else []
        self.pic('peer', 'add', name, '--access', 'internet', *more)
        self.talking.append(Talker(self, len(self.talking) + 1, name, exit_, failopen))

    # what the cell says

    def connections(self):
        return {c['name']: c for c in self.pic.json('connection', 'list')}

    def states(self):
        return {name: c['status']['state'] for name, c in self.connections().items() if c['status']}  # none: the agent did not answer

    def slot(self, name):
        return self.connections()[name]['slot']

    def agent_waited(self):
        """Seconds that the agent, all its threads, was ready and had no processor; 0: no agent."""
        try:
            return sum(int(file.read_text().split()[1]) for file in pathlib.Path(f'/proc/{self.picd.pid}/task').glob('*/schedstat')) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0

    # the allowed-packet table

    def verdicts(self, device, kind, family, state):
        """What becomes of such a packet, by whatever carries it."""
        if kind == '-':  # no marker, so part of a connection: a SYN, say
            kind = 'TCP80'
        packet = 'dns' if kind.startswith('DNS') else 'dot' if kind == 'DOT' else f'icmp{family}' if kind == 'ICMP' else f'tcp{family}' if kind.startswith(
            'TCP') else f'udp{family}'
        return {self.policy[CARRIES[m], state, f'device {packet}'] for m in GROUPS.get(device.exit, [device.exit])}

    def may(self, device, kind, family, state):
        """Whether it may be outside; the cell's own name server asks outside."""
        return bool(self.verdicts(device, kind, family, state) & ({'outside', 'cell'} if kind.startswith('DNS') else {'outside'}))

    def may_ever(self, device, kind, family):
        """Of a device that is closed."""
        return any('outside' in self.verdicts(device, kind, family, state) for state in ('absent', 'starting', 'up', 'failed', 'switching', 'stopping'))

    def carried(self, device, by):
        """The kinds of packets that come to the web while all is well; by all or any: of a group, by all of its members or by any."""
        def passes(kind, family):
            verdicts = self.verdicts(device, kind, family, 'up')
            return by(v in ('tunnel', 'resolver') for v in verdicts)

        return {(kind, family) for kind in KINDS for family in (4, 6) if not device.exit or passes(kind, family)}

    # what befalls it

    def kill_agent(self, number=signal.SIGKILL):
        os.kill(self.agent_pid(), number)
        self.picd.wait(20)

    def inside(self, name, command, check=True):
        """In that exit's namespace."""
        file = self.run_dir() / 'exit' / str(self.slot(name)) / 'ns'
        done = subprocess.run(['nsenter', f'--net={file}', 'sh', '-ec', command], capture_output=True, text=True, timeout=30)
        assert not check or done.returncode == 0, f'{name}: {command}\n{done.stdout}{done.stderr}'
        return done.stdout

    def run_dir(self):
        return self.tmp / 'cell' / 'run'

    def programs(self, name):
        """(pid, program) of all that lives in that exit's namespace."""
        file = self.run_dir() / 'exit' / str(self.slot(name)) / 'ns'
        wanted, found = os.stat(file).st_ino, []
        assert wanted != os.stat('/proc/self/ns/net').st_ino, f'{file} leads to the machine itself: its process is gone'
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                if os.stat(f'/proc/{pid}/ns/net').st_ino == wanted:
                    found.append((int(pid), open(f'/proc/{pid}/comm').read().strip()))
            except OSError:
                continue
        return found

    def talk_inside(self, name, user, number):
        """A sender in that exit's namespace, as that user: (number, exit, user)."""
        file = self.run_dir() / 'exit' / str(self.slot(name)) / 'ns'
        stats = self.tmp / f'stats{number}'
        stats.touch()
        os.chown(stats, user, user)
        file_of = os.open(stats, os.O_RDWR)  # its folder is closed to that user
        command = ['nsenter', f'--net={file}', 'setpriv', f'--reuid={user}', f'--regid={user}', '--clear-groups'] if user else ['nsenter', f'--net={file}']
        child = subprocess.Popen([*command, TOOLS / 'leaks_chatter', f'/proc/self/fd/{file_of}', str(number), str(RATE), *target(number), '10.20.0.1', 'fd20::1'], pass_fds=[file_of])
        os.close(file_of)
        self.children.append(child)
        self.talkers[number] = (child, stats)
        wait_for(lambda: stats.stat().st_size, what='chatter inside')
        return number, name, user

    def anywhere(self, name, user):
        """Whether that user inside that exit may open TCP connections to any public address: Tor's own may, its guards are any relay."""
        return name == 'tor' and user == 60600 + 2 * self.slot(name)

    def reaches(self, name, user, addresses):
        """Those (protocol, address) of them at which somebody answered that user inside that exit, at port NEAR."""
        file = self.run_dir() / 'exit' / str(self.slot(name)) / 'ns'
        probes = [(proto, a, NEAR) for a in addresses for proto in ('tcp', 'udp')]
        done = subprocess.run(['nsenter', f'--net={file}', 'setpriv', f'--reuid={user}', f'--regid={user}', '--clear-groups', sys.executable, PROBE, 'probe', '1'],
                              input=json.dumps(probes), capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return [p[:2] for p, answered in zip(probes, json.loads(done.stdout)) if answered]

    def silence(self, number):
        child, _ = self.talkers.pop(number)
        child.kill()
        child.wait()

    def readdress(self, to4=CELL4[0], to6=CELL6[0]):
        """The cell's addresses on the first outer wire become these."""
        if (to4, to6) != self.outer:
            old4, old6 = self.outer
            self.sh(self.cellns, f'ip addr del {old4}/24 dev wan0; ip addr add {to4}/24 dev wan0; ip route replace default via 203.0.113.254 metric 100;'
                                 f'ip addr add {to6}/64 dev wan0 nodad; ip addr del {old6}/64 dev wan0;'
                                 'ip -6 route replace default via 2001:db8:1::fe metric 100')
            self.outer = to4, to6

    def hush(self):
        """No device says anything, until cure()."""
        for d in self.talking:
            pid = self.talkers[d.number][0].pid
            os.kill(pid, signal.SIGSTOP)
            self.stopped.append(pid)

    def lose(self, percent):
        """So much of what goes over the outer wires, each way."""
        self.sh(self.inet, 'nft add table inet loss; nft delete table inet loss')
        if percent:
            rules = ''.join(f'{way} "cell{i}" numgen random mod 100 < {percent} drop\n' for i in range(len(self.wans)) for way in ('iifname', 'oifname'))
            self.sh(self.inet, 'nft -f -', stdin=f'table inet loss {{ chain c {{ type filter hook forward priority 0;\n{rules}}}\n}}')

    def freeze(self, *names):
        """The connections that stand between the cell and these far ends carry nothing any more; new ones do. No names: all go on."""
        self.sh(self.inet, 'nft add table inet still; nft delete table inet still')
        if names:
            wires = ', '.join(f'"cell{i}"' for i in range(len(self.wans)))
            ours = ''.join(f'iifname {a} oifname {b} meta l4proto tcp ct mark != 0x77 drop\n' for n in names for far in [f'"far{self.ends[n].n}"']
                           for a, b in ((f'{{ {wires} }}', far), (far, f'{{ {wires} }}')))
            self.sh(self.inet, 'nft -f -', stdin='table inet still { chain c { type filter hook forward priority 0;\n'
                                                 f'tcp flags & (syn | ack) == syn ct mark set 0x77\n{ours}}}\n}}')

    def narrow(self, size):
        """The largest packet that the router passes on, to far ends, web and cell; it says so to who sends a larger one. 1500: as at first."""
        if size == self.width:
            return
        for flag in ('-4', '-6'):
            routes = [line.split(' mtu')[0].split(' pref')[0] for line in self.sh(self.inet, f'ip {flag} route show').splitlines()]
            more = f' mtu lock {size}' if size < 1500 else ''
            self.sh(self.inet, f'ip {flag} -batch -', stdin=''.join(f'route replace {r}{more}\n' for r in routes if not r.startswith('fe80')))
        self.width = size

    # what the wires say

    def passes(self, device, since):
        """By where something of it came to the web."""
        return {r.where for r in self.rows('web', since) if r.device == device.number}

    def direct(self):
        return set(CELL4 + CELL6 + [MOVED4, MOVED6])

    def served(self, device, since=0.0, lately=1.2):
        """It is on the web by what it should be: its exit, and only so; of `block` nothing, else directly."""
        ways = self.passes(device, max(since, time.time() - lately))
        if device.exit == 'nowhere':
            return not ways
        return bool(ways) and ways <= (device.egress() if device.exit else self.direct())

    def title(self):
        return f'IPv{self.family}' + (' dual WAN' if self.dual else '') + (' and Tor' if 'tor' in self.exits else '')

    def groups_of(self, name):
        """The members of a group, in order."""
        return GROUPS[name]

    def cure(self):
        """Whatever befell the world, it ends: far ends serve, wires are up, stopped programs go on, there is an agent."""
        for end in self.ends.values():
            end.heal()
        self.lose(0)
        self.freeze()
        self.narrow(1500)
        self.readdress()
        for i in range(len(self.wans)):
            self.sh(self.inet, f'ip link set cell{i} up')
        for pid in self.stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
        self.stopped = []
        if self.picd.poll() is not None:
            self.start()

    def rewish(self):
        """All wishes as make() had them, after a scenario that did not come to its end."""
        there = self.connections()
        for name in self.exits:
            if name not in there:
                self.add_exit(name)
            self.pic.run('connection', 'set', name, '--enabled', 'yes', *self.wish(name), '--no-wait')
        for name in self.groups:
            self.pic.run('connection', 'set', name, '--members', ','.join(GROUPS[name]), '--no-wait')
        for d in self.talking:
            self.pic.run('peer', 'set', d.name, '--exit', d.exit or 'direct', '--failopen', 'yes' if d.failopen else 'no', '--no-wait')

    def settle(self, seconds=45):
        """All exits are up and every device leaves by its own."""
        self.cure()
        seconds *= self.slow
        wait_for(lambda: all(self.states().get(name) == 'up' for name in self.exits), seconds, 'all exits are up', 0.2)
        for d in self.talking:
            wait_for(lambda d=d: self.served(d), seconds, f'{d} leaves as it should')
