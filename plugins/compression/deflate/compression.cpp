#include "compression.hpp"

#include "offers.hpp"

#include <cstring>
#include <stdexcept>

namespace tickplant::deflate {

void compression::validate(sdk::settings settings, sdk::compression_host host) {
  static_cast<void>(
    read_config(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); }));
}

compression::compression(sdk::settings settings, sdk::compression_host host) {
  bool is_wrong = false;
  config_ = read_config(settings, [&](std::string_view key, std::string_view problem) {
    is_wrong = true;
    host.complain(key, problem);
  });
  if (is_wrong) throw std::invalid_argument{"settings are wrong"};
}

void compression::traits(tp_compression_traits& traits) const {
  traits.threshold = config_.threshold;
  traits.group_count = group_count();
}

int64_t compression::negotiate(std::string_view offers, tp_agreement& agreement, std::span<uint8_t> out) {
  const auto parsed = parse_offers(offers);
  if (!parsed) return 0;
  const auto chosen = choose(*parsed, config_.window_bits);
  if (!chosen) return 0;
  agreement.group = static_cast<uint32_t>(config_.window_bits - chosen->window_bits);
  agreement.may_send_compressed = 1;
  of_group(agreement.group);
  const auto answer = answer_to(*chosen);
  if (answer.size() <= out.size()) std::memcpy(out.data(), answer.data(), answer.size());
  return static_cast<int64_t>(answer.size());
}

packing& compression::of_group(uint32_t group) {
  auto& found = packings_[group];
  if (!found) found = std::make_unique<packing>(config_, config_.window_bits - static_cast<int>(group));
  return *found;
}

int64_t compression::head(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
  return store_head(in, out);
}

int64_t compression::part(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out) {
  if (group >= group_count()) return TP_E_ARGUMENT;
  return of_group(group).part(in, out);
}

int64_t compression::seam(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
  return store_seam(in, out);
}

int64_t compression::tail(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
  return store_tail(in, out);
}

int64_t compression::whole(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out) {
  if (group >= group_count()) return TP_E_ARGUMENT;
  return of_group(group).whole(in, out);
}

int64_t compression::unpack(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
  return unpacking_.unpack(in, out);
}

} // namespace tickplant::deflate
