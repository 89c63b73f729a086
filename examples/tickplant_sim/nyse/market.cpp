#include "tickplant_sim/nyse/market.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tickplant::sim::nyse {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::string_view not_attributed = "     ";
constexpr std::array<std::string_view, 3> firms{"GSCO", "MSCO", "CDRG"};

flow_options flow_for(flow_options flow, const std::vector<listed_stock>& stocks) {
  flow.symbols.clear();
  for (const auto& stock : stocks) flow.symbols.push_back({stock.symbol, stock.price, 0.02});
  return flow;
}

char cross_letter(auction kind) noexcept {
  return kind == auction::open ? 'O' : kind == auction::reopen ? '5' : '6';
}

char imbalance_letter(auction kind) noexcept {
  return kind == auction::open ? 'M' : kind == auction::reopen ? 'H' : 'C';
}

} // namespace

market::market(market_options options)
  : stocks_{std::move(options.stocks)}, flow_{flow_for(std::move(options.flow), stocks_)}, states_(stocks_.size()) {
  for (std::size_t i = 0; i < count(); ++i) {
    flow_.set_trading(i, false);
    states_[i].figures.close = price(i, flow_.reference_tick(i));
  }
}

std::optional<std::size_t> market::find(std::uint32_t symbol_index) const noexcept {
  for (std::size_t i = 0; i < count(); ++i)
    if (stocks_[i].index == symbol_index) return i;
  return std::nullopt;
}

void market::begin_writing(message_buffer& out, std::int64_t unix_ns) {
  out_ = xdp_encoder{out};
  unix_ns_ = unix_ns;
}

message_stamp market::plain_stamp(std::size_t i) {
  const auto seconds = static_cast<std::uint32_t>(unix_ns_ / second_ns);
  return {seconds, static_cast<std::uint32_t>(unix_ns_ % second_ns), stocks_[i].index, 0};
}

message_stamp market::next_stamp(std::size_t i) {
  auto stamp = plain_stamp(i);
  if (stamp.seconds != second_) {
    second_ = stamp.seconds;
    out_.source_time(partition, second_);
  }
  stamp.symbol_sequence = ++states_[i].sequence;
  return stamp;
}

void market::count_print(std::size_t i, raw_price at, std::uint32_t volume) {
  auto& figures = states_[i].figures;
  if (figures.volume == 0 && figures.high == 0) figures.open = figures.low = figures.high = at;
  figures.high = std::max(figures.high, at);
  figures.low = std::min(figures.low, at);
  figures.close = at;
  figures.volume += volume;
}

void market::add(std::size_t i, const resting_order& order, bool attributed) {
  out_.add_order(next_stamp(i), order.reference, price(i, order.tick), order.shares, order.s,
                 attributed ? firms[flow_.random().below(firms.size())] : not_attributed);
}

void market::execute(std::size_t i, const resting_order& order, const flow_execution& execution) {
  const auto at = price(i, execution.tick);
  out_.execution(next_stamp(i), order.reference, static_cast<std::uint32_t>(execution.match), at, execution.shares,
                 execution.printable);
  if (execution.printable) count_print(i, at, execution.shares);
}

void market::reduce(std::size_t i, const resting_order& order, std::uint32_t shares) {
  out_.modify_order(next_stamp(i), order.reference, price(i, order.tick), order.shares - shares, order.s);
}

void market::remove(std::size_t i, const resting_order& order) {
  out_.delete_order(next_stamp(i), order.reference);
}

void market::replace(std::size_t i, const resting_order& old_order, const resting_order& order) {
  out_.replace_order(next_stamp(i), old_order.reference, order.reference, price(i, order.tick), order.shares, order.s);
}

void market::hidden_trade(std::size_t i, std::uint32_t shares, tick_count tick, std::uint64_t match) {
  out_.non_displayed_trade(next_stamp(i), static_cast<std::uint32_t>(match), price(i, tick), shares, true);
  count_print(i, price(i, tick), shares);
}

