// Reads recordings of a WebSocket venue, one message a line:
//   NANOSECONDS JSON                       events and, between them, REST depth answers
//   SECONDS: JSON                          behind a first line that holds the address and " <-> "
//   ADDRESS -> SECONDS: JSON               REST answers alone; these files go beside the others, by time
// Files of the first two kinds follow one another. A depth answer without a symbol belongs to the symbol whose stream
// the file has.
#pragma once

#include "runtime/tools/replay/input_window.hpp"
#include "runtime/tools/replay/record.hpp"
#include "runtime/tools/replay/recorded_answers.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tickplant::replay {

class message_log final : public record_source {
public:
  /// Files of REST answers go into `answers` at once. Throws input_fault.
  message_log(const std::vector<std::string>& paths, bool whole, recorded_answers& answers);

  /// Where the recording says what it subscribed to: the address of its first line. Empty otherwise.
  const std::string& address() const { return address_; }
  /// The one kind of trade stream that the recording has, "trade" or "aggTrade", by its address or its beginning;
  /// empty if it has both, or shows none so far.
  std::string_view trade_kind() const;
  /// Blank lines and notes of the recording programs.
  uint64_t skipped_lines() const { return skipped_; }

  std::span<const record> next(size_t most) override;

private:
  enum class form : uint8_t { unknown, nanoseconds, seconds };
  enum class step : uint8_t { record, skipped, need_more, end };

  static void read_answers(input_window& window, recorded_answers& answers);
  step read(record& into, bool may_fill);
  void parse(std::string_view line, uint64_t offset, record& into);
  std::string_view label_of(std::string_view json, uint64_t offset);

  input_sequence files_;
  input_window* window_ = nullptr;
  form form_ = form::unknown;
  std::string address_;
  std::vector<std::string> symbols_; // whose streams were seen, in upper case
  std::vector<std::string> labels_;  // of the answers of the current batch; reserved, so that views stay valid
  uint64_t skipped_ = 0;
  std::vector<record> batch_;
};

} // namespace tickplant::replay
