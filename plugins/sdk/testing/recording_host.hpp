// A host for tests of a venue plugin: records everything that the plugin asks for and does no I/O. The test plays the
// world: it answers lines, HTTP requests and timers by calling the plugin itself. One thread, one instance.
#pragma once

#include <tickplant/venue.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::sdk::testing {

struct recorded_instrument {
  tp_instrument raw;
  std::string symbol, venue_code, name;
};

struct recorded_stream {
  uint32_t channel, instrument, state;
  uint64_t from, to;
  std::string reason;
};

struct recorded_line {
  uint32_t line;
  uint16_t kind, role, cut, pair;
  std::string name, address;
};

struct recorded_send {
  uint32_t line, flags;
  std::vector<uint8_t> bytes;
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

struct recorded_request {
  uint32_t id;
  std::string url;
};

/// Implements tp_venue_host. Everything is public: tests read and clear what they like.
class recording_host {
public:
  recording_host() {
    table.struct_size = sizeof(tp_venue_host);
    table.abi_minor = TP_ABI_MINOR;
    table.emit = [](tp_ctx* c, uint32_t channel, const tp_event* e, size_t n) -> int32_t {
      auto& self = of(c);
      for (size_t i = 0; i < n; ++i) {
        self.events.push_back(e[i]);
        self.channels.push_back(channel);
      }
      return self.emit_answer;
    };
    table.define = [](tp_ctx* c, const tp_instrument* i) -> int32_t {
      auto& self = of(c);
      self.instruments[i->number] = {*i, std::string{view(i->symbol)}, std::string{view(i->venue_code)},
                                     std::string{view(i->name)}};
      return self.wanted ? (self.wanted(view(i->symbol)) ? 1 : 0) : 1;
    };
    table.retire = [](tp_ctx* c, uint32_t instrument) { of(c).retired.push_back(instrument); };
    table.stream = [](tp_ctx* c, const tp_stream* s) {
      of(c).streams.push_back({s->channel, s->instrument, s->state, s->from, s->to, std::string{view(s->reason)}});
    };
    table.text = [](tp_ctx* c, tp_str text) -> uint32_t {
      auto& known = of(c).texts;
      for (uint32_t i = 0; i < known.size(); ++i)
        if (known[i] == view(text)) return i + 1;
      known.emplace_back(view(text));
      return static_cast<uint32_t>(known.size());
    };
    table.line_open = [](tp_ctx* c, const tp_line_spec* s) -> int32_t {
      of(c).lines.push_back(
        {s->line, s->kind, s->role, s->cut, s->pair, std::string{view(s->name)}, std::string{view(s->address)}});
      return TP_OK;
    };
    table.line_close = [](tp_ctx* c, uint32_t line) { of(c).closed_lines.push_back(line); };
    table.send = [](tp_ctx* c, uint32_t line, uint32_t flags, const uint8_t* bytes, size_t size) -> int32_t {
      of(c).sent.push_back({line, flags, {bytes, bytes + size}});
      return of(c).send_answer;
    };
    table.http_get = [](tp_ctx* c, const tp_http_request* r) -> int32_t {
      of(c).requests.push_back({r->id, std::string{view(r->url)}});
      return of(c).http_answer;
    };
    table.set_timer = [](tp_ctx* c, uint32_t id, uint64_t after_ns) {
      if (after_ns == UINT64_MAX)
        of(c).timers.erase(id);
      else
        of(c).timers[id] = of(c).now_ns + after_ns;
    };
    table.count = [](tp_ctx* c, uint32_t counter, uint64_t by) { of(c).counts[counter] += by; };
    table.log = [](tp_ctx* c, int32_t level, tp_str text) { of(c).logs.emplace_back(level, std::string{view(text)}); };
    table.complain = [](tp_ctx* c, tp_str key, tp_str problem) {
      of(c).complaints.emplace_back(std::string{view(key)}, std::string{view(problem)});
    };
    table.zone_offset = [](tp_ctx* c, tp_str zone, uint64_t) -> int64_t {
      auto found = of(c).zones.find(std::string{view(zone)});
      return found == of(c).zones.end() ? TP_NONE : found->second;
    };
    table.random = [](tp_ctx* c) -> uint64_t {
      auto& s = of(c).random_state; // splitmix64
      uint64_t z = (s += 0x9E3779B97F4A7C15ull);
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
      return z ^ (z >> 31);
    };
  }
  recording_host(const recording_host&) = delete;
  recording_host& operator=(const recording_host&) = delete;

  venue_host host() { return {&table, ctx()}; }
  tp_ctx* ctx() { return reinterpret_cast<tp_ctx*>(this); }

  /// The count of the counter with this name, 0 if it never counted or does not exist.
  uint64_t counted(std::span<const tp_str> names, std::string_view name) const {
    for (uint32_t i = 0; i < names.size(); ++i)
      if (view(names[i]) == name) {
        auto found = counts.find(i);
        return found == counts.end() ? 0 : found->second;
      }
    return 0;
  }

  /// Removes the earliest timer due at or before `until`, and moves now_ns to it; nothing if none is due.
  std::optional<uint32_t> pop_timer(uint64_t until) {
    auto first = timers.end();
    for (auto i = timers.begin(); i != timers.end(); ++i)
      if (i->second <= until && (first == timers.end() || i->second < first->second)) first = i;
    if (first == timers.end()) return std::nullopt;
    const uint32_t id = first->first;
    now_ns = std::max(now_ns, first->second);
    timers.erase(first);
    return id;
  }

  tp_venue_host table{};
  uint64_t now_ns = 0;
  std::vector<tp_event> events;
  std::vector<uint32_t> channels; // of each event
  std::map<uint32_t, recorded_instrument> instruments;
  std::function<bool(std::string_view symbol)> wanted; // empty: all
  std::vector<uint32_t> retired;
  std::vector<recorded_stream> streams;
  std::vector<std::string> texts; // handle - 1
  std::vector<recorded_line> lines;
  std::vector<uint32_t> closed_lines;
  std::vector<recorded_send> sent;
  std::vector<recorded_request> requests;
  std::map<uint32_t, uint64_t> timers; // id -> due, by now_ns
  std::map<uint32_t, uint64_t> counts;
  std::vector<std::pair<int32_t, std::string>> logs;
  std::vector<std::pair<std::string, std::string>> complaints;
  std::map<std::string, int64_t> zones{{"America/New_York", -5ll * 3600 * 1'000'000'000}, {"UTC", 0}};
  uint64_t random_state = 1;
  int32_t emit_answer = TP_OK, send_answer = TP_OK, http_answer = TP_OK;

private:
  static recording_host& of(tp_ctx* c) { return *reinterpret_cast<recording_host*>(c); }
};

/// Key and value pairs that live as long as this object, in the form that `create` takes.
class pairs {
public:
  pairs(std::initializer_list<std::pair<std::string, std::string>> list)
    : pairs(std::vector<std::pair<std::string, std::string>>{list}) {}
  explicit pairs(std::vector<std::pair<std::string, std::string>> list) : owned_(std::move(list)) {
    for (const auto& [key, value] : owned_) raw_.push_back({to_tp(key), to_tp(value)});
    config_ = {sizeof(tp_config), static_cast<uint32_t>(raw_.size()), raw_.data()};
  }
  pairs(const pairs&) = delete;
  const tp_config* config() const { return &config_; }
  settings view() const { return settings{&config_}; }

private:
  std::vector<std::pair<std::string, std::string>> owned_;
  std::vector<tp_pair> raw_;
  tp_config config_{};
};

} // namespace tickplant::sdk::testing
