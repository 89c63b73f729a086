#include "runtime/tools/keys/keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::keys {

namespace {

namespace fs = std::filesystem;

constexpr size_t largest_file = 1 << 20; // what the policy reads

[[noreturn]] void fail(const std::string& file, std::string_view what, int error = errno) {
  throw key_fault{file + ": " + std::string{what} + ": " + std::generic_category().message(error)};
}

class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return number_; }

private:
  int number_;
};

/// The file behind a link: the link stays, what it points at is replaced.
fs::path resolved(const std::string& file) {
  std::error_code none;
  auto path = fs::canonical(file, none);
  return none ? fs::absolute(file) : path;
}

/// Keeps other runs of this tool from the file's folder while it lives.
class folder_lock {
public:
  explicit folder_lock(const fs::path& file)
    : folder_(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (folder_.get() < 0 || ::flock(folder_.get(), LOCK_EX) != 0)
      fail(file.parent_path().string(), "cannot be locked");
  }
  void sync() const { ::fsync(folder_.get()); }

private:
  descriptor folder_;
};

/// Nothing if there is no such file.
std::optional<std::string> read_whole(const fs::path& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) fail(path.string(), "cannot be read");
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    throw key_fault{path.string() + ": is not a regular file"};
  std::string text(largest_file + 1, '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path.string(), "cannot be read");
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  if (have > largest_file) throw key_fault{path.string() + ": is larger than 1 MiB"};
  text.resize(have);
  return text;
}

void write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t put = ::write(file, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(path, "cannot be written");
    text.remove_prefix(static_cast<size_t>(put));
  }
}

void replace(const fs::path& path, std::string_view text, const folder_lock& lock) {
  if (text.size() > largest_file) throw key_fault{path.string() + ": would grow larger than 1 MiB"};
  std::string temporary = path.string() + ".XXXXXX";
  const descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)}; // mode 0600
  if (file.get() < 0) fail(temporary, "cannot be made");
  try {
    write_all(file.get(), text, temporary);
    if (::fsync(file.get()) != 0) fail(temporary, "cannot be written");
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path.string(), "cannot be replaced");
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  lock.sync();
}

std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(" \t\r\n");
    if (begin == line.npos) return words;
    const auto end = std::min(line.find_first_of(" \t\r\n", begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

/// Calls `take` with each line, its end included.
template <class Take>
void each_line(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    take(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool has_id(std::string_view line, std::string_view id) {
  const auto words = words_of(line);
  return !words.empty() && words.front() == id;
}

/// A word of a line: without blanks, or the line would fall apart.
std::string word(std::string_view name, std::string_view value) {
  if (value.empty()) return "-";
  for (const char c : value)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '#')
      throw key_fault{std::string{name} + " '" + std::string{value} + "' holds a blank, a # or a control character"};
  return std::string{value};
}

void check_id(std::string_view id) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (id.empty() || id == "-" || id.size() > 32 || !std::all_of(id.begin(), id.end(), fits))
    throw key_fault{"id '" + std::string{id} + "': wanted 1 to 32 of a-z, 0-9 and -"};
}

std::string base64url(const uint8_t* bytes, size_t size) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < size; ++i) {
    bits = (bits << 8) | bytes[i];
    for (have += 8; have >= 6;) {
      have -= 6;
      text += letters[(bits >> have) & 63];
    }
  }
  if (have > 0) text += letters[(bits << (6 - have)) & 63];
  return text;
}

std::string sha256_hex(std::string_view text) {
  std::array<uint8_t, 32> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw key_fault{"OpenSSL cannot compute SHA-256"};
  constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (const uint8_t byte : digest) {
    result += hex[byte >> 4];
    result += hex[byte & 15];
  }
  return result;
}

} // namespace

new_key new_api_key(const key_request& request) {
  check_id(request.id);
  const std::pair<std::string_view, std::string> words[] = {
    {"subject", word("subject", request.subject.empty() ? request.id : request.subject)},
    {"tier", word("tier", request.tier)},
    {"tenant", word("tenant", request.tenant)},
    {"expires", word("expires", request.expires)},
    {"entitlements", word("entitlements", request.entitlements)}};
  std::array<uint8_t, 32> secret{};
  if (RAND_priv_bytes(secret.data(), static_cast<int>(secret.size())) != 1)
    throw key_fault{"the system gives no random bytes"};
  new_key made;
  made.text = "tpk_" + request.id + '_' + base64url(secret.data(), secret.size());
  OPENSSL_cleanse(secret.data(), secret.size());
  made.line = request.id + ' ' + sha256_hex(made.text);
  size_t last = 0; // the last word that is given; those behind it need no place
  for (size_t i = 0; i < std::size(words); ++i)
    if (words[i].second != "-") last = i;
  for (size_t i = 0; i <= last; ++i) made.line.append(" ").append(words[i].second);
  return made;
}

void append_key(const std::string& file, std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 3) throw key_fault{"a line of a keys file has at least id, sha256 and subject"};
  const auto path = resolved(file);
  const folder_lock lock{path};
  std::string text =
    read_whole(path).value_or("# id sha256 subject tier tenant expires entitlements; - is not given\n");
  each_line(text, [&](std::string_view each) {
    if (has_id(each, words.front()))
      throw key_fault{file + ": has a key '" + std::string{words.front()} + "' already; revoke it first"};
  });
  if (!text.empty() && text.back() != '\n') text += '\n';
  for (size_t i = 0; i < words.size(); ++i) text.append(i == 0 ? "" : " ").append(words[i]);
  replace(path, text + '\n', lock);
}

bool revoke_key(const std::string& file, std::string_view id) {
  const auto path = resolved(file);
  const folder_lock lock{path};
  const auto text = read_whole(path);
  if (!text) throw key_fault{file + ": there is no such file"};
  std::string kept;
  each_line(*text, [&](std::string_view line) {
    if (!has_id(line, id)) kept += line;
  });
  if (kept.size() == text->size()) return false;
  replace(path, kept, lock);
  return true;
}

std::vector<listed_key> list_keys(const std::string& file) {
  const auto text = read_whole(resolved(file));
  if (!text) throw key_fault{file + ": there is no such file"};
  std::vector<listed_key> listed;
  each_line(*text, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return;
    const auto at = [&](size_t i) { return std::string{i < words.size() ? words[i] : "-"}; };
    listed.push_back({at(0), at(1), at(2), at(3), at(4), at(5), at(6)});
  });
  return listed;
}

} // namespace tickplant::keys
