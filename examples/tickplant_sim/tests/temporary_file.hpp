// A file in the temporary folder that goes with the test.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

namespace tickplant::sim::test {

class temporary_file {
public:
  explicit temporary_file(std::string_view content) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string{folder != nullptr ? folder : "/tmp"} + "/tickplant-sim-test-XXXXXX";
    const int handle = mkstemp(path_.data());
    if (handle < 0) throw std::runtime_error("cannot make a temporary file");
    close(handle);
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
    if (file != nullptr) std::fclose(file);
    if (!written) throw std::runtime_error("cannot write a temporary file");
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace tickplant::sim::test
