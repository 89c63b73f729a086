#include "message_reader.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace tickplant::hft {

namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

std::string_view words_of(error_code fault) {
  switch (fault) {
    case simdjson::EMPTY: return "it is empty";
    case simdjson::DEPTH_ERROR: return "arrays and objects are nested too deep";
    case simdjson::UNCLOSED_STRING: return "a string has no closing quote";
    case simdjson::UNESCAPED_CHARS: return "a string holds a control character that is not escaped";
    case simdjson::STRING_ERROR: return "a string has a wrong escape sequence";
    case simdjson::UTF8_ERROR: return "the text is not UTF-8";
    case simdjson::NUMBER_ERROR: return "a number is malformed or too large";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR: return "a word is neither true, false nor null";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "an array or object is not closed";
    case simdjson::TRAILING_CONTENT: return "something follows the end of the object";
    default: return "a comma, colon, brace, quote or value is missing or superfluous";
  }
}

/// Where the first pass of the parser, which names no place, must have stopped: at a byte of a string that is not
/// allowed there, at the quote of a string without end, or at a byte that is not UTF-8.
size_t offset_of_text_fault(std::string_view text) {
  size_t open = text.size();
  bool is_open = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x80) {
      const size_t length = sdk::detail::utf8_length(text.substr(i));
      if (length == 0) return i;
      i += length - 1;
    } else if (is_open && c < 0x20) {
      return i;
    } else if (is_open && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_open = !is_open;
      open = i;
    }
  }
  return is_open ? open : text.size();
}

/// Behind the object that `text` starts with, nothing if it never ends. Braces within strings do not count.
std::optional<size_t> end_of_object(std::string_view text) {
  size_t open = 0;
  bool is_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"')
      is_string = !is_string;
    else if (is_string)
      i += c == '\\' ? 1 : 0;
    else if (c == '{' || c == '[')
      ++open;
    else if ((c == '}' || c == ']') && --open == 0)
      return i + 1;
  }
  return std::nullopt;
}

/// The key of the message in which `offset` lies, as it stood; empty where it lies before the first or behind a comma.
std::string_view key_before(std::string_view text, size_t offset) {
  std::string_view found, string;
  size_t open = 0, begin = 0;
  bool is_string = false;
  for (size_t i = 0; i < std::min(offset, text.size()); ++i) {
    const char c = text[i];
    if (is_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      if (is_string) string = text.substr(begin, i - begin);
      is_string = !is_string;
      begin = i + 1;
    } else if (!is_string && (c == '{' || c == '[')) {
      ++open;
    } else if (!is_string && (c == '}' || c == ']')) {
      if (open > 0) --open;
      if (open == 0) found = {};
    } else if (!is_string && open == 1) {
      if (c == ':') found = string;
      if (c == ',') found = {};
    }
  }
  return found.size() <= max_shown ? found : std::string_view{};
}

} // namespace

const std::array<std::string_view, message_reader::key_count> message_reader::key_names{
  "type",  "timestamp", "id",          "requestId", "symbols",   "dataTypes",   "frequency", "depth",    "pingId",
  "token", "stream",    "traceparent", "version",   "encodings", "compression", "numbers",   "stamps",   "fields",
  "mode",  "filter",    "onSlow",      "resume",    "rewind",    "streams",     "epoch",     "sequence", "paused"};

message_reader::message_reader() : parser_(max_message_size) {
  symbols_.reserve(max_symbols);
  encodings_.reserve(max_encodings * max_encoding_size);
}

void message_reader::read(const tp_frame& frame, sdk::request_sink sink) {
  static_assert(TP_FRAME_PADDING >= simdjson::SIMDJSON_PADDING, "frames are parsed where they lie");
  frame_ = {reinterpret_cast<const char*>(frame.data), frame.size};
  tree_.clear(frame_);
  places_.fill(0);
  symbols_.clear();
  encodings_.clear();
  filters_.clear();
  positions_.clear();
  words_.clear();

  if (frame_.size() > max_message_size) {
    words_.say("The message is too large: send at most ").say(uint64_t{max_message_size}).say(" bytes");
    return sink.problem(message_too_large, {}, words_.text());
  }
  ondemand::document document;
  error_code fault = parser_.iterate(frame_.data(), frame_.size(), frame_.size() + TP_FRAME_PADDING).get(document);
  const bool is_indexed = fault == simdjson::SUCCESS;
  if (is_indexed) {
    ondemand::json_type kind{};
    fault = document.type().get(kind);
    if (fault == simdjson::SUCCESS && kind != ondemand::json_type::object) {
      words_.say_format().say("a message is one JSON object, such as {\"type\":\"HEARTBEAT\",\"timestamp\":0}");
      return sink.problem(parse_error, {}, words_.text());
    }
    if (fault == simdjson::SUCCESS) fault = read_members(document);
  }
  if (fault != simdjson::SUCCESS) {
    size_t offset = is_indexed ? offset_of(document) : offset_of_text_fault(frame_);
    if (fault == simdjson::INCOMPLETE_ARRAY_OR_OBJECT || fault == simdjson::TRAILING_CONTENT) {
      const auto end = end_of_object(frame_);
      const size_t rest = end ? frame_.find_first_not_of(" \t\n\r", *end) : std::string_view::npos;
      fault = rest == std::string_view::npos ? simdjson::INCOMPLETE_ARRAY_OR_OBJECT : simdjson::TRAILING_CONTENT;
      offset = std::min(rest, frame_.size());
    }
    words_.say_format().say("not JSON near byte ").say(uint64_t{offset}).say(": ").say(words_of(fault));
    return sink.problem(parse_error, key_before(frame_, offset), words_.text(), echo_token());
  }
  tp_request request{};
  request.struct_size = sizeof request;
  request.frequency_ms = request.depth = TP_ABSENT;
  request.client_ms = TP_NONE;
  request.id = sdk::to_tp(echo_token());
  if (const problem found = check(request); found)
    return sink.problem(found.code, found.field, words_.text(), echo_token());
  sink.request(request);
}

error_code message_reader::read_members(ondemand::document& document) {
  ondemand::object object;
  SIMDJSON_TRY(document.get_object().get(object));
  for (auto member : object) {
    ondemand::field field;
    SIMDJSON_TRY(std::move(member).get(field));
    std::string_view name;
    SIMDJSON_TRY(field.unescaped_key().get(name));
    size_t k = 0;
    while (k < key_count && key_names[k] != name) ++k;
    if (k == key_count || places_[k] != 0) {
      SIMDJSON_TRY(json_tree::skip(field.value(), 1));
      continue;
    }
    SIMDJSON_TRY(tree_.read(field.value(), key_names[k], 1, places_[k]));
  }
  const char* rest = nullptr;
  return document.current_location().get(rest) == simdjson::SUCCESS ? simdjson::TRAILING_CONTENT : simdjson::SUCCESS;
}

size_t message_reader::offset_of(ondemand::document& document) const {
  const char* at = nullptr;
  if (document.current_location().get(at) != simdjson::SUCCESS) return frame_.size();
  const auto begin = reinterpret_cast<uintptr_t>(frame_.data());
  const auto place = reinterpret_cast<uintptr_t>(at);
  return place >= begin && place - begin <= frame_.size() ? place - begin : frame_.size();
}

std::string_view message_reader::echo_token() const {
  for (const key k : {request_id, id}) {
    const auto& v = at(k);
    if ((v.kind == json::string || v.kind == json::number) && v.raw.size() <= max_echo_size) return v.raw;
  }
  return {};
}

} // namespace tickplant::hft
