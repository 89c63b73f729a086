#include "runtime/config/include.hpp"

#include "runtime/config/read_file.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>

namespace tickplant::config {

namespace fs = std::filesystem;

namespace {

constexpr size_t deepest = 8, most_files = 256;

std::string canonical(const std::string& file) {
  std::error_code wrong;
  const auto path = fs::weakly_canonical(file, wrong);
  return wrong ? file : path.string();
}

// Below these names are entries, which are told apart by their names and never merged.
bool holds_names(const std::string& path) {
  return path == "venues" || path == "auth" || path == "compression" || path == "tiers" || path == "dialects";
}

class includer {
public:
  explicit includer(include_result& to) : to_(to) {}

  node read(const std::string& text, const std::string& file) {
    node root;
    try {
      root = parse_document(text, file, budget_, to_.faults);
    } catch (const document_fault& broken) {
      to_.faults.push_back({broken.where, "", broken.problem});
      return {};
    }
    if (root.is_given() && root.is != node::kind::map) {
      to_.faults.push_back({root.at, "", "keys and values are wanted at the top, not a list or a lone value"});
      return {};
    }
    take_includes(root, file);
    return root;
  }

  std::vector<std::string> above; // canonical names of the files that are being read

private:
  void complain(const place& at, std::string problem) { to_.faults.push_back({at, "include", std::move(problem)}); }

  void take_includes(node& root, const std::string& file) {
    const auto found =
      std::find_if(root.members.begin(), root.members.end(), [](const member& m) { return m.name == "include"; });
    if (found == root.members.end()) return;
    const node list = std::move(found->value);
    root.members.erase(found);
    if (list.is == node::kind::scalar) return include(list, file, root);
    if (list.is == node::kind::map) return complain(list.at, "a file, a folder, or a list of them is wanted");
    for (const auto& entry : list.members) {
      if (entry.value.is == node::kind::scalar)
        include(entry.value, file, root);
      else
        complain(entry.at, "the name of a file or folder is wanted");
    }
  }

  void include(const node& name, const std::string& from, node& into) {
    const auto path = (fs::absolute(from).parent_path() / name.text).lexically_normal();
    std::error_code wrong;
    if (name.text.empty() || !fs::exists(path, wrong))
      return complain(name.at, "'" + path.string() + "' does not exist");
    if (!fs::is_directory(path, wrong)) return include_file(path.string(), name.at, into);
    to_.files.push_back(path.string());
    std::vector<std::string> files;
    for (fs::directory_iterator at{path, wrong}, end; !wrong && at != end; at.increment(wrong)) {
      const auto& file = at->path(); // editors and config maps keep hidden ones
      if (file.extension() == ".yaml" && file.filename().string().front() != '.') files.push_back(file.string());
      if (files.size() > most_files) break;
    }
    if (wrong) return complain(name.at, "'" + path.string() + "' cannot be listed: " + wrong.message());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) include_file(file, name.at, into);
  }

  void include_file(const std::string& file, const place& at, node& into) {
    const auto real = canonical(file);
    if (std::find(above.begin(), above.end(), real) != above.end())
      return complain(at, "'" + file + "' includes itself by way of this file");
    if (above.size() > deepest) return complain(at, "includes are nested deeper than " + std::to_string(deepest));
    if (!read_.insert(real).second) return complain(at, "'" + file + "' is included twice");
    if (read_.size() > most_files) {
      if (read_.size() == most_files + 1) complain(at, "more than " + std::to_string(most_files) + " files");
      return;
    }
    to_.files.push_back(file);
    const auto text = read_small_file(file, most_file_bytes);
    if (!text) return complain(at, "'" + file + "' cannot be read: a file of at most 1 MiB is wanted");
    above.push_back(real);
    merge(read(*text, file), into, "");
    above.pop_back();
  }

  void merge(node from, node& into, const std::string& path) {
    if (!from.is_given()) return;
    if (!into.is_given()) {
      into = std::move(from);
      return;
    }
    std::unordered_map<std::string, size_t> there;
    for (size_t i = 0; i < into.members.size(); ++i) there.emplace(into.members[i].name, i);
    for (auto& m : from.members) {
      const auto found = there.find(m.name);
      if (found == there.end())
        into.members.push_back(std::move(m));
      else
        merge_member(std::move(m), into.members[found->second], path);
    }
  }

  void merge_member(member from, member& into, const std::string& path) {
    const auto key = joined(path, from.name);
    const auto are_both = [&](node::kind kind) { return from.value.is == kind && into.value.is == kind; };
    if (!from.value.is_given()) return;
    if (!into.value.is_given())
      into = std::move(from);
    else if (key == "listeners" && are_both(node::kind::list))
      std::move(from.value.members.begin(), from.value.members.end(), std::back_inserter(into.value.members));
    else if (are_both(node::kind::map) && !holds_names(path))
      merge(std::move(from.value), into.value, key);
    else
      to_.faults.push_back({from.at, key, "stands in two files, first at " + into.at.text()});
  }

  include_result& to_;
  document_budget budget_;
  std::set<std::string> read_;
};

} // namespace

include_result parse_with_includes(std::string_view text, const std::string& file) {
  include_result result;
  includer reader{result};
  reader.above.push_back(canonical(file));
  result.root = reader.read(std::string{text}, file);
  if (result.root.at.file.empty()) result.root.at.file = file;
  return result;
}

include_result read_with_includes(const std::string& file) {
  bool is_too_large = false;
  const auto text = read_any_file(file, most_file_bytes, is_too_large);
  if (!text) {
    include_result result;
    result.faults.push_back(
      {{file, 0, 0},
       "",
       is_too_large ? "larger than 1 MiB: not a configuration" : "cannot be read: no such file, or no permission"});
    return result;
  }
  auto result = parse_with_includes(*text, file);
  result.files.insert(result.files.begin(), fs::absolute(file).lexically_normal().string());
  return result;
}

} // namespace tickplant::config
