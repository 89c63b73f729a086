// Client messages: one JSON object a frame, checked as a whole before anything of it is believed. Binary frames are
// read like text: the document's client sends its longer messages so.
//
// Bounded in every direction: message size, nesting, symbols, lengths. Of a key given twice the first counts. Unknown
// keys are skipped, but must be JSON. Ids and probes are handed on as the raw JSON token (`7`, `"seven"`), so that the
// reply echoes the type that came. Nothing is allocated once the buffers have the size of the largest message.
#pragma once

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
inline constexpr size_t max_token_size = 8192;
inline constexpr size_t max_trace_parent_size = 128;
inline constexpr uint32_t max_frequency_ms = 3'600'000;
inline constexpr uint32_t max_depth = 10'000;
inline constexpr int max_nesting = 16;

class message_reader {
public:
  message_reader();

  /// Calls the sink once: with the request, or with what is wrong about the message.
  void read(const tp_frame&, sdk::request_sink);

private:
  enum class json { absent, null, boolean, number, string, array, object };
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
    key_count
  };
  static const std::array<std::string_view, key_count> key_names;
  static std::string_view words_of(json);

  struct value {
    json kind = json::absent;
    std::string_view text; // of a string, escapes resolved
    std::string_view raw;  // of a string or number, as it stood
    double number = 0;
    size_t offset = 0;
    // of an array
    uint32_t count = 0;
    json wrong = json::absent; // first element that is not a string
    uint32_t wrong_index = 0;
  };

  struct problem {
    int32_t code = 0; // 0 = none
    std::string_view field;
  };

  simdjson::error_code read_members(simdjson::ondemand::document&);
  simdjson::error_code read_value(simdjson::ondemand::value, value&, int nesting, std::vector<tp_str>* names);
  simdjson::error_code skip_value(simdjson::ondemand::value, int nesting);
  size_t offset_of(simdjson::ondemand::document&) const;
  std::string_view echo_token() const;

  problem check(tp_request&);
  problem check_symbols(tp_request&, bool is_required);
  problem check_stream(tp_request&);
  problem check_options(tp_request&);
  problem check_whole(key, uint32_t limit, uint32_t& out);
  problem check_token(tp_request&);

  void say_format(std::string_view what);
  void say(std::string_view text) { detail_.append(text); }
  void say_number(uint64_t number);
  void say_quoted(std::string_view text);

  simdjson::ondemand::parser parser_;
  std::string_view frame_;
  std::array<value, key_count> values_;
  std::vector<tp_str> symbols_, type_names_;
  std::string detail_;
};

} // namespace tickplant::hft
