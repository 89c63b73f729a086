#include "tickplant_sim/lse/service_protocol.hpp"

#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"

namespace tickplant::sim::lse {
namespace {

/// Reads fields in their order; the caller has checked the length.
class field_reader {
public:
  explicit field_reader(std::span<const std::uint8_t> bytes) : rest_{bytes} {}

  template <class Number>
  Number number() {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      value = static_cast<Number>(value | static_cast<Number>(Number{rest_[i]} << (8 * i)));
    rest_ = rest_.subspan(sizeof(Number));
    return value;
  }
  std::string text(std::size_t width) {
    std::string value(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(width));
    rest_ = rest_.subspan(width);
    const auto last = value.find_last_not_of(' ');
    value.erase(last == std::string::npos ? 0 : last + 1);
    return value;
  }

private:
  std::span<const std::uint8_t> rest_;
};

class mitch_services final : public service_protocol {
public:
  protocol name() const noexcept override { return protocol::mitch; }

  std::optional<read_message> read(std::span<const std::uint8_t> payload) const override {
    if (payload.size() < 2 || payload[0] < 2 || payload[0] > payload.size()) return std::nullopt;
    const std::size_t length = payload[0];
    const auto type = payload[1];
    field_reader fields{payload.subspan(2, length - 2)};
    if (type == 0x01 && length >= 18) {
      login_request login;
      login.comp_id = fields.text(6);
      login.password = fields.text(10);
      return read_message{login, length};
    }
    if (type == 0x03 && length >= 9) {
      replay_request replay;
      replay.group = static_cast<char>(fields.number<std::uint8_t>());
      replay.first = fields.number<std::uint32_t>();
      replay.count = fields.number<std::uint16_t>();
      return read_message{replay, length};
    }
    if (type == 0x05) return read_message{logout_request{}, length};
    if (type == 0x81 && length >= 16) {
      recovery_request recovery;
      fields.number<std::uint32_t>(); // a sequence number, which the service ignores
      recovery.segment = fields.text(6);
      recovery.instrument = fields.number<std::uint32_t>();
      // With both filled the segment wins.
      recovery.of = recovery.segment.empty() ? recovery_request::level::instrument : recovery_request::level::segment;
      return read_message{recovery, length};
    }
    return read_message{other_request{type}, length};
  }

  void login_response(char status, message_buffer& out) const override { mitch_encoder{out}.login_response(status); }
  void replay_response(const replay_request& to, char status, message_buffer& out) const override {
    const bool accepted = status == answer::accepted;
    mitch_encoder{out}.replay_response(to.group.value_or(' '), accepted ? to.first : 0,
                                       static_cast<std::uint16_t>(accepted ? to.count : 0), status);
  }
  void recovery_response(const recovery_request&, std::uint32_t, std::uint32_t, char status,
                         message_buffer& out) const override {
    mitch_encoder{out}.snapshot_response(status);
  }
};

class gtp_services final : public service_protocol {
public:
  protocol name() const noexcept override { return protocol::gtp; }

  std::optional<read_message> read(std::span<const std::uint8_t> payload) const override {
    if (payload.size() < 3) return std::nullopt;
    const std::size_t length = payload[0] | static_cast<std::size_t>(payload[1]) << 8;
    if (length < 3 || length > payload.size()) return std::nullopt;
    const auto type = payload[2];
    field_reader fields{payload.subspan(3, length - 3)};
    if (type == 0x01 && length >= 11) return read_message{login_request{fields.text(8), {}}, length};
    if (type == 0x03 && length >= 15) {
      replay_request replay;
      replay.first = fields.number<std::uint32_t>();
      replay.count = fields.number<std::uint32_t>();
      replay.id = fields.number<std::uint32_t>();
      return read_message{replay, length};
    }
    if (type == 0x81 && length >= 30) {
      recovery_request recovery;
      const auto level = fields.number<std::uint8_t>();
      if (level > 2) return read_message{other_request{type}, length};
      recovery.of = static_cast<recovery_request::level>(level);
      recovery.instrument = fields.number<std::uint64_t>();
      recovery.segment = fields.text(6);
      recovery.book = fields.number<std::uint8_t>();
      fields.number<std::uint16_t>(); // the venue: there is one
      recovery.type = fields.number<std::uint8_t>();
      recovery.from = fields.number<std::uint32_t>();
      recovery.id = fields.number<std::uint32_t>();
      return read_message{recovery, length};
    }
    return read_message{other_request{type}, length};
  }

  void login_response(char status, message_buffer& out) const override { gtp_encoder{out}.login_response(status); }
  void replay_response(const replay_request& to, char status, message_buffer& out) const override {
    gtp_encoder{out}.replay_response(to.first, to.count, status, to.id);
  }
  void recovery_response(const recovery_request& to, std::uint32_t sequence, std::uint32_t messages, char status,
                         message_buffer& out) const override {
    gtp_encoder{out}.recovery_response(sequence, messages, status, to.id);
  }
};

} // namespace

std::unique_ptr<service_protocol> make_service_protocol(protocol name) {
  if (name == protocol::gtp) return std::make_unique<gtp_services>();
  return std::make_unique<mitch_services>();
}

} // namespace tickplant::sim::lse
