// A folder of a test's own, and capture files made in it record by record.
#pragma once

#include "runtime/capture/format.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tickplant::capture::testing {

class folder {
public:
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tickplant-capture-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path_ = name;
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  std::string path() const { return path_; }
  std::string at(const std::string& name) const { return path_ + '/' + name; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{path_}) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }

private:
  std::string path_;
};

inline std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::vector<uint8_t> contents_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// A file built by hand.
class tape {
public:
  explicit tape(uint64_t session = 1) : bytes_(encode(preamble{0, session, 1'000, "V", "p"})) {}
  tape& add(record_kind kind, uint64_t ns, uint32_t line, std::string_view payload = {}, uint16_t flags = 0) {
    append(bytes_, {kind, flags, line, sequence_++, ns, bytes_of(payload)});
    return *this;
  }
  tape& open(uint64_t ns, uint32_t line, uint16_t kind, const std::string& name) {
    const auto payload = encode(opened_line{kind, 1, name, "udp://127.0.0.1:1"});
    append(bytes_, {record_kind::line_opened, 0, line, sequence_++, ns, payload});
    return add(record_kind::line_state, ns, line, {}, 1);
  }
  tape& answer(uint64_t ns, int32_t status, const std::string& url, const std::string& body) {
    std::string payload(8, '\0');
    const auto size = static_cast<uint32_t>(url.size());
    std::memcpy(payload.data(), &status, 4);
    std::memcpy(payload.data() + 4, &size, 4);
    return add(record_kind::http_answer, ns, 0, payload + url + body);
  }
  void save(const std::string& path) const { write_file(path, bytes_); }
  std::vector<uint8_t>& bytes() { return bytes_; }

private:
  std::vector<uint8_t> bytes_;
  uint64_t sequence_ = 0;
};

} // namespace tickplant::capture::testing
