// One instance of a dialect plugin: client frames in, requests out; elements and replies in, bytes out. Pure, one
// thread (one instance per loop). Negative or absurd answers are counted and reported; none of them ends the instance,
// as it keeps no state between calls. No exception leaves it, save std::bad_alloc.
#pragma once

#include "runtime/plugin/complaints.hpp"
#include "runtime/plugin/loader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::plugin {

/// What a frame of a client turned out to be. Pointers in the structs are valid for the call.
class request_visitor {
public:
  virtual ~request_visitor() = default;
  virtual void on_request(const tp_request& request) = 0;
  virtual void on_problem(const tp_problem& problem) = 0;
};

class dialect_host {
public:
  /// Most bytes that one envelope, element or reply may take; a dialect that wants more is at fault.
  static constexpr int64_t largest_print = 16 << 20;

  /// What the plugin has to say about settings; empty if it takes them. No side effects.
  static std::vector<complaint> validate(const dialect_plugin& plugin, const settings_list& settings,
                                         const log_function& log = {});

  dialect_host(dialect_plugin plugin, settings_list settings, log_function log);
  ~dialect_host();
  dialect_host(const dialect_host&) = delete;
  dialect_host& operator=(const dialect_host&) = delete;

  /// Makes the instance. False: complaints() and why_broken() tell the reason. Nothing else may be called before.
  bool create();
  bool is_broken() const { return broken_; }
  const std::string& why_broken() const { return why_broken_; }
  const std::vector<complaint>& complaints() const { return complaints_; }

  /// TP_OK, or the plugin's TP_E_*. TP_FRAME_PADDING readable bytes lie behind the frame.
  int32_t decode(const tp_frame& frame, request_visitor& to);

  /// Each appends what is printed to `out` and answers how many bytes, or TP_E_*, and then `out` is as before. A reply
  /// of 0 bytes: this dialect says nothing here.
  int64_t envelope(const tp_envelope& envelope, const tp_variant& variant, std::vector<uint8_t>& out);
  int64_t element(const tp_element& element, const tp_variant& variant, std::vector<uint8_t>& out);
  int64_t reply(const tp_reply& reply, std::vector<uint8_t>& out);
  /// Only of a dialect that has_series: TP_E_UNSUPPORTED otherwise, which is no fault.
  int64_t trade(const tp_trade& trade, const tp_variant& variant, std::vector<uint8_t>& out);
  int64_t book_delta(const tp_book_delta& delta, const tp_variant& variant, std::vector<uint8_t>& out);
  /// Whether the dialect prints this line: TP_SERIES_*.
  bool has_series(uint32_t series) const;

  const dialect_plugin& plugin() const { return plugin_; }
  const tp_dialect_ops& ops() const { return plugin_.ops(); }
  /// The instance, for callers that print on their own with ops().
  void* self() const { return self_; }
  std::string_view separator() const { return {ops().separator.data, ops().separator.size}; }
  std::string_view tail() const { return {ops().tail.data, ops().tail.size}; }
  /// Calls that failed, and the newest reason.
  uint64_t faults() const { return faults_; }
  const std::string& last_fault() const { return last_fault_; }

private:
  struct table_of;
  friend struct table_of;
  template <class Print>
  int64_t print(std::string_view name, std::vector<uint8_t>& out, size_t& expected, Print&& print);
  int64_t failed(std::string_view name, int64_t answer, std::string_view why);

  dialect_plugin plugin_;
  settings_view settings_;
  log_function log_;
  tp_dialect_host table_{};
  void* self_ = nullptr;
  bool broken_ = false, settling_ = false; // settling: inside validate or create
  std::vector<complaint> complaints_;
  std::string why_broken_, last_fault_;
  uint64_t faults_ = 0;
  size_t envelope_size_ = 128, element_size_ = 512, reply_size_ = 256; // what the last ones took
};

} // namespace tickplant::plugin
