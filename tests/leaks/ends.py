"""Far ends: one server of each type in a namespace of its own, and what a customer of it is given. Each has one address of each family, by which
all that comes through it leaves to the web."""
import pathlib
import subprocess

from net import wait_for

ORDER = ['wg', 'wg2', 'ovpn', 'ssh', 'socks', 'http', 'tor']
USER, PASSWORD = 'customer', 'correct-horse.battery'


def run(*command, **kw):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, **kw).stdout.strip()


class End:
    """kind, the addresses it is found at, and by which one sees that something came through it."""
    asks = False  # for user and password

    def __init__(self, net, name):
        self.net, self.name, self.n = net, name, ORDER.index(name) + 1
        self.address4, self.address6 = f'198.18.{self.n}.2', f'2001:db8:18:{self.n}::2'
        self.other4, self.other6 = f'198.18.{self.n}.3', f'2001:db8:18:{self.n}::3'  # where it may move to
        self.space = net.space(f'far-{name}')
        net.wire(self.space, 'eth0', [self.address4 + '/29', self.address6 + '/64'], net.inet, f'far{self.n}',
                 [f'198.18.{self.n}.1/29', f'2001:db8:18:{self.n}::1/64'])
        self.sh(f'ip addr add {self.other4}/29 dev eth0; ip addr add {self.other6}/64 dev eth0 nodad preferred_lft 0')
        self.sh(f'ip route add default via 198.18.{self.n}.1; ip -6 route add default via 2001:db8:18:{self.n}::1')
        self.dir = net.tmp / f'far-{name}'
        self.dir.mkdir()
        self.egress = {self.address4, self.address6, self.other4, self.other6}  # by which what came through it leaves
        net.ends[name] = self

    def sh(self, command, **kw):
        return self.net.sh(self.space, command, **kw)

    def spawn(self, *command, **kw):
        return self.net.spawn(self.space, *command, stdout=open(self.dir / 'log', 'a'), stderr=subprocess.STDOUT, **kw)

    def endpoint(self, proto, port, sealed):
        """What a carrier to it looks like from outside."""
        self.proto, self.port = proto, port
        for at in (port, 9):  # nobody serves the second: where an exit that is edited leads to
            self.net.endpoints.append((self.name, proto, [self.address4, self.address6, self.other4, self.other6], at, sealed))

    def at(self, family):
        """HOST:PORT as one writes it."""
        return f'{self.address4}:{self.port}' if family == 4 else f'[{self.address6}]:{self.port}'

    def wish(self, host=None, family=4, port=None):
        """Options of `pic connection set` that say where it is: by name or by address, at its own port or at another."""
        where = host or (self.address4 if family == 4 else f'[{self.address6}]')
        return ['--endpoint', f'{where}:{port or self.port}', *self.password()]

    def password(self):
        """Options that give it: with each place that it is told, anew."""
        if not self.asks:
            return []
        secret = self.dir / 'secret'
        secret.touch(0o600)
        secret.write_text(PASSWORD + '\n')
        return ['--password-file', secret]

    def log(self):
        path = self.dir / 'log'
        return path.read_text() if path.exists() else ''

    def nat(self, dns4=None, dns6=None):
        """Forwards what comes out of the tunnel, and makes its own address inside a name server, the world's."""
        steer = ''
        if dns4:
            steer = (f'ip daddr {dns4} meta l4proto {{ tcp, udp }} th dport 53 dnat ip to 198.51.100.53;'
                     f'ip6 daddr {dns6} meta l4proto {{ tcp, udp }} th dport 53 dnat ip6 to 2001:db8:51::53;')
        self.sh('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; nft -f -',
                stdin='table inet far { chain steer { type nat hook prerouting priority -100; ' + steer + ' }\n'
                      'chain out { type nat hook postrouting priority 100; oifname "eth0" masquerade; }\n'
                      'chain known { type filter hook forward priority 0; ct state invalid drop; }\n}')

    # what can befall it

    def black_hole(self):
        self.heal()
        self.sh('nft -f -', stdin='table inet fault { chain c { type filter hook prerouting priority -300; iifname "eth0" drop; }\n}')

    def refuse(self):
        """The machine is there, the service is not."""
        self.heal()
        self.sh('nft -f -', stdin='table inet fault { chain c { type filter hook input priority -300; iifname "eth0" meta l4proto tcp reject '
                                  'with tcp reset; iifname "eth0" meta l4proto udp reject; }\n}')

    def move(self):
        """It is found at its other address only."""
        self.heal()
        self.sh('nft -f -', stdin=f'table inet fault {{ chain c {{ type filter hook prerouting priority -300; {self.proto} dport {self.port} ip daddr '
                f'{self.address4} drop; {self.proto} dport {self.port} ip6 daddr {self.address6} drop; }}\n}}')

    def heal(self):
        self.sh('nft add table inet fault; nft delete table inet fault')


