"""The rulesets that the cell's table is compared with. Each holds the same policy for the same devices, written as a person or a script writes it with
iptables: one rule a device that jumps to a chain of its rights, first match wins."""

NETS = {4: '10.20.0.0/16', 6: 'fd20::/48'}
OUTSIDE = {4: ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'],
           6: ['::/3', 'fc00::/7', 'fe80::/10', 'ff00::/8']}
INSIDE = {4: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], 6: ['fc00::/7']}
CLASSES = 20


def grant(i):
    """Of class i: internet, lan, peers, both of the first, or one port of one host."""
    if i < 4:
        return ['internet', 'lan', 'peers', 'internet,lan'][i]
    return f'192.168.77.{100 + i}:udp/{400 + i},[fd77::{100 + i}]:udp/{400 + i}'


def document(count):
    return 'peers:\n' + ''.join(f'  d{i}: {{access: "{grant(i % CLASSES)}"}}\n' for i in range(count))


def class_rules(i, family):
    if i == 0:
        return ['-g internet']
    if i == 1:
        return ['-g lan']
    if i == 2:
        return [f'-d {NETS[family]} -j ACCEPT', '-j DROP']
    if i == 3:
        return ['-j lan_too', '-g internet']
    host = f'192.168.77.{100 + i}' if family == 4 else f'fd77::{100 + i}'
    return [f'-d {host} -p udp --dport {400 + i} -j ACCEPT', '-j DROP']


def iptables(dev, devices, family, established_first=False):
    """For iptables-restore or ip6tables-restore; `devices`: addresses in order, so that device i is of class i mod 20."""
    net, filters = NETS[family], []
    chains = ['from_peer', 'internet', 'lan', 'lan_too'] + [f'class_{i}' for i in range(CLASSES)]
    if established_first:
        filters += ['-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT']
    filters += [f'-A FORWARD -o {dev} -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT', f'-A FORWARD -i {dev} -g from_peer', f'-A FORWARD -o {dev} -j DROP']
    filters += ['-A from_peer -m conntrack --ctstate INVALID -j DROP']
    filters += [f'-A from_peer -s {address} -g class_{i % CLASSES}' for i, address in enumerate(devices)]
    filters += ['-A from_peer -j DROP']
    for i in range(CLASSES):
        filters += [f'-A class_{i} {rule}' for rule in class_rules(i, family)]
    filters += [f'-A internet -o {dev} -j DROP'] + [f'-A internet -d {net} -j DROP' for net in OUTSIDE[family] if net != '::/3'] + ['-A internet -j ACCEPT']
    filters += [f'-A lan_too -d {net} ! -o {dev} -j ACCEPT' for net in INSIDE[family]]
    filters += [f'-A lan -d {net} ! -o {dev} -j ACCEPT' for net in INSIDE[family]] + ['-A lan -j DROP']
    tables = ['*filter', *(f':{c} ACCEPT [0:0]' for c in ('INPUT', 'FORWARD', 'OUTPUT')), *(f':{c} - [0:0]' for c in chains), *filters, 'COMMIT',
              '*mangle', f'-A PREROUTING ! -i {dev} -s {net} -j DROP', f'-A PREROUTING ! -i {dev} -d {net} -j DROP',
              f'-A FORWARD -i {dev} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu', f'-A FORWARD -o {dev} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu', 'COMMIT',
              '*nat', f'-A POSTROUTING -s {net} ! -o {dev} -j MASQUERADE', 'COMMIT']
    return '\n'.join(tables) + '\n'


def masquerade(dev):
    return ('table inet gateway {\n chain postrouting {\n  type nat hook postrouting priority srcnat; policy accept;\n'
            f'  oifname != "{dev}" ip saddr {NETS[4]} masquerade\n  oifname != "{dev}" ip6 saddr {NETS[6]} masquerade\n }}\n}}\n')
