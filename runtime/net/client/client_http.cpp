// Requests judged and answered, at once or later, and the step from HTTP to WebSocket.
#include "runtime/net/client/client_set_implementation.hpp"
#include "runtime/net/client/http_answer.hpp"
#include "runtime/wire/close_code.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace tickplant::net {

namespace {

// RFC 6455, section 7.4.1 and its registry: what an upgrade that never opened is reported with.
constexpr uint16_t refused_by_policy = 1008, try_again_later = 1013;

} // namespace

void client_set::implementation::refuse_head(uint32_t index, const http_head::refusal& refusal) {
  switch (refusal.status) {
    case 405: {
      ++counters.method_refused;
      const auto& methods = listeners[table.at(index).listener].rules.methods;
      return refuse(index, 405, refusal.why, {{"Allow", allow_field(methods)}});
    }
    case 426:
      ++counters.version_refused;
      return refuse(index, 426, refusal.why, {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}});
    case 431: ++counters.head_too_large; break;
    case 411:
    case 413:
    case 417: ++counters.body_refused; break;
    default: ++counters.bad_request; break;
  }
  refuse(index, refusal.status, refusal.why);
}

/// A request that was read as a whole and judged.
void client_set::implementation::take_request(uint32_t index, http_head& head) {
  client_record& one = table.at(index);
  one.had_request = true;
  head.request.peer = one.peer;
  head.request.listener = one.listener;
  head.request.is_tls = one.tls != nullptr;
  open_request request;
  request.is_upgrade = head.wants_upgrade;
  request.is_head = head.is_head;
  request.keep_alive = head.keep_alive;
  if (head.wants_upgrade) return take_upgrade(index, head, request);

  ++counters.http_requests;
  http_response response;
  serving = index;
  const bool answered = asked(index, [&] { response = events.on_http(ref_of(index), head.request); });
  serving = UINT32_MAX;
  if (!one.is_live()) return; // the host aborted it meanwhile
  if (!answered) return refuse(index, 500, "Internal server error.");
  request.if_none_match = head.request.field("If-None-Match");
  if (response.is_later) return decide_later(index, request);
  respond(index, request, response);
}

void client_set::implementation::respond(uint32_t index, const open_request& request, http_response& response) {
  if (const auto problem = problem_of(response); !problem.empty()) {
    report_fault(index, problem);
    return refuse(index, 500, "Internal server error.");
  }
  if (response.status == 200 && !response.etag.empty() && etag_matches(request.if_none_match, response.etag)) {
    response.status = 304;
    response.body.reset();
  }
  send_response(index, response, request.is_head, response.close || !request.keep_alive || draining);
}

void client_set::implementation::take_upgrade(uint32_t index, http_head& head, open_request& request) {
  client_record& one = table.at(index);
  if (draining) {
    ++counters.refused_draining;
    return refuse(index, 503, "Server is shutting down.", {{"Retry-After", "1"}});
  }
  request.key = head.key;
  request.subprotocols.assign(head.request.subprotocols.begin(), head.request.subprotocols.end());
  upgrade_answer answer;
  serving = index;
  const bool answered = asked(index, [&] {
    answer = events.on_upgrade(ref_of(index), head.request);
    // The host took this client, or may yet: it shall hear of its end.
    one.is_upgraded = answer.accepted || answer.is_later;
  });
  serving = UINT32_MAX;
  if (!one.is_live()) return; // the host aborted it meanwhile
  if (!answered) return refuse(index, 500, "Internal server error.");
  if (answer.is_later) return decide_later(index, request);
  upgrade(index, request, answer);
}

/// The host's word on an upgrade, carried out.
void client_set::implementation::upgrade(uint32_t index, const open_request& request, upgrade_answer& answer) {
  client_record& one = table.at(index);
  if (const auto problem = problem_of(answer, request.subprotocols); !problem.empty()) {
    report_fault(index, problem);
    one.close_code = wire::close_code::internal_error;
    return refuse(index, 500, "Internal server error.");
  }
  if (!answer.accepted) {
    ++counters.upgrade_refused;
    one.close_code = refused_by_policy;
    const bool is_refusal = answer.status >= 400 && answer.status <= 599;
    return refuse(index, is_refusal ? answer.status : uint16_t{403}, answer.text, std::move(answer.fields));
  }
  if (draining || one.hang_up) { // since the host was asked
    ++counters.refused_draining;
    one.close_code = try_again_later;
    return refuse(index, 503, "Server is shutting down.", {{"Retry-After", "1"}});
  }
  print_switch(text, accept_key(request.key), answer.subprotocol, answer.extensions);
  // A socket that answered nothing yet, or everything, takes these bytes; one that does not is beyond help.
  if (send_some(one, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return finish(index, wire::close_code::abnormal);
  one.phase = client_phase::open;
  one.was_open = true;
  one.may_compress = answer.may_compress;
  ++counters.upgrades;
  count_open(one, 1);
  // The first pings of clients that came at once are spread over half an interval.
  const uint64_t interval = options.ping_interval_ns;
  set_ping(index, interval - interval / 128 * (index % 64));
  schedule(index);
  guarded(index, [&] { events.on_open(ref_of(index)); });
}

void client_set::implementation::decide_later(uint32_t index, open_request& request) {
  client_record& one = table.at(index);
  one.pending = std::make_unique<open_request>(std::move(request));
  one.phase = client_phase::deciding;
  set_deadline(index, options.decide_ns);
  update_interest(index);
}

/// The host's answer is there: carried out in a turn of its own.
void client_set::implementation::decided(uint32_t index) {
  client_record& one = table.at(index);
  const auto request = std::move(one.pending);
  one.phase = client_phase::head;
  if (request->is_upgrade)
    upgrade(index, *request, request->upgrade);
  else
    respond(index, *request, request->response);
}

/// A client that waits for the host's answer gets none.
void client_set::implementation::undecided(uint32_t index, std::string_view why) {
  client_record& one = table.at(index);
  const auto request = std::move(one.pending);
  one.phase = client_phase::head;
  one.close_code = try_again_later;
  auto response = http_response::text(503, std::string{why} + "\n");
  response.fields = {{"Retry-After", "1"}};
  send_response(index, response, request->is_head, true);
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
  one.hang_up = one.hang_up || hang_up;
  print_head(text, response, response.status, one.hang_up, wall_now_ns());
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
  const auto bytes_of = [](const std::string& all, size_t from) {
    return std::span{reinterpret_cast<const uint8_t*>(all.data()), all.size()}.subspan(from);
  };
  tail.add_data(bytes_of(text, of_head), packer);
  if (with_body && response.body.use_count() == 1) { // nobody else has it: it waits as replies do
    tail.add_data(bytes_of(*response.body, taken - of_head), packer);
  } else if (with_body) {
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
  if (has_unread(one)) make_ready(index);
}

} // namespace tickplant::net
