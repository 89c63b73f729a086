# tp_add_plugin(NAME <name> KIND venue|dialect|auth|compression SOURCES <file>... [LIBRARIES <target>...] [VERSION <version>])
#
# Makes a shared library that exports the plugin entry alone, with the name that the host looks for: <name>.so. In the
# tree it lands in <build>/plugins, elsewhere in the build folder of the calling project; `cmake --install` puts it
# into <prefix>/lib/tickplant/plugins. The sources are also made an object library <target>_objects, for unit tests.
function(tp_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;KIND;VERSION" "SOURCES;LIBRARIES")
  foreach(required NAME KIND SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "tp_add_plugin: ${required} is missing")
    endif()
  endforeach()
  if(NOT arg_KIND MATCHES "^(venue|dialect|auth|compression|backplane)$")
    message(FATAL_ERROR "tp_add_plugin: KIND is '${arg_KIND}', wanted venue, dialect, auth, compression or backplane")
  endif()
  if(NOT arg_VERSION)
    set(arg_VERSION "${PROJECT_VERSION}")
  endif()
  if(NOT arg_VERSION)
    set(arg_VERSION "0")
  endif()
  set(target tp_${arg_KIND}_${arg_NAME})
  add_library(${target}_objects OBJECT ${arg_SOURCES})
  target_link_libraries(${target}_objects PUBLIC tickplant::sdk ${arg_LIBRARIES})
  target_include_directories(${target}_objects PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_definitions(${target}_objects PRIVATE TP_BUILD_ID="${arg_VERSION}-${CMAKE_BUILD_TYPE}")
  target_compile_features(${target}_objects PUBLIC cxx_std_20)
  add_library(${target} MODULE $<TARGET_OBJECTS:${target}_objects>)
  target_link_libraries(${target} PRIVATE tickplant::sdk ${arg_LIBRARIES})
  # Visibility alone lets weak symbols of the C++ library through, which would meet those of other plugins.
  target_link_options(${target} PRIVATE "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/tp_plugin.map")
  set_target_properties(${target} PROPERTIES LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/tp_plugin.map")
  set_target_properties(${target}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME "${arg_NAME}"
    LIBRARY_OUTPUT_DIRECTORY "$<IF:$<BOOL:${TP_PLUGIN_OUTPUT_DIRECTORY}>,${TP_PLUGIN_OUTPUT_DIRECTORY},${CMAKE_CURRENT_BINARY_DIR}>")
  install(TARGETS ${target} LIBRARY DESTINATION lib/tickplant/plugins)
endfunction()
