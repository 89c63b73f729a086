#include "config_file.hpp"

#include <fstream>
#include <stdexcept>

namespace tickplant::testing {

namespace fs = std::filesystem;

namespace {

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  if (!(file << text) || !file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void link_over(const fs::path& target, const fs::path& link) {
  const fs::path fresh = link.string() + ".new";
  fs::create_symlink(target, fresh);
  fs::rename(fresh, link);
}

} // namespace

config_file::config_file(const fs::path& folder) : folder_(folder), path_(folder / "server.yaml") {}

void config_file::write(way how, const std::string& text) {
  switch (how) {
    case way::in_place: return write_in_place(text);
    case way::rename: return rename_over(text);
    case way::link_swap: return swap_link(text);
  }
}

void config_file::write_in_place(const std::string& text) const {
  write_file(path_, text);
}

void config_file::rename_over(const std::string& text) const {
  const fs::path fresh = path_.string() + ".new";
  write_file(fresh, text);
  fs::rename(fresh, path_);
}

void config_file::swap_link(const std::string& text) {
  const auto name = "..version-" + std::to_string(++version_);
  fs::create_directory(folder_ / name);
  write_file(folder_ / name / path_.filename(), text);
  link_over(name, folder_ / "..data");
  const fs::path target = fs::path{"..data"} / path_.filename();
  if (!fs::is_symlink(path_) || fs::read_symlink(path_) != target) link_over(target, path_);
}

} // namespace tickplant::testing
