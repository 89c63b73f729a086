// C++20 wrapper of the compression kind: a class with ordinary member functions becomes a tp_compression_ops table.
//
//   struct my_compression {
//     static void validate(tickplant::sdk::settings, tickplant::sdk::compression_host);
//     my_compression(tickplant::sdk::settings, tickplant::sdk::compression_host);
//     void traits(tp_compression_traits&);  // struct_size is set
//     int64_t negotiate(std::string_view offers, tp_agreement&, std::span<uint8_t> out);  // struct_size is set
//     int64_t head(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
//     // part, seam, tail, whole, unpack: as head
//   };
//   TP_COMPRESSION_PLUGIN("my", "1.0.0", my_compression)
//
// Numbers that are returned mean what compression.h says: bytes that the result needs, or TP_E_*.
#pragma once

#include <tickplant/compression.h>
#include <tickplant/plugin.hpp>

#include <new>

namespace tickplant::sdk {

/// The host's services for one instance; valid from `create` to `destroy`.
class compression_host {
public:
  compression_host(const tp_compression_host* table, tp_ctx* ctx) : table_(table), ctx_(ctx) {}
  void log(log_level level, std::string_view text) const {
    table_->log(ctx_, static_cast<int32_t>(level), to_tp(text));
  }
  void complain(std::string_view key, std::string_view problem) const {
    table_->complain(ctx_, to_tp(key), to_tp(problem));
  }

private:
  const tp_compression_host* table_;
  tp_ctx* ctx_;
};

namespace detail {

template <class Compression>
struct compression_box {
  compression_box(const tp_config* config, const tp_compression_host* table, tp_ctx* ctx)
    : host(table, ctx), compression(settings{config}, host) {}
  compression_host host;
  Compression compression;
};

template <class Compression, class Call>
auto on_compression(void* self, Call&& call) noexcept {
  auto* box = static_cast<compression_box<Compression>*>(self);
  return guarded([&] { return call(box->compression); },
                 [&](std::string_view what) { box->host.log(log_level::error, what); });
}

/// The C function of a member that turns one payload into another.
template <class Compression, auto Member>
int64_t converted(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity) noexcept {
  return on_compression<Compression>(self, [&](Compression& compression) -> int64_t {
    return (compression.*Member)(group, std::span<const uint8_t>{in, size}, std::span<uint8_t>{out, capacity});
  });
}

} // namespace detail

/// The ops table of a compression class. Call once, keep the result in static memory.
template <class Compression>
tp_compression_ops make_compression_ops() {
  tp_compression_ops ops{};
  ops.struct_size = sizeof(tp_compression_ops);
  ops.validate = [](const tp_config* config, const tp_compression_host* table, tp_ctx* ctx) -> int32_t {
    const compression_host host{table, ctx};
    return detail::guarded(
      [&]() -> int32_t {
        Compression::validate(settings{config}, host);
        return TP_OK;
      },
      [&](std::string_view what) { host.complain("", what); });
  };
  ops.create = [](const tp_config* config, const tp_compression_host* table, tp_ctx* ctx, void** self) -> int32_t {
    const compression_host host{table, ctx};
    return detail::guarded(
      [&]() -> int32_t {
        *self = new detail::compression_box<Compression>(config, table, ctx);
        return TP_OK;
      },
      [&](std::string_view what) { host.log(log_level::error, what); });
  };
  ops.traits = [](void* self, tp_compression_traits* traits) -> int32_t {
    return detail::on_compression<Compression>(self, [&](Compression& compression) -> int32_t {
      compression.traits(*traits);
      return TP_OK;
    });
  };
  ops.negotiate = [](void* self, tp_str offers, tp_agreement* agreement, uint8_t* out, size_t capacity) -> int64_t {
    return detail::on_compression<Compression>(self, [&](Compression& compression) -> int64_t {
      return compression.negotiate(view(offers), *agreement, {out, capacity});
    });
  };
  ops.head = detail::converted<Compression, &Compression::head>;
  ops.part = detail::converted<Compression, &Compression::part>;
  ops.seam = detail::converted<Compression, &Compression::seam>;
  ops.tail = detail::converted<Compression, &Compression::tail>;
  ops.whole = detail::converted<Compression, &Compression::whole>;
  ops.unpack = detail::converted<Compression, &Compression::unpack>;
  ops.destroy = [](void* self) { delete static_cast<detail::compression_box<Compression>*>(self); };
  return ops;
}

} // namespace tickplant::sdk

/// The plugin's one exported symbol. TP_BUILD_ID comes from tp_add_plugin().
#define TP_COMPRESSION_PLUGIN(NAME, VERSION, COMPRESSION)                                                              \
  extern "C" TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t) {                               \
    static const tp_compression_ops ops = ::tickplant::sdk::make_compression_ops<COMPRESSION>();                       \
    static const tp_plugin plugin{sizeof(tp_plugin),                                                                   \
                                  TP_ABI_MAJOR,                                                                        \
                                  TP_ABI_MINOR,                                                                        \
                                  TP_KIND_COMPRESSION,                                                                 \
                                  sizeof(tp_agreement),                                                                \
                                  0,                                                                                   \
                                  ::tickplant::sdk::to_tp(NAME),                                                       \
                                  ::tickplant::sdk::to_tp(VERSION),                                                    \
                                  ::tickplant::sdk::to_tp(TP_BUILD_ID),                                                \
                                  &ops};                                                                               \
    return host_major == TP_ABI_MAJOR ? &plugin : nullptr;                                                             \
  }
