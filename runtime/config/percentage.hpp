// Percentages as whole millionths, so that a price can be multiplied by one exactly: "20%", "0.5%", "off".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tickplant::config {

inline const std::string band_wanted = "a percentage above 0 with at most 4 decimals, up to 1000%, or off";

/// 0 for "off".
std::optional<uint32_t> to_ppm(const std::string& text);
std::string ppm_text(uint32_t ppm);

} // namespace tickplant::config
