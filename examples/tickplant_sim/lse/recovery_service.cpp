#include "tickplant_sim/lse/recovery_service.hpp"

#include "tickplant_sim/lse/gtp_feed.hpp"
#include "tickplant_sim/lse/mitch_feed.hpp"
#include "tickplant_sim/lse/unit.hpp"

#include <utility>

namespace tickplant::sim::lse {
namespace {

using content = recovery_request::kind;

constexpr std::uint8_t reason_not_available = 9;

/// Each instrument is pictured when its turn has come, so every one has a number of its own.
class mitch_snapshot_job final : public answer_job {
public:
  using take_picture =
    std::function<std::pair<std::uint32_t, std::vector<recovery_service::book_picture>>(std::size_t)>;

  mitch_snapshot_job(std::vector<std::size_t> targets, std::string segment, char group, take_picture take)
    : targets_{std::move(targets)}, segment_{std::move(segment)}, group_{group}, take_{std::move(take)} {}

  bool next(byte_buffer& out) override {
    if (at_ < targets_.size()) {
      const auto [sequence, books] = take_(targets_[at_++]);
      for (const auto& book : books) {
        append_unnumbered_units(book.messages, group_, out);
        complete(sequence, {}, book.instrument, book.kind, out);
      }
      return true;
    }
    if (std::exchange(ended_, true) || segment_.empty()) return false;
    complete(0, segment_, 0, book_kind::orders, out);
    return true;
  }

private:
  void complete(std::uint32_t sequence, std::string_view segment, std::uint32_t instrument, book_kind of,
                byte_buffer& out) const {
    message_buffer end;
    mitch_encoder{end}.snapshot_complete(sequence, segment, instrument,
                                         of == book_kind::firm_quotes ? mitch::firm_quote_bit : std::uint8_t{0});
    append_admin_units(end, group_, out);
  }

  std::vector<std::size_t> targets_;
  std::string segment_;
  char group_;
  take_picture take_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

/// Pieces that were made when the request was accepted.
class ready_job final : public answer_job {
public:
  void add(byte_buffer piece) { pieces_.push_back(std::move(piece)); }

