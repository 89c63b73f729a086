#include "recordings.hpp"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tickplant::binance::testing {
namespace {

std::string path_of(const std::string& name) {
  return std::string{TP_SHARED_DIR} + "/data/binance/" + name;
}

std::string gunzip(const std::string& name) {
  gzFile file = gzopen(path_of(name).c_str(), "rb");
  if (file == nullptr) throw std::runtime_error("cannot open " + name);
  std::string out;
  char part[1 << 16];
  for (int got; (got = gzread(file, part, sizeof part)) > 0;) out.append(part, static_cast<size_t>(got));
  gzclose(file);
  return out;
}

template <class Each>
void each_line(std::string_view text, Each&& each) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (const auto line = text.substr(0, end); !line.empty()) each(line);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

uint64_t ns_of_seconds(std::string_view text) {
  return static_cast<uint64_t>(whole(text, 9));
}

} // namespace

bool has_recording(const std::string& name) {
  return std::filesystem::exists(path_of(name));
}

std::string read_text(const std::string& name) {
  std::ifstream in{path_of(name), std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<recorded_line> read_gzip_recording(const std::string& name) {
  std::vector<recorded_line> out;
  each_line(gunzip(name), [&](std::string_view line) {
    const size_t space = line.find(' ');
    out.push_back({std::stoull(std::string{line.substr(0, space)}), std::string{line.substr(space + 1)}});
  });
  return out;
}

std::vector<recorded_line> read_stream_recording(const std::string& name) {
  std::vector<recorded_line> out;
  each_line(read_text(name), [&](std::string_view line) {
    if (line.starts_with("wss:")) return;
    const size_t colon = line.find(": ");
    out.push_back({ns_of_seconds(line.substr(0, colon)), std::string{line.substr(colon + 2)}});
  });
  return out;
}

std::map<std::string, std::string> read_http_recording(const std::string& name) {
  std::map<std::string, std::string> out;
  each_line(read_text(name), [&](std::string_view line) {
    const size_t arrow = line.find(" -> ");
    if (arrow == std::string_view::npos) return;
    const size_t body = line.find(": {", arrow);
    out[std::string{line.substr(0, arrow)}] = line.substr(body + 2);
  });
  return out;
}

wide whole(std::string_view text, int digits) {
  wide value = 0;
  bool dot = false;
  int left = digits;
  for (const char c : text) {
    if (c == '.') {
      dot = true;
      continue;
    }
    if (c < '0' || c > '9' || (dot && left == 0 && c != '0'))
      throw std::runtime_error("not exact: " + std::string{text});
    if (dot && left == 0) continue;
    value = value * 10 + (c - '0');
    if (dot) --left;
  }
  for (; left > 0; --left) value *= 10;
  return value;
}

std::string to_text(wide value) {
  if (value == 0) return "0";
  std::string out;
  const bool minus = value < 0;
  for (wide v = minus ? -value : value; v != 0; v /= 10)
    out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(v % 10)));
  return minus ? "-" + out : out;
}

} // namespace tickplant::binance::testing
