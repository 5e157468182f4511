# SPDX-License-Identifier: Apache-2.0
# headwater_module(NAME <name> SOURCES ... [DEPENDS <our modules>...] [LINK <libraries>...])
# One static library a core module, so that the linker keeps the arrows of docs/architecture.md.
function(headwater_module)
    cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;LINK" ${ARGN})
    add_library(hw_${ARG_NAME} STATIC ${ARG_SOURCES})
    add_library(headwater::${ARG_NAME} ALIAS hw_${ARG_NAME})
    list(TRANSFORM ARG_DEPENDS PREPEND headwater::)
    target_link_libraries(hw_${ARG_NAME} PUBLIC headwater_settings ${ARG_DEPENDS} PRIVATE headwater_warnings ${ARG_LINK})
endfunction()
