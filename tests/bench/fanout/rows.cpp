#include "rows.hpp"

#include "rows_of_clients.hpp"
#include "table.hpp"

#include <algorithm>
#include <cstdio>

namespace tickplant::bench {

namespace {

bool together(const run_options& run) {
  return print_costs(play(contestants(run), run, load_of(run, 1'000, 8, 10, false)));
}

bool many(const run_options& run) {
  auto trial = load_of(run, 5'000, 8, 10, false);
  return print_costs(play(contestants(run), run, trial));
}

std::vector<contestant> with_window(const run_options& run) {
  auto all = contestants(run);
  all.insert(all.begin() + 1, ours("tickplantd, 1 ms window", {"loops.window=1ms"}));
  return all;
}

bool spread(const run_options& run) {
  return print_costs(play(contestants(run), run, load_of(run, 1'000, 8, 10, true)));
}

/// Ticks that follow each other are of the same clients, so that there is something to gather.
bool window(const run_options& run) {
  return print_costs(play(with_window(run), run, load_of(run, 1'000, 8, 10, true, load::choice::neighbours)));
}

bool dense(const run_options& run) {
  return print_costs(play(with_window(run), run, load_of(run, 200, 8, 100, true)));
}

bool crowd(const run_options& run) {
  return print_costs(play(with_window(run), run, load_of(run, 100, 50, 100, true)));
}

/// Ours twice, by turns: with plain clients, and with others.
bool against_plain(const run_options& run, const contestant& other, const trial_options& plain,
                   const trial_options& changed, const char* said) {
  std::vector<line> lines{{ours("tickplantd"), {}, {}}, {other, {}, {}}};
  for (int round = 0; round < run.rounds; ++round)
    for (size_t i = 0; i < lines.size(); ++i) {
      auto result = run_trial(lines[i].who, run.at, i == 0 ? plain : changed);
      if (result.fault.empty())
        lines[i].rounds.push_back(result);
      else
        lines[i].faults.push_back(result.fault);
    }
  const bool is_good = print_costs(lines);
  std::printf("  %s costs %.2f of plain\n", said, ratio(lines[1], lines[0]));
  return is_good && !lines[1].rounds.empty();
}

bool deflate(const run_options& run) {
  auto plain = load_of(run, 1'000, 8, 10, false), packed = plain;
  packed.clients.deflate = true;
  packed.clients.check_every = 100;
  return against_plain(run, ours("tickplantd, deflate", {"listeners.0.compression=deflate"}), plain, packed,
                       "compressed once for all clients");
}

/// Clients that know snapshots, sequences and lines; what is counted are their states.
bool hello(const run_options& run) {
  auto plain = load_of(run, 1'000, 8, 10, false), extended = plain;
  extended.clients.first.push_back(R"({"type":"HELLO","stamps":true})");
  return against_plain(run, ours("tickplantd, after HELLO"), plain, extended, "an update after HELLO");
}

/// Clients of the lines that leave nothing out: one print, and one change of the book, a tick.
bool lines(const run_options& run) {
  const auto plain = load_of(run, 1'000, 8, 10, false);
  bool is_good = true;
  for (const char* type : {"TRADES", "ORDER_BOOK"}) {
    auto of_lines = plain;
    of_lines.clients.first.push_back(R"({"type":"HELLO","stamps":true})");
    of_lines.clients.data_types = {type};
    of_lines.counts_changes = true;
    is_good = against_plain(run, ours(std::string{"tickplantd, "} + type), plain, of_lines, type) && is_good;
  }
  return is_good;
}

/// The highest rate of ticks at which 99 % of the updates arrive: doubled until it fails, then halved in between.
bool rate(const run_options& run) {
  constexpr double enough = 0.99, clients = 1'000, symbols = 8;
  constexpr int refinements = 4;
  bool is_good = true;
  std::printf("  %-24s %14s %8s %9s %10s\n", "", "updates/s", "Hz", "us/update", "p99 ms");
  for (const auto& who : contestants(run)) {
    double good = 0, bad = 0, hz = 40;
    trial_result best;
    for (int step = 0; step < 4 + refinements && hz <= 1'000; ++step) {
      auto result =
        run_trial(who, run.at, load_of(run, static_cast<size_t>(clients), static_cast<size_t>(symbols), hz, false));
      const bool is_held = result.fault.empty() && result.delivered >= enough;
      if (is_held) {
        good = hz;
        best = result;
      } else {
        bad = hz;
      }
      if (bad == 0)
        hz *= 2;
      else if (bad - good < bad * 0.04)
        break;
      else
        hz = (good + bad) / 2;
    }
    is_good = is_good && good > 0;
    std::printf("  %-24s %14.0f %8.0f %9.3f %10.1f\n", who.name.c_str(), best.rate(), good, best.cpu_us(), best.p99_ms);
  }
  return is_good;
}

} // namespace

const std::vector<row>& all_rows() {
  static const std::vector<row> rows{
    {"together", "1,000 clients, 8 of 100 symbols each, all tick together, 10 Hz", true, together},
    {"many", "5,000 clients, 8 random symbols each, 10 Hz", false, many},
    {"spread", "1,000 clients, 8 random symbols each, 10 Hz: one tick a millisecond, each sent alone", true, spread},
    {"window", "1,000 clients, 8 neighbouring symbols each, 10 Hz: one tick a millisecond, gathered or not", true,
     window},
    {"dense", "200 clients, 8 random symbols each, 100 Hz: ten ticks a millisecond", false, dense},
    {"crowd", "100 clients, 50 random symbols each, 100 Hz: five updates a client and millisecond", false, crowd},
    {"rate", "1,000 clients, 8 symbols each: the highest rate at 99 % delivered", false, rate},
    {"deflate", "1,000 clients, 8 symbols each, 10 Hz: permessage-deflate", false, deflate},
    {"hello", "1,000 clients, 8 symbols each, 10 Hz: with HELLO", false, hello},
    {"lines", "1,000 clients, 8 symbols each, 10 Hz: TRADES alone, ORDER_BOOK alone", false, lines},
    {"held", "15,000 connections, 8 subscriptions each: held, and memory of each", false, held},
    {"held_tls", "the same with TLS", false, held_tls},
    {"storm", "500 clients are served while 5,000 more connect, 1,000 a second", false, storm},
    {"slow", "500 clients at 100 Hz, 50 of whom never read", true, slow},
  };
  return rows;
}

} // namespace tickplant::bench
