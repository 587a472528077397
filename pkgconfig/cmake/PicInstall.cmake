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
# The prefix is known at install time only (cmake --install --prefix).
install(CODE "set(CMAKE_INSTALL_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
  set(CMAKE_INSTALL_INCLUDEDIR \"${CMAKE_INSTALL_INCLUDEDIR}\")
  set(PROJECT_VERSION \"${PROJECT_VERSION}\")
  set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
  configure_file(\"${CMAKE_SOURCE_DIR}/pkgconfig/libpic.pc.in\" \"${CMAKE_BINARY_DIR}/libpic.pc\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/libpic.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
