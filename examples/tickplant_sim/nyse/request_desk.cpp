#include "tickplant_sim/nyse/request_desk.hpp"

#include "tickplant_sim/nyse/market.hpp"

#include <algorithm>

namespace tickplant::sim::nyse {
namespace {

constexpr std::size_t most_clients = 1'000;
constexpr std::uint16_t retransmission_request = 10, heartbeat_response = 12, mapping_request = 13,
                        refresh_request = 15;
constexpr std::size_t source_width = 10;

std::uint32_t number(std::span<const std::uint8_t> message, std::size_t offset, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | message[offset + i];
  return value;
}

/// Empty for an id that is none: no characters, or something behind the first null.
std::string source_id(std::span<const std::uint8_t> field) {
  const auto end = std::find(field.begin(), field.end(), std::uint8_t{0});
  if (std::any_of(end, field.end(), [](std::uint8_t byte) { return byte != 0; })) return {};
  return {field.begin(), end};
}

std::size_t size_of(std::uint16_t type) {
  switch (type) {
    case retransmission_request: return 24;
    case heartbeat_response: return 14;
    case mapping_request: return 21;
    case refresh_request: return 20;
    default: return 0;
  }
}

} // namespace

char request_desk::check_client(const std::string& source, std::uint8_t product, std::uint8_t channel) const {
  const auto& known = options_.source_ids;
  if (source.empty() || (!known.empty() && std::find(known.begin(), known.end(), source) == known.end()) ||
      (used_.size() >= most_clients && !used_.contains(source)))
    return bad_source;
  if (product != product_id) return bad_product;
  return channel == channel_id ? accepted : bad_channel;
}

desk_outcome request_desk::handle(std::span<const std::uint8_t> message, std::uint32_t request) {
  desk_outcome out;
  const auto type = static_cast<std::uint16_t>(number(message, 2, 2));
  const auto size = size_of(type);
  xdp_encoder encoder{out.response};
  if (size == 0 || message.size() < size) {
    ++counts_.refused[bad_type];
    encoder.request_response(request, 0, 0, {}, product_id, channel_id, bad_type);
    return out;
  }
  const bool is_range = type == retransmission_request;
  const std::size_t source_at = is_range ? 12 : type == heartbeat_response ? 4 : 8;
  out.source = source_id(message.subspan(source_at, source_width));
  if (type == heartbeat_response) {
    out.action = desk_outcome::kind::heartbeat;
    ++counts_.heartbeats;
    return out;
  }
  const auto product = message[source_at + source_width];
  const auto channel = message[source_at + source_width + 1];
  char status = check_client(out.source, product, channel);
  if (is_range) {
    out.begin = number(message, 4, 4);
    out.end = number(message, 8, 4);
    if (status == accepted && out.end - out.begin >= options_.longest_range) status = range_too_long;
  } else {
    out.symbol_index = number(message, 4, 4);
  }
  if (status == accepted) {
    auto& used = used_[out.source];
    if (is_range && ++used.retransmissions > options_.retransmissions_a_day) status = too_many_requests;
    if (!is_range && ++used.refreshes > options_.refreshes_a_day) status = too_many_refreshes;
  }
  if (status == accepted) {
    const bool refused = faults_.refuses();
    if (is_range) {
      // Refused retransmissions are too old or unavailable by turns; both send the client to a refresh.
      const bool says_unavailable = refused && faults_.counts().refused % 2 == 0;
      if (refused && !says_unavailable) status = too_old;
      out.action = says_unavailable ? desk_outcome::kind::unavailable : desk_outcome::kind::retransmit;
      ++counts_.retransmissions;
    } else {
      // The protocol has no passing refusal of a refresh: it is accepted, and nothing comes.
      const auto wanted = type == refresh_request ? desk_outcome::kind::refresh : desk_outcome::kind::mapping;
      out.action = refused ? desk_outcome::kind::nothing : wanted;
      ++(type == refresh_request ? counts_.refreshes : counts_.mappings);
    }
  }
  if (status != accepted) {
    out.action = desk_outcome::kind::nothing;
    ++counts_.refused[status];
  }
  encoder.request_response(request, out.begin, out.end, out.source, product, channel, status);
  return out;
}

} // namespace tickplant::sim::nyse
