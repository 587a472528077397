"""The reference: what a person would do by hand with stock tools, with the very content of a running cell. wireguard-go filled by `wg setconf`, the cell's
own table loaded by `nft -f`, unbound with the cell's own configuration and records; and a bare C program that adds single devices to these."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from conftest import BIN
from world import wait_for

PROGRAMS = BIN.parent / 'tests'


def numbers(space, *command):
    """What a program of ours prints in a namespace: microseconds, one a line."""
    done = subprocess.run(['ip', 'netns', 'exec', space, *map(str, command)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f'{command}: {done.stderr}'
    return [float(x) for x in done.stdout.split()]


class Bare:
    def __init__(self, w, size):
        self.w, self.size, self.space = w, size, w.space('bare')
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=w.tmp))
        self.dev = w.device('pb')
        self.sock = self.dir / 'control.sock'
        self.children = []

    def copy(self):
        """Takes the content of the running cell."""
        assert os.path.exists(f'/var/run/wireguard/{self.w.dev}.sock'), 'this bench compares with wireguard-go: it wants a kernel without WireGuard'
        w, dns = self.w, pathlib.Path(self.w.pic.dir) / 'run' / 'dns'
        (self.dir / 'wg.conf').write_text(w.sh(w.cellns, f'wg showconf {w.dev}'))
        (self.dir / 'table.nft').write_text(w.sh(w.cellns, 'nft list table inet pic'))
        (self.dir / 'records.conf').write_text((dns / 'records.conf').read_text())
        (self.dir / 'unbound.conf').write_text((dns / 'unbound.conf').read_text().replace(str(dns), str(self.dir)))

    def spawn(self, *command):
        self.children.append(self.w.spawn(self.space, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def timed(self, what):
        began = time.monotonic()
        what()
        return time.monotonic() - began

    def start(self):
        """Seconds for: wireguard-go, wg setconf and up; nft -f; unbound until it answers."""
        w = self.w

        def wireguard():
            self.spawn('wireguard-go', '-f', self.dev)
            wait_for(lambda: os.path.exists(f'/var/run/wireguard/{self.dev}.sock'), what='wireguard-go', nap=0.002)
            w.sh(self.space, f'wg setconf {self.dev} {self.dir}/wg.conf; ip link set {self.dev} up')
            # Going up starts every peer: the port is bound first, and the next answer comes when all have started.
            wait_for(lambda: w.sh(self.space, 'ss -Huln sport = :51820'), what='wireguard-go to go up', nap=0.002)
            w.sh(self.space, f'wg show {self.dev} listen-port')

        def names():
            self.spawn('unbound', '-d', '-p', '-c', self.dir / 'unbound.conf')
            wait_for(lambda: w.sh(self.space, f'unbound-control -c {self.dir}/unbound.conf status', check=False).returncode == 0, 20, 'unbound', nap=0.002)
        return [self.timed(wireguard), self.timed(lambda: w.sh(self.space, f'nft -f {self.dir}/table.nft')), self.timed(names)]

    def stop(self):
        for child in self.children:
            child.send_signal(signal.SIGTERM)
            child.wait(10)
        self.children = []
        self.w.sh(self.space, 'nft flush ruleset')

    def adds(self, count):
        return numbers(self.space, PROGRAMS / 'bench_bare', self.dir / 'bare.db', f'/var/run/wireguard/{self.dev}.sock', self.sock, count, self.size, 'home.internal')
