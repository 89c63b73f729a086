#include "tickplant_sim/lse/conversation.hpp"

#include "tickplant_sim/lse/unit.hpp"

#include <algorithm>

namespace tickplant::sim::lse {
namespace {

// The longest request is 38 bytes with its header; whoever sends more at once speaks another protocol.
constexpr std::size_t most_unit_from_client = 1'024;

} // namespace

conversation::conversation(const service_parts& parts, steady_time now) : parts_{parts}, quiet_since_{now} {
  ++parts_.counts.connections;
}

void conversation::leave() noexcept {
  if (!comp_id_.empty()) parts_.desk.log_out(comp_id_, parts_.answers.kind());
  comp_id_.clear();
}

void conversation::end() noexcept {
  over_ = true;
  requests_.clear();
  job_.reset();
  leave();
}

void conversation::receive(std::span<const std::uint8_t> bytes, steady_time now) {
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  while (!over_) {
    const auto rest = std::span<const std::uint8_t>{unread_}.subspan(at);
    const auto header = read_unit_header(rest);
    if (!header) break;
    if (header->length < unit_header_bytes || header->length > most_unit_from_client) {
      ++parts_.counts.malformed;
      return end();
    }
    if (rest.size() < header->length) break;
    auto payload = rest.subspan(unit_header_bytes, header->length - unit_header_bytes);
    for (std::size_t i = 0; i < header->count && !over_; ++i) {
      const auto read = parts_.protocol.read(payload);
      if (!read) {
        ++parts_.counts.malformed;
        return end();
      }
      payload = payload.subspan(read->length);
      take(read->message, now);
    }
    at += header->length;
  }
  if (over_)
    unread_.clear();
  else
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(at));
}

void conversation::take(const client_message& message, steady_time now) {
  if (const auto* login = std::get_if<login_request>(&message)) return take_login(*login, now);
  if (!logged_in_) {
    ++parts_.counts.ignored;
    return;
  }
  const bool is_mitch = parts_.protocol.name() == protocol::mitch;
  if (std::holds_alternative<logout_request>(message)) {
    if (is_mitch) end();
    return;
  }
  // MITCH has a letter for types it does not support; GTP knows none such for them.
  if (std::holds_alternative<other_request>(message) && !is_mitch) {
    ++parts_.counts.ignored;
    return;
  }
  take_request(message, now);
}

void conversation::take_login(const login_request& login, steady_time now) {
  if (login_answer_ || logged_in_) {
    ++parts_.counts.second_logins;
    return end();
  }
  auto verdict = parts_.desk.log_in(login, parts_.answers.kind(), now);
  if (!verdict.answer) {
    ++parts_.counts.login_refusals;
    return end();
  }
  if (*verdict.answer == login_answer::accepted) {
    comp_id_ = login.comp_id;
    if (parts_.faults.refuses()) verdict.answer = login_answer::unavailable;
  }
  login_answer_ = verdict.answer;
  login_answer_due_ = now + verdict.wait + parts_.faults.delay();
}

void conversation::take_request(const client_message& message, steady_time now) {
  asked_ = true;
  ++parts_.counts.requests;
  const bool is_gtp = parts_.protocol.name() == protocol::gtp;
  // Requests are answered one after the other, refusals too, so none overtakes another.
  if (requests_.size() >= most_waiting_requests) {
    ++parts_.counts.malformed;
    return end();
  }
  const auto due = std::max(now + parts_.faults.delay(), requests_.empty() ? now : requests_.back().due);
  const auto in_line = requests_.size() + (job_ ? 1 : 0);
  if (is_gtp && in_line >= most_gtp_requests) {
    ++parts_.counts.request_refusals;
    const auto refusal = parts_.answers.refuse(message, answer::concurrent_limit);
    append_admin_units(refusal, parts_.group, piece_);
    return;
  }
  requests_.push_back({message, due});
}

void conversation::deliver(const byte_buffer& piece, byte_buffer& out) {
  const auto kept = parts_.faults.cut(piece.size());
  const auto bytes = kept.value_or(piece.size());
  out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(bytes));
  parts_.counts.bytes += bytes;
  if (kept) end();
}

void conversation::deliver(const message_buffer& messages, byte_buffer& out) {
  byte_buffer piece;
  append_admin_units(messages, parts_.group, piece);
  deliver(piece, out);
}

void conversation::answer_login(steady_time now, byte_buffer& out) {
  const char status = *login_answer_;
  login_answer_.reset();
  message_buffer response;
  parts_.protocol.login_response(status, response);
  deliver(response, out);
  if (status != login_answer::accepted) {
    ++parts_.counts.login_refusals;
    parts_.counts.beyond_limits += status == login_answer::limit ? 1 : 0;
    return end();
  }
  ++parts_.counts.logins;
  logged_in_ = true;
  quiet_since_ = now;
}

void conversation::begin_answer(steady_time now, byte_buffer& out) {
  const auto request = std::move(requests_.front().message);
  requests_.pop_front();
  quiet_since_ = now;
  const bool is_replay = parts_.answers.kind() == service_kind::replay;
  std::optional<char> refusal;
  if (!parts_.desk.may_request(comp_id_, parts_.answers.kind())) {
    refusal = is_replay ? answer::replay_limit : answer::recovery_limit;
    ++parts_.counts.beyond_limits;
  } else if (parts_.faults.refuses())
    refusal = '\0';
  if (refusal) {
    ++parts_.counts.request_refusals;
    return deliver(parts_.answers.refuse(request, *refusal), out);
  }
  // Asked only where there is something stale to give, so that what is counted has happened.
  auto prepared =
    parts_.answers.prepare(request, !is_replay && parts_.answers.has_stale() && parts_.faults.gives_stale());
  if (prepared.status == answer::accepted)
    ++parts_.counts.answered;
  else
    ++parts_.counts.request_refusals;
  job_ = std::move(prepared.job);
  deliver(prepared.response, out);
}

void conversation::advance(steady_time now, std::size_t room, byte_buffer& out) {
  if (!over_ && login_answer_ && now >= login_answer_due_) answer_login(now, out);
  while (!over_ && out.size() < room) {
    if (!piece_.empty()) {
      deliver(piece_, out);
      piece_.clear();
    } else if (job_) {
      if (job_->next(piece_))
        quiet_since_ = now;
      else
        job_.reset();
    } else if (!requests_.empty() && requests_.front().due <= now) {
      begin_answer(now, out);
    } else {
      break;
    }
  }
  if (over_) return;
  const bool is_done = asked_ && requests_.empty() && !job_ && piece_.empty();
  if (is_done && parts_.protocol.closes_when_done()) return end();
  watch_time(now);
}

void conversation::watch_time(steady_time now) {
  const bool is_waiting_for_client = !login_answer_ && requests_.empty() && !job_ && piece_.empty();
  if (!is_waiting_for_client || now - quiet_since_ < parts_.desk.rules().patience) return;
  ++parts_.counts.timeouts;
  end();
}

} // namespace tickplant::sim::lse
