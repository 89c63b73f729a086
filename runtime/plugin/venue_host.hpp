// One instance of a venue plugin at work: its settings, its life from create to destroy, its calls. What the world
// brings goes in by the functions of venue_sink; what the plugin asks for goes to book::feed and venue_io. One thread.
// Any negative answer of the plugin, and any exception, breaks the instance: it is not called again, and its owner
// replaces it.
#pragma once

#include "runtime/plugin/loader.hpp"
#include "runtime/plugin/venue_services.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::plugin {

struct venue_host_options {
  settings_list settings;
  log_function log;         // empty: nothing is logged
  uint64_t random_seed = 0; // equal seeds give equal runs
};

class venue_host final : public venue_sink {
public:
  /// What the plugin has to say about settings; empty if it takes them. No side effects.
  static std::vector<complaint> validate(const venue_plugin& plugin, const settings_list& settings,
                                         const log_function& log = {});

  /// `feed` and `io` outlive the host.
  venue_host(venue_plugin plugin, book::feed& feed, venue_io& io, venue_host_options options);
  /// Destroys the instance. Nothing can call a service of it afterwards.
  ~venue_host() override;
  venue_host(const venue_host&) = delete;
  venue_host& operator=(const venue_host&) = delete;

  /// Makes the instance. False: complaints() and why_broken() tell the reason.
  bool create();
  /// All answer whether the instance still stands.
  bool start(uint64_t now_ns);
  bool on_interest(std::span<const tp_interest> list, uint64_t now_ns);
  /// Lets the plugin say goodbye; from here on it is not called again, and its events are not taken.
  bool stop(uint64_t now_ns);
  /// TP_OK, or TP_E_UNSUPPORTED, TP_E_AGAIN, TP_E_DOWN, TP_E_LIMIT as the plugin answers; TP_E_BROKEN if it broke by
  /// it.
  int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);

  void on_units(std::span<const tp_unit> units) override;
  int64_t on_stream(const tp_unit& unit) override;
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) override;
  void on_http(const tp_http_answer& answer) override;
  void on_timer(uint32_t id, uint64_t now_ns) override;

  bool is_broken() const { return broken_; }
  /// "on_timer answered -7 (broken)"; empty if it is not broken.
  const std::string& why_broken() const { return why_broken_; }
  const std::vector<complaint>& complaints() const { return services_.complaints(); }

  const venue_plugin& plugin() const { return plugin_; }
  std::span<const std::string> counter_names() const { return services_.counter_names(); }
  std::span<const uint64_t> counters() const { return services_.counters(); }
  /// 0 also for a counter that the plugin does not have.
  uint64_t counter(std::string_view name) const;
  /// Services that the plugin called at the wrong time or with senseless arguments, and calls from inside a call.
  uint64_t refused_calls() const { return services_.refused_calls() + nested_; }

  /// Lets `filter` see events in the place of the feed; empty: back to the feed.
  void set_emit_filter(emit_filter filter) { services_.set_emit_filter(std::move(filter)); }

private:
  enum class life : uint8_t { raw, created, running, stopped };
  /// Runs one call of the plugin between opening and closing the gate; what it throws is TP_E_INTERNAL.
  template <class Call>
  int64_t enter(venue_services::gate gate, Call&& call);
  template <class Call>
  int32_t call(std::string_view name, Call&& call);
  void mark_broken(std::string_view call, int64_t answer);
  /// Whether the plugin may be called; false is also counted where its cause is a call from inside a call.
  bool is_callable() {
    return (services_.current_gate() == venue_services::gate::closed && life_ == life::running && !broken_) ||
           may_be_called();
  }
  bool may_be_called();

  venue_plugin plugin_;
  const tp_venue_ops* ops_;
  settings_view settings_;
  book::feed& feed_;
  venue_services services_;
  void* self_ = nullptr;
  life life_ = life::raw;
  bool broken_ = false;
  uint64_t nested_ = 0;
  std::string why_broken_, thrown_;
};

/// "broken" for TP_E_BROKEN and so on.
std::string_view code_name(int64_t code);

} // namespace tickplant::plugin
