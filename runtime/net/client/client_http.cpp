// Requests judged and answered, and the step from HTTP to WebSocket.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/net/client/http_answer.hpp"
#include "runtime/net/client/http_head.hpp"
#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace tickplant::net {

namespace {
using field_list = std::vector<std::pair<std::string, std::string>>;
}

void client_set::implementation::take_request(uint32_t index, std::string_view bytes) {
  client_record& one = table.at(index);
  one.had_request = true;
  http_head head;
  const auto refusal = head.parse(bytes);
  switch (refusal.status) {
    case 0: break;
    case 405: ++counters.method_refused; return refuse(index, 405, refusal.why, field_list{{"Allow", "GET, HEAD"}});
    case 426:
      ++counters.version_refused;
      return refuse(index, 426, refusal.why, field_list{{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}});
    case 431: ++counters.head_too_large; return refuse(index, 431, refusal.why);
    default: ++counters.bad_request; return refuse(index, refusal.status, refusal.why);
  }
  head.request.peer = one.peer;
  head.request.listener = one.listener;
  if (head.wants_upgrade) return take_upgrade(index, head);

  ++counters.http_requests;
  http_response response;
  bool failed = true;
  try {
    response = events.on_http(head.request);
    const auto problem = problem_of(response);
    failed = !problem.empty();
    if (failed) report_fault(index, problem);
  } catch (const std::exception& thrown) {
    report_fault(index, thrown.what());
  } catch (...) {
    report_fault(index, "unknown exception");
  }
  if (failed) return refuse(index, 500, "Internal server error.");
  uint16_t status = response.status;
  if (status == 200 && !response.etag.empty() && etag_matches(head.request.field("If-None-Match"), response.etag))
    status = 304;
  if (status != response.status) {
    response.status = status;
    response.body.reset();
  }
  send_response(index, response, head.is_head, response.close || !head.keep_alive || draining);
}

void client_set::implementation::take_upgrade(uint32_t index, http_head& head) {
  client_record& one = table.at(index);
  if (draining) {
    ++counters.refused_draining;
    return refuse(index, 503, "Server is shutting down.", field_list{{"Retry-After", "1"}});
  }
  upgrade_answer answer;
  bool failed = true;
  try {
    answer = events.on_upgrade(ref_of(index), head.request);
    const auto& offered = head.request.subprotocols;
    failed = answer.accepted && !answer.subprotocol.empty() &&
             std::find(offered.begin(), offered.end(), answer.subprotocol) == offered.end();
    // The host took this client: it shall hear of its end.
    one.is_upgraded = answer.accepted;
    if (failed) report_fault(index, "upgrade accepted with a subprotocol that was not offered");
  } catch (const std::exception& thrown) {
    report_fault(index, thrown.what());
  } catch (...) {
    report_fault(index, "unknown exception");
  }
  if (!one.is_live()) return; // the host aborted it meanwhile
  if (failed) {
    one.close_code = wire::close_code::internal_error;
    return refuse(index, 500, "Internal server error.");
  }
  if (!answer.accepted) {
    ++counters.upgrade_refused;
    const bool is_refusal = answer.status >= 400 && answer.status <= 599;
    return refuse(index, is_refusal ? answer.status : uint16_t{403}, answer.text);
  }
  print_switch(text, accept_key(head.key), answer.subprotocol);
  // A socket that answered nothing yet, or everything, takes these bytes; one that does not is beyond help.
  if (send_some(one, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return finish(index, wire::close_code::abnormal);
  one.phase = client_phase::open;
  ++counters.upgrades;
  ++counters.open;
  // The first pings of clients that came at once are spread over half an interval.
  const uint64_t interval = options.ping_interval_ns;
  set_ping(index, interval - interval / 128 * (index % 64));
  schedule(index);
  guarded(index, [&] { events.on_open(ref_of(index)); });
}

/// A response of our own that ends the connection.
void client_set::implementation::refuse(uint32_t index, uint16_t status, std::string_view why, field_list fields) {
  auto response = http_response::text(status, std::string{why} + (why.ends_with('\n') ? "" : "\n"));
  response.fields = std::move(fields);
  send_response(index, response, false, true);
}

void client_set::implementation::send_response(uint32_t index, const http_response& response, bool head_only,
                                               bool hang_up) {
  client_record& one = table.at(index);
  if (!one.is_live()) return;
  release_head(one);
  print_head(text, response, response.status, hang_up, wall_now_ns());
  one.hang_up = hang_up;
  const bool with_body = !head_only && has_body(response.status) && response.body && !response.body->empty();
  std::array<iovec, 2> pieces{iovec{text.data(), text.size()}, iovec{}};
  if (with_body) pieces[1] = {const_cast<char*>(response.body->data()), response.body->size()};
  const size_t size = text.size() + pieces[1].iov_len;
  const ssize_t result = send_some(one, pieces.data(), with_body ? 2 : 1);
  if (result < 0) return finish(index, wire::close_code::abnormal);
  const auto taken = static_cast<size_t>(result);
  one.phase = client_phase::answering;
  if (taken == size) return answered(index);
  block(index);
  output_tail& tail = *one.tail;
  const size_t of_head = std::min(taken, text.size());
  tail.bytes.assign(text.begin() + static_cast<std::ptrdiff_t>(of_head), text.end());
  tail.data_end = tail.bytes.size();
  if (with_body) {
    tail.body = response.body;
    tail.body_at = taken - of_head;
  }
  update_interest(index);
}

/// The kernel has the whole response.
void client_set::implementation::answered(uint32_t index) {
  client_record& one = table.at(index);
  if (one.hang_up) {
    one.phase = client_phase::discarding;
    one.held.reset();
    stop_sending(one);
    return set_deadline(index, options.close_wait_ns);
  }
  one.phase = client_phase::head;
  set_deadline(index, options.http_idle_ns);
  if (one.held) make_ready(index);
}

} // namespace tickplant::net
