"""A time server (RFC 5905, answers only) whose clock is so many seconds ahead: a real one cannot be made to lie on a machine with one clock."""
import socket
import struct
import sys
import time

address, ahead = sys.argv[1], float(sys.argv[2])
EPOCH = 2208988800


def stamp(t):
    return struct.pack('!II', int(t) + EPOCH & 0xffffffff, int(t % 1 * 2**32))


with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind((address, 123))
    print('ready', flush=True)
    while True:
        packet, peer = s.recvfrom(512)
        now = time.time() + ahead
        if len(packet) >= 48 and packet[0] & 7 == 3:
            s.sendto(struct.pack('!BBbbII4s', 0x24, 1, packet[2], -20, 0, 0, b'LIE\0') + stamp(now - 1) + packet[40:48] + stamp(now)
                     + stamp(time.time() + ahead), peer)
