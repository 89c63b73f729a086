#include "runtime/plugin/compression_host.hpp"

#include "runtime/plugin/venue_host.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tickplant::plugin {

namespace {

std::string_view view(tp_str text) {
  return text.data ? std::string_view{text.data, text.size} : std::string_view{};
}

std::string answered(std::string_view function, int64_t answer) {
  return std::string{function} + " answered " + std::to_string(answer) + " (" + std::string{code_name(answer)} + ')';
}

/// A header value must not end its line: what stands behind would be another header.
bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

struct compression_host::table_of {
  static compression_host& of(tp_ctx* ctx) { return *reinterpret_cast<compression_host*>(ctx); }

  static void log(tp_ctx* ctx, int32_t level, tp_str text) noexcept {
    try {
      if (of(ctx).log_) of(ctx).log_(std::clamp<int>(level, TP_LOG_DEBUG, TP_LOG_ERROR), view(text).substr(0, 4096));
    } catch (...) { // a log that fails must not stop a client
    }
  }
  static void complain(tp_ctx* ctx, tp_str key, tp_str problem) noexcept {
    auto& self = of(ctx);
    try {
      if (self.settling_ && self.complaints_.size() < most_complaints)
        self.complaints_.push_back({std::string{view(key)}, std::string{view(problem)}});
    } catch (...) { // out of memory: the complaint is lost
    }
  }
};

compression_host::compression_host(compression_plugin plugin, settings_list settings, log_function log)
  : plugin_(std::move(plugin)), settings_(std::move(settings)), log_(std::move(log)) {
  table_ = {.struct_size = sizeof(tp_compression_host),
            .abi_minor = TP_ABI_MINOR,
            .log = table_of::log,
            .complain = table_of::complain};
}

compression_host::~compression_host() {
  if (!self_) return;
  try {
    ops().destroy(self_);
  } catch (...) { // nothing is left that could be told
  }
}

std::vector<complaint> compression_host::validate(const compression_plugin& plugin, const settings_list& settings,
                                                  const log_function& log) {
  compression_host host{plugin, settings, log};
  host.settling_ = true;
  int32_t answer = TP_E_INTERNAL;
  std::string thrown;
  try {
    answer = plugin.ops().validate(host.settings_.config(), &host.table_, reinterpret_cast<tp_ctx*>(&host));
  } catch (const std::exception& fault) {
    thrown = std::string{": "} + fault.what();
  } catch (...) {
    thrown = ": exception of unknown type";
  }
  if (answer != TP_OK && host.complaints_.empty())
    host.complaints_.push_back({"", answered("validate", answer) + thrown});
  return std::move(host.complaints_);
}

bool compression_host::create() {
  if (self_ || broken_) return self_ && !broken_;
  int32_t answer = TP_E_INTERNAL;
  std::string thrown;
  settling_ = true;
  try {
    answer = ops().create(settings_.config(), &table_, reinterpret_cast<tp_ctx*>(this), &self_);
  } catch (const std::exception& fault) {
    thrown = std::string{": "} + fault.what();
  } catch (...) {
    thrown = ": exception of unknown type";
  }
  settling_ = false;
  if (answer != TP_OK) {
    self_ = nullptr;
    why_broken_ = answered("create", answer) + thrown;
  } else if (!self_) {
    why_broken_ = "create answered 0 (ok) but set no instance";
  } else {
    why_broken_ = ask_traits();
  }
  broken_ = !why_broken_.empty();
  return !broken_;
}

/// Empty, or why they cannot be used.
std::string compression_host::ask_traits() {
  traits_ = {.struct_size = sizeof(tp_compression_traits), .threshold = 0, .group_count = 0, .reserved = 0};
  int32_t answer = TP_E_INTERNAL;
  try {
    answer = ops().traits(self_, &traits_);
  } catch (...) {
    return "traits: an exception left the plugin";
  }
  if (answer != TP_OK) return answered("traits", answer);
  if (traits_.group_count == 0 || traits_.group_count > most_groups)
    return "traits tells " + std::to_string(traits_.group_count) + " groups, wanted 1 to " +
           std::to_string(most_groups);
  return {};
}

int64_t compression_host::failed(std::string_view name, int64_t answer, std::string_view why) {
  ++faults_;
  last_fault_.assign(name).append(": ").append(why);
  return answer;
}

bool compression_host::declined(std::string_view why) {
  failed("negotiate", TP_E_INTERNAL, why);
  return false;
}

bool compression_host::negotiate(std::string_view offers, agreement& to) {
  if (offers.empty()) return false;
  std::string answer(256, '\0');
  for (int offer = 0; offer < 2; ++offer) {
    tp_agreement agreed{sizeof(tp_agreement), 0, 0, 0};
    int64_t size = TP_E_INTERNAL;
    try {
      size = ops().negotiate(self_, {offers.data(), offers.size()}, &agreed, reinterpret_cast<uint8_t*>(answer.data()),
                             answer.size());
    } catch (...) {
      return declined("an exception left the plugin");
    }
    if (size == 0) return false;
    if (size < 0) return declined(code_name(size));
    if (size > largest_answer)
      return declined("wants " + std::to_string(size) + " bytes, at most " + std::to_string(largest_answer) +
                      " are given");
    if (static_cast<size_t>(size) > answer.size()) {
      answer.resize(static_cast<size_t>(size));
      continue;
    }
    answer.resize(static_cast<size_t>(size));
    if (!is_header_text(answer)) return declined("the answer has bytes that no header may have");
    if (agreed.group >= traits_.group_count)
      return declined("group " + std::to_string(agreed.group) + " is agreed, there are " +
                      std::to_string(traits_.group_count));
    to = {std::move(answer), agreed.group, agreed.may_send_compressed != 0};
    return true;
  }
  return declined("wants a larger buffer each time it is called");
}

int64_t compression_host::write(std::string_view name, piece_function call, uint32_t group, std::span<const uint8_t> in,
                                std::vector<uint8_t>& out) {
  const size_t before = out.size();
  size_t offered = in.size() + in.size() / 8 + 32;
  // A pure plugin is satisfied by the second offer; one that always wants more is at fault.
  for (int offer = 0; offer < 3; ++offer) {
    out.resize(before + offered);
    int64_t answer = TP_E_INTERNAL;
    try {
      answer = call(self_, group, in.data(), in.size(), out.data() + before, offered);
    } catch (...) {
      out.resize(before);
      return failed(name, TP_E_INTERNAL, "an exception left the plugin");
    }
    if (answer < 0 || answer > largest_piece) {
      out.resize(before);
      if (answer < 0) return failed(name, answer, code_name(answer));
      return failed(name, TP_E_LIMIT,
                    "wants " + std::to_string(answer) + " bytes, at most " + std::to_string(largest_piece) +
                      " are given");
    }
    const auto needed = static_cast<size_t>(answer);
    if (needed <= offered) {
      out.resize(before + needed);
      return answer;
    }
    offered = needed;
  }
  out.resize(before);
  return failed(name, TP_E_INTERNAL, "wants a larger buffer each time it is called");
}

int64_t compression_host::head(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out) {
  return write("head", ops().head, group, in, out);
}

int64_t compression_host::part(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out) {
  return write("part", ops().part, group, in, out);
}

int64_t compression_host::seam(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out) {
  return write("seam", ops().seam, group, in, out);
}

int64_t compression_host::tail(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out) {
  return write("tail", ops().tail, group, in, out);
}

int64_t compression_host::whole(uint32_t group, std::span<const uint8_t> in, std::vector<uint8_t>& out) {
  return write("whole", ops().whole, group, in, out);
}

int64_t compression_host::unpack(uint32_t group, std::span<const uint8_t> in, size_t limit, std::vector<uint8_t>& out) {
  const size_t before = out.size();
  // Most messages are small: the whole limit is offered only to one that fills what was offered before.
  for (size_t offered = std::min(limit, 4 * in.size() + 1024);; offered = std::min(limit, 4 * offered)) {
    out.resize(before + offered);
    int64_t answer = TP_E_INTERNAL;
    try {
      answer = ops().unpack(self_, group, in.data(), in.size(), out.data() + before, offered);
    } catch (...) {
      out.resize(before);
      return failed("unpack", TP_E_INTERNAL, "an exception left the plugin");
    }
    if (answer == TP_E_LIMIT && offered < limit) continue;
    if (answer >= 0 && static_cast<size_t>(answer) <= offered) {
      out.resize(before + static_cast<size_t>(answer));
      return answer;
    }
    out.resize(before);
    if (answer == TP_E_LIMIT || answer == TP_E_ARGUMENT) {
      ++refused_;
      return answer;
    }
    if (answer < 0) return failed("unpack", answer, code_name(answer));
    return failed("unpack", TP_E_INTERNAL,
                  "answered " + std::to_string(answer) + " bytes where " + std::to_string(offered) + " fit");
  }
}

} // namespace tickplant::plugin
