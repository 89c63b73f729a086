// A small fixed set of files (the dashboard), read once into memory: a request then is a look-up in a table, and what
// is not in the table does not exist. No path of a request ever reaches the file system.
#pragma once

#include "runtime/net/client/http_message.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::net {

struct static_limits {
  size_t files = 512;
  size_t file_bytes = 4u << 20;
  size_t total_bytes = 32u << 20;
};

/// By the file name's ending: "text/html; charset=utf-8"; unknown ones are application/octet-stream.
std::string_view content_type_of(std::string_view file_name);

class static_files {
public:
  /// Reads all regular files below `root`; hidden ones (a leading dot) and symbolic links that lead out of it are left
  /// out. Throws std::runtime_error that names the file and the limit if there is no such folder or it is too large.
  static static_files load(const std::filesystem::path& root, const static_limits& limits = {});

  /// `path` is that of a request, percent-encoded, without query. A folder is answered by its index.html. 404 if there
  /// is no such file, 400 if the path is broken (bad escape, "..", backslash, zero byte).
  http_response respond(std::string_view path) const;

  size_t count() const { return files_.size(); }
  size_t bytes() const { return bytes_; }

private:
  struct file {
    std::string content_type, etag;
    std::shared_ptr<const std::string> body;
  };
  std::map<std::string, file, std::less<>> files_; // key: "/app/main.js"
  size_t bytes_ = 0;
};

} // namespace tickplant::net
