#include "tickplant_sim/nasdaq/order_flow.hpp"

#include <array>

namespace tickplant::sim::nasdaq {
namespace {

constexpr std::array<std::string_view, 4> participants{"NSDQ", "GSCO", "MSCO", "JPMS"};

price4 price_of(tick_count tick) noexcept {
  return static_cast<price4>(tick) * tick_value;
}

auction auction_of(char cross_type) noexcept {
  return cross_type == 'O' ? auction::open : cross_type == 'C' ? auction::close : auction::reopen;
}

char letter_of(auction kind) noexcept {
  return kind == auction::open ? 'O' : kind == auction::close ? 'C' : 'H';
}

class itch_sink final : public flow_sink {
public:
  itch_sink(order_flow& flow, std::uint64_t now_ns, itch_encoder& out) noexcept
    : flow_{flow}, now_ns_{now_ns}, out_{out} {}

  void add(std::size_t symbol, const resting_order& o, bool attributed) override {
    if (attributed)
      out_.add_attributed_order(head(symbol), o.reference, o.s, o.shares, flow_.stock(symbol), price_of(o.tick),
                                participants[flow_.random().below(participants.size())]);
    else
      out_.add_order(head(symbol), o.reference, o.s, o.shares, flow_.stock(symbol), price_of(o.tick));
  }
  void execute(std::size_t symbol, const resting_order& o, const flow_execution& e) override {
    if (e.states_price)
      out_.order_executed_with_price(head(symbol), o.reference, e.shares, e.match, e.printable, price_of(e.tick));
    else
      out_.order_executed(head(symbol), o.reference, e.shares, e.match);
  }
  void reduce(std::size_t symbol, const resting_order& o, std::uint32_t shares) override {
    out_.order_cancel(head(symbol), o.reference, shares);
  }
  void remove(std::size_t symbol, const resting_order& o) override { out_.order_delete(head(symbol), o.reference); }
  void replace(std::size_t symbol, const resting_order& old_order, const resting_order& o) override {
    out_.order_replace(head(symbol), old_order.reference, o.reference, o.shares, price_of(o.tick));
  }
  void hidden_trade(std::size_t symbol, std::uint32_t shares, tick_count tick, std::uint64_t match) override {
    out_.hidden_trade(head(symbol), shares, flow_.stock(symbol), price_of(tick), match);
  }
  void cross(std::size_t symbol, auction kind, std::uint64_t shares, tick_count tick, std::uint64_t match) override {
    out_.cross_trade(head(symbol), shares, flow_.stock(symbol), price_of(tick), match, letter_of(kind));
  }
  void imbalance(std::size_t symbol, const flow_imbalance& i) override {
    const auto reference = price_of(i.reference);
    out_.net_order_imbalance(head(symbol), {i.paired_shares, i.imbalance_shares, i.direction, flow_.stock(symbol),
                                            price_of(i.far), reference, reference, letter_of(i.kind), 'L'});
  }
  void break_trade(std::size_t symbol, std::uint64_t match) override { out_.broken_trade(head(symbol), match); }

private:
  message_head head(std::size_t symbol) const noexcept { return flow_.head(symbol, now_ns_); }

  order_flow& flow_;
  std::uint64_t now_ns_;
  itch_encoder& out_;
};

} // namespace

void order_flow::step(std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  sim::order_flow::step(now_ns, sink);
}

void order_flow::add_order(std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  sim::order_flow::add_order(index, sink);
}

void order_flow::hidden_trade(std::size_t index, std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  sim::order_flow::hidden_trade(index, sink);
}

void order_flow::cross(std::size_t index, char cross_type, std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  sim::order_flow::cross(index, auction_of(cross_type), sink);
}

void order_flow::announce_imbalance(std::size_t index, char cross_type, std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  sim::order_flow::announce_imbalance(index, auction_of(cross_type), sink);
}

bool order_flow::break_trade(std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  return sim::order_flow::break_trade(sink);
}

bool order_flow::delete_one(std::uint64_t now_ns, itch_encoder& out) {
  itch_sink sink{*this, now_ns, out};
  return sim::order_flow::delete_one(sink);
}

} // namespace tickplant::sim::nasdaq
