# Without libpic/ in the tree: take the installed one, by find_package or, with PIC_BY_PKGCONFIG, by pkg-config.
option(PIC_BY_PKGCONFIG "find libpic by pkg-config (pic.pc)" OFF)
if(PIC_BY_PKGCONFIG)
  pkg_check_modules(INSTALLED REQUIRED IMPORTED_TARGET pic)
  add_library(pic ALIAS PkgConfig::INSTALLED)
else()
  find_package(libpic 0.1 REQUIRED)
  add_library(pic ALIAS libpic::pic)
endif()
