// Tapes of the simulated London exchange, in MITCH (MIT303) and in GTP (GTP002), with their replay and recovery
// services.
#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/replay_service.hpp"
#include "tickplant_sim/lse/unit.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

namespace tickplant::sim::tapes {
namespace {

using namespace lse;

constexpr std::uint64_t day_ns = 52'200'000 * ms; // 14:30 in London
constexpr std::uint64_t turn = 5 * ms, length = 3'000 * ms, loss_ns = 1'500 * ms, picture_ns = loss_ns + 300 * ms;
constexpr std::uint64_t last_loss_ns = 2'850 * ms; // behind most of the clears that make books right without any help
constexpr std::size_t most_messages = 12;          // a unit, so that there are many
constexpr char group = 'A';
constexpr const char *comp_id = "TICK01", *password = "mit_1234";
constexpr std::uint32_t any_id = 0xFFFFFFFF; // each of its bytes differs from those of 0

struct sent_unit {
  std::uint64_t at_ns;
  std::uint32_t sequence;
  std::size_t count;
  byte_buffer bytes;
};

byte_buffer admin(const message_buffer& messages, char letter) {
  byte_buffer out;
  append_admin_units(messages, letter, out);
  return out;
}

trading_day_options options_of(std::uint64_t seed) {
  trading_day_options options;
  options.flow.listings.clear();
  for (const auto& one : demo_listings())
    if (one.ticker == "VOD" || one.ticker == "BP" || one.ticker == "AZN" || one.ticker == "ULVR")
      options.flow.listings.push_back(one);
  options.flow.live_orders_per_instrument = 40;
  options.flow.seed = seed;
  options.messages_per_second = 800;
  options.open_after_s = 0.5;
  options.halt_every_s = 1;
  options.halt_length_s = 0.3;
  options.monitoring_every_s = 1.2;
  options.auction_every_s = 1.5;
  options.auction_length_s = 0.3;
  options.refresh_every_s = 0.8;
  options.correct_every_s = 0.5;
  return options;
}

/// A short session, and what its services say at two moments of it.
class session {
public:
  session(protocol name, std::uint64_t seed)
    : name_{name}, day_{options_of(seed)}, feed_{make_feed(name, messages_)}, wire_{make_service_protocol(name)},
      replay_{*wire_, cache_, group}, recovery_{*wire_, {day_, cache_, trades_, [this] { return time(); }}, group} {
    building_.begin(cache_.next());
    for (now_ns_ = 0; now_ns_ <= length || (has_hidden_books() && now_ns_ < 2 * length); now_ns_ += turn) {
      day_.advance(time(), *feed_, messages_);
      publish();
      if (now_ns_ % (100 * ms) == 0) leave(); // without messages it is a heartbeat
      if (now_ns_ == picture_ns) take_pictures();
    }
    // What follows is silence but for heartbeats, as on a quiet day.
    for (int i = 0; i < 5; ++i) {
      now_ns_ += 500 * ms;
      leave();
    }
  }

  const std::vector<sent_unit>& units() const noexcept { return units_; }

  tape of(const std::string& name, std::size_t lost_from = SIZE_MAX, std::size_t lost_count = 0,
          std::uint64_t begin_ns = 0) const {
    tape t;
    t.name = name;
    if (name != "good_day") t.like = "good_day";
    t.start_ns = start_ns + begin_ns;
    const bool is_gtp = name_ == protocol::gtp;
    t.settings = {{"protocol", is_gtp ? "gtp" : "mitch"},      {"lines.a", "udp://127.0.0.1:26420"},
                  {"lines.b", "udp://127.0.0.1:26421"},        {"lines.replay", "tcp://127.0.0.1:26422"},
                  {"lines.recovery", "tcp://127.0.0.1:26423"}, {"comp_id", comp_id}};
    if (!is_gtp) t.settings.emplace_back("password", password);
    timeline steps;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      if (i >= lost_from && i - lost_from < lost_count) continue;
      auto bytes = units_[i].bytes;
      steps.add(units_[i].at_ns, unit("a", bytes));
      if (is_gtp) bytes[3] = static_cast<std::uint8_t>(group - 'A' + 'a'); // its letter on line B
      steps.add(units_[i].at_ns, unit("b", bytes));
    }
    steps.write(t, begin_ns);
    return t;
  }

  /// The login of a service, accepted or not.
  void add_login(tape& to, const std::string& line, char status = login_answer::accepted) const {
    message_buffer request, response;
    if (name_ == protocol::gtp)
      gtp_encoder{request}.login_request(comp_id);
    else
      mitch_encoder{request}.login_request(comp_id, password);
    wire_->login_response(status, response);
    auto& made = react(to, line, admin(request, ' '), {}, admin(response, group), {});
    if (status != login_answer::accepted) made.steps.push_back({step_kind::close, 0, line, {}, 0});
  }

