// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <string>

/// Writes caches as huggingface_hub lays them out; independent of the code that reads them.
namespace hub {

inline void write(const std::filesystem::path& path, const std::string& bytes)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

/// A repository in a cache.
struct Repository {
    std::filesystem::path folder; ///< "…/models--org--name"

    std::filesystem::path snapshot(const std::string& commit) const { return folder / "snapshots" / commit; }

    /// A file of a commit: a link to its blob, as deep as the file lies.
    void add(const std::string& commit, const std::string& file, const std::string& bytes) const
    {
        write(folder / "blobs" / blobOf(commit, file), bytes);
        link(commit, file);
    }
    /// The link alone: its blob never came.
    void link(const std::string& commit, const std::string& file) const
    {
        const std::filesystem::path path = snapshot(commit) / file;
        std::filesystem::create_directories(path.parent_path());
        std::filesystem::create_symlink(
            (folder / "blobs" / blobOf(commit, file)).lexically_relative(path.parent_path()), path);
    }
    void setRef(const std::string& ref, const std::string& commit) const
    {
        write(folder / "refs" / ref, commit);
    }
    void beginDownload() const { write(folder / "blobs" / "0123abcd.incomplete", "half"); }

private:
    static std::string blobOf(const std::string& commit, std::string file)
    {
        for (char& c : file)
            c = c == '/' ? '_' : c;
        return commit.substr(0, 4) + file;
    }
};

} // namespace hub
