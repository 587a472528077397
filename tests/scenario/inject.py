"""Plays the cell's device: inject.py DEVICE COMMANDS OUT_DEVICE…  Runs in the cell's namespace. Makes a tun device of that name, runs the shell
commands, says "ready", reads packets (hex, one a line, each with its number in the last four bytes), writes them into the device, and says which
numbers came out: by the device itself, by another interface, or at the host (raw sockets see what `input` let through)."""
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
device, commands, outs = sys.argv[1], sys.argv[2], sys.argv[3:]
tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', device.encode(), IFF_TUN | IFF_NO_PI))
subprocess.run(['sh', '-ec', commands], check=True)
ears = []


def ear(*what, bind=None):
    s = socket.socket(*what)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    if bind:
        s.bind(bind)
    ears.append(s)


for out in outs:
    ear(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3), bind=(out, 0))
for proto in (1, 6, 17):
    ear(socket.AF_INET, socket.SOCK_RAW, proto)
for proto in (6, 17, 58):
    ear(socket.AF_INET6, socket.SOCK_RAW, proto)
print('ready', flush=True)
packets = [bytes.fromhex(line) for line in sys.stdin.read().split()]
heard = set()


def number(data):
    """Of one of our packets; None of others, such as the errors and redirects that quote them."""
    if len(data) < 8 or data[-8:-4] != b'why?':
        return None
    kind = data[data[0] % 16 * 4] if data[0] >> 4 == 4 and data[9] == 1 else data[40] if data[0] >> 4 == 6 and data[6] == 58 else None
    return struct.unpack('!I', data[-4:])[0] if kind in (None, 8, 128) else None


def listen():
    for s in ears:
        try:
            while True:
                data, where = s.recvfrom(2048)
                if s.family == socket.AF_PACKET and where[2] != 4:  # PACKET_OUTGOING
                    continue
                if s.family == socket.AF_INET6:  # without its header: never an error, that is the kernel's own
                    data = b'\x60' + bytes(39) + data if data[-8:-4] == b'why?' and (s.proto != 58 or data[0] == 128) else b''
                heard.add(number(data))
        except BlockingIOError:
            pass
    try:
        while True:
            data = os.read(tun, 2048)
            heard.add(number(data))
    except BlockingIOError:
        pass


for i, packet in enumerate(packets):
    while True:
        try:
            os.write(tun, packet)
            break
        except BlockingIOError:
            select.select([], [tun], [], 1)
    if i % 200 == 199:
        listen()
for _ in range(20):
    select.select([], [], [], 0.02)
    listen()
print(' '.join(map(str, sorted(heard - {None}))))
