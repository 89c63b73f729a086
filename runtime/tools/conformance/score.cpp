#include "runtime/tools/conformance/score.hpp"

#include "runtime/tools/conformance/faults.hpp"
#include "runtime/tools/conformance/truth.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <map>

namespace tickplant::conformance {

namespace {

using sdk::testing::tape_expectation;

constexpr uint64_t most_growth_bytes = 64ull << 20;
constexpr uint64_t most_timers = 1'000, second_ns = 1'000'000'000;
constexpr size_t flood_units = 100'000;
constexpr uint64_t most_words_per_ask = 20; // to the venue

/// What is wrong with the books of a run, compared with the right ones; empty: nothing.
std::string fault_of_books(const case_outcome& is, const case_outcome& right, tape_expectation expect) {
  size_t stale = 0;
  for (const auto& [symbol, good] : right.books) {
    if (!good.is_trusted) continue;
    const auto found = is.books.find(symbol);
    if (found == is.books.end()) {
      if (expect == tape_expectation::books) return "the book of " + symbol + " is missing";
      ++stale;
      continue;
    }
    if (!found->second.is_trusted) {
      ++stale;
      if (expect == tape_expectation::books) return "the book of " + symbol + " is stale: " + found->second.reason;
      continue;
    }
    if (found->second.levels != good.levels)
      return "the book of " + symbol + " is silently wrong: it is shown as good, and is [" +
             found->second.levels.substr(0, 120) + "] where [" + good.levels.substr(0, 120) + "] is right";
  }
  if (expect == tape_expectation::stale && stale == 0) return "no book is stale, and one has to be";
  return {};
}

/// What no case may show.
std::string fault_of_conduct(const case_outcome& is, const tape& t) {
  if (!is.complaints.empty()) return "its settings are refused: " + is.complaints;
  if (!is.broken.empty()) return "the instance broke: " + is.broken;
  if (!is.refused_line.empty()) return is.refused_line;
  if (is.refused_calls > 0)
    return std::to_string(is.refused_calls) + " calls of the host were senseless or came at a wrong time";
  if (is.odd_answers > 0)
    return std::to_string(is.odd_answers) + " answers of resynchronise are none of OK, UNSUPPORTED, AGAIN, DOWN, "
                                            "LIMIT, ARGUMENT";
  // Nobody may ask a server that refuses again and again without a pause.
  uint64_t seconds = t.rest_ns / second_ns;
  for (const auto& step : t.steps) seconds += step.kind == sdk::testing::step_kind::wait ? step.ns / second_ns : 0;
  if (is.opened > 100 + 10 * seconds)
    return std::to_string(is.opened) + " connections within " + std::to_string(seconds) + " s of the tape's time";
  if (is.most_timers > most_timers) return std::to_string(is.most_timers) + " timers at once";
  return {};
}

class battery {
public:
  battery(const plugin::venue_plugin& plugin, const score_options& options, const std::function<void(const row&)>& told)
    : plugin_(plugin), options_(options), told_(told) {}

  std::vector<row> take_rows() { return std::move(rows_); }

  /// A tape as it is. What it came to, if it ended at all.
  std::optional<case_outcome> plain(const tape& t, const case_outcome* right) {
    const auto outcome = apart(t, {});
    const auto* is = std::get_if<case_outcome>(&outcome);
    if (is == nullptr) {
      add(t.name, "as it is", std::get<std::string>(outcome));
      return std::nullopt;
    }
    auto why = fault_of_conduct(*is, t);
    if (why.empty() && right == nullptr) why = fault_of_lines(*is, t);
    if (why.empty() && right == nullptr) why = fault_of_a_good_day(*is);
    if (why.empty() && right != nullptr) why = fault_of_books(*is, *right, t.expect);
    if (why.empty() && right != nullptr) why = fault_of_figures(*is, *right, false);
    if (why.empty() && t.expect == tape_expectation::books) why = fault_of_the_end(*is);
    if (why.empty()) why = fault_of_truth(*is, t);
    if (!why.empty() && right != nullptr)
      if (const auto lines = fault_of_lines(*is, t); !lines.empty()) why += "; " + lines;
    add(t.name, "as it is", why);
    return *is;
  }

