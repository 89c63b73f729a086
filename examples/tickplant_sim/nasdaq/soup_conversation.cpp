#include "tickplant_sim/nasdaq/soup_conversation.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tickplant::sim::nasdaq {
namespace {

using namespace std::chrono_literals;

constexpr auto heartbeat_interval = 1s, client_patience = 15s;
constexpr std::size_t login_bytes = 46, largest_client_packet = 4096;

std::string without_blanks(std::span<const std::uint8_t> field) {
  std::string text{field.begin(), field.end()};
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string in_capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

void append(byte_buffer& out, char type, std::string_view payload) {
  const auto length = payload.size() + 1;
  out.push_back(static_cast<std::uint8_t>(length >> 8));
  out.push_back(static_cast<std::uint8_t>(length));
  out.push_back(static_cast<std::uint8_t>(type));
  out.insert(out.end(), payload.begin(), payload.end());
}

std::string on_the_right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

} // namespace

soup_conversation::soup_conversation(const soup_offer& offer, service_faults& faults, soup_counts& counts,
                                     steady_time now)
  : offer_{offer}, faults_{faults}, counts_{counts}, answer_at_{now}, heard_{now}, spoke_{now} {
  ++counts_.connections;
}

void soup_conversation::receive(std::span<const std::uint8_t> bytes, steady_time now) {
  heard_ = now;
  in_.insert(in_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  while (!is_over() && in_.size() - at >= 2) {
    const std::size_t length = static_cast<std::size_t>(in_[at]) << 8 | in_[at + 1];
    if (length == 0 || length > largest_client_packet) {
      ++counts_.malformed;
      stage_ = stage::over;
      break;
    }
    if (in_.size() - at < 2 + length) break;
    take(static_cast<char>(in_[at + 2]), std::span{in_}.subspan(at + 3, length - 1), now);
    at += 2 + length;
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(at));
}

void soup_conversation::take(char type, std::span<const std::uint8_t> payload, steady_time now) {
  switch (type) {
    case 'L':
      if (stage_ == stage::silent) log_in(payload, now);
      return;
    case 'O': stage_ = stage::over; return;
    case 'R':
    case 'U':
    case '+': return;
    default: ++counts_.malformed;
  }
}

void soup_conversation::log_in(std::span<const std::uint8_t> payload, steady_time now) {
  if (payload.size() < login_bytes) {
    ++counts_.malformed;
    stage_ = stage::over;
    return;
  }
  stage_ = stage::answering;
  answer_at_ = now + faults_.delay();
  const auto username = in_capitals(without_blanks(payload.subspan(0, 6)));
  const auto password = in_capitals(without_blanks(payload.subspan(6, 10)));
  const auto session = without_blanks(payload.subspan(16, 10));
  const auto number = without_blanks(payload.subspan(26, 20));
  next_ = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), next_);
  const bool known =
    offer_.username.empty() || (username == in_capitals(offer_.username) && password == in_capitals(offer_.password));
  if (!known || error != std::errc{} || end != number.data() + number.size() || faults_.refuses())
    refusal_ = 'A';
  else if ((!session.empty() && session != offer_.session) || offer_.session.empty())
    refusal_ = 'S';
}

void soup_conversation::answer(byte_buffer& out) {
  session_ = offer_.session;
  if (refusal_ == 0 && offer_.store == nullptr) {
    picture_ = offer_.picture ? offer_.picture() : nullptr;
    if (!picture_) refusal_ = 'S';
    next_ = 1;
  } else if (refusal_ == 0) {
    const auto newest = offer_.store->next_sequence();
    next_ = next_ == 0 ? newest : std::clamp(next_, std::min(offer_.store->first_sequence(), newest), newest);
  }
  if (refusal_ != 0) {
    ++counts_.refused;
    append(out, 'J', {&refusal_, 1});
    stage_ = stage::over;
    return;
  }
  ++counts_.logins;
  append(out, 'A', on_the_right(session_, 10) + on_the_right(std::to_string(next_), 20));
  stage_ = stage::talking;
}

bool soup_conversation::send(std::span<const std::uint8_t> message, byte_buffer& out) {
  const auto before = out.size();
  append(out, 'S', {reinterpret_cast<const char*>(message.data()), message.size()});
  ++counts_.messages;
  const auto kept = faults_.cut(out.size() - before);
  if (!kept) return true;
  ++counts_.cut;
  out.resize(before + *kept);
  stage_ = stage::over;
  return false;
}

void soup_conversation::send_live(std::size_t room, byte_buffer& out) {
  if (session_ != offer_.session) { // another one began
    append(out, 'Z', {});
    stage_ = stage::over;
    return;
  }
  while (out.size() < room && next_ < offer_.store->next_sequence()) {
    const auto block = offer_.store->block(next_);
    if (block.size() < 2) { // too slow: the store has thrown it away
      stage_ = stage::over;
      return;
    }
    ++next_;
    if (!send(block.subspan(2), out)) return;
  }
  if (!offer_.has_ended || next_ < offer_.store->next_sequence()) return;
  append(out, 'Z', {});
  stage_ = stage::over;
}

void soup_conversation::send_picture(std::size_t room, byte_buffer& out) {
  const auto& blocks = *picture_;
  while (out.size() < room && picture_at_ < blocks.size()) {
    const auto size = static_cast<std::size_t>(blocks[picture_at_] << 8 | blocks[picture_at_ + 1]);
    const auto message = std::span{blocks}.subspan(picture_at_ + 2, size);
    picture_at_ += 2 + size;
    if (!send(message, out)) return;
  }
}

void soup_conversation::advance(steady_time now, std::size_t room, byte_buffer& out) {
  if (is_over()) return;
  if (now - heard_ >= client_patience) {
    ++counts_.timeouts;
    stage_ = stage::over;
    return;
  }
  const auto before = out.size();
  if (stage_ == stage::answering && now >= answer_at_) answer(out);
  if (stage_ == stage::talking) {
    if (offer_.store != nullptr)
      send_live(room, out);
    else
      send_picture(room, out);
  }
  if (out.size() > before) spoke_ = now;
  if (stage_ != stage::talking || now - spoke_ < heartbeat_interval) return;
  append(out, 'H', {});
  spoke_ = now;
}

} // namespace tickplant::sim::nasdaq
