#include "runtime/tools/conformance/isolation.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tickplant::conformance {

namespace {

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(to, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    text.remove_prefix(static_cast<size_t>(done));
  }
}

std::string read_all(int from) {
  std::string text;
  char part[65'536];
  for (;;) {
    const ssize_t got = ::read(from, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part, static_cast<size_t>(got));
  }
}

[[noreturn]] void be_the_child(int to, const plugin::venue_plugin& plugin, const sdk::testing::tape& tape,
                               const treatment& how, unsigned seconds) {
  const rlimit processor{seconds, seconds + 1}, cores{0, 0};
  ::setrlimit(RLIMIT_CPU, &processor);
  ::setrlimit(RLIMIT_CORE, &cores);
  ::alarm(seconds * 10); // asleep is no better than busy
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGXCPU}) std::signal(signal, SIG_DFL);
  std::string text;
  try {
    const auto told = to_json(run_case(plugin, tape, how));
    text = told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (how.log) how.log(TP_LOG_INFO, "came to " + text);
  } catch (const std::exception& fault) {
    text = nlohmann::json{{"fault", fault.what()}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  write_all(to, text);
  ::_exit(0); // no destructor of the parent's twice
}

std::string end_of(int status, unsigned seconds) {
  if (WIFEXITED(status)) return "ended its process with code " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL)
    return "did not come to an end within " + std::to_string(seconds) + " s of processor time";
  return "crashed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

} // namespace

isolated run_apart(const plugin::venue_plugin& plugin, const sdk::testing::tape& tape, const treatment& how,
                   unsigned seconds) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::close(ends[0]);
    be_the_child(ends[1], plugin, tape, how, seconds);
  }
  ::close(ends[1]);
  const auto text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto told = nlohmann::json::parse(text, nullptr, false);
  if (status != 0 || told.is_discarded()) return end_of(status, seconds);
  if (told.contains("fault")) return told.at("fault").get<std::string>();
  return outcome_of(told);
}

} // namespace tickplant::conformance
