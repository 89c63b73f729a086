#include "runtime/capture/reader.hpp"

#include <tickplant/venue.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace tickplant::capture {

reader::reader(std::vector<std::string> files) : names_(std::move(files)) {
  if (!open_next()) throw std::invalid_argument("no capture file is named");
}

void reader::refuse(uint64_t at, const std::string& problem) const {
  throw capture_fault{names_[opened_ - 1], at, problem};
}

bool reader::open_next() {
  open_.reset();
  if (opened_ == names_.size()) return false;
  const auto& name = names_[opened_++];
  open_.reset(std::fopen(name.c_str(), "rbe"));
  if (!open_) refuse(0, std::string{"cannot be opened: "} + std::strerror(errno));
  uint8_t bytes[preamble_bytes];
  const size_t got = std::fread(bytes, 1, sizeof bytes, open_.get());
  std::string problem;
  const uint64_t before = file_.session;
  file_ = decode_preamble({bytes, got}, problem);
  if (!problem.empty()) refuse(0, problem);
  is_session_new_ = opened_ > 1 && file_.session != before;
  offset_ = sizeof bytes;
  return true;
}

std::optional<record> reader::next() {
  is_other_session_ = false;
  for (;;) {
    if (!open_) return std::nullopt;
    uint8_t head[head_bytes];
    const size_t got = std::fread(head, 1, sizeof head, open_.get());
    if (got < sizeof head) {
      if (std::ferror(open_.get())) refuse(offset_, "cannot be read");
      is_cut_off_ |= got > 0;
      open_next();
      continue;
    }
    auto found = decode_head(head);
    if (found.size > most_payload)
      refuse(offset_, "a record of " + std::to_string(found.size) + " bytes: the file is damaged");
    payload_.resize(found.size + TP_PADDING);
    if (std::fread(payload_.data(), 1, found.size, open_.get()) < found.size) {
      if (std::ferror(open_.get())) refuse(offset_, "cannot be read");
      is_cut_off_ = true;
      open_next();
      continue;
    }
    found.what.payload = {payload_.data(), found.size};
    if (check_of(head, found.what.payload) != found.check)
      refuse(offset_, "the checksum of a record is wrong: the file is damaged");
    offset_ += sizeof head + found.size;
    is_other_session_ = std::exchange(is_session_new_, false);
    return found.what;
  }
}

settings settings_of(const std::string& file) {
  settings told;
  reader source{{file}};
  while (const auto next = source.next()) {
    if (next->kind != record_kind::setting) break; // they stand at the beginning
    const auto text = next->text();
    if (const size_t end = text.find('\0'); end != std::string_view::npos)
      told.emplace_back(text.substr(0, end), text.substr(end + 1));
  }
  return told;
}

} // namespace tickplant::capture