  /// Messages `first` to `last` again, or the refusal by this status.
  void add_replay(tape& to, std::uint32_t first, std::uint32_t last, char refusal = 0) {
    const auto asked = [&](std::uint32_t id) {
      return replay_request{name_ == protocol::mitch ? std::optional{group} : std::nullopt, first, last - first + 1,
                            id};
    };
    const auto request = [&](std::uint32_t id) {
      message_buffer out;
      if (name_ == protocol::gtp)
        gtp_encoder{out}.replay_request(first, last - first + 1, id);
      else
        mitch_encoder{out}.replay_request(group, first, static_cast<std::uint16_t>(last - first + 1));
      return admin(out, ' ');
    };
    react(to, "replay", request(0), request(any_id), answer_of(replay_, asked(0), refusal),
          answer_of(replay_, asked(any_id), refusal));
    // GTP's server ends the session when everything is answered.
    if (name_ == protocol::gtp) to.reactions.back().steps.push_back({step_kind::close, 0, "replay", {}, 0});
  }

  /// Snapshots as they were taken, of every kind that can be asked for.
  void add_snapshots(tape& to) const { add_all(to, pictures_, 350 * ms); }
  void add_refused_snapshots(tape& to) const { add_all(to, refusals_, 2 * ms); }

private:
  struct snapshot {
    byte_buffer request, request_of_any, answer, answer_of_any;
    bool is_directory, ends_session;
  };

  /// An auction that shows the best prices alone leaves nothing to compare at the end.
  bool has_hidden_books() const {
    for (std::size_t i = 0; i < day_.engine().instrument_count(); ++i)
      if (!day_.engine().at(i).disclosed) return true;
    return false;
  }

  feed_time time() const { return {now_ns_, day_ns + now_ns_, start_ns + now_ns_}; }

  void publish() {
    for (std::size_t i = 0; i < messages_.count(); ++i) {
      const auto message = messages_.message(i);
      if (!building_.fits(message) || building_.count() == most_messages) leave();
      building_.add(message);
      if (name_ == protocol::gtp && message[2] == 'P') trades_.append(cache_.next(), message);
      cache_.append(message);
    }
    if (building_.count() > 0) leave();
    messages_.clear();
  }

  void leave() {
    const auto count = static_cast<std::uint32_t>(building_.count());
    units_.push_back({now_ns_, cache_.next() - count, count, {building_.bytes().begin(), building_.bytes().end()}});
    building_.begin(cache_.next());
  }

  byte_buffer answer_of(answer_service& service, const client_message& request, char refusal) {
    if (refusal != 0) return admin(service.refuse(request, refusal), group);
    auto prepared = service.prepare(request, false);
    auto out = admin(prepared.response, group);
    while (prepared.job && prepared.job->next(out)) {
    }
    return out;
  }

  void take(const recovery_request& target) {
    const auto with = [&](std::uint32_t id) {
      auto out = target;
      out.id = id;
      return out;
    };
    const auto request = [&](std::uint32_t id) {
      message_buffer out;
      if (name_ == protocol::gtp)
        gtp_encoder{out}.recovery_request({static_cast<std::uint8_t>(target.of), target.instrument, target.segment,
                                           gtp::book::all, gtp::london, target.type, 0, id});
      else
        mitch_encoder{out}.snapshot_request(0, target.segment, static_cast<std::uint32_t>(target.instrument));
      return admin(out, ' ');
    };
    const bool ends = name_ == protocol::gtp && target.of == recovery_request::level::channel && target.type == 1;
    pictures_.push_back({request(0), request(any_id), answer_of(recovery_, with(0), 0),
                         answer_of(recovery_, with(any_id), 0), target.type == 0, ends});
    refusals_.push_back({request(0), request(any_id), answer_of(recovery_, with(0), answer::unavailable),
                         answer_of(recovery_, with(any_id), answer::unavailable), target.type == 0, ends});
  }

