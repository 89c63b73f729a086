#include "runtime/config/read_file.hpp"

#include <filesystem>
#include <fstream>

namespace tickplant::config {

std::optional<std::string> read_any_file(const std::string& file, size_t most, bool& is_too_large) {
  is_too_large = false;
  std::error_code wrong;
  std::ifstream in{file, std::ios::binary};
  if (!in || std::filesystem::is_directory(file, wrong)) return std::nullopt;
  std::string text(most + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return std::nullopt;
  text.resize(static_cast<size_t>(in.gcount()));
  is_too_large = text.size() > most;
  if (is_too_large) return std::nullopt;
  return text;
}

std::optional<std::string> read_small_file(const std::string& file, size_t most) {
  std::error_code wrong;
  if (!std::filesystem::is_regular_file(file, wrong)) return std::nullopt; // a pipe would not end
  bool is_too_large = false;
  return read_any_file(file, most, is_too_large);
}

} // namespace tickplant::config
