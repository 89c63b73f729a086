# A script of its own: install, configure, build, then load (CHECK) or prove (REPLAY). Stops at the first step that
# fails. PLUGIN: what is built.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " words "${ARGN}")
    message(FATAL_ERROR "failed (${result}): ${words}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BINARY}/plugins/sdk" --prefix "${WORK}/prefix")
# The template lies in the tree; its copy sees nothing but the installed files.
file(COPY "${TEMPLATE}/" DESTINATION "${WORK}/project")
run("${CMAKE_COMMAND}" -S "${WORK}/project" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
  "-DCMAKE_C_COMPILER=${C_COMPILER}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" -DCMAKE_BUILD_TYPE=Release)
run("${CMAKE_COMMAND}" --build "${WORK}/build")
if(CHECK)
  run("${CHECK}" "${WORK}/build/${PLUGIN}.so")
endif()
if(REPLAY) # a venue with tapes of its own
  run("${WORK}/build/make_tapes" "${WORK}/tapes")
  run("${REPLAY}" --conformance "${WORK}/build/${PLUGIN}.so" --tapes "${WORK}/tapes")
endif()
