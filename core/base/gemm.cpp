// SPDX-License-Identifier: Apache-2.0
#include "core/base/gemm.h"

#include <dnnl.h>
#include <fmt/format.h>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

// Declared here instead of through <omp.h>: we never use OpenMP ourselves, we only keep oneDNN from doing so.
extern "C" void omp_set_num_threads(int);

namespace headwater {
namespace {

/// OpenMP's thread count is per calling thread: our pool parallelises over tiles, each product stays on one
/// core.
void stayOnThisThread()
{
    thread_local const bool once = [] {
        omp_set_num_threads(1);
        return true;
    }();
    static_cast<void>(once);
}

/// The library allocates packing buffers: what it could not compute must not pass for a result. The pool
/// carries the exception to the caller, who reports it.
void mustSucceed(dnnl_status_t status)
{
    if (status == dnnl_out_of_memory)
        throw std::bad_alloc();
    if (status != dnnl_success)
        throw std::runtime_error(
            fmt::format("matrix product refused by oneDNN (status {})", static_cast<int>(status)));
}

const char* instructionSet()
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
        return "sse41";
    case dnnl_cpu_isa_avx:
        return "avx";
    case dnnl_cpu_isa_avx2:
        return "avx2";
    case dnnl_cpu_isa_avx2_vnni:
        return "avx2_vnni";
    case dnnl_cpu_isa_avx512_core:
        return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
        return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
        return "avx512_core_bf16";
    default:
        return "other";
    }
}

} // namespace

void gemm(GemmRight right, std::size_t rows, std::size_t cols, std::size_t inner, const float* a,
          std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc, bool accumulate)
{
    stayOnThisThread();
    mustSucceed(dnnl_sgemm('N', right == GemmRight::Transposed ? 'T' : 'N', static_cast<dnnl_dim_t>(rows),
                           static_cast<dnnl_dim_t>(cols), static_cast<dnnl_dim_t>(inner), 1.0f, a,
                           static_cast<dnnl_dim_t>(lda), b, static_cast<dnnl_dim_t>(ldb),
                           accumulate ? 1.0f : 0.0f, c, static_cast<dnnl_dim_t>(ldc)));
}

void gemmLeftTransposed(std::size_t rows, std::size_t cols, std::size_t inner, const float* a,
                        std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                        bool accumulate)
{
    stayOnThisThread();
    mustSucceed(dnnl_sgemm('T', 'N', static_cast<dnnl_dim_t>(rows), static_cast<dnnl_dim_t>(cols),
                           static_cast<dnnl_dim_t>(inner), 1.0f, a, static_cast<dnnl_dim_t>(lda), b,
                           static_cast<dnnl_dim_t>(ldb), accumulate ? 1.0f : 0.0f, c,
                           static_cast<dnnl_dim_t>(ldc)));
}

void prepareGemm()
{
    // Rows by columns as in attention, projections and single rows: each has a kernel of its own.
    constexpr std::size_t kSide = 64;
    const std::vector<float> ones(kSide * kSide, 1.0f);
    std::vector<float> product(kSide * kSide);
    for (const std::size_t rows : {kSide, std::size_t{1}}) {
        for (const bool accumulate : {false, true}) {
            for (const GemmRight right : {GemmRight::Plain, GemmRight::Transposed})
                gemm(right, rows, kSide, kSide, ones.data(), kSide, ones.data(), kSide, product.data(), kSide,
                     accumulate);
            gemmLeftTransposed(rows, kSide, kSide, ones.data(), kSide, ones.data(), kSide, product.data(),
                               kSide, accumulate);
        }
    }
}

const char* gemmLibrary()
{
    static const std::string name = [] {
        const dnnl_version_t* version = dnnl_version();
        return fmt::format("oneDNN {}.{}.{} {}", version->major, version->minor, version->patch,
                           instructionSet());
    }();
    return name.c_str();
}

} // namespace headwater
