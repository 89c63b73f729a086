// One GET request on a connection of its own, from http_get to the delivery of its answer.
#pragma once

#include "runtime/net/venue/deadline.hpp"
#include "runtime/net/venue/dial.hpp"
#include "runtime/net/venue/line.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <optional>
#include <string>

namespace tickplant::net::venue {

struct http_settings {
  uint32_t id = 0, max_body = 0;
  uint64_t timeout_ns = 0;
  address where;
  header_list headers;
};

class http_fetch final : public source {
public:
  /// `settled` hears, once and not from inside `wait` or `start`, that the connection is not used any more.
  http_fetch(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, http_settings settings,
             std::function<void(http_fetch&)> settled);

  /// The time-out runs from here.
  void wait();
  void start();
  /// No answer is delivered.
  void cancel() noexcept;
  turns& world() { return *world_; }

  void deliver(turns& out) override;

private:
  using parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  std::shared_ptr<http_fetch> self() { return std::static_pointer_cast<http_fetch>(shared_from_this()); }
  void dialled(const std::string& fault);
  void read();
  void on_read(const boost::system::error_code& fault);
  void fail(int32_t status, const std::string& why);
  void settle();

  std::shared_ptr<turns> world_;
  std::shared_ptr<tls_client> tls_;
  http_settings settings_;
  std::function<void(http_fetch&)> settled_;
  transport transport_;
  std::weak_ptr<dialer> dialer_;
  deadline patience_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::empty_body> request_;
  std::optional<parser> parser_;
  int interim_ = 0; // answers 1xx so far
  header_list answer_headers_;
  std::string body_; // TP_PADDING bytes longer than the body
  int32_t status_ = 0;
  uint64_t received_ns_ = 0;
  bool is_over_ = false, is_cancelled_ = false;
};

} // namespace tickplant::net::venue