  void take_pictures() {
    using level = recovery_request::level;
    const auto& engine = day_.engine();
    for (std::size_t i = 0; i < engine.instrument_count(); ++i)
      take({level::instrument, engine.at(i).of.instrument, {}, 0, 1, 0, 0});
    for (const char* segment : {"SET0", "SET1"}) take({level::segment, 0, segment, 0, 1, 0, 0});
    if (name_ != protocol::gtp) return;
    for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{1}}) take({level::channel, 0, {}, 0, type, 0, 0});
  }

  void add_all(tape& to, const std::vector<snapshot>& answers, std::uint64_t wait_ns) const {
    for (const auto& one : answers) {
      auto& made = react(to, "recovery", one.request, one.request_of_any, one.answer, one.answer_of_any);
      // The pictures were taken behind the loss, and behind the request; they leave when that moment is over.
      if (!one.is_directory) made.steps.front().ns = wait_ns;
      if (one.ends_session) made.steps.push_back({step_kind::close, 0, "recovery", {}, 0});
    }
  }

  /// Where a request or an answer differs by its id, the tape takes any, or echoes it.
  static tape_reaction& react(tape& to, const std::string& line, const byte_buffer& request,
                              const byte_buffer& request_of_any, const byte_buffer& said,
                              const byte_buffer& said_of_any) {
    tape_reaction made;
    made.line = line;
    std::size_t id_at = SIZE_MAX;
    for (std::size_t i = 0; i < request.size(); ++i) {
      const bool is_id = i < request_of_any.size() && request[i] != request_of_any[i];
      if (is_id && id_at == SIZE_MAX) id_at = i;
      made.pattern.push_back(is_id || i == 3 ? -1 : int{request[i]}); // 3: the client's group letter
    }
    made.steps.push_back(pause(2 * ms));
    made.steps.push_back(stream(line, said));
    for (std::size_t i = 0; i + 4 <= said.size() && i < said_of_any.size(); ++i) {
      if (said[i] == said_of_any[i]) continue;
      made.echoes.push_back({id_at, 4, 1, i});
      i += 3;
    }
    to.reactions.push_back(std::move(made));
    return to.reactions.back();
  }

  protocol name_;
  std::uint64_t now_ns_ = 0;
  trading_day day_;
  message_buffer messages_;
  std::unique_ptr<market_feed> feed_;
  message_cache cache_;
  trade_log trades_;
  unit_writer building_{group};
  std::vector<sent_unit> units_;
  std::unique_ptr<service_protocol> wire_;
  replay_service replay_;
  recovery_service recovery_;
  std::vector<snapshot> pictures_, refusals_;
};

std::vector<tape> london_tapes(protocol name, std::uint64_t seed) {
  session day{name, seed};
  const auto& units = day.units();
  constexpr std::size_t lost = 4;
  const auto unit_at = [&](std::uint64_t at_ns) {
    std::size_t i = 0;
    while (units[i].at_ns < at_ns || units[i].count == 0) ++i;
    return i;
  };
  const auto from = unit_at(loss_ns), late_from = unit_at(last_loss_ns);
  const auto first = units[from].sequence, last = units[from + lost].sequence - 1;
  std::vector<tape> tapes;
  tapes.push_back(day.of("good_day"));

  auto healed = day.of("lost_and_replayed", from, lost);
  day.add_login(healed, "replay");
  day.add_replay(healed, first, last);
  tapes.push_back(std::move(healed));

  auto recovered = day.of("refused_then_recovered", from, lost);
  day.add_login(recovered, "replay");
  day.add_replay(recovered, first, last, answer::out_of_range);
  day.add_login(recovered, "recovery");
  day.add_snapshots(recovered);
  tapes.push_back(std::move(recovered));

  auto away = day.of("replay_away_then_recovered", from, lost);
  away.refused = {"replay"};
  day.add_login(away, "recovery");
  day.add_snapshots(away);
  tapes.push_back(std::move(away));

  auto late = day.of("late_start_by_replay", 0, 0, loss_ns);
  std::size_t seen = 0;
  while (units[seen].at_ns < loss_ns) ++seen;
  day.add_login(late, "replay");
  day.add_replay(late, 1, units[seen].sequence - 1);
  tapes.push_back(std::move(late));

  auto by_picture = day.of("late_start_by_recovery", 0, 0, loss_ns);
  by_picture.settings.emplace_back("late_start_limit", "0");
  if (name == protocol::mitch) {
    // MITCH snapshots name no instrument, so that books are right by other names.
    by_picture.settings.emplace_back("segments.0", "SET0");
    by_picture.settings.emplace_back("segments.1", "SET1");
    by_picture.expect = tape_expectation::any;
  }
  day.add_login(by_picture, "recovery");
  day.add_snapshots(by_picture);
  tapes.push_back(std::move(by_picture));

  auto refused = day.of("lost_for_good", late_from, lost);
  refused.expect = tape_expectation::stale;
  day.add_login(refused, "replay");
  day.add_replay(refused, units[late_from].sequence, units[late_from + lost].sequence - 1, answer::unavailable);
  day.add_login(refused, "recovery");
  day.add_refused_snapshots(refused);
  tapes.push_back(std::move(refused));

  auto locked = day.of("logins_refused", late_from, lost);
  locked.expect = tape_expectation::stale;
  day.add_login(locked, "replay", login_answer::locked);
  day.add_login(locked, "recovery", login_answer::limit);
  tapes.push_back(std::move(locked));
  return tapes;
}

} // namespace

std::vector<tape> lse_tapes(std::uint64_t seed) {
  return london_tapes(protocol::mitch, seed);
}

std::vector<tape> lse_gtp_tapes(std::uint64_t seed) {
  return london_tapes(protocol::gtp, seed);
}

} // namespace tickplant::sim::tapes
