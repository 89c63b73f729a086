// One instance of the plugin as its host sees it: through the C table. And zlib's own inflater as the client has it.
#pragma once

#include "compression.hpp"

#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::deflate::testing {

using pairs = std::vector<std::pair<std::string, std::string>>;

class instance {
public:
  explicit instance(const pairs& settings = {}) : ops_(sdk::make_compression_ops<compression>()) {
    std::vector<tp_pair> given;
    for (const auto& [key, value] : settings) given.push_back({sdk::to_tp(key), sdk::to_tp(value)});
    const tp_config config{sizeof config, static_cast<uint32_t>(given.size()), given.data()};
    validated = ops_.validate(&config, &table_, context());
    created = ops_.create(&config, &table_, context(), &self_);
  }
  ~instance() {
    if (self_) ops_.destroy(self_);
  }
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  using piece_function = decltype(tp_compression_ops::part);

  /// As a host does it: too little room first, then what was asked for.
  std::string run(piece_function call, uint32_t group, std::string_view in, size_t first_room = 16) const {
    std::string out(first_room, '\xAA');
    const auto* data = reinterpret_cast<const uint8_t*>(in.data());
    int64_t size = call(self_, group, data, in.size(), bytes_of(out), out.size());
    if (size > static_cast<int64_t>(out.size())) {
      out.assign(static_cast<size_t>(size), '\xAA');
      size = call(self_, group, data, in.size(), bytes_of(out), out.size());
    }
    if (size < 0 || size > static_cast<int64_t>(out.size()))
      throw std::runtime_error{"a piece of " + std::to_string(in.size()) + " bytes: answered " + std::to_string(size) +
                               " to the second offer of " + std::to_string(out.size())};
    out.resize(static_cast<size_t>(size));
    return out;
  }
  std::string head(std::string_view in) const { return run(ops_.head, 0, in); }
  std::string part(std::string_view in, uint32_t group = 0) const { return run(ops_.part, group, in); }
  std::string seam(std::string_view in) const { return run(ops_.seam, 0, in); }
  std::string tail(std::string_view in) const { return run(ops_.tail, 0, in); }
  std::string whole(std::string_view in, uint32_t group = 0) const { return run(ops_.whole, group, in); }
  int64_t unpack(std::string_view in, std::string& out, size_t limit) const {
    out.assign(limit, '\xAA');
    const int64_t size =
      ops_.unpack(self_, 0, reinterpret_cast<const uint8_t*>(in.data()), in.size(), bytes_of(out), limit);
    if (size >= 0) out.resize(static_cast<size_t>(size));
    return size;
  }
  /// The answer, "" if declined.
  std::string negotiate(std::string_view offers) {
    agreement = {sizeof agreement, 0, 0, 0};
    std::string out(256, '\0');
    const int64_t size = ops_.negotiate(self_, sdk::to_tp(offers), &agreement, bytes_of(out), out.size());
    if (size < 0) throw std::runtime_error{"negotiate answered " + std::to_string(size)};
    return out.substr(0, static_cast<size_t>(size));
  }

  const tp_compression_ops& ops() const { return ops_; }
  void* self() const { return self_; }

  int32_t validated = 0, created = 0;
  tp_agreement agreement{};
  std::vector<std::pair<std::string, std::string>> complaints;

private:
  static uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }
  tp_ctx* context() { return reinterpret_cast<tp_ctx*>(this); }
  static void log(tp_ctx*, int32_t, tp_str) {}
  static void complain(tp_ctx* context, tp_str key, tp_str problem) {
    reinterpret_cast<instance*>(context)->complaints.emplace_back(sdk::view(key), sdk::view(problem));
  }

  tp_compression_host table_{sizeof(tp_compression_host), TP_ABI_MINOR, log, complain};
  tp_compression_ops ops_;
  void* self_ = nullptr;
};

/// A client: inflates with a window of its own, in small steps so that the window is all that it can look back to.
class client {
public:
  client(int window_bits, bool keeps_context) : keeps_context_(keeps_context) {
    if (inflateInit2(&stream_, -window_bits) != Z_OK) throw std::runtime_error{"inflateInit2"};
  }
  ~client() { inflateEnd(&stream_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// "!" and zlib's words if the message is broken.
  std::string read(std::string message) {
    if (!keeps_context_) inflateReset(&stream_);
    message.append("\0\0\xFF\xFF", 4);
    stream_.next_in = reinterpret_cast<uint8_t*>(message.data());
    stream_.avail_in = static_cast<uInt>(message.size());
    std::string out;
    uint8_t step[100];
    do {
      stream_.next_out = step;
      stream_.avail_out = sizeof step;
      const int answer = ::inflate(&stream_, Z_SYNC_FLUSH);
      if (answer != Z_OK && answer != Z_BUF_ERROR)
        return std::string{"!"} + (stream_.msg ? stream_.msg : std::to_string(answer));
      out.append(reinterpret_cast<const char*>(step), sizeof step - stream_.avail_out);
    } while (stream_.avail_in != 0 || stream_.avail_out == 0);
    return out;
  }

private:
  z_stream stream_{};
  bool keeps_context_;
};

/// Text like that of a quote, noise, or one byte again and again.
inline std::string some_text(std::mt19937_64& random, size_t size) {
  static constexpr std::string_view words[] = {R"({"symbol":")", R"(","price":)", "175.26", R"(,"bid":)", "98",
                                               R"(,"size":)",    "1000",          "}",      "NASDAQ"};
  std::string text;
  const auto kind = random() % 4;
  while (text.size() < size) {
    if (kind == 0)
      text.push_back(static_cast<char>(random()));
    else if (kind == 1)
      text.push_back('7');
    else
      text += random() % 3 == 0 ? std::to_string(random() % 100'000) : std::string{words[random() % std::size(words)]};
  }
  text.resize(size);
  return text;
}

} // namespace tickplant::deflate::testing
