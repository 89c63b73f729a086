#include "tickplant_sim/fault_options.hpp"

#include "tickplant_sim/option_section.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>

namespace tickplant::sim {
namespace {

/// Nothing stands for "as the storm says".
struct given_faults {
  std::string storm = "0";
  std::optional<double> loss, loss_a, loss_b, duplicate, reorder, truncate, silence, silence_length_s, late_b_ms;
  std::optional<double> unknown, reset_every_s;
  std::optional<double> refuse, delay_ms, cut, stale;
  std::optional<double> gap, malformed;
};

double storm_level(const std::string& text) {
  if (text == "mild") return 0.3;
  if (text == "wild") return 1;
  double level = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), level);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !(level >= 0 && level <= 1))
    throw std::invalid_argument("--storm '" + text + "' is neither mild, wild nor a number from 0 to 1");
  return level;
}

void set(double& rate, const std::optional<double>& given) {
  if (given) rate = *given;
}

void set(std::chrono::milliseconds& time, const std::optional<double>& given_ms) {
  if (given_ms) time = std::chrono::milliseconds{static_cast<std::int64_t>(*given_ms)};
}

std::optional<double> thousandfold(const std::optional<double>& seconds) {
  return seconds ? std::optional{*seconds * 1000} : std::nullopt;
}

fault_rates rates_of(const given_faults& given) {
  auto out = storm(storm_level(given.storm));
  for (auto* line : {&out.line_a, &out.line_b}) {
    set(line->loss, given.loss);
    set(line->duplicate, given.duplicate);
    set(line->reorder, given.reorder);
    set(line->truncate, given.truncate);
    set(line->silence, given.silence);
    set(line->silence_length, thousandfold(given.silence_length_s));
  }
  set(out.line_a.loss, given.loss_a);
  set(out.line_b.loss, given.loss_b);
  set(out.line_b.late, given.late_b_ms);
  set(out.channel.unknown, given.unknown);
  set(out.channel.reset_every, thousandfold(given.reset_every_s));
  set(out.service.refuse, given.refuse);
  set(out.service.delay, given.delay_ms);
  set(out.service.cut, given.cut);
  set(out.service.stale, given.stale);
  set(out.stream.gap, given.gap);
  set(out.stream.malformed, given.malformed);
  return out;
}

} // namespace

std::function<fault_rates()> add_fault_options(CLI::App& app) {
  const auto held = std::make_shared<given_faults>();
  auto& g = *held;
  const std::string group = "Faults (repeatable with the same --seed; P is a probability from 0 to 1)";
  const CLI::Range probability{0.0, 1.0};
  const auto chance = [&](const char* name, std::optional<double>& into, const char* text) {
    app.add_option(name, into, text)->group(group)->check(probability)->type_name("P");
  };
  const auto amount = [&](const char* name, std::optional<double>& into, double most, const char* unit,
                          const char* text) {
    app.add_option(name, into, text)->group(group)->check(CLI::Range(0.0, most))->type_name(unit);
  };
  app
    .add_option("--storm", g.storm,
                "A mix of all faults at all exchanges: mild (0.3), wild (1) or a level from 0 to 1. Wild: loss 2 % on "
                "both lines, duplicates and reordering 1 %, truncation 0.3 %, unknown messages 0.5 %, line B 15 ms "
                "late, a silence of 1.5 s every 40 s, a reset every 90 s, 10 % of recovery requests refused and 40 ms "
                "slow, 1 % of TCP messages cut, 10 % stale snapshots, 0.5 % of stream messages left out and malformed. "
                "Options given beside it replace their part of the mix")
    ->group(group)
    ->capture_default_str()
    ->type_name("LEVEL");
  chance("--loss", g.loss, "Lose packets on lines A and B");
  chance("--loss-a", g.loss_a, "Lose packets on line A only");
  chance("--loss-b", g.loss_b, "Lose packets on line B only");
  chance("--duplicate", g.duplicate, "Send packets twice");
  chance("--reorder", g.reorder, "Hold packets back behind up to 8 later ones");
  chance("--truncate", g.truncate, "Cut packets short");
  amount("--late-b", g.late_b_ms, 10'000, "MS", "Line B runs this many milliseconds behind line A");
  chance("--silence", g.silence, "Per second and line: the line falls silent, heartbeats included");
  amount("--silence-length", g.silence_length_s, 3600, "S", "Seconds a silence lasts (default 1.5)");
  chance("--unknown", g.unknown, "Put a numbered message of an unknown type into packets");
  amount("--reset-every", g.reset_every_s, 1e6, "S",
         "Seconds between restarts of a channel's numbering (new session, sequence reset, new connections)");
  chance("--recovery-refuse", g.refuse,
         "Refuse requests for retransmission, replay, refresh or snapshots, in the exchange's own way");
  amount("--recovery-delay", g.delay_ms, 60'000, "MS",
         "Answers of recovery services wait about this long (each half to one and a half of it)");
  chance("--tcp-cut", g.cut, "Per message on a TCP connection: the connection ends in the middle of it");
  chance("--stale", g.stale, "Answer snapshot requests with an old picture");
  chance("--stream-gap", g.gap, "Leave out messages of streams that cannot lose packets (TCP, WebSocket)");
  chance("--malformed", g.malformed, "Send an unreadable message into such streams");
  return [held] { return rates_of(*held); };
}

} // namespace tickplant::sim
