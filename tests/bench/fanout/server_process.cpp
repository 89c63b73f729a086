#include "server_process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tickplant::bench {

namespace {

using clock_type = std::chrono::steady_clock;
constexpr auto pause_between_looks = std::chrono::milliseconds{10};
constexpr double stop_seconds = 6; // tickplantd has 5 s for its own farewell

sockaddr_in loopback(uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

bool accepts(uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto at = loopback(port);
  const bool taken = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  ::close(descriptor);
  return taken;
}

} // namespace

bool stay_on(int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(core), &one);
  return ::sched_setaffinity(0, sizeof one, &one) == 0;
}

uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  const bool done = ::bind(descriptor, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(descriptor);
  if (!done) throw std::runtime_error(std::string{"no free port: "} + std::strerror(errno));
  return ntohs(at.sin_port);
}

server_process::server_process(const std::vector<std::string>& command, int core, const std::string& log_file)
  : name_(command.front()), log_file_(log_file) {
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (log < 0) throw std::runtime_error("cannot write " + log_file + ": " + std::strerror(errno));
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // Only calls that are safe between fork and exec.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    if (core >= 0) stay_on(core);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(words.front(), words.data());
    ::_exit(127);
  }
  ::close(log);
  if (pid_ < 0) throw std::runtime_error(std::string{"fork: "} + std::strerror(errno));
}

server_process::~server_process() {
  if (!is_running()) return;
  ::kill(pid_, SIGTERM);
  const auto give_up = clock_type::now() + std::chrono::duration<double>{stop_seconds};
  while (clock_type::now() < give_up) {
    if (!is_running()) return;
    std::this_thread::sleep_for(pause_between_looks);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool server_process::is_running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void server_process::wait_until_it_accepts(uint16_t port, double seconds) {
  const auto give_up = clock_type::now() + std::chrono::duration<double>{seconds};
  while (!accepts(port)) {
    if (!is_running()) throw std::runtime_error(name_ + " ended: " + log_tail());
    if (clock_type::now() > give_up) throw std::runtime_error(name_ + " does not accept clients: " + log_tail());
    std::this_thread::sleep_for(pause_between_looks);
  }
}

std::string server_process::log_tail() const {
  constexpr size_t most = 1'000;
  std::ifstream file{log_file_, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  return text.size() > most ? text.substr(text.size() - most) : text;
}

} // namespace tickplant::bench
