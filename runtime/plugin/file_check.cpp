#include "runtime/plugin/file_check.hpp"

#include "runtime/plugin/fault.hpp"

#include <openssl/evp.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::plugin {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw plugin_fault{"plugin " + path + ": " + why};
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

std::string digest_of(const std::string& path, int file) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) refuse(path, "SHA-256 is not available");
  std::array<uint8_t, 65'536> chunk;
  for (;;) {
    const ssize_t got = ::read(file, chunk.data(), chunk.size());
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(path, std::string{"cannot be read: "} + std::strerror(errno));
    EVP_DigestUpdate(digest.get(), chunk.data(), static_cast<size_t>(got));
  }
  std::array<uint8_t, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr char hex[] = "0123456789abcdef";
    text += hex[bytes[i] >> 4];
    text += hex[bytes[i] & 15];
  }
  return text;
}

} // namespace

checked_file check_file(const std::string& path, const std::string& wanted_sha256) {
  const std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr), &std::free};
  if (!real) refuse(path, std::string{"cannot be found: "} + std::strerror(errno));
  // Not blocking: the path may be a pipe, which is refused below.
  const descriptor file{::open(real.get(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) refuse(path, std::string{"cannot be opened: "} + std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse(path, std::string{"cannot be examined: "} + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(path, "is not a regular file");
  if (status.st_mode & S_IWOTH) refuse(path, "may be written by everybody; take that right away (chmod o-w)");
  checked_file checked{real.get(), digest_of(path, file.get()), status.st_dev, status.st_ino};
  std::string wanted = wanted_sha256;
  for (char& c : wanted) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!wanted.empty() && wanted != checked.sha256)
    refuse(path, "has the SHA-256 " + checked.sha256 + ", wanted " + wanted +
                   "; install the right file or change the configured digest");
  return checked;
}

} // namespace tickplant::plugin
