#include "runtime/net/venue/http_fetch.hpp"

#include "runtime/net/venue/guarded.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

namespace tickplant::net::venue {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {
constexpr uint32_t largest_header = 64 * 1024;
constexpr int interim_limit = 8;
constexpr size_t answer_header_limit = 256;

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
} // namespace

http_fetch::http_fetch(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, http_settings settings,
                       std::function<void(http_fetch&)> settled)
  : world_(std::move(world)), tls_(std::move(tls)), settings_(std::move(settings)), settled_(std::move(settled)),
    transport_(world_->context()), patience_(world_->context()), buffer_(size_t{1} << 20) {}

void http_fetch::wait() {
  patience_.start(self(), settings_.timeout_ns, [](http_fetch& f) {
    const auto busy = f.dialer_.lock();
    const std::string phase = f.request_.target().empty() ? "waiting for its turn" : "waiting for the answer";
    f.fail(TP_E_AGAIN, "no answer in time (" + (busy ? std::string{busy->phase()} : phase) + ")");
  });
}

void http_fetch::start() {
  auto d = std::make_shared<dialer>(world_, tls_, transport_, settings_.where,
                                    [me = self()](const std::string& fault) { me->dialled(fault); });
  dialer_ = d;
  d->start();
}

void http_fetch::dialled(const std::string& fault) {
  if (is_over_) return;
  if (!fault.empty()) return fail(TP_E_DOWN, fault);
  request_.method(http::verb::get);
  request_.target(settings_.where.target);
  request_.version(11);
  request_.set(http::field::host, settings_.where.host_header());
  request_.set(http::field::user_agent, "tickplant");
  request_.set(http::field::accept, "*/*");
  for (const auto& [name, value] : settings_.headers) request_.set(name, value);
  request_.set(http::field::connection, "close");
  http::async_write(transport_, request_, guarded(self(), [](http_fetch& f, error_code ec, size_t) {
                      if (f.is_over_) return;
                      if (ec) return f.fail(TP_E_DOWN, "sending the request: " + ec.message());
                      f.read();
                    }));
}

void http_fetch::read() {
  parser_.emplace();
  parser_->body_limit(settings_.max_body);
  parser_->header_limit(largest_header);
  http::async_read(transport_, buffer_, *parser_,
                   guarded(self(), [](http_fetch& f, error_code ec, size_t) { f.on_read(ec); }));
}

void http_fetch::on_read(const error_code& fault) {
  if (is_over_) return;
  if (fault == http::error::body_limit)
    return fail(TP_E_LIMIT, "the answer is larger than max_body, " + std::to_string(settings_.max_body) + " bytes");
  if (fault == http::error::header_limit || fault == http::error::buffer_overflow)
    return fail(TP_E_LIMIT, "the answer's header is larger than " + std::to_string(largest_header) + " bytes");
  if (fault) return fail(TP_E_DOWN, "reading the answer: " + fault.message());
  auto& answer = parser_->get();
  if (answer.result_int() < 200) {
    // RFC 9110, section 15.2: any number of interim answers may precede the final one.
    if (++interim_ > interim_limit) return fail(TP_E_DOWN, "too many interim answers");
    return read();
  }
  for (const auto& field : answer) {
    if (answer_headers_.size() == answer_header_limit) break;
    answer_headers_.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                 std::string{field.value().data(), field.value().size()});
  }
  status_ = static_cast<int32_t>(answer.result_int());
  body_ = std::move(answer.body());
  body_.resize(body_.size() + TP_PADDING);
  received_ns_ = wall_now_ns();
  settle();
}

void http_fetch::fail(int32_t status, const std::string& why) {
  if (is_over_) return;
  world_->log(TP_LOG_WARNING, "request " + std::to_string(settings_.id) + " to " +
                                std::string{to_text(settings_.where.kind)} + "://" + settings_.where.authority() +
                                shown(settings_.where.target) + ": " + why);
  status_ = status;
  body_.assign(TP_PADDING, '\0');
  received_ns_ = wall_now_ns();
  settle();
}

void http_fetch::settle() {
  is_over_ = true;
  patience_.cancel();
  if (const auto d = dialer_.lock()) d->cancel();
  transport_.close();
  world_->schedule(shared_from_this());
  if (const auto settled = std::exchange(settled_, nullptr)) settled(*this);
}

void http_fetch::cancel() noexcept {
  is_over_ = is_cancelled_ = true;
  settled_ = nullptr;
  patience_.cancel();
  if (const auto d = dialer_.lock()) d->cancel();
  transport_.close();
}

void http_fetch::deliver(turns& out) {
  out.flush();
  if (is_cancelled_ || out.is_stopped()) return;
  std::vector<tp_pair> headers;
  headers.reserve(answer_headers_.size());
  for (const auto& [name, value] : answer_headers_)
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  const tp_http_answer answer{sizeof(tp_http_answer),
                              settings_.id,
                              status_,
                              static_cast<uint32_t>(headers.size()),
                              headers.data(),
                              {body_.data(), body_.size() - TP_PADDING},
                              received_ns_};
  out.http(answer);
}

} // namespace tickplant::net::venue
