#!/usr/bin/env python3
"""Captures what this machine's kernel, wireguard-go and unbound really answer, as seeds for tests/fuzz/corpus.

Run as root: everything happens in a network namespace of its own. Numbers that differ from run to run (sequence, port)
are zeroed in netlink messages."""
import base64
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REQUEST, ACK, DUMP, CREATE, EXCL = 1, 4, 0x300, 0x400, 0x200
ROUTE, NETFILTER = 0, 12
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11
DONE, ERROR = 3, 2
INET = 1
TABLE, SETS = b'pic\0', ['peers4', 'peers6', 'subnets4', 'subnets6', 'reach4', 'reach6', 'grants4', 'grants6', 'wide4', 'wide6',
                        'local4', 'local6', 'ways', 'open', 'resolvers4', 'resolvers6', 'spaces', 'carriers4', 'carriers6']


SMALL = '''table inet pic {
 map peers4 { type ipv4_addr : mark; elements = { 10.1.0.2 : 0x00230000 }; }
 map subnets6 { type nf_proto . ipv6_addr : mark; flags interval; elements = { ipv6 . fd34::-fd34::ff : 0x00230000 }; }
 set reach6 { type mark . ipv6_addr; elements = { 0x00230000 . fd12::3 }; }
 set grants4 { type mark . ipv4_addr . inet_proto . inet_service; flags interval; elements = { 0x00230000 . 192.168.1.0-192.168.1.255 . 6-6 . 445-445 }; }
 chain input { type filter hook input priority filter; policy accept; iifname "pic0" drop; }
}'''


def sh(text):
    subprocess.run(text, shell=True, check=True, stdout=subprocess.DEVNULL)


def save(target, name, data):
    path = HERE / 'corpus' / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f'{target}/{name}: {len(data)} bytes')


def attr(kind, data):
    return struct.pack('HH', 4 + len(data), kind) + data + b'\0' * (-len(data) % 4)


def messages(data):
    while len(data) >= 16:
        length = struct.unpack_from('I', data)[0]
        yield data[:(length + 3) & ~3]
        data = data[(length + 3) & ~3:]


def zeroed(datagram):
    """The datagram without sequence numbers and ports."""
    out = b''
    for m in messages(datagram):
        m = m[:8] + bytes(8) + m[16:]
        if struct.unpack_from('H', m, 4)[0] == ERROR and len(m) >= 36:
            m = m[:28] + bytes(8) + m[36:]
        out += m
    return out


class Netlink:
    def __init__(self, protocol, groups=0):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.s.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.s.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.s.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.s.bind((0, groups))

    def ask(self, kind, flags, payload):
        self.s.send(struct.pack('IHHII', 16 + len(payload), kind, REQUEST | flags, 1, 0) + payload)
        answer = b''
        while True:
            datagram = self.s.recv(1 << 16)
            answer += zeroed(datagram)
            for m in messages(datagram):
                kind, flags = struct.unpack_from('HH', m, 4)
                if kind in (DONE, ERROR) or not flags & 2:
                    return answer

    def hear(self):
        out = []
        self.s.settimeout(0.2)
        while True:
            try:
                out.append(zeroed(self.s.recv(1 << 16)))
            except TimeoutError:
                return out


