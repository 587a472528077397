# How everything of ours is compiled: one dialect, one set of warnings, one hardening, sanitizers by preset.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

set(PIC_SANITIZE "" CACHE STRING "address;undefined or thread")
set(PIC_COVER OFF CACHE BOOL "count lines")
set(PIC_ANALYZE OFF CACHE BOOL "gcc -fanalyzer")
set(PIC_FUZZ OFF CACHE BOOL "libFuzzer targets")
set(PIC_WERROR ON CACHE BOOL "warnings are errors")

# A target with PIC_PLAIN is a test's own file: it is compiled and linked once for each run, and nobody waits for it.
set(plain $<BOOL:$<TARGET_PROPERTY:PIC_PLAIN>>)
find_program(PIC_LLD ld.lld)

add_library(pic_flags INTERFACE)
target_compile_definitions(pic_flags INTERFACE _GNU_SOURCE)
target_compile_options(pic_flags INTERFACE
  -Wall -Wextra -Wshadow -Wundef -Wvla -Walloca -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
  -Wmissing-declarations -Wold-style-definition -Wredundant-decls -Wnested-externs -Wpointer-arith
  -Wcast-qual -Wwrite-strings -Wconversion -Wdouble-promotion -Wimplicit-fallthrough -Wswitch-enum
  -Wdate-time -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion
  -fno-common -fno-semantic-interposition -g)
if(PIC_WERROR)
  target_compile_options(pic_flags INTERFACE -Werror)
endif()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(pic_flags INTERFACE
    -Wcast-align=strict -Wformat-signedness -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wjump-misses-init -Walloc-zero -Wtrampolines)
else()
  target_compile_options(pic_flags INTERFACE
    -Wcast-align -Wconditional-uninitialized -Wcomma -Wshorten-64-to-32 -Wno-gnu-statement-expression)
endif()
if(PIC_SANITIZE)
  string(REPLACE ";" "," PIC_SAN "${PIC_SANITIZE}")
  target_compile_options(pic_flags INTERFACE -fsanitize=${PIC_SAN} -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<IF:${plain},-O0,-O1>)
  target_link_options(pic_flags INTERFACE -fsanitize=${PIC_SAN})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(pic_flags INTERFACE -U_FORTIFY_SOURCE -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -ftrivial-auto-var-init=zero "$<IF:${plain},-O0,-O2;-D_FORTIFY_SOURCE=3>")
endif()
if(PIC_COVER)
  target_compile_options(pic_flags INTERFACE --coverage -O0)
  target_link_options(pic_flags INTERFACE --coverage)
endif()
if(PIC_ANALYZE)
  target_compile_options(pic_flags INTERFACE -fanalyzer)
endif()
if(PIC_FUZZ)
  target_compile_options(pic_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(PIC_LLD)
  target_link_options(pic_flags INTERFACE $<${plain}:-fuse-ld=lld>)
endif()
target_link_options(pic_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
