#include "strict_json.hpp"

#include <algorithm>
#include <cmath>

namespace tickplant::jwt {

namespace {

constexpr size_t deepest = 16;

} // namespace

bool strict_json::keeps_rules(simdjson::dom::element element) {
  if (simdjson::dom::array list; element.get(list) == simdjson::SUCCESS)
    return std::all_of(list.begin(), list.end(), [](auto each) { return keeps_rules(each); });
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return true;
  std::vector<std::string_view> keys;
  for (const auto member : object) {
    keys.push_back(member.key);
    if (!keeps_rules(member.value)) return false;
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

bool strict_json::read(std::string_view text) {
  parser_ = std::make_shared<simdjson::dom::parser>(size_t{4} << 20);
  if (parser_->allocate(std::max<size_t>(text.size(), 32), deepest) != simdjson::SUCCESS) return false;
  simdjson::dom::element element;
  if (parser_->parse(text.data(), text.size()).get(element) != simdjson::SUCCESS) return false;
  return element.get(object_) == simdjson::SUCCESS && keeps_rules(element);
}

bool strict_json::has(std::string_view key) const {
  return object_.at_key(key).error() == simdjson::SUCCESS;
}

strict_json::found strict_json::text(std::string_view key, std::string_view& to) const {
  simdjson::dom::element element;
  if (object_.at_key(key).get(element) != simdjson::SUCCESS) return found::absent;
  return element.get(to) == simdjson::SUCCESS ? found::good : found::wrong;
}

strict_json::found strict_json::number(std::string_view key, double& to) const {
  simdjson::dom::element element;
  if (object_.at_key(key).get(element) != simdjson::SUCCESS) return found::absent;
  return element.is_number() && element.get(to) == simdjson::SUCCESS && std::isfinite(to) ? found::good : found::wrong;
}

strict_json::found strict_json::texts(std::string_view key, std::vector<std::string_view>& to, size_t most) const {
  simdjson::dom::element element;
  if (object_.at_key(key).get(element) != simdjson::SUCCESS) return found::absent;
  if (std::string_view lone; element.get(lone) == simdjson::SUCCESS) {
    to.push_back(lone);
    return found::good;
  }
  simdjson::dom::array list;
  if (element.get(list) != simdjson::SUCCESS) return found::wrong;
  for (const auto each : list) {
    std::string_view value;
    if (each.get(value) != simdjson::SUCCESS || to.size() == most) return found::wrong;
    to.push_back(value);
  }
  return found::good;
}

strict_json::found strict_json::objects(std::string_view key, std::vector<strict_json>& to, size_t most) const {
  simdjson::dom::element element;
  if (object_.at_key(key).get(element) != simdjson::SUCCESS) return found::absent;
  simdjson::dom::array list;
  if (element.get(list) != simdjson::SUCCESS) return found::wrong;
  for (const auto each : list) {
    strict_json object;
    object.parser_ = parser_;
    if (each.get(object.object_) != simdjson::SUCCESS || to.size() == most) return found::wrong;
    to.push_back(std::move(object));
  }
  return found::good;
}

} // namespace tickplant::jwt