def rtnl():
    heard = Netlink(ROUTE, 0x1 | 0x10 | 0x100 | 0x40 | 0x400)
    sh('ip link add v0 mtu 1400 type veth peer name v1; ip link set v0 alias pic up; ip link set v1 up alias "other one"')
    sh('ip link add br0 type bridge; ip link set lo up')
    sh('ip addr add 10.1.0.1/16 dev v0; ip addr add fd12::1/48 dev v0 nodad; ip addr add 192.0.2.1 peer 192.0.2.9 dev v1')
    sh('ip route add 192.168.7.0/24 via 10.1.0.9 proto 112; ip route add fd34::/64 via fd12::9 table 1001; ip route add default dev v1')
    sh('ip route add 198.51.100.0/24 nexthop dev v0 nexthop via 192.0.2.9 dev v1; ip route add unreachable 203.0.113.0/24')
    sh('sysctl -qw net.ipv4.ip_forward=1; ip link set v0 down; ip link set v0 up name v2; ip link del br0')
    nl = Netlink(ROUTE)
    save('rtnl', 'links', nl.ask(18, DUMP, bytes(16)))
    save('rtnl', 'addrs', nl.ask(22, DUMP, bytes(8)))
    save('rtnl', 'routes4', nl.ask(26, DUMP, bytes([2]) + bytes(11)))
    save('rtnl', 'routes6', nl.ask(26, DUMP, bytes([10]) + bytes(11)))
    save('rtnl', 'refused', nl.ask(24, CREATE | ACK, bytes([2, 24, 0, 0, 254, 0, 0, 200]) + bytes(4)))
    save('rtnl', 'no-device', nl.ask(18, 0, struct.pack('BBHiII', 0, 0, 0, 9999, 0, 0)))
    save('rtnl', 'done', nl.ask(16, ACK, struct.pack('BBHiII', 0, 0, 0, 1, 1, 1)))
    save('wgnl', 'link', nl.ask(18, 0, bytes(16) + attr(3, b'v2\0')))
    save('wgnl', 'links', nl.ask(18, DUMP, bytes(16)))
    save('wgnl', 'no-kind', nl.ask(16, CREATE | EXCL | ACK, bytes(16) + attr(18, attr(1, b'no-such-kind\0'))))
    news = heard.hear()
    for i, n in enumerate(news[:1] + news[3:40:6]):
        save('rtnl', f'news{i}', n)
        save('wgnl', f'news{i}', n)


def rules():
    """Rules and tables of exits, and what is told when they go."""
    heard = Netlink(ROUTE, 0x1 | 0x40 | 0x400 | 0x80 | 0x40000)
    sh('ip link add picx1 type veth peer name x1; ip addr add 169.254.96.5/30 dev picx1; ip link set x1 up; ip link set picx1 alias pic up')
    sh('ip route add unreachable default metric 4278198272 table 1001 proto 112; ip route add default via 169.254.96.6 table 1001 proto 112')
    sh('ip rule add pref 4001 fwmark 0x1010/0x1ff0 lookup 1001 proto 112; ip -6 rule add pref 3999 fwmark 2/2 unreachable proto 112')
    sh('ip rule add pref 3998 fwmark 2/2 lookup main suppress_prefixlength 0 proto 112; ip rule add pref 7 from 10.1.0.0/16 iif picx1 ipproto tcp goto 4001')
    nl = Netlink(ROUTE)
    save('rtnl', 'exits', nl.ask(26, DUMP, bytes([2]) + bytes(11)))
    save('rtnl', 'rules4', nl.ask(34, DUMP, bytes([2]) + bytes(11)))
    save('rtnl', 'rules6', nl.ask(34, DUMP, bytes([10]) + bytes(11)))
    sh('ip route flush table 1001; ip rule del pref 4001; ip -6 rule del pref 3999; ip link del picx1')
    for i, n in enumerate(heard.hear()[-8:]):
        save('rtnl', f'exits{i}', n)


def nft_ask(nl, message, flags, family, attrs=b''):
    return nl.ask(10 << 8 | message, flags, bytes([family, 0, 0, 0]) + attrs)


def nft_world(nl):
    generation = nft_ask(nl, 16, 0, 0)
    out = generation + nft_ask(nl, 1, 0, INET, attr(1, TABLE))
    for message in (4, 7, 10):
        out += nft_ask(nl, message, DUMP, INET, attr(1, TABLE))
    return out + rights(nl, SETS) + generation


def rights(nl, sets):
    return b''.join(nft_ask(nl, 13, DUMP, INET, attr(1, TABLE) + attr(2, s.encode() + b'\0')) for s in sets)


def mode(number, bits, data, exits=0):
    return struct.pack('BBBB', number, bits & 255, bits >> 8, exits) + data