  /// Everything that can go wrong on a good day.
  void good_day(const tape& t, const case_outcome& right) {
    lines_of(right);
    repeat(t, right);
    checked(t, right, "in bursts of 64", t, {{64, 0}}, tape_expectation::books);
    settings(t);
    if (has_streams_) {
      checked(t, right, "streams byte by byte", t, {{1, 1}}, tape_expectation::books);
      checked(t, right, "streams in odd parts", t, {{1, 7}}, tape_expectation::books);
    }
    for (const auto& [number, pair] : pairs_) pair_faults(t, right, pair);
    for (const auto& line : alone_) lone_line_faults(t, right, line);
    for (const auto& line : sockets_) socket_faults(t, right, line);
    for (const auto& line : streams_) stream_faults(t, right, line);
    twin_faults(t, right);
    if (right.requests > 0) http_faults(t, right);
    host_faults(t, right);
  }

  /// Recovery services that speak over TCP, on a day on which they are needed.
  void services(const tape& t, const case_outcome& right, const case_outcome& is) {
    reacted_ = is.reacted;
    bool speaks = false;
    for (const auto& [name, line] : is.lines) {
      if (line.kind != TP_LINE_TCP || !says_something(t, name)) continue;
      speaks = true;
      stream_faults(t, right, name);
    }
    if (!speaks) return;
    checked(t, right, "streams byte by byte", t, {{1, 1}}, t.expect);
    refused_snapshots(t, right, is);
  }

private:
  static bool says_something(const tape& t, const std::string& line) {
    const auto is_said = [&](const auto& steps) {
      return std::ranges::any_of(
        steps, [&](const auto& s) { return s.kind == sdk::testing::step_kind::bytes && s.line == line; });
    };
    return is_said(t.steps) || std::ranges::any_of(t.reactions, [&](const auto& r) { return is_said(r.steps); });
  }

  isolated apart(const tape& t, treatment how) {
    how.log = options_.log;
    return run_apart(plugin_, t, how, options_.seconds);
  }

  bool is_left_out(const tape& t, const std::string& name) const {
    return !options_.only.empty() && (t.name + ": " + name).find(options_.only) == std::string::npos;
  }

  void add(const std::string& tape_name, const std::string& name, std::string why) {
    rows_.push_back({tape_name, name, why.empty(), std::move(why)});
    told_(rows_.back());
  }

  static std::string fault_of_a_good_day(const case_outcome& is) {
    if (is.events == 0) return "no event was emitted";
    if (is.undefined > 0) return std::to_string(is.undefined) + " events of instruments that are not defined";
    if (is.refused > 0) return std::to_string(is.refused) + " events were refused: " + is.refusals;
    if (!is.has_directory)
      return "the directory was never told (TP_STREAM_DIRECTORY): names that do not exist would be pending for ever";
    bool has_levels = false;
    for (const auto& [symbol, book] : is.books) has_levels |= book.is_trusted && !book.levels.empty();
    return has_levels ? "" : "no book is live and has levels at the end";
  }

  /// What may not be left open where everything has come.
  static std::string fault_of_the_end(const case_outcome& is) {
    if (is.open_gaps > 0)
      return "of " + std::to_string(is.open_gaps) +
             " channels or instruments a GAP was told, and not what became of it: LIVE if it was filled, else LOST";
    if (is.is_half) return "the last change of a book has no TP_END behind it: books are shown only after one";
    return {};
  }

  void lines_of(const case_outcome& right) {
    reacted_ = right.reacted;
    for (const auto& [name, line] : right.lines) {
      const bool is_udp = line.kind == TP_LINE_UDP_GROUP || line.kind == TP_LINE_UDP_PEER;
      if (is_udp && line.pair != 0)
        pairs_[line.pair].insert(name);
      else if (is_udp && line.role == TP_ROLE_LIVE)
        alone_.insert(name);
      else if (line.kind == TP_LINE_WEBSOCKET)
        sockets_.insert(name);
      else if (line.kind == TP_LINE_TCP)
        streams_.insert(name);
    }
    // A pair of one is a line alone.
    std::erase_if(pairs_, [this](const auto& one) {
      if (one.second.size() > 1) return false;
      alone_.insert(one.second.begin(), one.second.end());
      return true;
    });
    has_streams_ = !streams_.empty();
  }

