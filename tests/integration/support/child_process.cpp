#include "child_process.hpp"

#include "sanitizer_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tickplant::testing {

namespace {

constexpr size_t most_lines = 10'000;
constexpr size_t longest_line = 64 * 1024;

struct pipe_ends {
  int read = -1, write = -1;
  pipe_ends() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read = ends[0];
    write = ends[1];
  }
};

// Between fork and exec only calls that are safe after a signal.
[[noreturn]] void become(const char* program, char* const* words, pid_t parent, int out, int error) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126); // the test ended before the line above
  ::dup2(out, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(program, words);
  ::_exit(127);
}

} // namespace

child_process::child_process(std::string program, std::vector<std::string> arguments) : program_(std::move(program)) {
  std::vector<char*> words{program_.data()};
  for (auto& word : arguments) words.push_back(word.data());
  words.push_back(nullptr);
  pipe_ends out, error;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) become(program_.c_str(), words.data(), parent, out.write, error.write);
  ::close(out.write);
  ::close(error.write);
  reader_ = std::thread{[this, o = out.read, e = error.read] { read_output(o, e); }};
}

child_process::~child_process() {
  if (TP_IS_SANITIZED && is_running() && !stop()) ADD_FAILURE() << program_ << " does not end at SIGTERM\n" << output();
  if (is_running()) {
    ::kill(pid_, SIGKILL);
    wait_exit();
  }
  reader_.join();
  fail_for_report();
}

void child_process::fail_for_report() const {
  if (const auto report = sanitizer_report(lines_); !report.empty())
    ADD_FAILURE() << program_ << " made a sanitizer speak:\n" << report;
}

void child_process::read_output(int out, int error) {
  std::array<pollfd, 2> waits{pollfd{out, POLLIN, 0}, pollfd{error, POLLIN, 0}};
  std::array<std::string, 2> rests;
  std::array<char, 16 * 1024> bytes;
  while (waits[0].fd >= 0 || waits[1].fd >= 0) {
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    for (size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t got = ::read(waits[i].fd, bytes.data(), bytes.size());
      if (got > 0) {
        take(rests[i], bytes.data(), static_cast<size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        if (!rests[i].empty()) take(rests[i], "\n", 1);
        ::close(std::exchange(waits[i].fd, -1));
      }
    }
  }
  std::lock_guard guard{lock_};
  is_silent_ = true;
  changed_.notify_all();
}

void child_process::take(std::string& rest, const char* bytes, size_t size) {
  std::lock_guard guard{lock_};
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != '\n' && rest.size() < longest_line) {
      rest += bytes[i];
      continue;
    }
    lines_.push_back(std::exchange(rest, {}));
    if (lines_.size() > most_lines) lines_.pop_front();
  }
  changed_.notify_all();
}

std::optional<std::string> child_process::wait_for_line(const std::string& part, milliseconds within) {
  std::optional<std::string> found;
  std::unique_lock guard{lock_};
  changed_.wait_for(guard, within, [&] {
    for (const auto& line : lines_)
      if (line.find(part) != std::string::npos) {
        found = line;
        return true;
      }
    return is_silent_;
  });
  return found;
}

std::string child_process::output(const std::vector<std::string>& newest_only) const {
  std::lock_guard guard{lock_};
  std::vector<const std::string*> newest(newest_only.size());
  const auto kind_of = [&](const std::string& line) {
    return static_cast<size_t>(
      std::find_if(newest_only.begin(), newest_only.end(), [&](const auto& begin) { return line.starts_with(begin); }) -
      newest_only.begin());
  };
  for (const auto& line : lines_)
    if (const size_t kind = kind_of(line); kind < newest.size()) newest[kind] = &line;
  std::string text;
  for (const auto& line : lines_)
    if (const size_t kind = kind_of(line); kind == newest.size() || newest[kind] == &line) text += line + '\n';
  return text;
}

size_t child_process::count_lines(const std::string& part) const {
  std::lock_guard guard{lock_};
  size_t count = 0;
  for (const auto& line : lines_) count += line.find(part) != std::string::npos ? 1 : 0;
  return count;
}

std::string child_process::newest_line(const std::string& part) const {
  std::lock_guard guard{lock_};
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
    if (line->find(part) != std::string::npos) return *line;
  return {};
}

bool child_process::reap() {
  if (exit_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

bool child_process::is_running() {
  return !reap();
}

void child_process::send_signal(int number) {
  if (is_running()) ::kill(pid_, number);
}

std::optional<int> child_process::wait_exit(milliseconds within) {
  eventually([this] { return reap(); }, within);
  if (!exit_) return std::nullopt;
  // What it said last is on its way through the pipe.
  std::unique_lock guard{lock_};
  changed_.wait_for(guard, within, [this] { return is_silent_; });
  return exit_;
}

std::optional<int> child_process::stop(milliseconds within) {
  send_signal(SIGTERM);
  return wait_exit(within);
}

size_t child_process::memory_kib() const {
  std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return static_cast<size_t>(std::stoul(line.substr(6)));
  return 0;
}

size_t child_process::open_descriptors() const {
  std::error_code gone;
  size_t count = 0;
  for (std::filesystem::directory_iterator at{"/proc/" + std::to_string(pid_) + "/fd", gone}, end; !gone && at != end;
       at.increment(gone))
    ++count;
  return count;
}

} // namespace tickplant::testing
