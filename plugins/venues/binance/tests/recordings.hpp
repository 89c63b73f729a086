// Recorded exchange output for tests, read from the shared data beside the source tree; tests skip where it is missing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::binance::testing {

/// Sums and products of a day's prices and quantities, exactly.
__extension__ typedef __int128 wide;

struct recorded_line {
  uint64_t recv_ns;
  std::string text;
};

/// Whether the recording is there.
bool has_recording(const std::string& name);
/// Lines `<receive ns> <JSON>` of a gzip file.
std::vector<recorded_line> read_gzip_recording(const std::string& name);
/// Lines `<receive seconds>: <JSON>` after a first line with the address.
std::vector<recorded_line> read_stream_recording(const std::string& name);
/// Lines `<address> -> <receive seconds>: <JSON>`, by address.
std::map<std::string, std::string> read_http_recording(const std::string& name);
std::string read_text(const std::string& name);

/// A decimal as a whole number of 10^-digits, for comparing by value; aborts the test on anything else.
wide whole(std::string_view text, int digits);
std::string to_text(wide value);

} // namespace tickplant::binance::testing
