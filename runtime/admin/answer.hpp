// A response of the admin API as plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::admin {

struct answer {
  uint16_t status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields; // further header fields

  static answer json(std::string body, uint16_t status = 200) {
    return {status, "application/json", std::move(body), {}};
  }
  static answer text(std::string body, uint16_t status = 200) {
    return {status, "text/plain; charset=utf-8", std::move(body), {}};
  }
};

/// `{"error": ..., "what to do": ...}`. Texts may hold anything; what is not UTF-8 is replaced.
answer refuse(uint16_t status, std::string_view error, std::string_view what_to_do);

} // namespace tickplant::admin
