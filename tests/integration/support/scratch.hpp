// Ports and files of a test's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tickplant::testing {

/// A UDP port of 127.0.0.1 that nobody uses. Tests run side by side, and a program binds the port only later, so the
/// TCP port of the same number is held as a sign for other tests for as long as this object lives.
class udp_port {
public:
  udp_port();
  ~udp_port();
  udp_port(const udp_port&) = delete;
  udp_port& operator=(const udp_port&) = delete;
  uint16_t number() const { return number_; }
  std::string url() const { return "udp://127.0.0.1:" + std::to_string(number_); }

private:
  int sign_ = -1;
  uint16_t number_ = 0;
};

/// A listening TCP port of 127.0.0.1 that stays taken for as long as the object lives.
class taken_tcp_port {
public:
  taken_tcp_port();
  ~taken_tcp_port();
  taken_tcp_port(const taken_tcp_port&) = delete;
  taken_tcp_port& operator=(const taken_tcp_port&) = delete;
  uint16_t number() const { return number_; }

private:
  int descriptor_ = -1;
  uint16_t number_ = 0;
};

/// A folder that goes with the object.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  /// Writes a file and answers its path.
  std::string write(const std::string& name, const std::string& text) const;

private:
  std::filesystem::path path_;
};

} // namespace tickplant::testing
