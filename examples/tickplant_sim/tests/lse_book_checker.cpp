#include "tickplant_sim/tests/lse_book_checker.hpp"

#include <algorithm>
#include <tuple>

namespace tickplant::sim::test {
namespace {

std::uint64_t number(std::span<const std::uint8_t> m, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value * 256 + m[at + i];
  return value;
}

std::int64_t price(std::span<const std::uint8_t> m, std::size_t at) {
  const auto word = number(m, at, 8);
  const auto magnitude = static_cast<std::int64_t>(word & 0x7FFF'FFFF'FFFF'FFFF);
  return word >> 63 != 0 ? -magnitude : magnitude;
}

const std::map<char, std::size_t> mitch_lengths{{'T', 6},  {'S', 7},  {'R', 65}, {'H', 28}, {'A', 44}, {'F', 45},
                                                {'D', 19}, {'U', 27}, {'y', 13}, {'E', 26}, {'C', 39}, {'P', 35},
                                                {'Q', 34}, {'I', 30}, {'w', 23}, {'q', 34}};
const std::map<char, std::size_t> gtp_lengths{{'S', 14}, {'p', 141}, {'H', 30}, {'F', 77}, {'U', 80}, {'D', 55},
                                              {'y', 22}, {'P', 66},  {'w', 77}, {'j', 50}, {'W', 94}};

constexpr std::uint64_t one = 100'000'000;

} // namespace

void lse_book_checker::broken(const std::string& what) {
  if (fault_.empty()) fault_ = "message " + std::to_string(messages_) + ": " + what;
}

std::uint64_t lse_book_checker::count(char type) const {
  const auto found = by_type_.find(static_cast<std::uint8_t>(type));
  return found == by_type_.end() ? 0 : found->second;
}

void lse_book_checker::apply(std::span<const std::uint8_t> m) {
  ++messages_;
  const std::size_t header = is_gtp_ ? 3 : 2;
  if (m.size() < header || number(m, 0, header - 1) != m.size()) return broken("wrong length");
  const char type = static_cast<char>(m[header - 1]);
  ++by_type_[static_cast<std::uint8_t>(type)];
  const auto& lengths = is_gtp_ ? gtp_lengths : mitch_lengths;
  if (const auto known = lengths.find(type); known == lengths.end() || known->second != m.size())
    return broken(std::string{"type "} + type + " with " + std::to_string(m.size()) + " bytes");
  if (is_gtp_)
    gtp(m, type);
  else
    mitch(m, type);
}

void lse_book_checker::add(order made) {
  made.rank = ++ranks_;
  market_orders_ += made.market ? 1 : 0;
  if (made.quantity == 0) broken("order of nothing");
  if (made.market != (made.price == 0)) broken("a market order with a price or a limit order without");
  is_open_for_orders(made.instrument, "add");
  if (!orders_.emplace(made.id, made).second) broken("order id used twice");
}

lse_book_checker::order* lse_book_checker::find(std::uint64_t id, const char* by) {
  const auto found = orders_.find(id);
  if (found != orders_.end()) return &found->second;
  broken(std::string{by} + " of an unknown order");
  return nullptr;
}

void lse_book_checker::set(order& of, std::uint64_t quantity, std::int64_t to, bool keeps_priority) {
  if (keeps_priority && to != of.price) broken("priority kept at another price");
  if (!keeps_priority) {
    of.rank = ++ranks_;
    ++priority_lost_;
  }
  of.quantity = quantity;
  of.price = to;
  if (quantity == 0) orders_.erase(of.id);
}

void lse_book_checker::remove(std::uint64_t id, const char* by) {
  if (find(id, by) != nullptr) orders_.erase(id);
}

void lse_book_checker::clear(std::uint64_t instrument, bool firm_quotes) {
  std::erase_if(orders_, [&](const auto& entry) {
    return entry.second.instrument == instrument && entry.second.firm_quote == firm_quotes;
  });
}

void lse_book_checker::forget(std::uint64_t instrument, bool firm_quotes) {
  clear(instrument, firm_quotes);
}

void lse_book_checker::count_print(std::uint64_t instrument, std::uint64_t match, std::int64_t quantity, bool cancels,
                                   bool amends) {
  auto& volume = instruments_[instrument].printed_volume;
  const auto known = prints_.find({instrument, match});
  cancelled_ += cancels ? 1 : 0;
  amended_ += amends ? 1 : 0;
  if (!cancels && !amends) {
    if (known != prints_.end()) broken("match id used twice");
    prints_[{instrument, match}] = {quantity, false};
    volume += quantity;
    return;
  }
  if (known == prints_.end() || known->second.cancelled) return broken("correction of a trade that is not there");
  volume -= known->second.quantity;
  known->second = {quantity, cancels};
  if (!cancels) volume += quantity;
}

void lse_book_checker::may_execute(std::uint64_t instrument, const char* by) {
  if (instruments_[instrument].status != 'T') broken(std::string{by} + " while not in regular trading");
}

void lse_book_checker::is_open_for_orders(std::uint64_t instrument, const char* by) {
  const char status = instruments_[instrument].status;
  if (std::string_view{"HGJKPt"}.find(status) != std::string_view::npos)
    broken(std::string{by} + " in status " + status);
}

void lse_book_checker::day_event(char event) {
  event_ = event;
  if (event != 'O') return;
  prints_.clear();
  for (auto& [instrument, state] : instruments_) state.printed_volume = 0;
}

void lse_book_checker::mitch(std::span<const std::uint8_t> m, char type) {
  if (type == 'T') {
    const auto told = number(m, 2, 4);
    if (told < seconds_) broken("seconds run backwards");
    seconds_ = told;
    last_ns_ = 0;
    return;
  }
  const auto ns = number(m, 2, 4);
  if (ns < last_ns_ || ns >= 1'000'000'000) broken("nanoseconds run backwards or past the second");
  if (seconds_ == 0) broken("no Time before the first message");
  last_ns_ = ns;
  const auto instrument = type == 'S' ? 0 : number(m, 6, 4); // a system event names none
  switch (type) {
    case 'S': day_event(static_cast<char>(m[6])); break;
    case 'R': instruments_[instrument].isin = std::string(m.begin() + 13, m.begin() + 25); break;
    case 'H':
      if ((m[13] & 0x20) == 0) instruments_[instrument].status = static_cast<char>(m[12]);
      break;
    case 'A':
    case 'F': {
      const auto flags = type == 'A' ? m[33] : m[44];
      add({number(m, 6, 8), number(m, 19, 4), (flags & 0x20) != 0, m[14] == 'B', (flags & 0x10) != 0, price(m, 25),
           number(m, 15, 4), 0});
      break;
    }
    case 'D':
      if (const auto* gone = find(number(m, 6, 8), "delete"); gone != nullptr) {
        if (gone->instrument != number(m, 15, 4) || gone->firm_quote != ((m[14] & 0x20) != 0))
          broken("delete of another instrument or book");
        orders_.erase(gone->id);
      }
      break;
    case 'U':
      if (auto* changed = find(number(m, 6, 8), "modify"); changed != nullptr) {
        if (changed->firm_quote != ((m[26] & 0x20) != 0)) broken("modify of another book");
        is_open_for_orders(changed->instrument, "modify");
        set(*changed, number(m, 14, 4), price(m, 18), (m[26] & 1) != 0);
      }
      break;
    case 'y': clear(instrument, (m[12] & 0x20) != 0); break;
    case 'E':
      if (auto* hit = find(number(m, 6, 8), "execution"); hit != nullptr) {
        const auto quantity = number(m, 14, 4);
        if (hit->market) broken("execution of a market order at its price");
        if (quantity == 0 || quantity > hit->quantity) return broken("executes more than is shown");
        may_execute(hit->instrument, "E");
        count_print(hit->instrument, number(m, 18, 8), static_cast<std::int64_t>(quantity), false, false);
        set(*hit, hit->quantity - quantity, hit->price, true);
      }
      break;
    case 'C':
      if (auto* hit = find(number(m, 6, 8), "execution"); hit != nullptr) {
        const auto quantity = number(m, 14, 4), left = number(m, 18, 4);
        if (m[30] == 'Y') {
          may_execute(hit->instrument, "C");
          count_print(hit->instrument, number(m, 22, 8), static_cast<std::int64_t>(quantity), false, false);
        }
        if (price(m, 31) <= 0) broken("executed at no price");
        refills_by_execution_ += left + quantity > hit->quantity ? 1 : 0;
        set(*hit, left, hit->price, true);
      }
      break;
    case 'P':
    case 'Q': {
      const auto flags = type == 'P' ? m[34] : m[33];
      auto& state = instruments_[number(m, 10, 4)];
      state.auction_trades += type == 'Q' && flags == 0 ? 1 : 0;
      count_print(number(m, 10, 4), number(m, 24, 8), static_cast<std::int64_t>(number(m, 6, 4)), (flags & 1) != 0,
                  (flags & 2) != 0);
      break;
    }
    case 'w':
      (m[12] == 'O' ? instruments_[instrument].official_open : instruments_[instrument].official_close) = price(m, 13);
      break;
    case 'q':
      if (instruments_[instrument].status != 'G') broken("top of book outside a level-1-only auction");
      break;
    default: break;
  }
}

void lse_book_checker::gtp(std::span<const std::uint8_t> m, char type) {
  const auto ns = number(m, 3, 8);
  if (ns < last_ns_) broken("time runs backwards");
  last_ns_ = ns;
  constexpr std::uint64_t firm = 1;
  const auto previous_is = [&](const order& of, std::size_t price_at, std::size_t size_at) {
    if (price(m, price_at) != of.price || number(m, size_at, 8) != of.quantity * one)
      broken("previous price or quantity is another");
  };
  switch (type) {
    case 'S': day_event(static_cast<char>(m[11])); break;
    case 'p': instruments_[number(m, 11, 8)].isin = std::string(m.begin() + 19, m.begin() + 31); break;
    case 'H':
      if (m[29] != firm) instruments_[number(m, 11, 8)].status = static_cast<char>(m[21]);
      break;
    case 'F':
      add({number(m, 11, 8), number(m, 28, 8), m[54] == firm, m[19] == 'B', m[66] == 1 || m[66] == 4, price(m, 36),
           number(m, 20, 8) / one, 0});
      break;
    case 'U':
      if (auto* changed = find(number(m, 11, 8), "modify"); changed != nullptr) {
        if (changed->instrument != number(m, 19, 8) || changed->buy != (m[27] == 'B'))
          broken("modify of another instrument or side");
        previous_is(*changed, 56, 64);
        is_open_for_orders(changed->instrument, "modify");
        set(*changed, number(m, 30, 8) / one, price(m, 38), (m[28] & 1) != 0);
      }
      break;
    case 'D':
      if (const auto* gone = find(number(m, 11, 8), "delete"); gone != nullptr) {
        if (gone->instrument != number(m, 19, 8) || gone->buy != (m[27] == 'B'))
          broken("delete of another instrument or side");
        previous_is(*gone, 31, 39);
        orders_.erase(gone->id);
      }
      break;
    case 'y': clear(number(m, 13, 8), m[21] == firm); break;
    case 'P': {
      const auto kind = m[61];
      const bool cancels = kind == 9 || kind == 23, amends = kind == 11 || kind == 24;
      if (cancels != ((m[63] & 1) != 0) || amends != ((m[63] & 2) != 0)) broken("flags and trade type disagree");
      if (kind == 0 && m[64] == 1) may_execute(number(m, 29, 8), "visible trade");
      instruments_[number(m, 29, 8)].auction_trades += kind == 1 ? 1 : 0;
      count_print(number(m, 29, 8), number(m, 53, 8), static_cast<std::int64_t>(number(m, 21, 8) / one), cancels,
                  amends);
      break;
    }
    case 'j': {
      auto& state = instruments_[number(m, 11, 8)];
      if (number(m, 21, 2) == 2) state.official_open = price(m, 23);
      if (number(m, 21, 2) == 3) state.official_close = price(m, 23);
      break;
    }
    case 'w':
      if (static_cast<std::int64_t>(number(m, 29, 8) / 10'000) != instruments_[number(m, 11, 8)].printed_volume)
        broken("the statistics tell another volume than the trades");
      break;
    default: break;
  }
}

std::vector<lse_book_checker::order> lse_book_checker::side(std::uint64_t instrument, bool firm_quotes,
                                                            bool buy) const {
  std::vector<order> out;
  for (const auto& [id, of] : orders_)
    if (of.instrument == instrument && of.firm_quote == firm_quotes && of.buy == buy) out.push_back(of);
  std::sort(out.begin(), out.end(), [buy](const order& a, const order& b) {
    return std::tuple{!a.market, buy ? -a.price : a.price, a.rank} <
           std::tuple{!b.market, buy ? -b.price : b.price, b.rank};
  });
  return out;
}

bool lse_book_checker::is_crossed(std::uint64_t instrument) const {
  std::int64_t bid = 0, ask = INT64_MAX;
  for (const auto& [id, of] : orders_) {
    if (of.instrument != instrument || of.firm_quote || of.market) continue;
    if (of.buy)
      bid = std::max(bid, of.price);
    else
      ask = std::min(ask, of.price);
  }
  return bid >= ask;
}

} // namespace tickplant::sim::test
