#include "runtime/plugin/setting_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::plugin {

namespace {

std::string words_of(int error) {
  return std::generic_category().message(error);
}

/// Empty, or what went wrong.
std::string read_open_file(int file, size_t most, setting_file& result) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return words_of(errno);
  if (!S_ISREG(facts.st_mode)) return "is not a regular file";
  if ((facts.st_mode & S_IWOTH) != 0) return "may be written by everybody; take that right away (chmod o-w)";
  // One byte more than allowed tells a file that is too large, also one that grows while it is read.
  result.bytes.resize(most + 1);
  size_t have = 0;
  while (have < result.bytes.size()) {
    const ssize_t got = ::read(file, result.bytes.data() + have, result.bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return words_of(errno);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  result.bytes.resize(have);
  result.bytes.shrink_to_fit();
  result.too_large = have > most;
  if (result.too_large) return "is larger than " + std::to_string(most) + " bytes";
  return {};
}

} // namespace

setting_file read_setting_file(std::string_view base, std::string_view path, size_t most) {
  setting_file result;
  namespace fs = std::filesystem;
  if (path.empty() || path.find('\0') != path.npos) {
    result.problem = "is no path of a file";
    return result;
  }
  std::error_code ignored;
  result.path = fs::absolute(fs::path{base} / fs::path{path}, ignored).lexically_normal().string();
  const int file = ::open(result.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  std::string problem = file < 0 ? words_of(errno) : read_open_file(file, most, result);
  if (file >= 0) ::close(file);
  if (!problem.empty()) {
    result.problem = result.path + ": " + problem;
    result.bytes.clear();
  }
  return result;
}

} // namespace tickplant::plugin