def nft():
    nl, heard = Netlink(NETFILTER), Netlink(NETFILTER, 1 << 6)
    save('nft', 'world-none', mode(0, 0, nft_ask(nl, 16, 0, 0) + nft_ask(nl, 1, 0, INET, attr(1, TABLE))))
    sh(f'nft -f {ROOT}/tests/golden/nft/table.nft')
    save('nft', 'world', mode(0, 0, nft_world(nl)))
    sh('nft add element inet pic peers6 "{ fd12::2 : 0x00230000 }"; nft add element inet pic reach4 "{ 0x00230000 . 10.1.0.3 }"')
    sh('nft add element inet pic subnets4 "{ ipv4 . 192.168.7.3-192.168.7.9 : 0x00230000 }"; nft add set inet pic odd "{ type ipv4_addr; timeout 9s; elements = { 10.0.0.1 }; }"')
    save('nft', 'world-others', mode(0, 0, nft_world(nl)))
    sh('iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -i pic0 -j ACCEPT; ip6tables -A INPUT -j REJECT')
    sh('nft add table inet mine; nft add chain inet mine onward "{ type filter hook forward priority 5; policy drop; }"; nft add rule inet mine onward iifname pic0 counter log accept; nft add rule inet mine onward oifname "pic0" accept; nft add rule inet mine onward drop')
    save('nft', 'foreign', mode(1, 0, nft_ask(nl, 4, DUMP, 0) + nft_ask(nl, 7, DUMP, 0)))
    save('nft', 'foreign-small', mode(1, 0, nft_ask(nl, 4, DUMP, INET, attr(1, b'mine\0')) + nft_ask(nl, 7, DUMP, INET, attr(1, b'mine\0'))))
    conntrack(nl)
    change(nl)
    sh('nft add table inet pic; nft delete table inet pic; nft -f - <<T\n' + SMALL + '\nT')
    save('nft', 'world-small', mode(0, 0, nft_world(nl)))
    sh('nft delete table inet pic')
    news = heard.hear()
    for i, n in enumerate(news[:2] + news[-3:]):
        save('nft', f'news{i}', mode(4, 0, n))
    save('nft', 'change-no-table', mode(3, 1, refused_batch(nl, b'peers4\0', bytes([10, 9, 9, 9]))))


def conntrack(nl):
    add = 'conntrack -I -t 600 -p '
    sh(add + 'tcp -s 10.1.0.2 -d 192.168.1.5 --sport 1000 --dport 445 --state ESTABLISHED -m 0x00230000')
    sh(add + 'udp -s 10.1.0.2 -d 198.51.100.7 --sport 1000 --dport 53 -r 192.168.1.5 -q 10.1.0.2 --reply-port-src 53 --reply-port-dst 1000 -m 0x00230000')
    sh(add + 'udp -s 192.168.7.5 -d 10.1.0.3 --sport 7 --dport 9 -m 0x00240000')
    sh(add + 'udp -s fd12::2 -d 2001:db8::1 --sport 5 --dport 6 -m 0x00230000')
    sh(add + 'icmp -s 10.1.0.3 -d 10.1.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 3')
    flows = nl.ask(1 << 8 | 1, DUMP, bytes(4))
    save('nft', 'flows-gone', mode(2, 0b11_11_11_11_11_11_11, flows))
    save('nft', 'flows-moved', mode(2, 0b01_11_01_10_10_10_10, rights(nl, SETS[4:12]) + flows))
    save('nft', 'flows-some', mode(2, 0b11_00_11_00_00_00_00, flows))
    sh(add + 'tcp -s 10.1.0.3 -d 198.51.100.7 --sport 1 --dport 443 -r 198.51.100.7 -q 169.254.96.5 --reply-port-src 443 --reply-port-dst 1 --state ESTABLISHED -m 0x00231010')
    sh(add + 'udp -s 10.1.0.3 -d 10.1.0.1 --sport 2 --dport 53 -r 169.254.96.6 -q 169.254.96.5 --reply-port-src 53 --reply-port-dst 2 -m 0x00231010')
    sh(add + 'udp -s 169.254.96.6 -d 203.0.113.7 --sport 3 --dport 4 -r 203.0.113.7 -q 203.0.113.1 --reply-port-src 4 --reply-port-dst 3 -m 0x00002010')
    flows = nl.ask(1 << 8 | 1, DUMP, bytes(4))
    save('nft', 'flows-exits-gone', mode(2, 0xffff, flows, 1))
    save('nft', 'flows-exits-turned', mode(2, 0b10, rights(nl, SETS[10:12]) + flows, 1))
    save('nft', 'flows-exits-open', mode(2, 0b01_00_00_00, flows, 1))
    save('nft', 'flows-anew', mode(2, 0b10_00_00_00_00_00_00_00, rights(nl, SETS[:12]) + flows))


