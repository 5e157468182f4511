# SPDX-License-Identifier: Apache-2.0
# headwater_add_test(NAME <tst_x> SOURCE <file> LABELS <labels> [LINK ...] [TIMEOUT <s>] [XVFB])
# One Qt Test program a file. A program that skips in initTestCase() has tested nothing: ctest lists it as skipped (Qt Test
# itself ends with 0). One that skips a row or a function passes; its output and its totals say what was left out.
find_program(XVFB_RUN xvfb-run)
# What the thread sanitizer's lane runs, without the programs and tests beyond it.
add_custom_target(core_tests)
function(headwater_add_test)
    cmake_parse_arguments(ARG "XVFB" "NAME;SOURCE;TIMEOUT" "LABELS;LINK" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${ARG_NAME} ${ARG_SOURCE})
    set_target_properties(${ARG_NAME} PROPERTIES AUTOMOC ON)
    target_include_directories(${ARG_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${ARG_NAME} PRIVATE
        HEADWATER_SOURCE_DIR="${PROJECT_SOURCE_DIR}" HEADWATER_BINARY_DIR="${PROJECT_BINARY_DIR}")
    target_link_libraries(${ARG_NAME} PRIVATE headwater_settings headwater_warnings Qt6::Test ${ARG_LINK})
    if(ARG_XVFB)
        add_test(NAME ${ARG_NAME} COMMAND ${XVFB_RUN} -a -s "-screen 0 1920x1200x24" $<TARGET_FILE:${ARG_NAME}>)
    else()
        add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    endif()
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        SKIP_REGULAR_EXPRESSION "SKIP   : [A-Za-z0-9_]+::initTestCase\\(\\)")
    if("core" IN_LIST ARG_LABELS AND NOT "model" IN_LIST ARG_LABELS)
        add_dependencies(core_tests ${ARG_NAME})
    endif()
    if("ui" IN_LIST ARG_LABELS AND NOT ARG_XVFB)
        set_tests_properties(${ARG_NAME} PROPERTIES ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
    endif()
    if(HEADWATER_SANITIZE STREQUAL "address")
        set_property(TEST ${ARG_NAME} APPEND PROPERTY ENVIRONMENT
            "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/leak_sanitizer.supp:print_suppressions=0")
    endif()
    if(HEADWATER_SANITIZE STREQUAL "thread")
        set_property(TEST ${ARG_NAME} APPEND PROPERTY ENVIRONMENT
            "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/thread_sanitizer.supp")
    endif()
endfunction()