class WireGuard(End):
    """A provider's WireGuard server; .conf is the wg-quick file that it gives out."""

    def __init__(self, net, name='wg'):
        super().__init__(net, name)
        self.endpoint('udp', 51820, True)
        self.dns4, self.dns6 = f'10.64.{self.n}.1', f'fd64:{self.n}::1'
        server, client = run('wg', 'genkey'), run('wg', 'genkey')
        self.public, self.psk, self.client = run('wg', 'pubkey', input=server), run('wg', 'genpsk'), client
        dev = net.device('fw')
        self.spawn('wireguard-go', '-f', dev)
        wait_for(lambda: pathlib.Path(f'/var/run/wireguard/{dev}.sock').exists(), what='wireguard-go')
        self.sh(f'wg setconf {dev} /dev/stdin', stdin=f'[Interface]\nPrivateKey = {server}\nListenPort = 51820\n[Peer]\nPublicKey = '
                f'{run("wg", "pubkey", input=client)}\nPresharedKey = {self.psk}\nAllowedIPs = 10.64.{self.n}.2/32, fd64:{self.n}::2/128\n')
        self.sh(f'ip addr add {self.dns4}/24 dev {dev}; ip addr add {self.dns6}/64 dev {dev} nodad; ip link set {dev} mtu 1420 up')
        self.nat(self.dns4, self.dns6)
        self.dev = dev

    def conf(self, family=4, host=None):
        return (f'[Interface]\nPrivateKey = {self.client}\nAddress = 10.64.{self.n}.2/32, fd64:{self.n}::2/128\nDNS = {self.dns4}\n\n[Peer]\n'
                f'PublicKey = {self.public}\nPresharedKey = {self.psk}\nEndpoint = {host + ":51820" if host else self.at(family)}\n'
                f'AllowedIPs = 0.0.0.0/0, ::/0\nPersistentKeepalive = 15\n')


