#include "dialect.hpp"

#include "reply_printer.hpp"

namespace tickplant::hft {

tp_dialect_ops dialect::defaults() {
  tp_dialect_ops ops{};
  ops.frame_flags = TP_FRAME_TEXT;
  ops.max_elements = 0;
  // The document's server sends every subscriber the quote and a book of five levels ("Market Data Generation").
  ops.default_data_types = TP_DATA_QUOTES | TP_DATA_ORDER_BOOK;
  ops.default_depth = 5;
  ops.default_frequency_ms = 100;
  ops.separator = sdk::to_tp(",");
  ops.tail = sdk::to_tp("]}");
  return ops;
}

void dialect::validate(sdk::settings settings, sdk::dialect_host host) {
  for (const auto& pair : settings.pairs())
    host.complain(sdk::view(pair.key), "the dialect hft has no settings: remove this key");
}

void dialect::decode(const tp_frame& frame, sdk::request_sink sink) {
  reader_.read(frame, sink);
}

void dialect::envelope(const tp_envelope& envelope, const tp_variant& variant, sdk::text_writer& out) {
  if (variant.extras & TP_EXTRA_SEQUENCE)
    line_printer::print_envelope(envelope, out);
  else
    quotes_.print_envelope(envelope, out);
}

void dialect::element(const tp_element& element, const tp_variant& variant, sdk::text_writer& out) {
  if (line_printer::is_for(variant))
    lines_.print_element(element, variant, out);
  else
    quotes_.print_element(element, variant, out);
}

void dialect::trade(const tp_trade& trade, const tp_variant& variant, sdk::text_writer& out) {
  lines_.print_trade(trade, variant, out);
}

void dialect::book_delta(const tp_book_delta& delta, const tp_variant& variant, sdk::text_writer& out) {
  lines_.print_delta(delta, variant, out);
}

void dialect::reply(const tp_reply& reply, sdk::text_writer& out) {
  print_reply(reply, out);
}

} // namespace tickplant::hft
