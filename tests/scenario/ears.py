"""Hears all IP packets on one device, both directions: ears.py DEVICE. Says "ready", and at the end of its input one JSON object: "packets", one
line each ("proto source destination port"), without what keeps links alive; "marks", the numbers of our packets, wherever in a frame they are (an
error that quotes one has it too)."""
import json
import re
import select
import socket
import struct
import sys

ALL, FORCE = 3, 33
MARK = re.compile(rb'why\?(....)', re.DOTALL)


def line(data):
    """Of an IP packet; None for neighbour discovery and multicast membership."""
    if data[0] >> 4 == 4:
        head, proto, ends = (data[0] & 15) * 4, data[9], [socket.inet_ntop(2, data[i:i + 4]) for i in (12, 16)]
        if struct.unpack('!H', data[6:8])[0] & 0x1fff:
            return f'{proto} {ends[0]} {ends[1]} fragment'
    else:
        head, proto, ends = 40, data[6], [socket.inet_ntop(10, data[i:i + 16]) for i in (8, 24)]
        while proto in (0, 43, 60) and len(data) > head + 8:
            proto, head = data[head], head + 8 + data[head + 1] * 8
        if proto == 58 and (130 <= data[head] <= 137 or data[head] == 143):
            return None
    rest = data[head:]
    if proto == 2:
        return None
    port = struct.unpack('!H', rest[2:4])[0] if proto in (6, 17) and len(rest) >= 4 else rest[0] if rest else 0
    return f'{proto} {ends[0]} {ends[1]} {port}'


ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL))
ear.setsockopt(socket.SOL_SOCKET, FORCE, 64 << 20)
ear.bind((sys.argv[1], ALL))
print('ready', flush=True)
packets, marks, more = [], set(), True
while more:
    ready = select.select([ear, sys.stdin], [], [])[0]
    more = sys.stdin not in ready
    while select.select([ear], [], [], 0)[0]:
        data, where = ear.recvfrom(65535)
        if where[1] not in (0x800, 0x86dd) or len(data) < 20:
            continue
        said = line(data)
        if said:
            packets.append(said)
        marks.update(struct.unpack('!I', m)[0] for m in MARK.findall(data))
print(json.dumps({'packets': packets, 'marks': sorted(marks)}))
