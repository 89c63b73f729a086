// A configuration's text as a tree of plain values, each with the place it was written at. The reading of YAML itself
// is hidden in document.cpp, which bounds what a text may grow to.
#pragma once

#include "runtime/config/fault.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tickplant::config {

struct member;

struct node {
  enum class kind { nothing, scalar, list, map };
  kind is = kind::nothing;
  std::string text;            // of a scalar, as written
  std::vector<member> members; // of a map in its order; of a list with empty names
  place at;

  bool is_given() const { return is != kind::nothing; }
  /// A map's value; null: no such key, or no map.
  const node* find(std::string_view name) const;
  node* find(std::string_view name);
};

struct member {
  std::string name;
  place at; // of the name
  node value;
};

node scalar_node(std::string text, place at);

/// How much a tree may hold, over all files of a configuration.
struct document_budget {
  size_t settings = 65'536;
};

/// Reads one YAML document; `name` stands for the file in places. Double keys are told in `faults`, the first one
/// stays. Aliases are followed, and each use counts. Throws document_fault: not YAML, more than one document, nested
/// deeper than 32 levels, more settings than the budget has left.
node parse_document(std::string_view text, const std::string& name, document_budget& budget,
                    std::vector<fault>& faults);

/// Appends the settings of a tree, with keys that begin with `prefix`: maps joined by dots, lists numbered.
void flatten(const node& from, const std::string& prefix, std::vector<flat_setting>& into);

/// "a.b", or "b" at the top.
std::string joined(const std::string& above, const std::string& name);

} // namespace tickplant::config
