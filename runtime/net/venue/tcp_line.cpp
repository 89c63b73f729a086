// TCP and TLS lines: the plugin sees the unread bytes and says how many it used.
#include "runtime/net/venue/deadline.hpp"
#include "runtime/net/venue/dial.hpp"
#include "runtime/net/venue/guarded.hpp"
#include "runtime/net/venue/line.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include <cstring>
#include <stdexcept>

namespace tickplant::net::venue {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class tcp_line final : public line {
public:
  tcp_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, line_settings s)
    : line(std::move(world), std::move(s)), tls_(std::move(tls)), transport_(this->world().context()),
      patience_(this->world().context()), capacity_(settings().max_unit + read_room) {}

  void open() override;
  int32_t send(uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  void resume() override {
    if (is_up() && !reading_ && !has_more_) read();
  }

private:
  static constexpr size_t read_room = 64 * 1024;
  static constexpr int calls_per_turn = 64;

  std::shared_ptr<tcp_line> self() { return std::static_pointer_cast<tcp_line>(shared_from_this()); }
  void dialled(const std::string& fault);
  void read();
  void on_read(const error_code& fault, size_t size);
  void write();
  void on_written(const error_code& fault);
  void deliver_units(turns& out) override;
  void shut() noexcept override;

  std::shared_ptr<tls_client> tls_;
  transport transport_;
  std::weak_ptr<dialer> dialer_;
  deadline patience_;
  size_t capacity_, begin_ = 0, end_ = 0;
  std::unique_ptr<uint8_t[]> buffer_;
  std::vector<uint8_t> waiting_, writing_;
  uint64_t received_ns_ = 0;
  bool reading_ = false, has_more_ = false;
};

void tcp_line::open() {
  auto d = std::make_shared<dialer>(shared_world(), tls_, transport_, settings().where,
                                    [me = self()](const std::string& fault) { me->dialled(fault); });
  dialer_ = d;
  d->start();
  patience_.start(self(), world().options().connect_timeout_ns, [](tcp_line& l) {
    const auto busy = l.dialer_.lock();
    l.fail("not connected in time" + (busy ? " (" + std::string{busy->phase()} + ")" : std::string{}));
  });
}

void tcp_line::dialled(const std::string& fault) {
  if (!is_active()) return;
  patience_.cancel();
  if (!fault.empty()) return fail(fault);
  buffer_ = std::make_unique_for_overwrite<uint8_t[]>(capacity_ + TP_PADDING);
  report_up();
}

void tcp_line::read() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  reading_ = true;
  transport_.async_read_some(asio::buffer(buffer_.get() + end_, capacity_ - end_),
                             guarded(self(), [](tcp_line& l, error_code ec, size_t n) { l.on_read(ec, n); }));
}

void tcp_line::on_read(const error_code& fault, size_t size) {
  reading_ = false;
  if (!is_active()) return;
  if (fault == asio::error::eof || fault == asio::ssl::error::stream_truncated) {
    const auto unread = end_ - begin_;
    return end(TP_LINE_CLOSED, "closed by the other side" +
                                 (unread ? ", " + std::to_string(unread) + " bytes of an incomplete unit" : ""));
  }
  if (fault) return fail("reading: " + fault.message());
  end_ += size;
  received_ns_ = wall_now_ns();
  counters().bytes += size;
  has_more_ = true;
  world().schedule(shared_from_this());
}

void tcp_line::deliver_units(turns& out) {
  if (!has_more_) return;
  has_more_ = false;
  out.flush();
  if (is_over() || out.is_stopped()) return;
  for (int calls = 0; begin_ < end_; ++calls) {
    if (calls == calls_per_turn) {
      has_more_ = true;
      return world().schedule(shared_from_this());
    }
    const size_t size = end_ - begin_;
    ++counters().units;
    const int64_t used = out.stream(
      {buffer_.get() + begin_, static_cast<uint32_t>(size), settings().number, received_ns_, TP_UNIT_BINARY, 0});
    if (!is_active() || out.is_stopped()) return;
    if (used < 0) return fail("refused by the plugin, code " + std::to_string(used));
    if (static_cast<uint64_t>(used) > size)
      throw std::logic_error("the plugin consumed " + std::to_string(used) + " of " + std::to_string(size) +
                             " bytes of line " + std::to_string(settings().number));
    begin_ += static_cast<size_t>(used);
    if (used == 0) break;
  }
  if (end_ - begin_ >= settings().max_unit)
    fail("unit larger than max_unit, " + std::to_string(settings().max_unit) + " bytes");
}

int32_t tcp_line::send(uint32_t, std::span<const uint8_t> bytes) {
  if (!is_up()) return TP_E_DOWN;
  if (bytes.size() > send_queue_limit - waiting_.size() - writing_.size()) {
    ++counters().send_refused;
    return TP_E_LIMIT;
  }
  ++counters().sent_units;
  counters().sent_bytes += bytes.size();
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (writing_.empty()) write();
  return TP_OK;
}

void tcp_line::write() {
  if (waiting_.empty()) return;
  writing_.swap(waiting_);
  asio::async_write(transport_, asio::buffer(writing_),
                    guarded(self(), [](tcp_line& l, error_code ec, size_t) { l.on_written(ec); }));
}

void tcp_line::on_written(const error_code& fault) {
  if (!is_active()) return;
  writing_.clear();
  if (fault) return fail("writing: " + fault.message());
  write();
}

void tcp_line::shut() noexcept {
  patience_.cancel();
  if (const auto d = dialer_.lock()) d->cancel();
  transport_.close();
}

} // namespace

std::shared_ptr<line> make_tcp_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls,
                                    line_settings settings) {
  return std::make_shared<tcp_line>(std::move(world), std::move(tls), std::move(settings));
}

} // namespace tickplant::net::venue
