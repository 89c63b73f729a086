#include "codec.hpp"

#include "messages.hpp"

namespace tickplant::lse::mitch {

namespace {

enum : uint8_t {
  login_request_type = 0x01,
  login_response_type,
  replay_request_type,
  replay_response_type,
  logout_request_type,
  snapshot_request_type = 0x81,
  snapshot_response_type,
  snapshot_complete_type
};

// Administrative units have number 0, and the server does not look at the group.
std::vector<uint8_t> unit_with(uint8_t type, uint8_t size) {
  std::vector<uint8_t> bytes(unit_header_size + size, 0);
  sdk::put_le16(bytes.data(), static_cast<uint16_t>(bytes.size()));
  bytes[2] = 1;
  bytes[3] = ' ';
  bytes[unit_header_size] = size;
  bytes[unit_header_size + 1] = type;
  return bytes;
}

book_kind kind_of(uint8_t flags) {
  if (flags & bit_rfq) return book_kind::requests;
  return flags & bit_firm_quote ? book_kind::firm_quotes : book_kind::orders;
}

} // namespace

std::vector<uint8_t> login_request(std::string_view comp_id, std::string_view password) {
  auto bytes = unit_with(login_request_type, 18);
  sdk::put_alpha(&bytes[unit_header_size + 2], 6, comp_id);
  sdk::put_alpha(&bytes[unit_header_size + 8], 10, password);
  return bytes;
}

std::vector<uint8_t> logout_request() {
  return unit_with(logout_request_type, 2);
}

std::vector<uint8_t> replay_request(char group, uint64_t first, uint32_t count) {
  auto bytes = unit_with(replay_request_type, 9);
  uint8_t* m = &bytes[unit_header_size];
  m[2] = static_cast<uint8_t>(group);
  sdk::put_le32(m + 3, static_cast<uint32_t>(first));
  sdk::put_le16(m + 7, static_cast<uint16_t>(count));
  return bytes;
}

std::vector<uint8_t> snapshot_request(const snapshot_target& target) {
  auto bytes = unit_with(snapshot_request_type, 16);
  uint8_t* m = &bytes[unit_header_size];
  sdk::put_alpha(m + 6, 6, target.of == snapshot_target::scope::segment ? std::string_view{target.segment} : "");
  if (target.of == snapshot_target::scope::instrument) sdk::put_le32(m + 12, static_cast<uint32_t>(target.instrument));
  return bytes;
}

std::optional<admin_message> read_admin(const uint8_t* m) {
  admin_message result;
  const auto needs = [&](uint8_t size) { return m[0] >= size; };
  switch (type_of(m)) {
    case login_response_type:
      if (!needs(3)) return std::nullopt;
      result.what = admin_message::kind::login_response;
      result.status = static_cast<char>(m[2]);
      return result;
    case replay_response_type:
      if (!needs(10)) return std::nullopt;
      result.what = admin_message::kind::replay_response;
      result.status = static_cast<char>(m[9]);
      return result;
    case snapshot_response_type:
      if (!needs(11)) return std::nullopt;
      result.what = admin_message::kind::snapshot_response;
      result.status = static_cast<char>(m[10]);
      return result;
    case snapshot_complete_type:
      if (!needs(17)) return std::nullopt;
      result.what = admin_message::kind::complete;
      result.segment = sdk::alpha_or_null(m + 6, 6);
      result.instrument = sdk::le32(m + 12);
      result.names_book = result.instrument != 0;
      result.book = kind_of(m[16]);
      if (result.names_book) result.includes = sdk::le32(m + 2);
      return result;
    default: return std::nullopt;
  }
}

snapshot_message read_snapshot(const uint8_t* m) {
  using part = snapshot_message::part;
  const uint8_t type = type_of(m);
  if (least_lengths[type] == 0 || m[0] < least_lengths[type]) return {};
  switch (type) {
    case 'T':
    case 'R': return {part::reference};
    case 'A':
    case 'F':
      return {part::book, add::instrument(m), kind_of(add::flags(m) & (type == 'A' ? bit_rfq : bit_firm_quote))};
    case 'H':
      if (symbol_status::book_type(m) == 3) return {}; // the state of a private request
      // The state of quotes does not make a book of them.
      if (symbol_status::flags(m) & bit_firm_quote) return {part::reference};
      return {part::book, instrument_id(m), book_kind::orders};
    case 'w': return {part::book, instrument_id(m), book_kind::orders};
    case 'y': return {part::book, instrument_id(m), kind_of(m[12]), true};
    default: return {};
  }
}

} // namespace tickplant::lse::mitch