void market::cross(std::size_t i, auction kind, std::uint64_t shares, tick_count tick, std::uint64_t match) {
  auto& state = states_[i];
  state.last_cross = static_cast<std::uint32_t>(match);
  state.last_cross_volume = static_cast<std::uint32_t>(shares);
  state.imbalance.reset();
  const auto at = price(i, tick);
  // The part of the auction that was not displayed, printed with the cross and not by itself.
  out_.non_displayed_trade(next_stamp(i), state.last_cross + 1'000'000'000, at, state.last_cross_volume, false);
  out_.cross_trade(next_stamp(i), state.last_cross, at, state.last_cross_volume, cross_letter(kind));
  count_print(i, at, state.last_cross_volume);
}

void market::imbalance(std::size_t i, const flow_imbalance& figure) {
  auction_imbalance told;
  told.reference = told.continuous_clearing = price(i, figure.reference);
  told.auction_clearing = price(i, figure.far);
  told.paired = static_cast<std::uint32_t>(figure.paired_shares);
  told.imbalance = static_cast<std::uint32_t>(figure.imbalance_shares);
  told.auction_time = figure.kind == auction::close ? 1600 : 930;
  told.auction_type = imbalance_letter(figure.kind);
  told.side = figure.direction == 'N' ? ' ' : figure.direction;
  states_[i].imbalance = told;
  out_.imbalance(next_stamp(i), told);
}

void market::break_trade(std::size_t i, std::uint64_t match) {
  out_.trade_cancel(next_stamp(i), static_cast<std::uint32_t>(match));
}

void market::uncross(std::size_t i, auction kind) {
  flow_.cross(i, kind, *this);
}

void market::correct_cross(std::size_t i) {
  auto& state = states_[i];
  if (state.last_cross == 0) return;
  state.last_cross_volume += 100;
  state.figures.volume += 100;
  out_.cross_correction(next_stamp(i), state.last_cross, state.last_cross_volume);
}

void market::reset() {
  message_stamp stamp;
  stamp.seconds = static_cast<std::uint32_t>(unix_ns_ / second_ns);
  stamp.nanoseconds = static_cast<std::uint32_t>(unix_ns_ % second_ns);
  out_.sequence_reset(stamp, product_id, channel_id);
}

void market::map(std::size_t i) {
  const auto& stock = stocks_[i];
  out_.mapping({stock.index, stock.symbol, stock.listed_on, stock.price_scale, stock.security_type,
                raw_price_of(stock, static_cast<tick_count>(stock.price * 100)), 1'000'000});
}

void market::clear(std::size_t i) {
  out_.symbol_clear(plain_stamp(i), states_[i].sequence + 1);
}

void market::set_status(std::size_t i, char status, char halt_condition, char market_state) {
  states_[i].security = {status, halt_condition, market_state};
  flow_.set_trading(i, market_state == 'O' && halt_condition == '~');
  out_.security_status(next_stamp(i), states_[i].security);
}

void market::tell_state(std::size_t i, bool numbered) {
  const auto stamp = [&] {
    if (numbered) return next_stamp(i);
    auto out = plain_stamp(i);
    out.symbol_sequence = states_[i].sequence;
    return out;
  };
  const auto& state = states_[i];
  if (!numbered && state.imbalance) out_.imbalance(stamp(), *state.imbalance);
  out_.security_status(stamp(), state.security);
  if (numbered && state.imbalance) out_.imbalance(stamp(), *state.imbalance);
  for (const side s : {side::buy, side::sell})
    flow_.book(i).visit_orders(s, [&](const resting_order& order) {
      out_.add_order_refresh(stamp(), order.reference, price(i, order.tick), order.shares, order.s);
    });
}

void market::retail_interest(std::size_t i, char sides) {
  out_.retail_interest(next_stamp(i), sides);
}

void market::summary(std::size_t i) {
  out_.stock_summary(plain_stamp(i), states_[i].figures);
}

void market::close(std::size_t i) {
  set_status(i, 'X', '~', 'X');
  flow_.drop_orders(i);
}

} // namespace tickplant::sim::nyse
