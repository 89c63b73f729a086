// The values of one JSON message in the order in which they stood, each with the size of what it holds: as much of a
// document as checks need after all of it was found to be JSON. Nothing is allocated once it has the size of the
// largest message. Texts belong to the parser and the frame.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace tickplant::hft {

enum class json : uint8_t { absent, null, boolean, number, string, array, object };

/// "a number", "missing".
std::string_view words_of(json kind);

class json_tree {
public:
  static constexpr uint32_t max_nodes = 8192;
  static constexpr int max_nesting = 16;

  struct node {
    json kind = json::absent;
    bool is_true = false;  // of a boolean
    uint32_t count = 0;    // of an array or object: its members, also those that were not kept
    uint32_t next = 0;     // behind its last descendant
    size_t offset = 0;     // in the frame
    double number = 0;     // of a number
    std::string_view key;  // of a member of an object
    std::string_view text; // of a string, escapes resolved
    std::string_view raw;  // of a string or number, as it stood
  };

  json_tree() { nodes_.reserve(max_nodes); }

  void clear(std::string_view frame);
  /// Reads a value with all that it holds; `at` becomes its place. Beyond max_nodes values are checked, not kept.
  simdjson::error_code read(simdjson::ondemand::value in, std::string_view key, int nesting, uint32_t& at);
  /// Checks a value and keeps nothing.
  static simdjson::error_code skip(simdjson::ondemand::value in, int nesting);

  /// Place 0 is a node that stands for what is absent.
  const node& operator[](uint32_t at) const { return nodes_[at]; }
  bool is_cut() const { return is_cut_; }

  /// for (auto i = tree.first(at); i != tree.end(at); i = tree[i].next)
  uint32_t first(uint32_t at) const { return at + 1; }
  uint32_t end(uint32_t at) const { return nodes_[at].next; }
  /// The first member of that name, 0 if there is none.
  uint32_t find(uint32_t object, std::string_view key) const;

private:
  std::vector<node> nodes_;
  std::string_view frame_;
  bool is_cut_ = false;
};

} // namespace tickplant::hft
