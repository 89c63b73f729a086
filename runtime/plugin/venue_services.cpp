#include "runtime/plugin/venue_services.hpp"

#include "runtime/plugin/manifest.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::plugin {

namespace {

constexpr uint32_t most_lines = 1024;
constexpr uint32_t largest_unit = 64u << 20, largest_body = 256u << 20, largest_send = 16u << 20;
constexpr uint32_t most_headers = 64;
constexpr size_t longest_log = 4096, longest_complaint = 4096;
constexpr uint64_t most_told = 100; // refused calls of an instance

std::string_view view(tp_str text) {
  return text.data ? std::string_view{text.data, text.size} : std::string_view{};
}

bool is_usable(tp_str text) {
  return text.data || text.size == 0;
}

/// What is wrong with an argument, in words; empty: nothing.
std::string_view problem_of(const tp_line_spec* spec) {
  if (!spec) return "there is no spec";
  if (spec->struct_size < sizeof(tp_line_spec)) return "its struct_size is too small: set it to sizeof(tp_line_spec)";
  if (spec->line >= most_lines) return "line numbers are below 1024";
  if (spec->kind < TP_LINE_UDP_GROUP || spec->kind > TP_LINE_FILE) return "its kind is none of TP_LINE_*";
  if (spec->max_unit == 0) return "max_unit is 0: tell the largest unit, or unread rest of a stream, that makes sense";
  if (spec->max_unit > largest_unit) return "max_unit is above 64 MiB";
  if (spec->header_count > most_headers || (!spec->headers && spec->header_count > 0))
    return "its headers make no sense; 64 are allowed";
  if (!is_usable(spec->name) || !is_usable(spec->address) || !is_usable(spec->from_interface) ||
      !is_usable(spec->only_sources))
    return "one of its texts has a size and no data";
  return {};
}

std::string_view problem_of(const tp_http_request* request) {
  if (!request) return "there is no request";
  if (request->struct_size < sizeof(tp_http_request)) return "its struct_size is too small";
  if (!request->url.data || request->url.size == 0) return "it has no URL";
  if (request->max_body > largest_body) return "max_body is above 256 MiB";
  if (request->header_count > most_headers || (!request->headers && request->header_count > 0))
    return "its headers make no sense; 64 are allowed";
  return {};
}

std::string_view problem_of(const tp_stream* stream) {
  if (!stream) return "there is no state";
  if (stream->struct_size < sizeof(tp_stream)) return "its struct_size is too small";
  if (stream->state < TP_STREAM_LIVE || stream->state > TP_STREAM_RENUMBERED) return "its state is none of TP_STREAM_*";
  if (!is_usable(stream->reason)) return "its reason has a size and no data";
  return {};
}

std::string_view problem_of(const tp_instrument* instrument) {
  if (!instrument) return "there is no definition";
  if (instrument->struct_size < sizeof(tp_instrument))
    return "its struct_size is too small: set it to sizeof(tp_instrument)";
  return {};
}

} // namespace

/// The functions behind the table: each finds its object, asks the gate, and lets no exception out.
struct venue_services::table_of {
  static venue_services& of(tp_ctx* ctx) { return *reinterpret_cast<venue_services*>(ctx); }

  /// Runs a service with the gate shut behind it, so that nothing it reaches can come back in.
  template <class Service>
  static int32_t serve(venue_services& self, Service&& service) noexcept {
    const gate before = self.gate_;
    if (before != gate::open && before != gate::stopping)
      return self.refuse(TP_E_ARGUMENT, before == gate::busy         ? "a service was called from inside another one"
                                        : before == gate::validating ? "validate may only complain, log and ask zones"
                                                                     : "a service was called outside of a call");
    self.gate_ = gate::busy;
    int32_t answer = TP_E_INTERNAL;
    try {
      answer = service();
    } catch (const std::exception& fault) {
      self.log(TP_LOG_ERROR, fault.what());
    } catch (...) {
      self.log(TP_LOG_ERROR, "a service failed with an exception of unknown type");
    }
    self.gate_ = before;
    return answer;
  }

