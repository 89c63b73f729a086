#include "runtime/config/binding.hpp"

#include "runtime/config/read_file.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

namespace tickplant::config::bind {

namespace fs = std::filesystem;

namespace {

constexpr size_t longest_secret = 64 * 1024;

// Where container platforms put secrets: readable by all inside the container, and nobody else is there.
bool is_container_mount(const fs::path& file) {
  if (file.string().starts_with("/run/secrets/") || file.string().starts_with("/var/run/secrets/")) return true;
  std::error_code wrong;
  return fs::is_symlink(file.parent_path() / "..data", wrong);
}

bool is_readable_by_all(const std::string& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0;
}

} // namespace

void complain(reading_context& context, const node& value, const std::string& path, std::string problem) {
  context.faults.push_back({value.at, path, std::move(problem)});
}

bool any_text(const std::string&) {
  return true;
}

std::optional<std::string> scalar(const node& value, const std::string& path, const std::string& wanted,
                                  reading_context& context) {
  if (value.is == node::kind::scalar) return value.text;
  complain(context, value, path, wanted + " is wanted, not a list or mapping");
  return std::nullopt;
}

std::optional<std::vector<std::string>> texts(const node& value, const std::string& path, const std::string& wanted,
                                              bool (*check)(const std::string&), reading_context& context) {
  std::vector<std::string> read;
  const auto take = [&](const node& entry, const std::string& at) {
    if (entry.is != node::kind::scalar || !check(entry.text))
      complain(context, entry, at,
               wanted + " is wanted" + (entry.is == node::kind::scalar ? ", not '" + entry.text + "'" : ""));
    else
      read.push_back(entry.text);
  };
  if (value.is == node::kind::scalar)
    take(value, path);
  else if (value.is == node::kind::list)
    for (size_t i = 0; i < value.members.size(); ++i) take(value.members[i].value, joined(path, std::to_string(i)));
  else
    complain(context, value, path, wanted + " is wanted, not a mapping");
  return read;
}

std::optional<std::map<std::string, std::string>>
mapping(const node& value, const std::string& path, const std::string& wanted,
        bool (*check)(const std::string& name, const std::string& value), reading_context& context) {
  if (value.is != node::kind::map) {
    complain(context, value, path, wanted + " is wanted");
    return std::nullopt;
  }
  std::map<std::string, std::string> read;
  for (const auto& m : value.members) {
    if (m.value.is == node::kind::scalar && check(m.name, m.value.text))
      read[m.name] = m.value.text;
    else
      context.faults.push_back({m.at, joined(path, m.name), wanted + " is wanted"});
  }
  return read;
}

std::string mapping_text(const std::map<std::string, std::string>& pairs) {
  std::string made = "{";
  for (const auto& [name, value] : pairs) made += (made.size() > 1 ? ", " : "") + quoted(name) + ": " + quoted(value);
  return made + '}';
}

std::string absolute(const std::string& path, const place& at) {
  const fs::path given{path};
  if (path.empty() || given.is_absolute()) return path;
  const auto folder = at.line > 0 ? fs::absolute(at.file).parent_path() : fs::current_path();
  return (folder / given).lexically_normal().string();
}

std::optional<std::string> secret(const node& value, const std::string& path, reading_context& context) {
  auto text = scalar(value, path, "a text", context);
  if (!text || !text->starts_with("${env:") || !text->ends_with("}")) return text;
  const auto name = text->substr(6, text->size() - 7);
  const auto found = context.environment.find(name);
  if (found != context.environment.end()) return found->second;
  complain(context, value, path, "there is no environment variable '" + name + "'");
  return std::nullopt;
}

std::optional<std::string> secret_file(const node& value, const std::string& path, reading_context& context) {
  const auto name = scalar(value, path, "a file", context);
  if (!name || name->empty()) return std::nullopt;
  const auto file = absolute(*name, value.at);
  auto text = read_small_file(file, longest_secret);
  context.files.push_back(file);
  if (!text) {
    complain(context, value, path, "'" + file + "' cannot be read: a file of at most 64 KiB is wanted");
    return std::nullopt;
  }
  if (is_readable_by_all(file)) {
    const auto problem = "'" + file + "' can be read by every user of this machine: chmod o= it";
    if (!is_container_mount(file)) {
      complain(context, value, path, problem);
      return std::nullopt;
    }
    context.warnings.push_back(value.at.text() + ": " + path + ": " + problem);
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

uint64_t content_of(const std::string& file, reading_context& context) {
  context.files.push_back(file);
  const auto text = read_small_file(file, most_file_bytes);
  if (!text) return 0;
  return std::max<uint64_t>(1, std::hash<std::string>{}(*text));
}

std::string number_wanted(uint32_t least, uint32_t most, const std::string& word) {
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
         (word.empty() ? "" : ", or '" + word + "',");
}

std::string duration_wanted(std::chrono::nanoseconds least, std::chrono::nanoseconds most) {
  return "a duration with its unit (250ms, 5s, 2m) from " + duration_text(least) + " to " + duration_text(most);
}

} // namespace tickplant::config::bind
