#include "json_tree.hpp"

namespace tickplant::hft {

namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

error_code check_null(ondemand::value in) {
  bool is_null = false;
  return in.is_null().get(is_null) == simdjson::SUCCESS && is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
}

error_code read_boolean(ondemand::value in, bool& out) {
  const error_code fault = in.get_bool().get(out);
  return fault == simdjson::INCORRECT_TYPE ? simdjson::T_ATOM_ERROR : fault;
}

} // namespace

std::string_view words_of(json kind) {
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

void json_tree::clear(std::string_view frame) {
  frame_ = frame;
  is_cut_ = false;
  nodes_.assign(1, {}); // the capacity stays
  nodes_[0].next = 1;
}

error_code json_tree::read(ondemand::value in, std::string_view key, int nesting, uint32_t& at) {
  if (nodes_.size() >= max_nodes) {
    is_cut_ = true;
    at = 0;
    return skip(in, nesting);
  }
  if (nesting > max_nesting) return simdjson::DEPTH_ERROR;
  ondemand::json_type kind{};
  SIMDJSON_TRY(in.type().get(kind));
  at = static_cast<uint32_t>(nodes_.size());
  node& made = nodes_.emplace_back(); // stays in its place, as the capacity is never exceeded
  made.key = key;
  made.next = at + 1;
  const std::string_view raw = trimmed(in.raw_json_token());
  made.offset = static_cast<size_t>(raw.data() - frame_.data());
  uint32_t child = 0;
  switch (kind) {
    case ondemand::json_type::string:
      made.kind = json::string;
      made.raw = raw;
      return in.get_string().get(made.text);
    case ondemand::json_type::number:
      made.kind = json::number;
      made.raw = raw;
      return in.get_double().get(made.number);
    case ondemand::json_type::boolean: made.kind = json::boolean; return read_boolean(in, made.is_true);
    case ondemand::json_type::null: made.kind = json::null; return check_null(in);
    case ondemand::json_type::array: {
      made.kind = json::array;
      ondemand::array array;
      SIMDJSON_TRY(in.get_array().get(array));
      for (auto item : array) {
        ondemand::value element;
        SIMDJSON_TRY(std::move(item).get(element));
        SIMDJSON_TRY(read(element, {}, nesting + 1, child));
        ++made.count;
      }
      break;
    }
    case ondemand::json_type::object: {
      made.kind = json::object;
      ondemand::object object;
      SIMDJSON_TRY(in.get_object().get(object));
      for (auto member : object) {
        ondemand::field field;
        SIMDJSON_TRY(std::move(member).get(field));
        std::string_view name;
        SIMDJSON_TRY(field.unescaped_key().get(name));
        SIMDJSON_TRY(read(field.value(), name, nesting + 1, child));
        ++made.count;
      }
      break;
    }
  }
  made.next = static_cast<uint32_t>(nodes_.size());
  return simdjson::SUCCESS;
}

error_code json_tree::skip(ondemand::value in, int nesting) {
  if (nesting > max_nesting) return simdjson::DEPTH_ERROR;
  ondemand::json_type kind{};
  SIMDJSON_TRY(in.type().get(kind));
  switch (kind) {
    case ondemand::json_type::string: return in.get_string().error();
    case ondemand::json_type::number: return in.get_double().error();
    case ondemand::json_type::boolean: {
      bool ignored = false;
      return read_boolean(in, ignored);
    }
    case ondemand::json_type::null: return check_null(in);
    case ondemand::json_type::array: {
      ondemand::array array;
      SIMDJSON_TRY(in.get_array().get(array));
      for (auto item : array) {
        ondemand::value element;
        SIMDJSON_TRY(std::move(item).get(element));
        SIMDJSON_TRY(skip(element, nesting + 1));
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
        SIMDJSON_TRY(skip(field.value(), nesting + 1));
      }
      return simdjson::SUCCESS;
    }
  }
  return simdjson::TAPE_ERROR;
}

uint32_t json_tree::find(uint32_t object, std::string_view key) const {
  for (uint32_t i = first(object); i < end(object); i = nodes_[i].next)
    if (nodes_[i].key == key) return i;
  return 0;
}

} // namespace tickplant::hft