  static int32_t emit(tp_ctx* ctx, uint32_t channel, const tp_event* events, size_t count) noexcept {
    auto& self = of(ctx);
    if (self.gate_ == gate::stopping) return TP_E_STOPPING;
    if (!events && count > 0) return self.refuse(TP_E_ARGUMENT, "emit: a count and no events");
    return serve(self, [&] {
      const std::span all{events, count};
      return self.filter_ ? self.filter_(channel, all) : self.feed_->emit(channel, all);
    });
  }
  static int32_t define(tp_ctx* ctx, const tp_instrument* instrument) noexcept {
    auto& self = of(ctx);
    if (const auto problem = problem_of(instrument); !problem.empty())
      return self.refuse(TP_E_ARGUMENT, "define: ", problem);
    return serve(self, [&] {
      const tp_instrument known = widened(instrument);
      const int32_t answer = self.feed_->define(known);
      if (answer >= 0) return answer;
      auto problem = model::instrument::problem_of(known);
      if (problem.empty()) problem = "it is one more than the host takes: numbers are dense, from 0";
      return self.refuse(
        answer,
        "define: instrument " + std::to_string(known.number) + " '" + std::string{view(known.symbol)} + "': ", problem);
    });
  }
  static void retire(tp_ctx* ctx, uint32_t instrument) noexcept {
    auto& self = of(ctx);
    serve(self, [&] {
      self.feed_->retire(instrument);
      return TP_OK;
    });
  }
  static void stream(tp_ctx* ctx, const tp_stream* stream) noexcept {
    auto& self = of(ctx);
    if (const auto problem = problem_of(stream); !problem.empty()) {
      self.refuse(TP_E_ARGUMENT, "stream: ", problem);
      return;
    }
    serve(self, [&] {
      self.feed_->stream(widened(stream));
      return TP_OK;
    });
  }
  static uint32_t text(tp_ctx* ctx, tp_str text) noexcept {
    auto& self = of(ctx);
    uint32_t handle = 0;
    if (!is_usable(text))
      self.refuse(TP_E_ARGUMENT, "text: a size and no data");
    else
      serve(self, [&] {
        handle = self.feed_->text(view(text));
        return TP_OK;
      });
    return handle;
  }
  static int32_t line_open(tp_ctx* ctx, const tp_line_spec* spec) noexcept {
    auto& self = of(ctx);
    if (const auto problem = problem_of(spec); !problem.empty())
      return self.refuse(TP_E_ARGUMENT, "line_open: ", problem);
    return serve(self, [&]() -> int32_t {
      if (spec->kind == TP_LINE_TCP && !self.ops_->on_stream) return TP_E_UNSUPPORTED; // nobody to give its bytes to
      return self.io_->line_open(widened(spec));
    });
  }
  static void line_close(tp_ctx* ctx, uint32_t line) noexcept {
    auto& self = of(ctx);
    serve(self, [&] {
      if (line < most_lines) self.io_->line_close(line);
      return TP_OK;
    });
  }
  static int32_t send(tp_ctx* ctx, uint32_t line, uint32_t flags, const uint8_t* bytes, size_t size) noexcept {
    auto& self = of(ctx);
    if (line >= most_lines || size > largest_send || (!bytes && size > 0))
      return self.refuse(TP_E_ARGUMENT, "send: a line above 1023, more than 16 MiB, or a size and no bytes");
    return serve(self, [&] { return self.io_->send(line, flags, {bytes, size}); });
  }
  static int32_t http_get(tp_ctx* ctx, const tp_http_request* request) noexcept {
    auto& self = of(ctx);
    if (const auto problem = problem_of(request); !problem.empty())
      return self.refuse(TP_E_ARGUMENT, "http_get: ", problem);
    return serve(self, [&]() -> int32_t {
      if (!self.ops_->on_http) return TP_E_UNSUPPORTED;
      return self.io_->http_get(widened(request));
    });
  }
  static void set_timer(tp_ctx* ctx, uint32_t id, uint64_t after_ns) noexcept {
    auto& self = of(ctx);
    serve(self, [&] {
      self.io_->set_timer(id, after_ns);
      return TP_OK;
    });
  }
  static void count(tp_ctx* ctx, uint32_t counter, uint64_t by) noexcept {
    auto& self = of(ctx);
    if (counter < self.counts_.size())
      self.counts_[counter] += by;
    else
      self.refuse(TP_E_ARGUMENT, "count: no counter has this number");
  }
  static void log(tp_ctx* ctx, int32_t level, tp_str text) noexcept { of(ctx).log(level, view(text)); }
  static void complain(tp_ctx* ctx, tp_str key, tp_str problem) noexcept {
    try {
      of(ctx).complain(view(key), view(problem));
    } catch (...) { // out of memory: the complaint is lost, the instance is not
    }
  }
  static int64_t zone_offset(tp_ctx* ctx, tp_str zone, uint64_t utc_ns) noexcept {
    auto& self = of(ctx);
    if (self.gate_ == gate::closed) return self.refuse(TP_E_ARGUMENT, "zone_offset: called outside of a call"), TP_NONE;
    try {
      return self.zones_.offset_ns(view(zone), utc_ns).value_or(TP_NONE);
    } catch (...) {
      return TP_NONE;
    }
  }
  /// splitmix64
  static uint64_t random(tp_ctx* ctx) noexcept {
    uint64_t z = (of(ctx).random_state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
};

venue_services::venue_services(std::span<const tp_str> counter_names, log_function log, uint64_t random_seed)
  : counts_(counter_names.size()), log_(std::move(log)), random_state_(random_seed) {
  for (const auto& name : counter_names) names_.emplace_back(view(name));
  table_ = {.struct_size = sizeof(tp_venue_host),
            .abi_minor = TP_ABI_MINOR,
            .emit = table_of::emit,
            .define = table_of::define,
            .retire = table_of::retire,
            .stream = table_of::stream,
            .text = table_of::text,
            .line_open = table_of::line_open,
            .line_close = table_of::line_close,
            .send = table_of::send,
            .http_get = table_of::http_get,
            .set_timer = table_of::set_timer,
            .count = table_of::count,
            .log = table_of::log,
            .complain = table_of::complain,
            .zone_offset = table_of::zone_offset,
            .random = table_of::random};
}

void venue_services::connect(book::feed& feed, venue_io& io, const tp_venue_ops& ops) {
  feed_ = &feed;
  io_ = &io;
  ops_ = &ops;
}

int32_t venue_services::refuse(int32_t code, std::string_view what, std::string_view problem) noexcept {
  if (++refused_ > most_told) return code;
  try {
    log(TP_LOG_ERROR, std::string{"refused to the plugin: "}.append(what).append(problem));
  } catch (const std::bad_alloc&) { // it is counted
  }
  return code;
}

void venue_services::complain(std::string_view key, std::string_view problem) {
  if (complaints_.size() < most_complaints)
    complaints_.push_back(
      {std::string{key.substr(0, longest_complaint)}, std::string{problem.substr(0, longest_complaint)}});
}

void venue_services::log(int level, std::string_view text) const noexcept {
  if (!log_) return;
  try {
    log_(std::clamp<int>(level, TP_LOG_DEBUG, TP_LOG_ERROR), text.substr(0, longest_log));
  } catch (...) { // a log that fails must not stop a feed
  }
}

} // namespace tickplant::plugin