  bool next(byte_buffer& out) override {
    if (pieces_.empty()) return false;
    out.insert(out.end(), pieces_.front().begin(), pieces_.front().end());
    pieces_.pop_front();
    return true;
  }

private:
  std::deque<byte_buffer> pieces_;
};

byte_buffer gtp_complete(std::uint32_t id, char status, char group) {
  message_buffer end;
  gtp_encoder{end}.complete(id, status);
  byte_buffer out;
  append_admin_units(end, group, out);
  return out;
}

} // namespace

std::unique_ptr<market_feed> make_feed(protocol name, message_buffer& out) {
  if (name == protocol::gtp) return std::make_unique<gtp_feed>(out);
  return std::make_unique<mitch_feed>(out);
}

void trade_log::append(std::uint32_t sequence, std::span<const std::uint8_t> message) {
  trades_.push_back({sequence, {message.begin(), message.end()}});
  if (trades_.size() > capacity) trades_.pop_front();
}

recovery_service::recovery_service(const service_protocol& protocol, market_view view, char group)
  : protocol_{protocol}, view_{std::move(view)}, group_{group} {}

std::vector<std::size_t> recovery_service::targets(const recovery_request& request) const {
  std::vector<std::size_t> out;
  const auto& engine = view_.day.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    const auto& of = engine.at(i).of;
    const bool meant = request.of == recovery_request::level::channel ||
                       (request.of == recovery_request::level::segment && of.segment == request.segment) ||
                       (request.of == recovery_request::level::instrument && of.instrument == request.instrument);
    if (meant) out.push_back(i);
  }
  return out;
}

std::vector<recovery_service::book_picture> recovery_service::picture(std::size_t index) const {
  const auto& one = view_.day.engine().at(index);
  const bool is_gtp = protocol_.name() == protocol::gtp;
  std::vector<book_picture> out;
  const auto add = [&](book_kind of, const instrument_book& book, bool disclosed) {
    auto& made = out.emplace_back();
    made.instrument = one.of.instrument;
    made.kind = of;
    made.status = gtp_status_code(one.status);
    const auto feed = make_feed(protocol_.name(), made.messages);
    feed->set_time(view_.now());
    if (is_gtp) feed->clear(one.of, of);
    // What a level-1-only auction hides, a snapshot hides too.
    if (disclosed)
      for (const side s : both_sides) book.for_each(s, [&](const book_order& order) { feed->add(one.of, order, of); });
    if (is_gtp) return;
    // Why the session changed is not known to the recovery service.
    auto status = one.status;
    status.change_reason = reason_not_available;
    feed->status(one.of, status, of);
  };
  add(book_kind::orders, one.orders, one.disclosed);
  if (one.of.firm_quotes) add(book_kind::firm_quotes, one.quotes, true);
  return out;
}

void recovery_service::remember() {
  auto taken = std::make_shared<market_picture>();
  taken->sequence = last_sequence();
  for (std::size_t i = 0; i < view_.day.engine().instrument_count(); ++i) taken->books.push_back(picture(i));
  older_ = std::exchange(newer_, std::move(taken));
}

void recovery_service::forget() {
  older_.reset();
  newer_.reset();
}

prepared_answer recovery_service::prepare(const client_message& request, bool stale) {
  const auto refused = [&](char status) {
    prepared_answer out;
    out.status = status;
    out.response = refuse(request, status);
    return out;
  };
  const auto* recovery = std::get_if<recovery_request>(&request);
  if (recovery == nullptr) return refused(answer::unsupported);
  auto meant = targets(*recovery);
  if (meant.empty()) return refused(answer::invalid_target);
  if (protocol_.name() == protocol::mitch) return prepare_mitch(*recovery, std::move(meant), stale);
  if (recovery->type > 6 || recovery->type == 5) return refused(answer::unsupported);
  if (recovery->type != static_cast<std::uint8_t>(content::books)) return prepare_gtp_rest(*recovery, meant);
  auto out = prepare_gtp_books(*recovery, meant, stale);
  return out.job ? std::move(out) : refused(answer::invalid_target);
}

prepared_answer recovery_service::prepare_mitch(const recovery_request& request, std::vector<std::size_t> targets,
                                                bool stale) {
  prepared_answer out;
  out.status = answer::accepted;
  protocol_.recovery_response(request, 0, 0, out.status, out.response);
  mitch_snapshot_job::take_picture take = [this](std::size_t index) {
    return std::pair{last_sequence(), picture(index)};
  };
  if (stale && older_) take = [old = older_](std::size_t index) { return std::pair{old->sequence, old->books[index]}; };
  out.job = std::make_unique<mitch_snapshot_job>(
    std::move(targets), request.of == recovery_request::level::segment ? request.segment : std::string{}, group_,
    std::move(take));
  return out;
}

prepared_answer recovery_service::prepare_gtp_books(const recovery_request& request,
                                                    const std::vector<std::size_t>& targets, bool stale) {
  const auto is_wanted = [&request](book_kind of) {
    return request.book == 0 || request.book == static_cast<std::uint8_t>(gtp_book(of));
  };
  const bool is_old = stale && older_ != nullptr;
  auto job = std::make_unique<ready_job>();
  std::uint32_t messages = 0;
  bool any = false;
  for (const auto index : targets) {
    byte_buffer piece;
    for (const auto& book : is_old ? older_->books[index] : picture(index)) {
      if (!is_wanted(book.kind)) continue;
      any = true;
      messages += static_cast<std::uint32_t>(book.messages.count());
      append_unnumbered_units(book.messages, group_, piece);
      const auto end = gtp_complete(request.id, book.status, group_);
      piece.insert(piece.end(), end.begin(), end.end());
    }
    if (!piece.empty()) job->add(std::move(piece));
  }
  prepared_answer out;
  if (!any) return out;
  job->add(gtp_complete(request.id, ' ', group_));
  out.status = answer::accepted;
  protocol_.recovery_response(request, is_old ? older_->sequence : last_sequence(), messages, out.status, out.response);
  out.job = std::move(job);
  return out;
}

prepared_answer recovery_service::prepare_gtp_rest(const recovery_request& request,
                                                   const std::vector<std::size_t>& targets) {
  message_buffer messages;
  gtp_feed feed{messages};
  feed.set_time(view_.now());
  const auto& engine = view_.day.engine();
  const auto type = static_cast<content>(request.type);
  if (type == content::events) feed.system_event(view_.day.system_event());
  for (const auto index : targets) {
    const auto& one = engine.at(index);
    if (type == content::directory) feed.directory(one.of);
    if (type == content::statuses) {
      feed.status(one.of, one.status, book_kind::orders);
      if (one.of.firm_quotes) feed.status(one.of, one.status, book_kind::firm_quotes);
    }
    if (type == content::statistics) {
      feed.totals(one.of, one.totals);
      if (one.official_open) feed.official_price(one.of, 'O', one.official_open, 'A');
      if (one.official_close) feed.official_price(one.of, 'C', one.official_close, 'A');
    }
  }
  if (type == content::trades) {
    const auto is_meant = [&](std::span<const std::uint8_t> message) {
      std::uint64_t instrument = 0;
      for (std::size_t i = 0; i < 8; ++i) instrument |= std::uint64_t{message[29 + i]} << (8 * i);
      for (const auto index : targets)
        if (engine.at(index).of.instrument == instrument) return true;
      return false;
    };
    for (const auto& trade : view_.trades.trades())
      if (trade.sequence >= request.from && is_meant(trade.message))
        std::copy(trade.message.begin(), trade.message.end(), messages.extend(trade.message.size()));
  }
  auto job = std::make_unique<ready_job>();
  byte_buffer piece;
  append_unnumbered_units(messages, group_, piece);
  job->add(std::move(piece));
  job->add(gtp_complete(request.id, ' ', group_));
  prepared_answer out;
  out.status = answer::accepted;
  protocol_.recovery_response(request, last_sequence(), static_cast<std::uint32_t>(messages.count()), out.status,
                              out.response);
  out.job = std::move(job);
  return out;
}

message_buffer recovery_service::refuse(const client_message& request, char status) const {
  const auto* recovery = std::get_if<recovery_request>(&request);
  // GTP has no letter of its own for a service that is not available.
  const char unavailable = protocol_.name() == protocol::gtp ? answer::other : answer::unavailable;
  message_buffer out;
  protocol_.recovery_response(recovery == nullptr ? recovery_request{} : *recovery, 0, 0,
                              status == 0 ? unavailable : status, out);
  return out;
}

} // namespace tickplant::sim::lse
