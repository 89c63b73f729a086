#include "runtime/config/percentage.hpp"

#include <tickplant/plugin.hpp>

namespace tickplant::config {

namespace {

constexpr uint32_t ppm_of_percent = 10'000, most_percent = 1'000;
constexpr size_t decimals = 4;

} // namespace

std::optional<uint32_t> to_ppm(const std::string& text) {
  if (text == "off") return 0;
  if (!text.ends_with('%')) return std::nullopt;
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot == std::string::npos ? text.size() - 1 : dot);
  auto part = dot == std::string::npos ? std::string{"0"} : text.substr(dot + 1, text.size() - dot - 2);
  if (part.empty() || part.size() > decimals) return std::nullopt;
  part.resize(decimals, '0');
  const auto percent = sdk::to_number<uint32_t>(whole), rest = sdk::to_number<uint32_t>(part);
  if (!percent || !rest || *percent > most_percent || (*percent == most_percent && *rest > 0)) return std::nullopt;
  const auto ppm = *percent * ppm_of_percent + *rest;
  return ppm == 0 ? std::nullopt : std::optional{ppm};
}

std::string ppm_text(uint32_t ppm) {
  if (ppm == 0) return "off";
  auto text = std::to_string(ppm / ppm_of_percent);
  if (auto rest = ppm % ppm_of_percent; rest > 0) {
    auto part = std::to_string(rest);
    part.insert(0, decimals - part.size(), '0');
    part.erase(part.find_last_not_of('0') + 1);
    text += '.' + part;
  }
  return text + '%';
}

} // namespace tickplant::config
