// Drives the dialect through its C table, as the host does, and records what it decodes. One thread.
#pragma once

#include <tickplant/dialect.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::hft::testing {

struct recorded_request {
  tp_request raw;
  std::vector<std::string> symbols;
  std::string id, probe, token, encodings;
  std::vector<std::string> filters;   // "BID>100.5e0": field, comparison, bound
  std::vector<std::string> positions; // "NASDAQ:AAPL/TRADES 7 42": stream, epoch, sequence
};

inline std::string to_text(const tp_filter& f) {
  static constexpr std::string_view fields[] = {"?",      "PRICE",          "BID",  "ASK", "SPREAD",
                                                "VOLUME", "CHANGE_PERCENT", "VENUE"};
  static constexpr std::string_view ops[] = {"?", "<", "<=", "=", "!=", ">=", ">"};
  std::string text{fields[f.field]};
  text += ops[f.op];
  if (f.field == TP_FILTER_VENUE) return text += sdk::view(f.text);
  return text + std::to_string(f.value) + 'e' + std::to_string(int{f.exponent});
}

inline std::string to_text(const tp_position& p) {
  static constexpr std::string_view series[] = {"/STATE ", "/TRADES ", "/BOOK "};
  std::string text{sdk::view(p.symbol)};
  text += series[p.series];
  return text + std::to_string(p.epoch) + ' ' + std::to_string(p.sequence);
}

struct recorded_problem {
  int32_t code;
  std::string field, detail, id;
};

class recorder {
public:
  recorder() {
    table_.struct_size = sizeof table_;
    table_.abi_minor = TP_ABI_MINOR;
    table_.request = [](tp_ctx* c, const tp_request* r) {
      recorded_request copy{*r,
                            {},
                            std::string{sdk::view(r->id)},
                            std::string{sdk::view(r->probe)},
                            std::string{sdk::view(r->token)},
                            std::string{sdk::view(r->encodings)},
                            {},
                            {}};
      for (uint32_t i = 0; i < r->filter_count; ++i) copy.filters.push_back(to_text(r->filters[i]));
      for (uint32_t i = 0; i < r->position_count; ++i) copy.positions.push_back(to_text(r->positions[i]));
      for (uint32_t i = 0; i < r->symbol_count; ++i) copy.symbols.emplace_back(sdk::view(r->symbols[i]));
      reinterpret_cast<recorder*>(c)->requests.push_back(std::move(copy));
    };
    table_.problem = [](tp_ctx* c, const tp_problem* p) {
      reinterpret_cast<recorder*>(c)->problems.push_back(
        {p->code, std::string{sdk::view(p->field)}, std::string{sdk::view(p->detail)}, std::string{sdk::view(p->id)}});
    };
    table_.log = [](tp_ctx* c, int32_t, tp_str text) {
      reinterpret_cast<recorder*>(c)->logs.emplace_back(sdk::view(text));
    };
    table_.complain = [](tp_ctx* c, tp_str key, tp_str problem) {
      reinterpret_cast<recorder*>(c)->complaints.emplace_back(std::string{sdk::view(key)} + ": " +
                                                              std::string{sdk::view(problem)});
    };
    ops = static_cast<const tp_dialect_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
    const tp_config none{sizeof(tp_config), 0, nullptr};
    if (ops->create(&none, &table_, ctx(), &self) != TP_OK) throw std::runtime_error("create failed");
  }
  ~recorder() { ops->destroy(self); }
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  /// Decodes one frame that lies in a block of exactly its size and the promised padding, so that sanitizers see
  /// overruns.
  int32_t decode(std::string_view text, uint32_t flags = TP_FRAME_TEXT) {
    requests.clear();
    problems.clear();
    const auto block = std::make_unique<uint8_t[]>(text.size() + TP_FRAME_PADDING);
    std::copy(text.begin(), text.end(), block.get());
    std::fill_n(block.get() + text.size(), TP_FRAME_PADDING, uint8_t{'"'});
    const tp_frame frame{block.get(), static_cast<uint32_t>(text.size()), flags};
    return ops->decode(self, &frame, ctx());
  }

  std::string reply(const tp_reply& r) {
    return printed([&](uint8_t* out, size_t capacity) { return ops->reply(self, &r, out, capacity); });
  }
  std::string element(const tp_element& e, const tp_variant& v) {
    return printed([&](uint8_t* out, size_t capacity) { return ops->element(self, &e, &v, out, capacity); });
  }
  std::string envelope(const tp_envelope& e, uint32_t extras = 0) {
    const tp_variant v{sizeof v, TP_DATA_QUOTES, 0, extras, 0, e.series};
    return printed([&](uint8_t* out, size_t capacity) { return ops->envelope(self, &e, &v, out, capacity); });
  }
  std::string trade(const tp_trade& t, const tp_variant& v) {
    return printed([&](uint8_t* out, size_t capacity) { return ops->trade(self, &t, &v, out, capacity); });
  }
  std::string book_delta(const tp_book_delta& d, const tp_variant& v) {
    return printed([&](uint8_t* out, size_t capacity) { return ops->book_delta(self, &d, &v, out, capacity); });
  }

  const tp_dialect_host* table() const { return &table_; }
  tp_ctx* ctx() { return reinterpret_cast<tp_ctx*>(this); }

  const tp_dialect_ops* ops = nullptr;
  void* self = nullptr;
  std::vector<recorded_request> requests;
  std::vector<recorded_problem> problems;
  std::vector<std::string> logs, complaints;

private:
  /// Asks for the size first, then offers a block of exactly that size.
  template <class Print>
  static std::string printed(Print&& print) {
    const int64_t size = print(nullptr, 0);
    if (size < 0) throw std::runtime_error("printing failed");
    const auto block = std::make_unique<uint8_t[]>(static_cast<size_t>(size));
    if (print(block.get(), static_cast<size_t>(size)) != size) throw std::runtime_error("the size changed");
    return {reinterpret_cast<const char*>(block.get()), static_cast<size_t>(size)};
  }

  tp_dialect_host table_{};
};

} // namespace tickplant::hft::testing
