// JSON objects from outside, read strictly: valid UTF-8, finite numbers, no key twice at any level (RFC 8725 asks for
// one meaning of each token), nesting of at most 16. simdjson does the parsing.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::jwt {

class strict_json {
public:
  /// Reads a text; false if it is not exactly one object that keeps the rules. Views of before are void then.
  bool read(std::string_view text);

  bool has(std::string_view key) const;
  /// How a member can be: not there, of another type, or good.
  enum class found : uint8_t { absent, wrong, good };
  found text(std::string_view key, std::string_view& to) const;
  /// Any JSON number, seconds; finite.
  found number(std::string_view key, double& to) const;
  /// A text, or a list of texts alone; more than `most` are wrong.
  found texts(std::string_view key, std::vector<std::string_view>& to, size_t most) const;
  /// The objects of a list; other elements are wrong.
  found objects(std::string_view key, std::vector<strict_json>& to, size_t most) const;

private:
  static bool keeps_rules(simdjson::dom::element element);

  std::shared_ptr<simdjson::dom::parser> parser_; // owns what object_ refers to
  simdjson::dom::object object_;
};

} // namespace tickplant::jwt
