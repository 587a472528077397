"""Which scenarios there are, in which world. ISSUE is the list that was asked for; each world has at least one of each line."""
import os

from outer import address_changed, boot, boot_without_block, name_changed, path_narrowed, restored, shut_down, shut_down_blocked, wire_down, wire_lost
from phases import (agent_killed, agent_stopped, agent_upgraded, black_hole, cable_deleted, captive, carrier_killed, carrier_killed_without_agent,
                    carrier_stopped, dead_over_restart, failover, firewall_deleted, firewall_deleted_without_agent, firewall_flushed, flows_flushed, frozen, idle,
                    inside_flushed, inside_killed, lossy, marks_emptied, refuse, resolver_killed, resolver_stopped, routing_flushed, rules_deleted,
                    sets_emptied, steady, still, tables_flushed, tunnel_deleted)
from run import Run
from wishes import disabled, edited, failopen_changed, given_and_taken, moved, removed, removed_by_force

ISSUE = {
    'boot before the exit is up': [boot, boot_without_block],
    'exit up': [steady, path_narrowed, lossy, still, captive],
    'far end silently black-holed': [black_hole, idle, frozen, agent_stopped, dead_over_restart],
    'far end refuses': [refuse],
    'carrier process kill -9': [carrier_killed, carrier_killed_without_agent, resolver_killed, inside_killed],
    'SIGSTOP': [carrier_stopped, resolver_stopped],
    'device deleted by hand': [cable_deleted, tunnel_deleted],
    'route table flushed by hand': [tables_flushed, rules_deleted, routing_flushed],
    'nft table flushed by hand': [firewall_flushed, firewall_deleted, firewall_deleted_without_agent, marks_emptied, sets_emptied, inside_flushed,
                                  flows_flushed],
    'agent kill -9 and restart': [agent_killed],
    'agent upgrade': [agent_upgraded],
    'peer moved between exits': [moved, given_and_taken, failopen_changed],
    'exit edited': [edited, disabled],
    'exit deleted while used by force': [removed_by_force, removed],
    'failover and return': [failover],
    'WAN address change': [address_changed, wire_down, wire_lost],
    'endpoint name change': [name_changed],
    'cell shutdown': [shut_down, shut_down_blocked],
    'cell restored from its backup': [restored],
}
EACH = [phases[0] for phases in ISSUE.values()]
ALL = [phase for phases in ISSUE.values() for phase in phases]
FAR = [steady, boot, failover, black_hole, refuse, idle, lossy, still, captive, path_narrowed, failopen_changed, dead_over_restart, edited, name_changed,
       address_changed, wire_down, boot_without_block]  # by IPv4, in two worlds that run at the same time

WORLDS = {
    'far': FAR,
    'hands': [steady] + [phase for phase in ALL if phase not in FAR and phase not in (wire_lost, frozen)],  # that one is Tor's
    'v6': [path_narrowed] + EACH + [idle, tunnel_deleted, rules_deleted, captive],
    'dual': EACH + [wire_lost],
    'tor': [phase for phase in ALL if phase not in (wire_lost, name_changed)],  # it has no far end of its own that could have a name
}

# What `./dev test` takes of them; `./dev test leaks` takes all. Beside each fault that cannot be told from another by
# the rules that it meets, one: the rest is the same rules again.
SAMPLE = {
    'far': [steady, boot, failover, black_hole, failopen_changed],
    'hands': [carrier_killed, cable_deleted, rules_deleted, firewall_deleted, agent_killed, moved, removed, shut_down_blocked],
    'v6': [steady, black_hole, carrier_killed, tables_flushed, name_changed, restored],
    'dual': [steady, wire_lost, failover, agent_upgraded, address_changed],
    'tor': [steady, carrier_killed],
}


def chosen(world):
    return SAMPLE[world] if os.environ.get('PIC_LEAKS_SAMPLE') else WORLDS[world]


def play(w, phase):
    with Run(w, phase) as r:
        phase(r)