  const case_outcome* checked(const tape& t, const case_outcome& right, const std::string& name, const tape& spoilt,
                              const treatment& how, tape_expectation expect) {
    if (is_left_out(t, name)) return nullptr;
    last_ = apart(spoilt, how);
    const auto* is = std::get_if<case_outcome>(&last_);
    if (is == nullptr) {
      add(t.name, name, std::get<std::string>(last_));
      return nullptr;
    }
    auto why = fault_of_conduct(*is, t);
    if (why.empty()) why = fault_of_books(*is, right, expect);
    if (why.empty()) why = fault_of_figures(*is, right, t.like.empty() && expect == tape_expectation::books);
    if (why.empty() && is->undefined > 0)
      why = std::to_string(is->undefined) + " events of instruments that are not defined";
    if (why.empty() && is->grown_bytes > right.grown_bytes + most_growth_bytes)
      why = "the heap grew by " + std::to_string(is->grown_bytes >> 20) + " MiB";
    add(t.name, name, why);
    return is;
  }

  void repeat(const tape& t, const case_outcome& right) {
    if (is_left_out(t, "again, event for event")) return;
    const auto outcome = apart(t, {});
    const auto* is = std::get_if<case_outcome>(&outcome);
    add(t.name, "again, event for event",
        is == nullptr            ? std::get<std::string>(outcome)
        : is->hash != right.hash ? "two runs of the same tape gave other events"
                                 : "");
  }

  void settings(const tape& t) {
    if (is_left_out(t, "unknown setting") && is_left_out(t, "senseless settings")) return;
    auto odd = t;
    odd.settings.emplace_back("no_such_setting_of_any_plugin", "1");
    auto outcome = apart(odd, {});
    const auto* is = std::get_if<case_outcome>(&outcome);
    add(t.name, "unknown setting",
        is == nullptr ? std::get<std::string>(outcome)
        : is->complaints.find("no_such_setting_of_any_plugin") == std::string::npos
          ? "validate does not complain of a key that it does not know, by that key"
          : "");
    // Nonsense in each setting by turns: to be complained of, or to be lived with; never a crash.
    std::string why;
    for (size_t i = 0; i < t.settings.size() && why.empty(); ++i)
      for (const char* nonsense : {"", "%%%", "-1", "99999999999999999999999", "\xff\xfe"}) {
        odd = t;
        odd.steps.resize(std::min<size_t>(odd.steps.size(), 20));
        odd.settings[i].second = nonsense;
        outcome = apart(odd, {});
        if (const auto* end = std::get_if<std::string>(&outcome))
          why = t.settings[i].first + " = '" + nonsense + "': " + *end;
      }
    add(t.name, "senseless settings", why);
  }

