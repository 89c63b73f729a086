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

template <class Compression, class Call>
auto on_compression(void* self, Call&& call) noexcept {
  return on_instance<Compression, compression_host>(
    self, [&](Compression& compression, compression_host&) { return call(compression); });
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
  detail::set_life<Compression, compression_host, tp_compression_host>(ops);
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
  return ops;
}

} // namespace tickplant::sdk

/// The plugin's one exported symbol. TP_BUILD_ID comes from tp_add_plugin().
#define TP_COMPRESSION_PLUGIN(NAME, VERSION, COMPRESSION)                                                              \
  TP_PLUGIN_OF_KIND(NAME, VERSION, TP_KIND_COMPRESSION, tp_agreement,                                                  \
                    ::tickplant::sdk::make_compression_ops<COMPRESSION>)
