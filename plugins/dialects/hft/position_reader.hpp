// Places on lines that a client knows: {stream, epoch, sequence} of RESUME, a list of them, and the `resume` of
// SUBSCRIBE, which may also go by symbol. Keeps its buffers; what it hands out borrows the message's texts.
#pragma once

#include "json_tree.hpp"
#include "wording.hpp"

#include <tickplant/dialect.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::hft {

inline constexpr uint32_t max_positions = 1024;

/// Of "NASDAQ:AAPL/TRADES" the symbol and the line; nothing if the line is not one.
struct stream_name {
  std::string_view symbol;
  uint32_t series = TP_SERIES_STATE;
};
std::optional<stream_name> to_stream(std::string_view text);

class position_reader {
public:
  position_reader() { positions_.reserve(max_positions); }
  void clear() { positions_.clear(); }
  const std::vector<tp_position>& positions() const { return positions_; }

  /// RESUME: the message itself is a position, or `streams` holds some.
  problem read_message(const json_tree& tree, uint32_t stream, uint32_t epoch, uint32_t sequence, wording& words);
  problem read_streams(const json_tree& tree, uint32_t at, wording& words);
  /// SUBSCRIBE: the symbols and data types that it names decide what a position without stream is of.
  problem read_resume(const json_tree& tree, uint32_t at, std::span<const tp_str> symbols, uint32_t data_types,
                      wording& words);

private:
  problem read_position(const json_tree& tree, uint32_t object, std::string_view name, wording& words);
  problem read_numbers(const json_tree& tree, uint32_t epoch, uint32_t sequence, tp_position& to, wording& words);
  problem read_stream(const json_tree::node& v, wording& words, tp_position& to);
  problem add(const tp_position& position, wording& words);

  std::span<const tp_str> symbols_;
  uint32_t data_types_ = 0;
  std::vector<tp_position> positions_;
};

} // namespace tickplant::hft
