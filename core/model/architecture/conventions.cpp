// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/conventions.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <vector>

namespace headwater {

namespace {

// Source of what GGUF leaves out: llama.cpp, llama_model::load_hparams.
constexpr UnsaidFact kGgufGemma2[] = {
    {Fact::WindowedLayers, 2}, {Fact::Window, 4096}, {Fact::ScoreCap, 50}, {Fact::LogitCap, 30}};
constexpr UnsaidFact kGgufGemma3[] = {{Fact::WindowedLayers, 6}, {Fact::LocalRopeBase, 10'000}};
constexpr UnsaidFact kGgufSmolLm3[] = {{Fact::RotatedLayers, 4}};
constexpr UnsaidFact kGgufMinistral3[] = {{Fact::YarnMscale, 1}};

constexpr double kMustBeSaid = std::numeric_limits<double>::quiet_NaN();

// What config.json may leave out: the values of transformers' config classes (5.23, configuration_*.py).
constexpr UnsaidFact kFolderLlama[] = {{Fact::LayerCount, 32},      {Fact::HiddenSize, 4096},
                                       {Fact::HeadCount, 32},       {Fact::FfnSize, 11'008},
                                       {Fact::ContextLength, 2048}, {Fact::NormEpsilon, 1e-6}};
constexpr UnsaidFact kFolderMistral[] = {{Fact::LayerCount, 32},         {Fact::HiddenSize, 4096},
                                         {Fact::HeadCount, 32},          {Fact::KvHeadCount, 8},
                                         {Fact::FfnSize, 14'336},        {Fact::Window, 4096},
                                         {Fact::ContextLength, 131'072}, {Fact::NormEpsilon, 1e-6}};
constexpr UnsaidFact kFolderQwen2[] = {{Fact::LayerCount, 32},        {Fact::HiddenSize, 4096},
                                       {Fact::HeadCount, 32},         {Fact::KvHeadCount, 32},
                                       {Fact::FfnSize, 22'016},       {Fact::Window, 4096},
                                       {Fact::ContextLength, 32'768}, {Fact::NormEpsilon, 1e-6}};
constexpr UnsaidFact kFolderQwen3[] = {
    {Fact::LayerCount, 32},  {Fact::HiddenSize, 4096},      {Fact::HeadCount, 32},
    {Fact::KvHeadCount, 32}, {Fact::HeadDim, 128},          {Fact::FfnSize, 22'016},
    {Fact::Window, 4096},    {Fact::ContextLength, 32'768}, {Fact::NormEpsilon, 1e-6}};
constexpr UnsaidFact kFolderGemma2[] = {
    {Fact::LayerCount, 26},    {Fact::HiddenSize, 2304},  {Fact::HeadCount, 8},
    {Fact::KvHeadCount, 4},    {Fact::HeadDim, 256},      {Fact::FfnSize, 9216},
    {Fact::Window, 4096},      {Fact::WindowedLayers, 2}, {Fact::ScoreCap, 50},
    {Fact::LogitCap, 30},      {Fact::QueryScalar, 256},  {Fact::ContextLength, 8192},
    {Fact::NormEpsilon, 1e-6}, {Fact::TiedUnembedding, 1}};
constexpr UnsaidFact kFolderGemma3[] = {
    {Fact::LayerCount, 26},     {Fact::HiddenSize, 2304},  {Fact::HeadCount, 8},
    {Fact::KvHeadCount, 4},     {Fact::HeadDim, 256},      {Fact::FfnSize, 9216},
    {Fact::Window, 4096},       {Fact::WindowedLayers, 6}, {Fact::RopeBase, 1e6},
    {Fact::LocalRopeBase, 1e4}, {Fact::QueryScalar, 256},  {Fact::ContextLength, 131'072},
    {Fact::NormEpsilon, 1e-6},  {Fact::TiedUnembedding, 1}};
constexpr UnsaidFact kFolderGemma4[] = {{Fact::LayerCount, 30},
                                        {Fact::HiddenSize, 2304},
                                        {Fact::HeadCount, 8},
                                        {Fact::KvHeadCount, 4},
                                        {Fact::HeadDim, 512},
                                        {Fact::LocalHeadDim, 256},
                                        {Fact::FfnSize, 9216},
                                        {Fact::LayerInputSize, 256},
                                        {Fact::Window, 512},
                                        {Fact::WindowedLayers, 6},
                                        {Fact::RopeBase, 1e6},
                                        {Fact::LocalRopeBase, 1e4},
                                        {Fact::RotatedShare, kMustBeSaid},
                                        {Fact::ContextLength, 131'072},
                                        {Fact::NormEpsilon, 1e-6},
                                        {Fact::TiedUnembedding, 1}};
constexpr UnsaidFact kFolderOlmo2[] = {{Fact::LayerCount, 32},      {Fact::HiddenSize, 4096},
                                       {Fact::HeadCount, 32},       {Fact::FfnSize, 11'008},
                                       {Fact::ContextLength, 2048}, {Fact::NormEpsilon, 1e-5}};
constexpr UnsaidFact kFolderOlmo3[] = {
    {Fact::LayerCount, 32},      {Fact::HiddenSize, 4096},  {Fact::HeadCount, 32}, {Fact::FfnSize, 11'008},
    {Fact::Window, 4096},        {Fact::WindowedLayers, 4}, {Fact::RopeBase, 5e5}, {Fact::LocalRopeBase, 5e5},
    {Fact::ContextLength, 2048}, {Fact::NormEpsilon, 1e-5}};
constexpr UnsaidFact kFolderSmolLm3[] = {{Fact::LayerCount, 36},    {Fact::HiddenSize, 2048},
                                         {Fact::HeadCount, 16},     {Fact::KvHeadCount, 4},
                                         {Fact::FfnSize, 11'008},   {Fact::RotatedLayers, 4},
                                         {Fact::RopeBase, 2e6},     {Fact::ContextLength, 32'768},
                                         {Fact::NormEpsilon, 1e-6}, {Fact::TiedUnembedding, 1}};
constexpr UnsaidFact kFolderMinistral3[] = {{Fact::LayerCount, 34},    {Fact::HiddenSize, 4096},
                                            {Fact::HeadCount, 32},     {Fact::KvHeadCount, 8},
                                            {Fact::HeadDim, 128},      {Fact::FfnSize, 14'336},
                                            {Fact::RopeBase, 1e6},     {Fact::ContextLength, 262'144},
                                            {Fact::NormEpsilon, 1e-5}, {Fact::QueryTemperature, kMustBeSaid}};

} // namespace

std::span<const Convention> conventions()
{
    using enum RotaryPairs;
    static const std::array kConventions = {
        Convention{Container::Gguf, "llama", &kLlama, Neighbours, {}},
        Convention{Container::Gguf, "qwen2", &kQwen2, Halves, {}},
        Convention{Container::Gguf, "qwen3", &kQwen3, Halves, {}},
        Convention{Container::Gguf, "gemma2", &kGemma2, Halves, kGgufGemma2, 46},
        Convention{Container::Gguf, "gemma3", &kGemma3, Halves, kGgufGemma3, 62},
        Convention{Container::Gguf, "gemma4", &kGemma4, Halves, {}},
        Convention{Container::Gguf, "olmo2", &kOlmo2, Halves, {}},
        Convention{Container::Gguf, "smollm3", &kSmolLm3, Neighbours, kGgufSmolLm3},
        Convention{Container::Gguf, "mistral3", &kMinistral3, Neighbours, kGgufMinistral3},
        Convention{Container::Folder, "llama", &kLlama, Halves, kFolderLlama},
        Convention{Container::Folder, "mistral", &kLlama, Halves, kFolderMistral},
        Convention{Container::Folder, "qwen2", &kQwen2, Halves, kFolderQwen2},
        Convention{Container::Folder, "qwen3", &kQwen3, Halves, kFolderQwen3},
        Convention{Container::Folder, "gemma2", &kGemma2, Halves, kFolderGemma2, 0, true},
        Convention{Container::Folder, "gemma3_text", &kGemma3, Halves, kFolderGemma3, 0, true},
        Convention{Container::Folder, "gemma4_text", &kGemma4, Halves, kFolderGemma4},
        Convention{Container::Folder, "olmo2", &kOlmo2, Halves, kFolderOlmo2},
        Convention{Container::Folder, "olmo3", &kOlmo2, Halves, kFolderOlmo3},
        Convention{Container::Folder, "smollm3", &kSmolLm3, Halves, kFolderSmolLm3},
        Convention{Container::Folder, "ministral3", &kMinistral3, Halves, kFolderMinistral3},
    };
    return kConventions;
}

const Convention* findConvention(Container container, std::string_view name)
{
    const auto known = conventions();
    const auto found = std::ranges::find_if(known, [&](const Convention& convention) {
        return convention.container == container && convention.name == name;
    });
    return found == known.end() ? nullptr : &*found;
}

std::string namesThatRun(Container container)
{
    std::vector<std::string_view> names;
    for (const Convention& convention : conventions())
        if (convention.container == container)
            names.push_back(convention.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace headwater