def refused_batch(nl, name, key):
    """The answers to a transaction that adds an element which is there."""
    elem = attr(1 | 0x8000, attr(1 | 0x8000, attr(1, key)) + attr(2 | 0x8000, attr(1, struct.pack('I', 0x230000))))
    body = bytes([INET, 0, 0, 0]) + attr(1, TABLE) + attr(2, name) + attr(3 | 0x8000, elem)
    batch = struct.pack('BBH', 0, 0, socket.htons(10))
    out = struct.pack('IHHII', 20, 16, REQUEST, 1, 0) + batch
    out += struct.pack('IHHII', 16 + len(body), 10 << 8 | 12, REQUEST | CREATE | EXCL | ACK, 1, 0) + body
    out += struct.pack('IHHII', 20, 17, REQUEST, 1, 0) + batch
    nl.s.send(out)
    return zeroed(nl.s.recv(1 << 16))


def change(nl):
    save('nft', 'change-refused', mode(3, 0b01_01, refused_batch(nl, b'peers4\0', bytes([10, 1, 0, 2]))))
    save('nft', 'change-done', mode(3, 0b01, refused_batch(nl, b'peers4\0', bytes([10, 1, 0, 99]))))


def wireguard():
    """Built, not captured (this kernel may lack it): a dump as drivers/net/wireguard/netlink.c writes it."""
    def nest(kind, *attrs):
        return attr(kind | 0x8000, b''.join(attrs))

    def allowed(*prefixes):
        return nest(9, *(nest(0, attr(1, struct.pack('H', 2 if len(a) == 4 else 10)), attr(2, a), attr(3, bytes([n])))
                         for a, n in prefixes))

    def peer(number, endpoint, *prefixes):
        return nest(0, attr(1, bytes([number] * 32)), attr(2, bytes([0x40 + number] * 32)), attr(6, struct.pack('qq', 1700000000, 5000)),
                    attr(5, struct.pack('H', 25)), attr(8, struct.pack('Q', 77)), attr(7, struct.pack('Q', 88)),
                    attr(10, struct.pack('I', 1)), attr(4, endpoint), allowed(*prefixes))

    def message(*attrs):
        body = bytes([0, 1, 0, 0]) + b''.join(attrs)
        return struct.pack('IHHII', 16 + len(body), 30, 2, 0, 0) + body

    six = socket.inet_pton(socket.AF_INET6, 'fd12::2')
    head = [attr(6, struct.pack('H', 51820)), attr(7, bytes(4)), attr(1, struct.pack('I', 5)), attr(2, b'pic0\0'),
            attr(3, bytes(range(8, 40))), attr(4, bytes(32))]
    one = peer(1, struct.pack('!HHI', 0x0200, 51820, 0xc0000201) + bytes(8), (bytes([10, 1, 0, 2]), 32), (six, 128))
    two = peer(2, struct.pack('!HHI', 0x0a00, 51820, 0) + six + bytes(4), (bytes([10, 1, 0, 0]), 16))
    more = nest(0, attr(1, bytes([2] * 32)), allowed((bytes(4), 0), (bytes(16), 0)))
    done = struct.pack('IHHIIi', 20, DONE, 2, 0, 0, 0)
    save('wgnl', 'dump', message(*head, nest(8, one, two)) + message(nest(8, more)) + done)
    save('wgnl', 'dump-empty', message(*head) + done)
    save('wgnl', 'dump-failed', message(*head, nest(8, one)) + struct.pack('IHHIIi', 20, DONE, 2, 0, 0, -4))


