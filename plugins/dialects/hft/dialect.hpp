// The hft dialect: JSON text frames after the HFT Trading Platform's WebSocket document, version 1.0.0 (README.md).
// One instance serves one loop and is used by its thread alone; it keeps buffers, never anything about a client.
#pragma once

#include "line_printer.hpp"
#include "message_reader.hpp"
#include "quote_printer.hpp"

#include <tickplant/dialect.hpp>

namespace tickplant::hft {

class dialect {
public:
  static tp_dialect_ops defaults();
  /// Complains about every setting: this dialect has none.
  static void validate(sdk::settings, sdk::dialect_host);

  dialect(sdk::settings, sdk::dialect_host) {}

  void decode(const tp_frame&, sdk::request_sink);
  void envelope(const tp_envelope&, const tp_variant&, sdk::text_writer&);
  void element(const tp_element&, const tp_variant&, sdk::text_writer&);
  void reply(const tp_reply&, sdk::text_writer&);
  void trade(const tp_trade&, const tp_variant&, sdk::text_writer&);
  void book_delta(const tp_book_delta&, const tp_variant&, sdk::text_writer&);

private:
  message_reader reader_;
  quote_printer quotes_;
  line_printer lines_;
};

} // namespace tickplant::hft
