#include "codec.hpp"

#include "messages.hpp"

namespace tickplant::lse::gtp {

namespace {

enum : uint8_t {
  login_request_type = 0x01,
  login_response_type,
  replay_request_type,
  replay_response_type,
  recovery_request_type = 0x81,
  recovery_response_type,
  complete_type
};
enum : uint8_t { of_instrument, of_segment, of_channel };
enum : uint8_t { directory_recovery, book_recovery };

std::vector<uint8_t> unit_with(uint8_t type, uint16_t size) {
  std::vector<uint8_t> bytes(unit_header_size + size, 0);
  sdk::put_le16(bytes.data(), static_cast<uint16_t>(bytes.size()));
  bytes[2] = 1;
  bytes[3] = ' ';
  sdk::put_le16(&bytes[unit_header_size], size);
  bytes[unit_header_size + 2] = type;
  return bytes;
}

} // namespace

std::vector<uint8_t> login_request(std::string_view comp_id) {
  auto bytes = unit_with(login_request_type, 11);
  sdk::put_alpha(&bytes[unit_header_size + 3], 8, comp_id);
  return bytes;
}

std::vector<uint8_t> replay_request(uint64_t first, uint32_t count, uint32_t request) {
  auto bytes = unit_with(replay_request_type, 15);
  uint8_t* m = &bytes[unit_header_size];
  sdk::put_le32(m + 3, static_cast<uint32_t>(first));
  sdk::put_le32(m + 7, count);
  sdk::put_le32(m + 11, request);
  return bytes;
}

std::vector<uint8_t> recovery_request(const snapshot_target& target, uint16_t venue, uint32_t request) {
  using scope = snapshot_target::scope;
  auto bytes = unit_with(recovery_request_type, 30);
  uint8_t* m = &bytes[unit_header_size];
  m[3] = target.of == scope::instrument ? +of_instrument : target.of == scope::segment ? +of_segment : +of_channel;
  sdk::put_le64(m + 4, target.of == scope::instrument ? target.instrument : 0);
  sdk::put_alpha(m + 12, 6, target.of == scope::segment ? std::string_view{target.segment} : "");
  m[18] = 0; // every book type
  sdk::put_le16(m + 19, venue);
  m[21] = target.of == scope::directory ? +directory_recovery : +book_recovery;
  sdk::put_le32(m + 26, request);
  return bytes;
}

std::optional<admin_message> read_admin(const uint8_t* m) {
  admin_message result;
  const auto needs = [&](uint16_t size) { return sdk::le16(m) >= size; };
  switch (type_of(m)) {
    case login_response_type:
      if (!needs(4)) return std::nullopt;
      result.what = admin_message::kind::login_response;
      result.status = static_cast<char>(m[3]);
      return result;
    case replay_response_type:
      if (!needs(16)) return std::nullopt;
      result.what = admin_message::kind::replay_response;
      result.status = static_cast<char>(m[11]);
      result.request = sdk::le32(m + 12);
      return result;
    case recovery_response_type:
      if (!needs(16)) return std::nullopt;
      result.what = admin_message::kind::snapshot_response;
      result.includes = sdk::le32(m + 3);
      result.status = static_cast<char>(m[11]);
      result.request = sdk::le32(m + 12);
      return result;
    case complete_type:
      if (!needs(8)) return std::nullopt;
      result.what = admin_message::kind::complete;
      result.request = sdk::le32(m + 3);
      result.trading_status = static_cast<char>(m[7]);
      return result;
    default: return std::nullopt;
  }
}

std::optional<book_kind> kind_of(uint8_t book_type) {
  switch (book_type) {
    case firm_quote_book: return book_kind::firm_quotes;
    case electronic_book: return book_kind::orders;
    case rfq_book: return book_kind::requests;
    default: return std::nullopt;
  }
}

snapshot_message read_snapshot(const uint8_t* m) {
  using part = snapshot_message::part;
  const uint8_t type = type_of(m);
  if (least_lengths[type] == 0 || sdk::le16(m) < least_lengths[type]) return {};
  const auto of_book = [](uint64_t instrument, uint8_t book, bool is_silent) -> snapshot_message {
    const auto kind = kind_of(book);
    if (!kind) return {};
    return {part::book, instrument, *kind, is_silent};
  };
  switch (type) {
    case 'p': return {part::reference};
    case 'F': return of_book(add::instrument(m), add::book(m), false);
    case 'y': return of_book(clear::instrument(m), clear::book(m), true);
    case 'H':
    case 'w':
    case 'j': return {part::reference};
    default: return {};
  }
}

} // namespace tickplant::lse::gtp
