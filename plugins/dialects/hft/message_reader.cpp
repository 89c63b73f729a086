#include "message_reader.hpp"

#include "names.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

namespace tickplant::hft {

namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

constexpr int32_t parse_error = 4300, message_too_large = 4302;

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

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

} // namespace

const std::array<std::string_view, message_reader::key_count> message_reader::key_names{
  "type",      "timestamp", "id",     "requestId", "symbols", "dataTypes",
  "frequency", "depth",     "pingId", "token",     "stream",  "traceparent"};

std::string_view message_reader::words_of(json kind) {
  switch (kind) {
    case json::null: return "null";
    case json::boolean: return "true or false";
    case json::number: return "a number";
    case json::string: return "a string";
    case json::array: return "an array";
    case json::object: return "an object";
    case json::absent: break;
  }
  return "missing";
}

message_reader::message_reader() : parser_(max_message_size) {
  symbols_.reserve(max_symbols);
  type_names_.reserve(data_type_names.size());
  detail_.reserve(512);
}

void message_reader::read(const tp_frame& frame, sdk::request_sink sink) {
  static_assert(TP_FRAME_PADDING >= simdjson::SIMDJSON_PADDING, "frames are parsed where they lie");
  frame_ = {reinterpret_cast<const char*>(frame.data), frame.size};
  values_.fill({});
  symbols_.clear();
  type_names_.clear();
  detail_.clear();

  if (frame_.size() > max_message_size) {
    say("The message is too large: send at most ");
    say_number(max_message_size);
    say(" bytes");
    return sink.problem(message_too_large, {}, detail_);
  }
  ondemand::document document;
  error_code fault = parser_.iterate(frame_.data(), frame_.size(), frame_.size() + TP_FRAME_PADDING).get(document);
  const bool is_indexed = fault == simdjson::SUCCESS;
  if (is_indexed) {
    ondemand::json_type kind{};
    fault = document.type().get(kind);
    if (fault == simdjson::SUCCESS && kind != ondemand::json_type::object) {
      say_format("a message is one JSON object, such as {\"type\":\"HEARTBEAT\",\"timestamp\":0}");
      return sink.problem(parse_error, {}, detail_);
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
    say_format("not JSON near byte ");
    say_number(offset);
    say(": ");
    say(hft::words_of(fault));
    return sink.problem(parse_error, {}, detail_, echo_token());
  }
  tp_request request{};
  request.struct_size = sizeof request;
  request.frequency_ms = request.depth = TP_ABSENT;
  request.client_ms = TP_NONE;
  request.id = sdk::to_tp(echo_token());
  if (const problem found = check(request); found.code != 0)
    return sink.problem(found.code, found.field, detail_, echo_token());
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
    if (k == key_count || values_[k].kind != json::absent) {
      SIMDJSON_TRY(skip_value(field.value(), 1));
      continue;
    }
    auto* const list = k == symbols ? &symbols_ : k == data_types ? &type_names_ : nullptr;
    SIMDJSON_TRY(read_value(field.value(), values_[k], 1, list));
  }
  const char* rest = nullptr;
  return document.current_location().get(rest) == simdjson::SUCCESS ? simdjson::TRAILING_CONTENT : simdjson::SUCCESS;
}

error_code message_reader::read_value(ondemand::value in, value& out, int nesting, std::vector<tp_str>* list) {
  ondemand::json_type kind{};
  SIMDJSON_TRY(in.type().get(kind));
  const std::string_view raw = trimmed(in.raw_json_token());
  out.offset = static_cast<size_t>(raw.data() - frame_.data());
  switch (kind) {
    case ondemand::json_type::string:
      SIMDJSON_TRY(in.get_string().get(out.text));
      out.raw = raw;
      out.kind = json::string;
      return simdjson::SUCCESS;
    case ondemand::json_type::number:
      SIMDJSON_TRY(in.get_double().get(out.number));
      out.raw = raw;
      out.kind = json::number;
      return simdjson::SUCCESS;
    case ondemand::json_type::array: {
      out.kind = json::array;
      if (!list) return skip_value(in, nesting);
      ondemand::array array;
      SIMDJSON_TRY(in.get_array().get(array));
      for (auto item : array) {
        ondemand::value element;
        SIMDJSON_TRY(std::move(item).get(element));
        value read;
        SIMDJSON_TRY(read_value(element, read, nesting + 1, nullptr));
        // Filled to its reserved capacity only: the count tells what did not fit.
        if (read.kind == json::string && list->size() < list->capacity()) list->push_back(sdk::to_tp(read.text));
        if (read.kind != json::string && out.wrong == json::absent) {
          out.wrong = read.kind;
          out.wrong_index = out.count;
        }
        ++out.count;
      }
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::object: out.kind = json::object; break;
    case ondemand::json_type::boolean: out.kind = json::boolean; break;
    case ondemand::json_type::null: out.kind = json::null; break;
  }
  return skip_value(in, nesting);
}

error_code message_reader::skip_value(ondemand::value in, int nesting) {
  if (nesting > max_nesting) return simdjson::DEPTH_ERROR;
  ondemand::json_type kind{};
  SIMDJSON_TRY(in.type().get(kind));
  switch (kind) {
    case ondemand::json_type::string: return in.get_string().error();
    case ondemand::json_type::number: return in.get_double().error();
    case ondemand::json_type::boolean: {
      const error_code fault = in.get_bool().error();
      return fault == simdjson::INCORRECT_TYPE ? simdjson::T_ATOM_ERROR : fault;
    }
    case ondemand::json_type::null: {
      bool is_null = false;
      return in.is_null().get(is_null) == simdjson::SUCCESS && is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      SIMDJSON_TRY(in.get_array().get(array));
      for (auto item : array) {
        ondemand::value element;
        SIMDJSON_TRY(std::move(item).get(element));
        SIMDJSON_TRY(skip_value(element, nesting + 1));
      }
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::object: {
      ondemand::object object;
      SIMDJSON_TRY(in.get_object().get(object));
      for (auto member : object) {
        ondemand::field field;
        SIMDJSON_TRY(std::move(member).get(field));
        SIMDJSON_TRY(field.unescaped_key().error());
        SIMDJSON_TRY(skip_value(field.value(), nesting + 1));
      }
      return simdjson::SUCCESS;
    }
  }
  return simdjson::TAPE_ERROR;
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
    const value& v = values_[k];
    if ((v.kind == json::string || v.kind == json::number) && v.raw.size() <= max_echo_size) return v.raw;
  }
  return {};
}

void message_reader::say_format(std::string_view what) {
  // Document 000, handleMessage: clients know this text.
  say("Invalid message format: ");
  say(what);
}

void message_reader::say_number(uint64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, std::end(digits), number).ptr;
  say({digits, static_cast<size_t>(end - digits)});
}

void message_reader::say_quoted(std::string_view text) {
  size_t size = std::min(text.size(), max_symbol_size);
  if (size < text.size())
    while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) --size; // not inside a character
  detail_ += '"';
  for (const char c : text.substr(0, size)) detail_ += static_cast<uint8_t>(c) < 0x20 || c == 0x7F ? '?' : c;
  detail_ += size < text.size() ? "...\"" : "\"";
}

} // namespace tickplant::hft
