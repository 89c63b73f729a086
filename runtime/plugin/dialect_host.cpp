#include "runtime/plugin/dialect_host.hpp"

#include "runtime/plugin/venue_host.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tickplant::plugin {

namespace {

std::string_view view(tp_str text) {
  return text.data ? std::string_view{text.data, text.size} : std::string_view{};
}

/// What `to` points at inside decode.
struct decoding {
  request_visitor* visitor;
  std::string fault;
};

decoding& decoding_of(tp_ctx* to) {
  return *reinterpret_cast<decoding*>(to);
}

/// Of a plugin that was built against the first version: what came later counts as not given.
template <class Struct>
constexpr size_t least_size = sizeof(Struct);
template <>
constexpr size_t least_size<tp_request> = offsetof(tp_request, trace_parent);

/// Hands a struct to the visitor; a visitor's exception stops on this side of the edge.
template <class Struct, class Visit>
void pass_on(tp_ctx* to, const Struct* given, Visit&& visit) noexcept {
  auto& state = decoding_of(to);
  try {
    if (!given || given->struct_size < least_size<Struct>) {
      state.fault = "a struct handed over in decode is null or too short";
      return;
    }
    visit(*state.visitor, widened(given));
  } catch (const std::exception& fault) {
    state.fault = fault.what();
  } catch (...) {
    state.fault = "exception of unknown type";
  }
}

} // namespace

struct dialect_host::table_of {
  static dialect_host& of(tp_ctx* ctx) { return *reinterpret_cast<dialect_host*>(ctx); }

  static void request(tp_ctx* to, const tp_request* request) noexcept {
    pass_on(to, request, [](request_visitor& visitor, const tp_request& r) { visitor.on_request(r); });
  }
  static void problem(tp_ctx* to, const tp_problem* problem) noexcept {
    pass_on(to, problem, [](request_visitor& visitor, const tp_problem& p) { visitor.on_problem(p); });
  }
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

dialect_host::dialect_host(dialect_plugin plugin, settings_list settings, log_function log)
  : plugin_(std::move(plugin)), settings_(std::move(settings)), log_(std::move(log)) {
  table_ = {.struct_size = sizeof(tp_dialect_host),
            .abi_minor = TP_ABI_MINOR,
            .request = table_of::request,
            .problem = table_of::problem,
            .log = table_of::log,
            .complain = table_of::complain};
}

dialect_host::~dialect_host() {
  if (!self_) return;
  try {
    ops().destroy(self_);
  } catch (...) { // nothing is left that could be told
  }
}

std::vector<complaint> dialect_host::validate(const dialect_plugin& plugin, const settings_list& settings,
                                              const log_function& log) {
  dialect_host host{plugin, settings, log};
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
    host.complaints_.push_back(
      {"", "validate answered " + std::to_string(answer) + " (" + std::string{code_name(answer)} + ')' + thrown});
  return std::move(host.complaints_);
}

bool dialect_host::create() {
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
    why_broken_ = "create answered " + std::to_string(answer) + " (" + std::string{code_name(answer)} + ')' + thrown;
  } else if (!self_) {
    why_broken_ = "create answered 0 (ok) but set no instance";
  }
  broken_ = !why_broken_.empty();
  return !broken_;
}

int64_t dialect_host::failed(std::string_view name, int64_t answer, std::string_view why) {
  ++faults_;
  last_fault_.assign(name).append(": ").append(why);
  return answer;
}

int32_t dialect_host::decode(const tp_frame& frame, request_visitor& to) {
  decoding state{&to, {}};
  int32_t answer = TP_E_INTERNAL;
  try {
    answer = ops().decode(self_, &frame, reinterpret_cast<tp_ctx*>(&state));
  } catch (...) {
    state.fault = "an exception left the plugin";
  }
  if (!state.fault.empty()) return static_cast<int32_t>(failed("decode", TP_E_INTERNAL, state.fault));
  if (answer < 0) failed("decode", answer, code_name(answer));
  return std::min(answer, int32_t{TP_OK});
}

template <class Print>
int64_t dialect_host::print(std::string_view name, std::vector<uint8_t>& out, size_t& expected, Print&& print_into) {
  const size_t before = out.size();
  size_t offered = expected;
  // A pure plugin is satisfied by the second offer; one that always wants more is at fault.
  for (int offer = 0; offer < 3; ++offer) {
    out.resize(before + offered);
    int64_t answer = TP_E_INTERNAL;
    try {
      answer = print_into(out.data() + before, offered);
    } catch (...) {
      out.resize(before);
      return failed(name, TP_E_INTERNAL, "an exception left the plugin");
    }
    if (answer < 0 || answer > largest_print) {
      out.resize(before);
      if (answer < 0) return failed(name, answer, code_name(answer));
      return failed(name, TP_E_LIMIT,
                    "wants " + std::to_string(answer) + " bytes, at most " + std::to_string(largest_print) +
                      " are given");
    }
    const auto needed = static_cast<size_t>(answer);
    if (needed <= offered) {
      out.resize(before + needed);
      expected = std::max(needed + needed / 8 + 32, expected - expected / 16); // shrinks slowly: sizes alternate
      return answer;
    }
    offered = needed;
  }
  out.resize(before);
  return failed(name, TP_E_INTERNAL, "wants a larger buffer each time it is called");
}

int64_t dialect_host::envelope(const tp_envelope& envelope, const tp_variant& variant, std::vector<uint8_t>& out) {
  return print("envelope", out, envelope_size_,
               [&](uint8_t* at, size_t capacity) { return ops().envelope(self_, &envelope, &variant, at, capacity); });
}

int64_t dialect_host::element(const tp_element& element, const tp_variant& variant, std::vector<uint8_t>& out) {
  return print("element", out, element_size_,
               [&](uint8_t* at, size_t capacity) { return ops().element(self_, &element, &variant, at, capacity); });
}

int64_t dialect_host::reply(const tp_reply& reply, std::vector<uint8_t>& out) {
  return print("reply", out, reply_size_,
               [&](uint8_t* at, size_t capacity) { return ops().reply(self_, &reply, at, capacity); });
}

bool dialect_host::has_series(uint32_t series) const {
  const auto reaches = [&](size_t end) { return ops().struct_size >= end; };
  switch (series) {
    case TP_SERIES_STATE: return true;
    case TP_SERIES_TRADES: return reaches(offsetof(tp_dialect_ops, trade) + sizeof(void*)) && ops().trade != nullptr;
    case TP_SERIES_BOOK:
      return reaches(offsetof(tp_dialect_ops, book_delta) + sizeof(void*)) && ops().book_delta != nullptr;
    default: return false;
  }
}

int64_t dialect_host::trade(const tp_trade& trade, const tp_variant& variant, std::vector<uint8_t>& out) {
  if (!has_series(TP_SERIES_TRADES)) return TP_E_UNSUPPORTED;
  return print("trade", out, element_size_,
               [&](uint8_t* at, size_t capacity) { return ops().trade(self_, &trade, &variant, at, capacity); });
}

int64_t dialect_host::book_delta(const tp_book_delta& delta, const tp_variant& variant, std::vector<uint8_t>& out) {
  if (!has_series(TP_SERIES_BOOK)) return TP_E_UNSUPPORTED;
  return print("book_delta", out, element_size_,
               [&](uint8_t* at, size_t capacity) { return ops().book_delta(self_, &delta, &variant, at, capacity); });
}

} // namespace tickplant::plugin
