// One instance of a compression plugin: offers in, an agreement out; payloads in, smaller ones out. Pure, one thread
// (one instance per loop). Negative or absurd answers are counted and reported; none of them ends the instance, as it
// keeps no state between calls. No exception leaves it, save std::bad_alloc.
#pragma once

#include "runtime/plugin/complaints.hpp"
#include "runtime/plugin/loader.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::plugin {

/// What was agreed with one client.
struct agreement {
  std::string answer; // value of Sec-WebSocket-Extensions
  uint32_t group = 0;
  bool may_send_compressed = false;
};

class compression_host {
public:
  /// Most bytes that one piece may take; a plugin that wants more is at fault.
  static constexpr int64_t largest_piece = 16 << 20;
  /// Longest answer to a client's offers.
  static constexpr int64_t largest_answer = 1024;
  static constexpr uint32_t most_groups = 16;

  /// What the plugin has to say about settings; empty if it takes them. No side effects.
  static std::vector<complaint> validate(const compression_plugin& plugin, const settings_list& settings,
                                         const log_function& log = {});

  compression_host(compression_plugin plugin, settings_list settings, log_function log);
  ~compression_host();
  compression_host(const compression_host&) = delete;
  compression_host& operator=(const compression_host&) = delete;

  /// Makes the instance and asks for its traits. False: complaints() and why_broken() tell the reason. Nothing else may
  /// be called before.
  bool create();
  bool is_broken() const { return broken_; }
  const std::string& why_broken() const { return why_broken_; }
  const std::vector<complaint>& complaints() const { return complaints_; }

  /// Bytes: a message whose plain payload is smaller is sent as it is.
  uint32_t threshold() const { return traits_.threshold; }
  uint32_t group_count() const { return traits_.group_count; }

  /// `offers`: all Sec-WebSocket-Extensions fields, joined by commas. False: the client is served uncompressed, because
  /// nothing suits or because the plugin failed.
  bool negotiate(std::string_view offers, agreement& to);

  /// Each appends to `out` and answers how many bytes, or TP_E_*, and then `out` is as before. compression.h tells what
  /// they are; groups are those of agreements.
  int64_t head(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out);
  int64_t part(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out);
  int64_t seam(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out);
  int64_t tail(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out);
  int64_t whole(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out);

  /// Appends a client's message, at most `limit` bytes. TP_E_LIMIT: it is larger; TP_E_ARGUMENT: it is broken. Both are
  /// the client's doing: counted in refused(), not in faults().
  int64_t unpack(uint32_t group, std::span<const uint8_t> in, size_t limit, std::vector<uint8_t>& out);

  const compression_plugin& plugin() const { return plugin_; }
  /// Calls in which the plugin failed, and the newest reason.
  uint64_t faults() const { return faults_; }
  const std::string& last_fault() const { return last_fault_; }
  /// Messages of clients that were broken or too large.
  uint64_t refused() const { return refused_; }

private:
  struct table_of;
  friend struct table_of;
  using piece_function = decltype(tp_compression_ops::part);

  const tp_compression_ops& ops() const { return plugin_.ops(); }
  std::string ask_traits();
  int64_t write(std::string_view name, piece_function call, uint32_t group, std::span<const uint8_t> in,
                std::vector<uint8_t>& out);
  int64_t failed(std::string_view name, int64_t answer, std::string_view why);
  bool declined(std::string_view why);

  compression_plugin plugin_;
  settings_view settings_;
  log_function log_;
  tp_compression_host table_{};
  tp_compression_traits traits_{};
  void* self_ = nullptr;
  bool broken_ = false, settling_ = false; // settling: inside validate or create
  std::vector<complaint> complaints_;
  std::string why_broken_, last_fault_;
  uint64_t faults_ = 0, refused_ = 0;
};

} // namespace tickplant::plugin
