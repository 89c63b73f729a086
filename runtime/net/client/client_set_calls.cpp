// What others call: references become records here, and calls for clients that are gone end here.
#include "runtime/net/client/client_set_implementation.hpp"

#include <utility>

namespace tickplant::net {

client_set::client_set(event_loop& loop, client_events& events, client_options options)
  : implementation_(std::make_unique<implementation>(loop, events, options)) {}
client_set::~client_set() = default;

bool client_set::adopt(int descriptor, const peer_address& peer, uint32_t listener) {
  return implementation_->adopt(descriptor, peer, listener);
}

void client_set::set_listener(uint32_t listener, listener_settings settings) {
  implementation_->set_listener(listener, std::move(settings));
}

void client_set::set_options(const client_options& options) {
  implementation_->set_options(options);
}

void client_set::close_listener(uint32_t listener, uint16_t code, std::string_view reason) {
  implementation_->close_listener(listener, code, reason);
}

bool client_set::answer_upgrade(client_ref client, upgrade_answer answer) {
  client_record* one = implementation_->live(client);
  if (!one || !one->pending || !one->pending->is_upgrade || one->pending->arrived || answer.is_later) return false;
  one->pending->upgrade = std::move(answer);
  one->pending->arrived = true;
  implementation_->make_ready(client.index);
  return true;
}

bool client_set::answer_http(client_ref client, http_response response) {
  client_record* one = implementation_->live(client);
  if (!one || !one->pending || one->pending->is_upgrade || one->pending->arrived || response.is_later) return false;
  one->pending->response = std::move(response);
  one->pending->arrived = true;
  implementation_->make_ready(client.index);
  return true;
}

void client_set::will_write(client_ref client) const {
  implementation_->table.prefetch(client.index);
}

write_result client_set::write(client_ref client, std::span<const uint8_t> frames) {
  return implementation_->live(client) ? implementation_->write(client.index, {&frames, 1}, false) : write_result::gone;
}

write_result client_set::write(client_ref client, std::span<const std::span<const uint8_t>> pieces) {
  return implementation_->live(client) ? implementation_->write(client.index, pieces, false) : write_result::gone;
}

write_result client_set::reply(client_ref client, std::span<const uint8_t> frames) {
  return implementation_->live(client) ? implementation_->write(client.index, {&frames, 1}, true) : write_result::gone;
}

write_result client_set::reply_text(client_ref client, std::string_view text) {
  auto& frame = implementation_->reply_frame;
  frame.clear();
  wire::append_frame(frame, wire::opcode::text, text);
  return reply(client, frame);
}

void client_set::close(client_ref client, uint16_t code, std::string_view reason) {
  const client_record* one = implementation_->live(client);
  if (one && one->phase == client_phase::open)
    implementation_->begin_close(client.index, code, reason, client_phase::closing);
}

void client_set::abort(client_ref client, uint16_t code) {
  if (implementation_->live(client)) implementation_->finish(client.index, code);
}

void client_set::pause_reading(client_ref client) {
  client_record* one = implementation_->live(client);
  if (!one || one->phase != client_phase::open || one->paused) return;
  one->paused = true;
  implementation_->update_interest(client.index);
}

void client_set::resume_reading(client_ref client) {
  client_record* one = implementation_->live(client);
  if (!one || !one->paused) return;
  one->paused = false;
  one->ping_is_out = false; // its answer may lie unread since before the deadline
  implementation_->set_ping(client.index, implementation_->options.ping_interval_ns);
  if (client_set::implementation::has_unread(*one)) implementation_->make_ready(client.index);
  implementation_->update_interest(client.index);
}

void client_set::begin_drain() {
  implementation_->draining = true;
}

bool client_set::is_open(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->phase == client_phase::open;
}

bool client_set::is_blocked(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->tail;
}

size_t client_set::pending_bytes(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->tail ? one->tail->memory() : 0;
}

size_t client_set::waiting_replies(client_ref client) const {
  const client_record* one = implementation_->live(client);
  return one && one->tail ? one->tail->waiting_replies() : 0;
}

peer_address client_set::peer(client_ref client) const {
  const client_record* one = implementation_->table.find(client);
  return one ? one->peer : peer_address{};
}

void client_set::for_each(const std::function<void(client_ref, const client_view&)>& each) const {
  for (uint32_t index = 0; index != implementation_->table.size(); ++index)
    if (client_record& one = implementation_->table.at(index); one.is_live())
      each(implementation_->ref_of(index), implementation_->view_of(one));
}

const listener_counters& client_set::counters(uint32_t listener) const {
  return implementation_->listeners[listener].counters;
}

const client_counters& client_set::counters() const {
  return implementation_->counters;
}
const client_options& client_set::options() const {
  return implementation_->options;
}

} // namespace tickplant::net
