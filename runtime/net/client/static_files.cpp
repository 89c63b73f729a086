#include "runtime/net/client/static_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace tickplant::net {

namespace fs = std::filesystem;

namespace {

/// FNV-1a over the content, with its size: an entity tag must differ between contents, not resist an attacker.
std::string tag_of(const std::string& content) {
  uint64_t hash = 14695981039346656037ull;
  for (const char c : content) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[hash >> shift & 15];
  return out + "-" + std::to_string(content.size()) + "\"";
}

bool is_inside(const fs::path& path, const fs::path& root) {
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

std::string content_of(const fs::path& path, uintmax_t size) {
  std::string out(static_cast<size_t>(size), '\0');
  std::ifstream in{path, std::ios::binary};
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (!in) throw std::runtime_error("static files: cannot read " + path.string());
  return out;
}

/// The decoded path, or false for one that no honest client sends.
bool normal_path(std::string_view path, std::string& out) {
  if (!percent_decode(path, out, false) || out.empty() || out.front() != '/') return false;
  if (out.find('\\') != out.npos) return false;
  for (size_t at = 0; at < out.size();) {
    const size_t end = std::min(out.find('/', at), out.size());
    const auto part = std::string_view{out}.substr(at, end - at);
    if (part == ".." || part == ".") return false;
    at = end + 1;
  }
  return true;
}

} // namespace

std::string_view content_type_of(std::string_view file_name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> types{{
    {".html", "text/html; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
  }};
  for (const auto& [ending, type] : types)
    if (file_name.ends_with(ending)) return type;
  return "application/octet-stream";
}

static_files static_files::load(const fs::path& root, const static_limits& limits) {
  std::error_code fault;
  const fs::path real_root = fs::canonical(root, fault);
  if (fault || !fs::is_directory(real_root, fault))
    throw std::runtime_error("static files: there is no folder " + root.string());
  static_files out;
  for (auto at = fs::recursive_directory_iterator{real_root}; at != fs::recursive_directory_iterator{}; ++at) {
    const fs::path& path = at->path();
    if (path.filename().string().starts_with('.')) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(fault)) continue;
    if (const auto real = fs::canonical(path, fault); fault || !is_inside(real, real_root)) continue;
    const auto size = at->file_size();
    if (size > limits.file_bytes)
      throw std::runtime_error("static files: " + path.string() + " is larger than " +
                               std::to_string(limits.file_bytes) + " bytes");
    if (out.files_.size() == limits.files)
      throw std::runtime_error("static files: more than " + std::to_string(limits.files) + " files below " +
                               root.string());
    if (out.bytes_ + size > limits.total_bytes)
      throw std::runtime_error("static files: more than " + std::to_string(limits.total_bytes) + " bytes below " +
                               root.string());
    auto content = content_of(path, size);
    file one;
    one.content_type = content_type_of(path.filename().string());
    one.etag = tag_of(content);
    out.bytes_ += content.size();
    one.body = std::make_shared<const std::string>(std::move(content));
    out.files_.emplace("/" + path.lexically_relative(real_root).generic_string(), std::move(one));
  }
  return out;
}

http_response static_files::respond(std::string_view path) const {
  std::string name;
  if (!normal_path(path, name)) return http_response::text(400, "Path is not valid.\n");
  if (name.back() == '/') name += "index.html";
  const auto found = files_.find(name);
  if (found == files_.end()) return http_response::text(404, "There is no such file.\n");
  http_response out;
  out.content_type = found->second.content_type;
  out.body = found->second.body;
  out.etag = found->second.etag;
  // Names are not versioned: a browser asks each time and is answered 304.
  out.fields = {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}};
  return out;
}

} // namespace tickplant::net
