# SPDX-License-Identifier: Apache-2.0
# headwater_add_test(NAME <tst_x> SOURCE <file> LABELS <labels> [LINK ...] [COST <seconds it may take>] [XVFB])
# One Qt Test program a file. A program that skips in initTestCase() has tested nothing: ctest lists it as skipped (Qt Test
# itself ends with 0). One that skips a row or a function passes; its output and its totals say what was left out.
find_program(XVFB_RUN xvfb-run)
# A test's compiler reads Qt Test and the standard library longer than the test itself: one precompiled header for the tests
# of core and the programs, one for the window's.
function(headwater_test_settings TARGET)
    target_include_directories(${TARGET} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(${TARGET} PRIVATE
        HEADWATER_SOURCE_DIR="${PROJECT_SOURCE_DIR}" HEADWATER_BINARY_DIR="${PROJECT_BINARY_DIR}")
    target_link_libraries(${TARGET} PRIVATE headwater_settings headwater_warnings Qt6::Test)
    # These name each test's own folder, which would make a header of its own necessary; no test of ours asks for it.
    target_compile_options(${TARGET} PRIVATE -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
    # Some libraries ask for it, and the header must have been compiled as its tests are.
    target_compile_options(${TARGET} PRIVATE -pthread)
    # g++ 12 invents these in std::string that it has inlined (GCC bugs 105329, 105651); the address sanitizer knows better.
    target_compile_options(${TARGET} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
        -Wno-stringop-overread)
endfunction()
add_library(tests_precompiled STATIC EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
headwater_test_settings(tests_precompiled)
target_precompile_headers(tests_precompiled PRIVATE <QtTest> <nlohmann/json.hpp> <filesystem> <fstream> <functional> <map>
    <random> <set> <thread>)
if(HEADWATER_GUI)
    add_library(ui_tests_precompiled STATIC EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
    headwater_test_settings(ui_tests_precompiled)
    target_link_libraries(ui_tests_precompiled PRIVATE Qt6::Widgets)
    target_compile_options(ui_tests_precompiled PRIVATE -UQT_NO_CAST_FROM_ASCII)
    target_precompile_headers(ui_tests_precompiled PRIVATE <QtTest> <QtWidgets> <nlohmann/json.hpp>)
endif()

# What may take longest starts first, also where ctest has not seen it yet: else one processor waits at the end. What hangs
# is ended, by Qt Test (which else gives a function five minutes, and names it) or by ctest; what is only slow is not.
function(headwater_test_cost COST)
    math(EXPR seconds "3 * ${COST}")
    if(seconds LESS 600)
        set(seconds 600)
    endif()
    set_tests_properties(${ARGN} PROPERTIES COST ${COST} TIMEOUT ${seconds})
    math(EXPR function_seconds "${seconds} - 30")
    set_property(TEST ${ARGN} APPEND PROPERTY ENVIRONMENT "QTEST_FUNCTION_TIMEOUT=${function_seconds}000")
endfunction()

# What the thread sanitizer's lane runs (core, and the window's own threads), without the programs and tests beyond it.
add_custom_target(thread_tests)
function(headwater_add_test)
    cmake_parse_arguments(ARG "XVFB" "NAME;SOURCE;COST" "LABELS;LINK" ${ARGN})
    if(NOT ARG_COST)
        set(ARG_COST 120)
    endif()
    add_executable(${ARG_NAME} ${ARG_SOURCE})
    set_target_properties(${ARG_NAME} PROPERTIES AUTOMOC ON UNITY_BUILD OFF)
    headwater_test_settings(${ARG_NAME})
    target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LINK})
    if("ui" IN_LIST ARG_LABELS)
        # Tests are full of short literals; the program is not.
        target_compile_options(${ARG_NAME} PRIVATE -UQT_NO_CAST_FROM_ASCII)
        target_precompile_headers(${ARG_NAME} REUSE_FROM ui_tests_precompiled)
    else()
        target_precompile_headers(${ARG_NAME} REUSE_FROM tests_precompiled)
    endif()
    # Empty, as a test includes its own: reading the header would be all of its cost.
    set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${ARG_NAME}_autogen/mocs_compilation.cpp" PROPERTIES
        SKIP_PRECOMPILE_HEADERS ON)
    if(ARG_XVFB)
        add_test(NAME ${ARG_NAME} COMMAND ${XVFB_RUN} -a -s "-screen 0 1920x1200x24" $<TARGET_FILE:${ARG_NAME}>)
    else()
        add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    endif()
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}"
        SKIP_REGULAR_EXPRESSION "SKIP   : [A-Za-z0-9_]+::initTestCase\\(\\)")
    if(("core" IN_LIST ARG_LABELS OR "threads" IN_LIST ARG_LABELS) AND NOT "model" IN_LIST ARG_LABELS)
        add_dependencies(thread_tests ${ARG_NAME})
    endif()
    if("ui" IN_LIST ARG_LABELS AND NOT ARG_XVFB)
        set_tests_properties(${ARG_NAME} PROPERTIES ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
    endif()
    headwater_test_cost(${ARG_COST} ${ARG_NAME})
    if(HEADWATER_SANITIZE STREQUAL "address")
        set_property(TEST ${ARG_NAME} APPEND PROPERTY ENVIRONMENT
            "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/leak_sanitizer.supp:print_suppressions=0")
    endif()
    if(HEADWATER_SANITIZE STREQUAL "thread")
        set_property(TEST ${ARG_NAME} APPEND PROPERTY ENVIRONMENT
            "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/thread_sanitizer.supp")
    endif()
endfunction()