def unix(path, request, end):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(path)
        s.send(request)
        answer = b''
        while not answer.endswith(end) or not end:
            part = s.recv(1 << 16)
            if not part:
                break
            answer += part
        return answer


def wireguard_go():
    name = 'pcfz0'
    path = f'/var/run/wireguard/{name}.sock'
    go = subprocess.Popen(['wireguard-go', '-f', name], env=dict(os.environ, WG_PROCESS_FOREGROUND='1'), stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if os.path.exists(path):
                break
            time.sleep(0.05)
        fresh = unix(path, b'get=1\n\n', b'\n\n')
        key = '{:02x}' * 32
        text = 'set=1\nprivate_key=' + key.format(*range(8, 40)) + '\nlisten_port=51877\nfwmark=9\n'
        for i in range(1, 4):
            text += f'public_key={key.format(*([i] * 32))}\npreshared_key={key.format(*([0x40 + i] * 32))}\n'
            text += f'endpoint=[fd77::{i}]:51820\n' if i == 2 else f'endpoint=192.0.2.{i}:51820\n'
            text += f'persistent_keepalive_interval={25 * i}\nallowed_ip=10.1.0.{i}/32\nallowed_ip=fd12::{i}/128\n'
        refused = unix(path, text.encode() + b'allowed_ip=nonsense\n\n', b'\n\n')
        unix(path, text.encode() + b'\n', b'\n\n')
        save('uapi', 'fresh', b'\x20' + fresh)
        save('uapi', 'peers', b'\x03' + unix(path, b'get=1\n\n', b'\n\n'))
        save('uapi', 'refused', b'\x01' + refused)
    finally:
        go.kill()
        go.wait()
        if os.path.exists(path):
            os.unlink(path)


UNBOUND = """server:
 username: ""
 chroot: ""
 directory: "{0}"
 pidfile: ""
 use-syslog: no
 interface: 127.0.0.1@5353
 local-zone: home.internal. static
 local-zone: 1.10.in-addr.arpa. static
 local-data: "home.internal. 10 SOA ns.home.internal. nobody.invalid. 1 3600 1200 604800 10"
 local-data: "anna.home.internal. 60 A 10.1.0.2"
 local-data: "anna.home.internal. 60 AAAA fd12::2"
 local-data: "ben.home.internal. 300 A 10.1.0.3"
 local-data: "ben.home.internal. 60 A 10.1.0.4"
 local-data: "*.home.internal. 60 A 10.1.0.9"
 local-data: "2.0.1.10.in-addr.arpa. 60 PTR anna.home.internal."
remote-control:
 control-enable: yes
 control-interface: "{0}/control.sock"
 control-use-cert: no
"""


def dies(conf):
    return subprocess.run(['unbound', '-d', '-p', '-c', conf], stderr=subprocess.PIPE, check=False, timeout=10).stderr


def unbound():
    with tempfile.TemporaryDirectory() as where:
        conf, path = f'{where}/unbound.conf', f'{where}/control.sock'
        pathlib.Path(conf).write_text(UNBOUND.format(where))
        sh('ip link set lo up')
        server = subprocess.Popen(['unbound', '-d', '-p', '-c', conf], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if os.path.exists(path):
                    break
                time.sleep(0.05)
            ask = lambda command: unix(path, f'UBCT1 {command}\n'.encode(), b'')
            save('unbound', 'list', b'\0' + ask('list_local_data'))
            save('unbound', 'ok', b'\1' + ask('local_data x.home.internal. 60 A 10.1.0.7'))
            save('unbound', 'unknown', b'\1' + ask('dance'))
            save('unbound', 'bulk', b'\1' + unix(path, b'UBCT1 local_datas\na.home.internal. 60 A 1.2.3.4\nnonsense here\n\x04\n', b''))
        finally:
            server.kill()
            server.wait()
        pathlib.Path(conf).write_text('server:\n dance: yes\n')
        save('unbound', 'bad-conf', b'\2' + dies(conf))


def cell():
    """What a cell of the pretend kernel writes: its items, its files."""
    with tempfile.TemporaryDirectory() as where:
        pic = f'{ROOT}/build/release/bin/pic --quiet --world fake --dir {where}/c '
        for words in ['init --name home --endpoint vpn.example.org:51820 --net4 10.77.0.0/16 --net6 fd77:1:2::/48', 'group add kids --access internet',
                      "peer add anna --access internet,lan,192.168.1.0/24:tcp/445-446 --groups kids",
                      "peer add ben --access 'peer:anna,group:kids,[fd00::5]:udp/53' --subnets 192.168.7.0/24,fd34::/64",
                      'peer add tv --tunnel split --access peers --expires 2027-01-01', 'cell set --upstreams 9.9.9.9@853#dns.quad9.net']:
            sh(pic + words)
        seen = {}
        for name in ['wg', 'nft', 'route', 'dns']:
            text = pathlib.Path(f'{where}/c/fake/{name}').read_text()
            save('world', name, '\n'.join(text.split('\n')[:9] + ['']).encode())
            for line in text.split('\n')[1:-1]:
                kind = line.split('\t')[0]
                seen[kind] = seen.get(kind, 0) + 1
                if seen[kind] <= 2:
                    save('items', f'{kind}-{seen[kind]}', line.removesuffix('\t-').encode())
        public = subprocess.run(['wg', 'pubkey'], input=base64.b64encode(bytes(range(8, 24)) + bytes(16)), stdout=subprocess.PIPE, check=True).stdout
        save('items', 'wg.device-ours', b'wg.device\tpic0\tport=51820 key=' + public.strip() + b'\t1')
        save('files', 'key', b'\0' + pathlib.Path(f'{where}/c/key').read_bytes())


def agent():
    """Requests by hand; answers of an agent of the pretend kernel, got through its socket."""
    requests = ['{"verb":"ping"}', '{"verb":"apply","revision":3}', '{"verb":"plan","spare":true}', '{"verb":"status","peers":false}',
                '{"verb":"reveal","peer":"anna","form":"config","actor":"uid 7","way":"cli"}', '{"verb":"reveal","peer":"ben","form":"qr"}',
                '{"verb":"repair"}', '{"verb":"doctor"}', '{"verb":"logs","area":"dns","lines":5}', '{"verb":"stop","down":true,"keep_block":true}',
                '{"verb":"dance"}', '[]']
    for i, text in enumerate(requests):
        save('request', f'{i:02}', text.encode())
    with tempfile.TemporaryDirectory() as where:
        pic = f'{ROOT}/build/release/bin/pic --quiet --world fake --dir {where}/c '
        sh(pic + 'init --name home --endpoint vpn.example.org:51820')
        sh(pic + 'peer add anna --access internet,lan')
        picd = subprocess.Popen([f'{ROOT}/build/release/bin/picd', '--world', 'fake', '--dir', f'{where}/c'], stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                if os.path.exists(f'{where}/c/run/agent.sock'):
                    break
                time.sleep(0.05)

            def ask(text):
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
                    s.connect(f'{where}/c/run/agent.sock')
                    s.send(text.encode())
                    return s.recv(1 << 20)
            pathlib.Path(f'{where}/c/fake/wg').unlink()
            for mode, name, text in [(0, 'status', '{"verb":"status"}'), (1, 'plan', '{"verb":"plan"}'), (2, 'doctor', '{"verb":"doctor"}'),
                                     (3, 'config', '{"verb":"reveal","peer":"anna"}'), (3, 'shown', '{"verb":"reveal","peer":"anna"}'),
                                     (4, 'apply', '{"verb":"apply","revision":1}'), (4, 'stale', '{"verb":"apply","revision":99}'),
                                     (5, 'refused', '{"verb":"dance"}'), (6, 'stop', '{"verb":"stop"}')]:
                answer = ask(text)
                save('answer', name, bytes([mode]) + answer)
                save('answer', name + '-json', bytes([mode + 126]) + answer)
        finally:
            picd.terminate()
            picd.wait()


def documents():
    """Documents for the way through to a plan, and tampering for the store: by hand."""
    for i, text in enumerate(['peers: {anna: {note: new}}', 'peers:\n  carl: {access: internet, groups: [kids]}\n  anna: ~\n', 'groups: {}\npeers: {}\n',
                              'cell: {name: home, net4: 10.78.0.0/16, mtu: 1400}\n', '{"peers": {"anna": {"subnets": ["10.9.0.0/24"], "expires": "2030-01-01"}}}',
                              'peers: {anna: {access: "peer:ghost"}, a b: {}}', 'groups: {ben: {}, work: {access: "lan,group:work"}}\npeers: {ben: {groups: work, address4: 10.77.0.9}}',
                              'peers: {x: {public_key: "CAkKCwwNDg8QERITFBUWFwAAAAAAAAAAAAAAAAAAAAA=", key_mode: client}}']):
        for mode in range(4):
            save('cell', f'{i}-{mode}', bytes([mode]) + text.encode())
    for use in range(0, 8, 2):
        save('store', f'flips-{use}', bytes([use]) + b'\x00\x00\x10\x01\x00\x20\x11\x80\x01\x00\x05\xff')
    save('store', 'cut', b'\0\x00\x80\x00\x00')
    for table in range(16):
        save('store', f'values-{table}', bytes([2 * table + 1]) + bytes([table, 3, 0, 2, 3]) + b'x\ny' + bytes([table, 4, 1, 1, 8]) + b'\xff' * 8 + bytes([table, 6, 0, 0, 0]))


def words():
    for i, line in enumerate(['peer add anna --access internet,lan --expires 2027-01-31 --qr', 'status --wait 10s --json', 'help peer', 'peer', '--dir /x cell set --mtu=1400 --unset domain',
                              'peer list -h', 'per ad', 'log dns --lines 20 --follow', 'history --since 2026-01-31T12:00:00Z', 'peer set anna --', '500ms', '2026-01-31T12:00:00Z',
                              'why anna nas:tcp/445', 'peer add --groups kids,', '--version', 'apply --file x --prune']):
        save('words', f'{i:02}', '\n'.join(line.split()).encode())
    save('words', 'odd', b'\xff\xfe\n\xc3\xa4\xe2\x80\xa8\nx"\\\x01')


def files():
    """Files as they are written: pid and lock files, logs, settings."""
    boot = pathlib.Path('/proc/sys/kernel/random/boot_id').read_bytes()
    start = pathlib.Path('/proc/1/stat').read_text().rsplit(')', 1)[1].split()[19]
    save('files', 'pid', b'\1' + f'1 {start} '.encode() + boot)
    save('files', 'lock', b'\x022345\n')
    agent = '2026-01-31T12:00:00Z INFO engine applied revision 7\n2026-01-31T12:00:01Z WARNING dns unbound, process 7, does not answer: killed\n'
    unbound_log = '[1769860800] unbound[77:0] info: start of service (unbound 1.17.1).\n'
    save('files', 'logs', b'\3\5' + (agent + '\0' + unbound_log).encode())
    save('files', 'settings', b'\4net.ipv4.ip_forward 0 net.ipv4.ip_forward\nnet.ipv4.conf.all.accept_redirects 1 net.ipv4.ip_forward\n')
    save('files', 'words', b'\5ERROR: (pic0) 2026/01/31 23:59:59 Failed to create TUN device: operation not permitted\n')
    save('seal', 'text', b'\0' + base64.b64encode(bytes(range(100))))
    save('seal', 'secret', b'\1peer/9/private_key\0' + bytes(range(32)))
    save('seal', 'own-place', b'\1peer/7/private_key\0' + bytes(range(32)))


def main():
    if os.environ.get('CAPTURE_INSIDE') != '1':
        os.execvp('unshare', ['unshare', '-n', 'env', 'CAPTURE_INSIDE=1', sys.executable, __file__, *sys.argv[1:]])
    for job in sys.argv[1:] or ['rtnl', 'rules', 'nft', 'wireguard', 'wireguard_go', 'unbound', 'cell', 'agent', 'documents', 'words', 'files']:
        globals()[job]()


if __name__ == '__main__':
    main()