class OpenVpn(End):
    """A provider's OpenVPN server; .conf is the .ovpn file with everything inside."""
    asks = True

    def __init__(self, net, name='ovpn'):
        super().__init__(net, name)
        self.endpoint('udp', 1194, True)
        self.dns4, self.dns6 = '10.65.0.1', 'fd65::1'
        self.pki()
        (self.dir / 'server.conf').write_text(
            'port 1194\nproto udp6\ndev tunfar\ndev-type tun\ntopology subnet\nserver 10.65.0.0 255.255.255.0\nserver-ipv6 fd65::/64\n'
            'ca ca.pem\ncert server.pem\nkey server.key\ndh none\ntls-crypt tc.key\nkeepalive 2 8\nmultihome\nduplicate-cn\npersist-key\nverb 3\n'
            'push "redirect-gateway def1 ipv6"\npush "dhcp-option DNS 10.65.0.1"\ndata-ciphers AES-256-GCM\n'
            'auth-user-pass-verify /bin/true via-env\nscript-security 3\n')
        self.spawn('openvpn', '--cd', self.dir, '--config', 'server.conf')
        wait_for(lambda: 'Initialization Sequence Completed' in self.log(), what='openvpn server')
        self.nat(self.dns4, self.dns6)

    def pki(self):
        for name, extra in (('ca', None), ('server', 'extendedKeyUsage=serverAuth\nkeyUsage=digitalSignature'),
                            ('client', 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature')):
            run('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{name}.key', cwd=self.dir)
            if not extra:
                run('openssl', 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=far', '-days', '30', '-out', 'ca.pem', cwd=self.dir)
                continue
            run('openssl', 'req', '-new', '-key', f'{name}.key', '-subj', f'/CN={name}', '-out', f'{name}.csr', cwd=self.dir)
            (self.dir / f'{name}.ext').write_text(extra + '\n')
            run('openssl', 'x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile',
                f'{name}.ext', '-out', f'{name}.pem', cwd=self.dir)
        run('openvpn', '--genkey', 'tls-crypt', 'tc.key', cwd=self.dir)

    def conf(self, family=4, host=None):
        inline = ''.join(f'<{tag}>\n{(self.dir / file).read_text().strip()}\n</{tag}>\n' for tag, file in (
            ('ca', 'ca.pem'), ('cert', 'client.pem'), ('key', 'client.key'), ('tls-crypt', 'tc.key')))
        where = host or (self.address4 if family == 4 else self.address6)
        return (f'client\ndev tun\nproto udp{family if not host else ""}\nremote {where} 1194\nresolv-retry infinite\nnobind\npersist-key\npersist-tun\n'
                f'remote-cert-tls server\ndata-ciphers AES-256-GCM\nauth-user-pass\nverb 3\n{inline}')


    def wish(self, host=None, family=4, port=None):
        where = super().wish(host, family, port)[1]
        return ['--remotes', f'{where}/udp{"" if host else family}', *self.password()]


class Ssh(End):
    """A plain sshd with an account that may forward."""

    def __init__(self, net, name='ssh'):
        super().__init__(net, name)
        self.endpoint('tcp', 22, True)
        for key in ('host', 'client'):
            run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', self.dir / key)
        (self.dir / 'authorized').write_text((self.dir / 'client.pub').read_text())
        (self.dir / 'conf').write_text(
            f'ListenAddress 0.0.0.0\nListenAddress ::\nHostKey {self.dir}/host\nAuthorizedKeysFile {self.dir}/authorized\nStrictModes no\nUsePAM no\n'
            f'PermitRootLogin prohibit-password\nPidFile {self.dir}/pid\nMaxSessions 100\nMaxStartups 100\n')
        pathlib.Path('/run/sshd').mkdir(exist_ok=True)
        self.spawn('/usr/sbin/sshd', '-D', '-e', '-f', self.dir / 'conf')
        wait_for(lambda: 'Server listening on ::' in self.log(), what='sshd')
        self.user, self.key = 'root', self.dir / 'client'
        self.host_key = ' '.join((self.dir / 'host.pub').read_text().split()[:2])


class Socks(End):
    """SOCKS5 with user and password, one server for each family."""
    asks = True

    def __init__(self, net, name='socks'):
        super().__init__(net, name)
        self.endpoint('tcp', 1080, False)
        for address in (self.address4, self.address6, self.other4, self.other6):
            self.spawn('microsocks', '-i', address, '-p', '1080', '-u', USER, '-P', PASSWORD)
        wait_for(lambda: self.sh('ss -Hltn sport = 1080').count('\n') == 4, what='microsocks')


class Http(End):
    """An HTTP proxy that does CONNECT, with basic authentication."""
    asks = True

    def __init__(self, net, name='http'):
        super().__init__(net, name)
        self.endpoint('tcp', 3128, False)
        listen = ''.join(f'Listen {address}\n' for address in (self.address4, self.address6, self.other4, self.other6))
        (self.dir / 'conf').write_text(f'User root\nGroup root\nPort 3128\n{listen}Timeout 60\nMaxClients 600\n'
                                       f'BasicAuth {USER} {PASSWORD}\nLogLevel Critical\n')
        self.spawn('tinyproxy', '-d', '-c', self.dir / 'conf')
        wait_for(lambda: self.sh('ss -Hltn sport = 3128').count('\n') == 4, what='tinyproxy')


class Tor(End):
    """A Tor network of three directories that are relays too. What a client must know of it is in `torrc`."""

    def __init__(self, net, name='tor'):
        super().__init__(net, name)
        addresses = [f'198.18.{self.n}.{i}' for i in (2, 3, 4)]
        self.sh(f'ip addr add {addresses[2]}/29 dev eth0')
        self.egress |= set(addresses)
        for i, address in enumerate(addresses):
            for port in (5000, 7000, 9):  # nobody serves the third
                net.endpoints.append((self.name, 'tcp', [address], port, True))
        (self.dir / 'resolv').write_text('nameserver 198.51.100.53\n')
        authorities = [self.authority(f'n{i}', address) for i, address in enumerate(addresses)]
        self.torrc = 'TestingTorNetwork 1\nClientRejectInternalAddresses 0\n' + ''.join(authorities)
        for i in range(3):
            with open(self.dir / f'n{i}.rc', 'a') as out:
                out.write(''.join(authorities))
            self.spawn('tor', '-f', self.dir / f'n{i}.rc')

    def program(self):
        """A folder with a `tor` that knows this network and is otherwise the real one; found before it by who has it in /usr/local/sbin."""
        folder = self.dir / 'sbin'
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        (folder / 'defaults').write_text(self.torrc + 'PathsNeededToBuildCircuits 0.67\n')
        (folder / 'tor').write_text('#!/bin/sh\nshift 2\nexec /usr/sbin/tor --defaults-torrc /usr/local/sbin/defaults "$@"\n')
        (folder / 'defaults').chmod(0o644)
        (folder / 'tor').chmod(0o755)
        return folder

    def wish(self, host=None, family=4, port=None):
        return ['--bridges', f'{self.address4}:{port}'] if port else ['--unset', 'bridges']

    def authority(self, name, address):
        home = self.dir / name
        (home / 'keys').mkdir(parents=True)
        home.chmod(0o700)
        (home / 'keys').chmod(0o700)
        run('tor-gencert', '--create-identity-key', '--passphrase-fd', '0', '-m', '12', '-a', f'{address}:7000', '-i', 'authority_identity_key', '-s',
            'authority_signing_key', '-c', 'authority_certificate', cwd=home / 'keys', input='pw\n')
        rc = self.dir / f'{name}.rc'
        rc.write_text(f'DataDirectory {home}\nNickname {name}\nTestingTorNetwork 1\nAssumeReachable 1\nPathsNeededToBuildCircuits 0.67\n'
                      'TestingDirAuthVoteExit *\nTestingDirAuthVoteGuard *\nTestingDirAuthVoteHSDir *\nV3AuthNIntervalsValid 2\nSafeLogging 0\nShutdownWaitLength 0\n'
                      f'RunAsDaemon 0\nSocksPort 0\nAddress {address}\nOutboundBindAddress {address}\nORPort {address}:5000\nDirPort {address}:7000\n'
                      'ContactInfo a@b.c\nAuthoritativeDirectory 1\nV3AuthoritativeDirectory 1\nTestingV3AuthInitialVotingInterval 5\n'
                      'TestingV3AuthInitialVoteDelay 2\nTestingV3AuthInitialDistDelay 2\nV3AuthVotingInterval 10\nV3AuthVoteDelay 2\nV3AuthDistDelay 2\n'
                      f'ExitRelay 1\nIPv6Exit 1\nExitPolicyRejectPrivate 0\nExitPolicy accept *:*\nServerDNSResolvConfFile {self.dir}/resolv\n'
                      f'ServerDNSDetectHijacking 0\nLog notice file {home}.log\n')
        run('tor', '--list-fingerprint', '-f', rc, '--DirAuthority', 'x 127.0.0.1:1 ' + 40 * 'A')
        fingerprint = (home / 'fingerprint').read_text().split()[1]
        certificate = (home / 'keys/authority_certificate').read_text()
        identity = next(line.split()[1] for line in certificate.splitlines() if line.startswith('fingerprint '))
        return f'DirAuthority {name} orport=5000 no-v2 v3ident={identity} {address}:7000 {fingerprint}\n'


# What a report calls them.
TITLES = {'wg': 'wireguard', 'wg2': 'wireguard by name', 'ovpn': 'openvpn', 'ssh': 'ssh', 'socks': 'proxy socks5', 'http': 'proxy http', 'pair': 'group wireguard', 'mixed': 'group mixed',
          'nowhere': 'block', 'tor': 'tor',
          'onion': 'group tor'}
TYPES = {'wg': WireGuard, 'wg2': WireGuard, 'ovpn': OpenVpn, 'ssh': Ssh, 'socks': Socks, 'http': Http, 'tor': Tor}


def make(net, *names):
    for name in names:
        TYPES[name](net, name)
