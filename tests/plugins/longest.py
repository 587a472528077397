"""Files that take long begin first: xdist gives whole files out in the order of the items (--dist loadfile), and the worker that begins a long
one at the end leaves the others with nothing to do. Seconds as seen on two busy processors; a file that is not here takes less than twenty.
No conftest.py: that name is the folders' own, and tests import from it."""
SECONDS = {
    'test_targets_restic.py': 178, 'test_cli.py': 153, 'test_v4_hands.py': 109, 'test_v4_far.py': 107, 'test_v6.py': 89, 'test_update.py': 82,
    'test_codes.py': 75, 'test_audit_store.py': 70, 'test_dual.py': 60, 'test_services.py': 59, 'test_world.py': 57,
    'test_drift.py': 53, 'test_owner.py': 50, 'test_matrix.py': 47, 'test_nft_exits.py': 46, 'test_attack.py': 45, 'test_kill.py': 45,
    'test_terminal.py': 41, 'test_confirm.py': 39, 'test_targets.py': 38, 'test_agent.py': 37, 'test_router.py': 35, 'test_modes.py': 34,
    'test_drill.py': 34, 'test_nft_rules.py': 33, 'test_systemd.py': 32, 'test_household.py': 31, 'test_hang.py': 31, 'test_blocks.py': 30,
    'test_front.py': 29, 'test_audit.py': 29, 'test_log_secrets.py': 28, 'test_connections.py': 27, 'test_nft_exits_attack.py': 27,
    'test_attached.py': 26, 'test_dev.py': 25, 'test_backup.py': 25, 'test_round_trip.py': 24, 'test_acme.py': 24, 'test_age.py': 22,
    'test_public.py': 22, 'test_targets_twins.py': 21, 'test_doctor.py': 20, 'test_ntp.py': 20, 'test_examples.py': 20, 'test_tor.py': 20,
}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: -SECONDS.get(item.path.name, 0))  # stable: a file's own order, and that of short files, stay