  void pair_faults(const tape& t, const case_outcome& right, const line_names& pair) {
    const auto expect_books = tape_expectation::books;
    for (const auto& line : pair) {
      checked(t, right, "line " + line + " silent", lose_line(t, line), {}, expect_books);
      for (uint64_t seed = 0; seed < 3; ++seed)
        checked(t, right, "line " + line + " loses 10 %, " + std::to_string(seed + 1),
                lose(t, {line}, 0.1, options_.seed + seed), {}, expect_books);
      checked(t, right, "line " + line + " late by 2 ms", delay(t, line, 2'000'000), {}, expect_books);
      checked(t, right, "line " + line + " late by 1 s", delay(t, line, 1'000'000'000), {}, expect_books);
      checked(t, right, "line " + line + " truncated, 10 %", truncate(t, {line}, 0.1, options_.seed), {}, expect_books);
      checked(t, right, "line " + line + " with garbage", add_garbage(t, {line}, 0.3, options_.seed), {}, expect_books);
      checked(t, right, "line " + line + " reordered", reorder(t, {line}, 0.1, 8, options_.seed), {}, expect_books);
    }
    checked(t, right, "both lines double", duplicate(t, pair, 0.2, options_.seed), {}, expect_books);
    checked(t, right, "garbage on both lines", add_garbage(t, pair, 0.3, options_.seed), {}, expect_books);
    for (uint64_t seed = 0; seed < 5; ++seed)
      checked(t, right, "both lines lose 2 %, " + std::to_string(seed + 1), lose(t, pair, 0.02, options_.seed + seed),
              {}, tape_expectation::any);
    checked(t, right, "both lines lose 20 %", lose(t, pair, 0.2, options_.seed), {}, tape_expectation::any);
    checked(t, right, "both lines reordered within 8", reorder(t, pair, 0.05, 8, options_.seed), {},
            tape_expectation::any);
    checked(t, right, "everything at once",
            reorder(duplicate(truncate(lose(t, pair, 0.02, options_.seed), pair, 0.01, options_.seed), pair, 0.01,
                              options_.seed),
                    pair, 0.02, 8, options_.seed),
            {}, tape_expectation::any);
    checked(t, right, "a flood of garbage", flood(t, pair, flood_units, options_.seed), {{64, 0}},
            tape_expectation::any);
  }

  void lone_line_faults(const tape& t, const case_outcome& right, const std::string& line) {
    checked(t, right, "line " + line + " doubles", duplicate(t, {line}, 0.2, options_.seed), {},
            tape_expectation::books);
    checked(t, right, "line " + line + " with garbage", add_garbage(t, {line}, 0.3, options_.seed), {},
            tape_expectation::books);
    for (uint64_t seed = 0; seed < 5; ++seed)
      checked(t, right, "line " + line + " loses 5 %, " + std::to_string(seed + 1),
              lose(t, {line}, 0.05, options_.seed + seed), {}, tape_expectation::any);
    checked(t, right, "line " + line + " truncated, 5 %", truncate(t, {line}, 0.05, options_.seed), {},
            tape_expectation::any);
    checked(t, right, "line " + line + " reordered", reorder(t, {line}, 0.05, 8, options_.seed), {},
            tape_expectation::any);
    checked(t, right, "a flood of garbage on " + line, flood(t, {line}, flood_units, options_.seed), {{64, 0}},
            tape_expectation::any);
  }

  void socket_faults(const tape& t, const case_outcome& right, const std::string& line) {
    checked(t, right, "socket " + line + " with spoilt texts", add_spoilt_texts(t, {line}, 0.2, options_.seed), {},
            tape_expectation::books);
    checked(t, right, "socket " + line + " with binary garbage", add_garbage(t, {line}, 0.3, options_.seed), {},
            tape_expectation::books);
    checked(t, right, "socket " + line + " doubles", duplicate(t, {line}, 0.2, options_.seed), {},
            tape_expectation::any);
    // A socket has no heartbeats that tell numbers: nobody can know of a last message that never came.
    for (uint64_t seed = 0; seed < 5; ++seed)
      checked(t, right, "socket " + line + " loses 5 %, " + std::to_string(seed + 1),
              spare_the_end(t, [&](const tape& begin) { return lose(begin, {line}, 0.05, options_.seed + seed); }), {},
              tape_expectation::any);
    checked(t, right, "socket " + line + " reordered",
            spare_the_end(t, [&](const tape& begin) { return reorder(begin, {line}, 0.05, 4, options_.seed); }), {},
            tape_expectation::any);
    checked(t, right, "a flood of garbage on " + line, flood(t, {line}, flood_units, options_.seed), {{64, 0}},
            tape_expectation::any);
  }

  void stream_faults(const tape& t, const case_outcome& right, const std::string& line) {
    for (uint64_t seed = 0; seed < 3; ++seed)
      checked(t, right, "stream " + line + " cut in mid-message, " + std::to_string(seed + 1),
              cut_stream(t, line, options_.seed + seed, reacted_), {}, tape_expectation::any);
    auto refused = t;
    refused.refused.push_back(line);
    checked(t, right, "stream " + line + " refused", refused, {}, tape_expectation::any);
  }

  /// A stream and a line of datagrams that carry the same: both are spoilt, so that each has to stand in for the other.
  void twin_faults(const tape& t, const case_outcome& right) {
    for (const auto& stream : streams_)
      for (const auto& [line, trait] : right.lines) {
        const bool is_twin = trait.kind != TP_LINE_TCP && trait.pair != 0 && trait.pair == right.lines.at(stream).pair;
        for (uint64_t seed = 0; is_twin && seed < 3; ++seed)
          checked(t, right, "stream " + stream + " cut, line " + line + " loses 5 %, " + std::to_string(seed + 1),
                  lose(cut_stream(t, stream, options_.seed + seed, reacted_), {line}, 0.05, options_.seed + seed), {},
                  tape_expectation::any);
      }
  }

  void http_faults(const tape& t, const case_outcome& right) {
    const std::pair<int, const char*> answers[] = {{429, "slow down"},        {418, "banned"},       {500, "oops"},
                                                   {200, "no JSON at all {"}, {200, "{\"a\":[1,2,"}, {200, ""}};
    for (const auto& [status, body] : answers) {
      const auto name = "HTTP answers " + std::to_string(status) + " '" + body + "' first";
      const auto* is = checked(t, right, name, answer_first(t, status, body), {}, tape_expectation::any);
      if (is != nullptr && is->requests > 20 * (right.requests + 5))
        add(t.name, name + ": no storm",
            std::to_string(is->requests) + " requests where " + std::to_string(right.requests) +
              " are enough on a good day");
    }
    checked(t, right, "HTTP never answers at first", answer_first(t, 0, ""), {}, tape_expectation::any);
  }

  void host_faults(const tape& t, const case_outcome& right) {
    treatment how;
    how.asks_again = true;
    checked(t, right, "books asked for again in the middle", t, how, tape_expectation::any);
    refused_snapshots(t, right, right);
    how = {};
    how.loses_interest = true;
    checked(t, right, "interest comes and goes", t, how, tape_expectation::any);
    if (is_left_out(t, "stopped in the middle")) return;
    how = {};
    how.stops_in_the_middle = true;
    const auto outcome = apart(t, how);
    add(t.name, "stopped in the middle",
        std::holds_alternative<std::string>(outcome) ? std::get<std::string>(outcome)
                                                     : fault_of_conduct(std::get<case_outcome>(outcome), t));
  }

  /// A book that does not take its snapshot asks again: so often, and no oftener, may its plugin ask the venue.
  /// `taken`: the same day where books take what they get.
  void refused_snapshots(const tape& t, const case_outcome& right, const case_outcome& taken) {
    treatment how;
    how.asks_again = true;
    how.refuses_snapshots = 3;
    const std::string name = "snapshots refused by the books";
    const auto* is = checked(t, right, name, t, how, tape_expectation::any);
    if (is == nullptr || is_left_out(t, name + ": no storm")) return;
    const auto spoken = [](const case_outcome& of) { return of.sent + of.requests + of.opened; };
    const uint64_t asked = is->resynchronisations + is->refused_snapshots + 2 * right.books.size();
    const uint64_t most = most_words_per_ask * (spoken(taken) + asked + 5);
    add(t.name, name + ": no storm",
        spoken(*is) <= most ? ""
                            : std::to_string(spoken(*is)) + " connections, messages and requests to the venue where " +
                                std::to_string(asked) + " times books were asked for");
  }

  const plugin::venue_plugin& plugin_;
  score_options options_;
  const std::function<void(const row&)>& told_;
  std::vector<row> rows_;
  std::map<uint16_t, line_names> pairs_;
  line_names alone_, sockets_, streams_;
  std::vector<uint32_t> reacted_; // which reactions take place when nothing is wrong
  bool has_streams_ = false;
  isolated last_;
};

} // namespace

std::vector<row> score(const plugin::venue_plugin& plugin, const std::vector<sdk::testing::tape>& tapes,
                       const score_options& options, const std::function<void(const row&)>& told) {
  std::vector<row> rows;
  std::map<std::string, case_outcome> good_days;
  const auto take = [&](battery& from) {
    for (auto& one : from.take_rows()) rows.push_back(std::move(one));
  };
  for (const auto& t : tapes) {
    if (!t.like.empty()) continue;
    battery cases{plugin, options, told};
    if (const auto right = cases.plain(t, nullptr)) {
      good_days.emplace(t.name, *right);
      if (right->broken.empty() && right->complaints.empty() && right->events > 0) cases.good_day(t, *right);
    }
    take(cases);
  }
  for (const auto& t : tapes) {
    if (t.like.empty()) continue;
    const auto right = good_days.find(t.like);
    if (right == good_days.end()) {
      rows.push_back({t.name, "as it is", false, "it is like '" + t.like + "', which is no tape that was played"});
      told(rows.back());
      continue;
    }
    battery cases{plugin, options, told};
    if (const auto is = cases.plain(t, &right->second)) cases.services(t, right->second, *is);
    take(cases);
  }
  return rows;
}

} // namespace tickplant::conformance
