# Package config of the plugin SDK, for builds outside the tree: find_package(tickplant-sdk) after `cmake --install`.
get_filename_component(_tickplant_sdk_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET tickplant::sdk)
  add_library(tickplant::sdk INTERFACE IMPORTED)
  set_target_properties(tickplant::sdk PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_tickplant_sdk_prefix}/include")
endif()
include("${CMAKE_CURRENT_LIST_DIR}/tp_add_plugin.cmake")
