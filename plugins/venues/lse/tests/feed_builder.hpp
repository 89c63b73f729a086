// A world around one instance for the tests of this plugin: a recording host, lines, services, timers.
#pragma once

#include "mitch_messages.hpp"
#include "venue_session.hpp"

#include <recording_host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace tickplant::lse::testing {

/// One instance with its world.
class world {
public:
  static constexpr uint32_t a_line = 0, b_line = 1;
  using settings_list = std::initializer_list<std::pair<std::string, std::string>>;

  explicit world(settings_list settings) : pairs_(settings) {
    host.now_ns = morning;
    host.zones["Europe/London"] = 3'600ll * 1'000'000'000;
    venue = std::make_unique<venue_session>(pairs_.view(), host.host());
    EXPECT_EQ(venue->start(host.now_ns), TP_OK);
  }
  world()
    : world({{"lines.a", "udp://239.1.1.1:1"},
             {"lines.b", "udp://239.1.1.2:1"},
             {"lines.replay", "tcp://192.0.2.1:1"},
             {"lines.recovery", "tcp://192.0.2.2:1"},
             {"comp_id", "VEC001"},
             {"password", "mit_1234"}}) {}

  /// Hands over one datagram. The bytes behind it are not zero, as in a buffer that is used again.
  void packet(uint32_t line, bytes data, uint32_t flags = 0) {
    const auto size = static_cast<uint32_t>(data.size());
    data.resize(data.size() + TP_PADDING, padding);
    const tp_unit one_unit{data.data(), size, line, host.now_ns, flags, 0};
    EXPECT_EQ(venue->on_units({&one_unit, 1}), TP_OK);
  }
  void a(bytes data) { packet(a_line, std::move(data)); }
  void b(bytes data) { packet(b_line, std::move(data)); }

  /// The line number of the last service line of this name that was opened, nothing if none was.
  std::optional<uint32_t> service(std::string_view name) const {
    for (auto i = host.lines.rbegin(); i != host.lines.rend(); ++i)
      if (i->name == name) return i->line;
    return std::nullopt;
  }
  size_t opened(std::string_view name) const {
    return static_cast<size_t>(std::ranges::count(host.lines, name, &sdk::testing::recorded_line::name));
  }
  void up(std::string_view name) {
    ASSERT_TRUE(service(name)) << name << " was not opened";
    venue->on_line(*service(name), TP_LINE_UP, {}, host.now_ns);
  }
  void down(std::string_view name, uint32_t state = TP_LINE_CLOSED) {
    stream_rest_[std::string{name}].clear();
    venue->on_line(*service(name), state, "closed", host.now_ns);
  }
  /// Bytes of a server; what the plugin leaves comes again with the next ones.
  void answer(std::string_view name, const bytes& data) {
    auto& rest = stream_rest_[std::string{name}];
    rest.insert(rest.end(), data.begin(), data.end());
    bytes padded = rest;
    padded.resize(rest.size() + TP_PADDING, padding);
    const tp_unit one_unit{padded.data(), static_cast<uint32_t>(rest.size()), *service(name), host.now_ns, 0, 0};
    const int64_t used = venue->on_stream(one_unit);
    ASSERT_GE(used, 0);
    ASSERT_LE(used, static_cast<int64_t>(rest.size()));
    rest.erase(rest.begin(), rest.begin() + used);
  }
  /// The connection comes up and the login is accepted.
  void log_in(std::string_view name) {
    up(name);
    answer(name, login_response('A'));
  }

  /// Fires timers up to this long from now.
  void pass(uint64_t duration) {
    const uint64_t until = host.now_ns + duration;
    while (const auto id = host.pop_timer(until)) EXPECT_EQ(venue->on_timer(*id, host.now_ns), TP_OK);
    host.now_ns = until;
  }

  uint64_t counted(std::string_view name) const { return host.counted(venue_session::counters(), name); }
  std::string text(uint64_t handle) const {
    return handle == 0 || handle > host.texts.size() ? "" : host.texts[handle - 1];
  }
  std::vector<uint32_t> states(uint32_t instrument = TP_ALL) const {
    std::vector<uint32_t> list;
    for (const auto& s : host.streams)
      if (s.instrument == instrument) list.push_back(s.state);
    return list;
  }
  std::vector<tp_event> of_kind(uint8_t kind) const {
    std::vector<tp_event> found;
    for (const auto& e : host.events)
      if (e.kind == kind) found.push_back(e);
    return found;
  }
  /// Numbers of the live messages that brought events, each once.
  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> list;
    for (const auto& e : host.events)
      if (e.sequence != 0 && e.kind != TP_EV_SNAPSHOT_END && (list.empty() || list.back() != e.sequence))
        list.push_back(e.sequence);
    return list;
  }
  /// What was sent on a service, without the unit header; the last one first if asked.
  std::vector<bytes> sent(uint8_t type) const {
    std::vector<bytes> found;
    for (const auto& s : host.sent)
      if (s.bytes.size() > 9 && s.bytes[9] == type) found.emplace_back(s.bytes.begin() + 8, s.bytes.end());
    return found;
  }
  void forget() {
    host.events.clear();
    host.channels.clear();
    host.streams.clear();
    host.sent.clear();
  }

  sdk::testing::recording_host host;
  std::unique_ptr<venue_session> venue;
  uint8_t padding = 0x42;

private:
  sdk::testing::pairs pairs_;
  std::map<std::string, bytes> stream_rest_;
};

} // namespace tickplant::lse::testing
