// Client messages: one JSON object a frame, checked as a whole before anything of it is believed. Binary frames are
// read like text: the document's client sends its longer messages so.
//
// Bounded in every direction: message size, nesting, symbols, lengths. Of a key given twice the first counts. Unknown
// keys are skipped, but must be JSON. Ids and probes are handed on as the raw JSON token (`7`, `"seven"`), so that the
// reply echoes the type that came. Nothing is allocated once the buffers have the size of the largest message.
#pragma once

#include "filter_reader.hpp"
#include "json_tree.hpp"
#include "names.hpp"
#include "position_reader.hpp"
#include "wording.hpp"

#include <tickplant/dialect.hpp>

#include <simdjson.h>

#include <array>
#include <string>
#include <vector>

namespace tickplant::hft {

inline constexpr size_t max_message_size = 1 << 20; // the host's own limit is lower
inline constexpr uint32_t max_symbols = 1024;
inline constexpr size_t max_symbol_size = 64;
inline constexpr size_t max_echo_size = 128;
inline constexpr size_t max_token_size = 16 * 1024; // as in the handshake
inline constexpr size_t max_trace_parent_size = 128;
inline constexpr uint32_t max_frequency_ms = 3'600'000;
inline constexpr uint32_t max_depth = 10'000;
inline constexpr size_t max_encodings = 16, max_encoding_size = 32;

class message_reader {
public:
  message_reader();

  /// Calls the sink once: with the request, or with what is wrong about the message.
  void read(const tp_frame&, sdk::request_sink);

private:
  enum key : uint8_t {
    type,
    timestamp,
    id,
    request_id,
    symbols,
    data_types,
    frequency,
    depth,
    ping_id,
    token,
    stream,
    trace_parent,
    version,
    encodings,
    compression,
    numbers,
    stamps,
    fields,
    mode,
    filter,
    on_slow,
    resume,
    rewind,
    streams,
    epoch,
    sequence,
    paused,
    key_count
  };
  static const std::array<std::string_view, key_count> key_names;

  simdjson::error_code read_members(simdjson::ondemand::document&);
  size_t offset_of(simdjson::ondemand::document&) const;
  std::string_view echo_token() const;
  const json_tree::node& at(key k) const { return tree_[places_[k]]; }
  /// A key that is null counts as absent.
  bool is_named(key k) const { return at(k).kind != json::absent && at(k).kind != json::null; }
  /// The problem of a key whose words have been said.
  problem fault(key k, int32_t code = subscription_failed) { return {code, words_.at(key_names[k]).field()}; }

  problem check(tp_request&);
  problem check_head(tp_request&);
  problem check_token(tp_request&);
  problem check_symbols(tp_request&, bool is_required);
  problem check_stream(tp_request&);

  problem check_options(tp_request&, bool is_resume);
  problem check_data_types(tp_request&);
  problem check_fields(tp_request&);
  problem check_filter(tp_request&);
  problem check_resume(tp_request&);
  problem check_positions(tp_request&);
  problem check_whole(key, uint32_t limit, uint32_t& out);
  template <size_t Size>
  problem check_choice(key, const std::array<choice_name, Size>&, uint32_t& out);
  problem check_hello(tp_request&);
  problem check_encodings(tp_request&);
  problem check_paused(tp_request&);

  simdjson::ondemand::parser parser_;
  std::string_view frame_;
  json_tree tree_;
  std::array<uint32_t, key_count> places_{};
  std::vector<tp_str> symbols_;
  std::string encodings_;
  filter_reader filters_;
  position_reader positions_;
  wording words_;
};

} // namespace tickplant::hft
