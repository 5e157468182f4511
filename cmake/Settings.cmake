# SPDX-License-Identifier: Apache-2.0
# Interface targets every target of ours links: language level, warnings, sanitizers.
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(headwater_settings INTERFACE)
target_compile_features(headwater_settings INTERFACE cxx_std_20)
target_include_directories(headwater_settings INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(headwater_settings INTERFACE HEADWATER_VERSION="${PROJECT_VERSION}")
# No fused multiply-add behind our back: results must not depend on how the compiler contracts expressions.
target_compile_options(headwater_settings INTERFACE -ffp-contract=off)
if(NOT HEADWATER_DEBUG_INFO)
    target_compile_options(headwater_settings INTERFACE -g0) # behind the build type's flags, so it wins
endif()
if(HEADWATER_SANITIZE STREQUAL "address")
    target_compile_options(headwater_settings INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(headwater_settings INTERFACE -fsanitize=address,undefined)
elseif(HEADWATER_SANITIZE STREQUAL "thread")
    target_compile_options(headwater_settings INTERFACE -fsanitize=thread)
    target_link_options(headwater_settings INTERFACE -fsanitize=thread)
elseif(HEADWATER_SANITIZE STREQUAL "fuzzer")
    target_compile_options(headwater_settings INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
    target_link_options(headwater_settings INTERFACE -fsanitize=address,undefined)
elseif(HEADWATER_SANITIZE)
    message(FATAL_ERROR "HEADWATER_SANITIZE must be empty, 'address', 'thread' or 'fuzzer', not '${HEADWATER_SANITIZE}'")
endif()

add_library(headwater_warnings INTERFACE)
target_compile_options(headwater_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wdouble-promotion)
if(CMAKE_UNITY_BUILD)
    # A joined source is an included file, whose anonymous namespace g++ takes for a header's.
    target_compile_options(headwater_warnings INTERFACE -Wno-subobject-linkage)
endif()
if(HEADWATER_WERROR)
    target_compile_options(headwater_warnings INTERFACE -Werror)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# A hundred test programs are linked: with mold that takes seconds instead of minutes.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
    add_link_options(-fuse-ld=mold)
endif()
