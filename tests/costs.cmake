# ctest begins what costs most first, so that no processor is left with a long test at the end; on a fresh clone it knows nothing of former
# runs. Seconds where it took longest (release, asan or tsan; two busy processors); what is not here takes less than seven.
set(PIC_COSTS
  fault.writer=59 fault.init=42 fault.power=42 sim.3=41 fault.store=39 sim.2=39 sim.1=37 sim.4=37 unit.exit.ssh_far=30 unit.sys.mill=29
  unit.exit.tor_far=27 fault.steps=27 unit.exit.openvpn_far=26 qemu.wg=23 unit.plan.meaning=22 unit.dns.asked=21 unit.backup.unpack=20
  unit.engine.exits=20 unit.exit.wireguard=18 qemu.bound=17 unit.exit.build=15 unit.api.cell=14 qemu.exit=14 unit.engine.agent=13
  fault.restore=13 unit.store.trail=12 contract.exit=12 unit.dns.dns=11 unit.engine.acme_prove=11 unit.plan.delta=11 unit.plan.judge=11
  unit.api.secrets=10 unit.engine.exits_health=9 unit.exit.space=9 unit.store.often=9 fault.backup=9 unit.store.store=8 fault.clock=8
  unit.dns.records=7 unit.dns.watch=7 contract.front=7)

# pic_cost(TEST): in the directory that made the test.
function(pic_cost name)
  foreach(one ${PIC_COSTS})
    if(one MATCHES "^(.*)=([0-9]+)$" AND CMAKE_MATCH_1 STREQUAL name)
      set_tests_properties(${name} PROPERTIES COST ${CMAKE_MATCH_2})
    endif()
  endforeach()
endfunction()
