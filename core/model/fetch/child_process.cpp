// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headwater {
namespace {

constexpr int kTickMs = 250;
constexpr int kGraceMs = 1000; // between asking a child to end and ending it
constexpr std::size_t kKeptOutput = 64 << 10;

struct Pipe {
    int read = -1;
    int write = -1;

    Pipe()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) == 0) {
            read = ends[0];
            write = ends[1];
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe()
    {
        closeWrite();
        if (read >= 0)
            ::close(read);
    }
    void closeWrite()
    {
        if (write >= 0)
            ::close(std::exchange(write, -1));
    }
};

std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environmentWith(const std::vector<std::pair<std::string, std::string>>& added)
{
    std::vector<std::string> entries;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text(*entry);
        bool replaced = false;
        for (const auto& [name, value] : added)
            replaced = replaced || text.starts_with(name + "=");
        if (!replaced)
            entries.emplace_back(text);
    }
    for (const auto& [name, value] : added)
        entries.push_back(name + "=" + value);
    return entries;
}

/// Our own masks and handlers are no child's business: it begins as one started from a shell would.
void takeDefaultSignals(posix_spawnattr_t& attributes)
{
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ})
        sigaddset(&defaults, signal);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
}

/// Starts the child in its own process group with its output going to `pipe`; returns an errno.
int spawn(std::vector<std::string> arguments, std::vector<std::string> environment, const Pipe& pipe,
          pid_t& pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe.write, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe.write, STDERR_FILENO);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    takeDefaultSignals(attributes);
    const std::vector<char*> argv = pointersTo(arguments);
    const std::vector<char*> envp = pointersTo(environment);
    const int failed = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/// Becomes readable when the child ends.
struct Pidfd {
    explicit Pidfd(pid_t pid)
        : fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) // glibc 2.36 declares it for C alone
    {
    }
    Pidfd(const Pidfd&) = delete;
    Pidfd& operator=(const Pidfd&) = delete;
    ~Pidfd()
    {
        if (fd >= 0)
            ::close(fd);
    }
    const int fd; ///< negative where the kernel has none
};

/// Reads what is there after at most one tick; false at the end of the child's output.
bool readSome(int fd, std::string& output)
{
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, kTickMs) <= 0)
        return true;
    char buffer[4096];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0)
        return errno == EINTR;
    output.append(buffer, static_cast<std::size_t>(got));
    if (output.size() > 2 * kKeptOutput)
        output.erase(0, output.size() - kKeptOutput);
    return got > 0;
}

/// Whether the child has ended, after at most `ms`. It stays a zombie, so its number and its group's are not
/// given away.
bool endsWithin(const Pidfd& child, int ms)
{
    pollfd waiting{child.fd, POLLIN, 0};
    return ::poll(&waiting, 1, ms) > 0;
}

/// Asks the child's group to end, and ends what is left of it a moment later.
void endGroup(pid_t pid, const Pidfd& child)
{
    ::kill(-pid, SIGTERM);
    if (child.fd >= 0)
        endsWithin(child, kGraceMs);
    ::kill(-pid, SIGKILL);
}

int waitFor(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Result<ChildResult> runChild(const std::vector<std::string>& arguments,
                             const std::vector<std::pair<std::string, std::string>>& environment,
                             const std::function<void()>& tick, std::stop_token stop)
{
    const std::string& program = arguments.at(0);
    Pipe pipe;
    if (pipe.read < 0)
        return Error{ErrorCode::Internal, fmt::format("no pipe: {}", std::strerror(errno)), program};
    pid_t pid = 0;
    if (const int failed = spawn(arguments, environmentWith(environment), pipe, pid); failed != 0)
        return Error{failed == ENOENT || failed == EACCES ? ErrorCode::Unavailable : ErrorCode::Internal,
                     fmt::format("cannot be started: {}", std::strerror(failed)), program};
    pipe.closeWrite();
    ChildResult result;
    const Pidfd child(pid);
    while (!stop.stop_requested() && readSome(pipe.read, result.output))
        tick();
    // A child may close its output and go on.
    while (!stop.stop_requested() && child.fd >= 0 && !endsWithin(child, kTickMs))
        tick();
    const bool stopped = stop.stop_requested();
    if (stopped)
        endGroup(pid, child);
    result.exitCode = waitFor(pid);
    if (stopped)
        return Error{ErrorCode::Cancelled, "stopped", program};
    return result;
}

} // namespace headwater
