# What `cmake --install` puts where: library, headers, pkg-config file, CMake package.
include(CMakePackageConfigHelpers)
install(TARGETS pic EXPORT libpic-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS pic_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/pic DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT libpic-targets NAMESPACE libpic:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libpic)
configure_file(${CMAKE_SOURCE_DIR}/pkgconfig/libpic-config.cmake.in ${CMAKE_BINARY_DIR}/libpic-config.cmake @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/libpic-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/libpic-config.cmake ${CMAKE_BINARY_DIR}/libpic-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libpic)
# The prefix is known at install time only (cmake --install --prefix). pic.pc is the name; libpic.pc is for who looks for the library's.
install(CODE "set(CMAKE_INSTALL_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
  set(CMAKE_INSTALL_INCLUDEDIR \"${CMAKE_INSTALL_INCLUDEDIR}\")
  set(PROJECT_VERSION \"${PROJECT_VERSION}\")
  set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
  configure_file(\"${CMAKE_SOURCE_DIR}/pkgconfig/libpic.pc.in\" \"${CMAKE_BINARY_DIR}/pic.pc\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/pic.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_BINARY_DIR}/pic.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig RENAME libpic.pc)
# The manual of the API, section 3, is made from the headers.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  file(GLOB PIC_HEADERS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/pic/*.h)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/man3.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${CMAKE_BINARY_DIR}/man3
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/pkgconfig/man3.py ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/man3
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/man3.stamp
    DEPENDS ${CMAKE_SOURCE_DIR}/pkgconfig/man3.py ${PIC_HEADERS} VERBATIM)
  add_custom_target(man_api ALL DEPENDS ${CMAKE_BINARY_DIR}/man3.stamp)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR})
endif()
