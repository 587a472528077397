"""Both ends of a probe. serve LOG PORT…: answers TCP, UDP on these ports, both families, and logs who came ("proto port source token").
probe TIMEOUT: reads probes [proto, address, port, source?] from stdin, tries all side by side, prints a list of booleans."""
import json
import os
import selectors
import socket
import struct
import sys
import threading
import time

IP_TRANSPARENT, IPV6_TRANSPARENT = 19, 75


def serve(log, ports):
    out = open(log, 'a', buffering=1)
    chosen = selectors.DefaultSelector()
    for port in map(int, ports):
        for family in (socket.AF_INET, socket.AF_INET6):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                s = socket.socket(family, kind)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                else:
                    s.setsockopt(socket.IPPROTO_IP, 8, 1)      # IP_PKTINFO: answer from the address that was asked
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, 49, 1)   # IPV6_RECVPKTINFO
                s.bind(('::' if family == socket.AF_INET6 else '0.0.0.0', port))
                if kind == socket.SOCK_STREAM:
                    s.listen(64)
                chosen.register(s, selectors.EVENT_READ, (kind, port, family))
    print('ready', flush=True)
    while True:
        for key, _ in chosen.select():
            kind, port, family = key.data
            if kind == socket.SOCK_STREAM:
                c, who = key.fileobj.accept()
                c.sendall(b'hello ' + who[0].encode() + b'\n')
                out.write(f'tcp {port} {who[0]}\n')
                c.close()
            else:
                data, extra, _, who = key.fileobj.recvmsg(2048, 256)
                out.write(f'udp {port} {who[0]} {data[:40].decode(errors="replace")}\n')
                try:
                    key.fileobj.sendmsg([data], [e for e in extra if e[1] in (8, 50)], 0, who)
                except OSError:
                    pass


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def try_icmp(family, address, timeout, source):
    v6 = family == socket.AF_INET6
    s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
    s.settimeout(timeout)
    ident = struct.unpack('!H', os.urandom(2))[0]
    body = struct.pack('!BBHHH', 128 if v6 else 8, 0, 0, ident, 1) + b'abcdefgh'
    if not v6:
        body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
    if source:
        s.bind((source, 0))
    s.sendto(body, (address, 0))
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        data, who = s.recvfrom(2048)
        if not v6:
            data = data[(data[0] & 15) * 4:]
        kind, _, _, got, _ = struct.unpack('!BBHHH', data[:8])
        if kind == (129 if v6 else 0) and got == ident and who[0] == address:
            return True
    return False


def attempt(proto, address, port, source, timeout):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    if proto == 'icmp':
        return try_icmp(family, address, timeout, source)
    s = socket.socket(family, socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM)
    s.settimeout(timeout)
    if source:
        s.setsockopt(socket.SOL_IP if family == socket.AF_INET else socket.IPPROTO_IPV6,
                     IP_TRANSPARENT if family == socket.AF_INET else IPV6_TRANSPARENT, 1)
        s.bind((source, 0))
    s.connect((address, port))
    if proto == 'udp':
        s.send(f'token {os.getpid()} {port}'.encode())
    return len(s.recv(100)) > 0


def probe(timeout):
    probes = json.load(sys.stdin)
    answers = [False] * len(probes)

    def one(i):
        p = probes[i]
        try:
            answers[i] = bool(attempt(p[0], p[1], p[2], p[3] if len(p) > 3 else None, timeout))
        except OSError:
            answers[i] = False

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(probes))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(json.dumps(answers))


if sys.argv[1] == 'serve':
    serve(sys.argv[2], sys.argv[3:])
else:
    probe(float(sys.argv[2]))
