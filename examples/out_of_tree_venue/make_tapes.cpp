// Writes the tapes that prove the harbour plugin: a good day, and days on which its snapshot server has to help.
#include "protocol.hpp"

#include <tickplant/testing/tape.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

namespace {

using tickplant::sdk::testing::step_kind;
using tickplant::sdk::testing::tape;
using tickplant::sdk::testing::tape_bytes;
using tickplant::sdk::testing::tape_expectation;
using tickplant::sdk::testing::tape_reaction;

template <class Number>
void put(tape_bytes& to, Number value) {
  const auto* at = reinterpret_cast<const uint8_t*>(&value);
  to.insert(to.end(), at, at + sizeof value);
}

/// The exchange: its books, and the messages that change them.
class exchange {
public:
  struct level {
    uint32_t quantity;
    uint16_t orders;
  };
  using level_map = std::map<std::pair<char, int64_t>, level>;

  tape_bytes instrument(uint16_t id, std::string name) {
    names[id] = name;
    name.resize(8, ' ');
    tape_bytes m{13, 'I'};
    put(m, id);
    put(m, int8_t{-2});
    m.insert(m.end(), name.begin(), name.end());
    books[id];
    return m;
  }
  tape_bytes step(std::mt19937_64& random) {
    const auto id = static_cast<uint16_t>(1 + random() % books.size());
    if (random() % 10 == 0) {
      tape_bytes m{20, 'T'};
      const auto quantity = static_cast<uint32_t>(1 + random() % 100);
      put(m, id);
      put(m, static_cast<int64_t>(10'000 * id));
      put(m, quantity);
      put(m, ++last_trade);
      auto& prints = printed[id];
      ++prints.trades;
      prints.volume += quantity;
      return m;
    }
    const char side = random() % 2 == 0 ? 'B' : 'S';
    const auto distance = static_cast<int64_t>(1 + random() % 10);
    const int64_t price = 10'000 * id + (side == 'B' ? -distance : distance);
    auto& book = books[id];
    level now{static_cast<uint32_t>(random() % 4 == 0 ? 0 : 100 + random() % 900),
              static_cast<uint16_t>(1 + random() % 5)};
    if (now.quantity == 0 && book.erase({side, price}) == 0) now.quantity = 1; // nothing to take away
    if (now.quantity != 0) book[{side, price}] = now;
    return level_message(id, side, price, now);
  }
  static tape_bytes level_message(uint16_t id, char side, int64_t price, level now) {
    tape_bytes m{19, 'L'};
    append_level(m, id, side, price, now);
    return m;
  }
  /// What the snapshot server says of everything, when `number` was the last message.
  tape_bytes snapshot(uint64_t number) const {
    tape_bytes all;
    for (const auto& [id, book] : books) {
      tape_bytes body;
      put(body, id);
      put(body, number);
      frame(all, 'B', body);
      for (const auto& [at, now] : book) {
        body.clear();
        append_level(body, id, at.first, at.second, now);
        frame(all, 'L', body);
      }
      body.clear();
      put(body, id);
      frame(all, 'E', body);
    }
    frame(all, 'Z', {});
    return all;
  }

  /// What the plugin has to show at the end, in the words of a tape: told by the exchange, so that a plugin that
  /// misreads every price alike is found out.
  void tell_books(tape& to) const {
    for (const auto& [id, book] : books) {
      tickplant::sdk::testing::tape_book told{names.at(id), {}, {}};
      for (auto at = book.rbegin(); at != book.rend(); ++at)
        if (at->first.first == 'B')
          told.bids.emplace_back(decimal(at->first.second), std::to_string(at->second.quantity));
      for (const auto& [at, now] : book)
        if (at.first == 'S') told.asks.emplace_back(decimal(at.second), std::to_string(now.quantity));
      to.books.push_back(std::move(told));
    }
  }
  void tell_trades(tape& to) const {
    for (const auto& [id, prints] : printed) {
      to.figures.push_back({names.at(id), "trades", std::to_string(prints.trades)});
      to.figures.push_back({names.at(id), "volume", std::to_string(prints.volume)});
      to.figures.push_back({names.at(id), "last", decimal(10'000 * id)});
    }
  }

  struct tally {
    uint32_t trades = 0;
    uint64_t volume = 0;
  };
  std::map<uint16_t, level_map> books;
  std::map<uint16_t, std::string> names;
  std::map<uint16_t, tally> printed;
  uint32_t last_trade = 0;

private:
  /// Two decimals, as the definitions say.
  static std::string decimal(int64_t price) {
    const auto cents = std::to_string(100 + price % 100).substr(1);
    return std::to_string(price / 100) + '.' + cents;
  }
  static void append_level(tape_bytes& to, uint16_t id, char side, int64_t price, level now) {
    put(to, id);
    to.push_back(static_cast<uint8_t>(side));
    put(to, price);
    put(to, now.quantity);
    put(to, now.orders);
  }
  static void frame(tape_bytes& to, char type, const tape_bytes& body) {
    put(to, static_cast<uint16_t>(3 + body.size()));
    to.push_back(static_cast<uint8_t>(type));
    to.insert(to.end(), body.begin(), body.end());
  }
};

tape_bytes datagram(uint64_t number, const std::vector<tape_bytes>& messages) {
  tape_bytes d{'H', 'B', static_cast<uint8_t>(messages.size()), 0};
  put(d, uint32_t{20'261'130});
  put(d, number);
  for (const auto& m : messages) d.insert(d.end(), m.begin(), m.end());
  return d;
}

struct day_options {
  size_t lost_at = SIZE_MAX; // datagram that neither line brings
  bool has_server = true;
};

tape day(const day_options& wanted) {
  tape t;
  t.settings = {{"lines.a", "udp://127.0.0.1:9001"}, {"lines.b", "udp://127.0.0.1:9002"}};
  t.settings.emplace_back("lines.snapshot", "tcp://127.0.0.1:9003");
  std::mt19937_64 random{1};
  exchange venue;
  uint64_t number = 1;
  tape_bytes picture;
  const auto both = [&](const tape_bytes& d, bool is_lost) {
    if (!is_lost)
      for (const char* line : {"a", "b"}) t.steps.push_back({step_kind::unit, 0, line, d, 0});
    t.steps.push_back({step_kind::wait, 1'000'000, {}, {}, 0});
  };
  std::vector<tape_bytes> first;
  for (const char* name : {"PILOT", "ANCHOR", "LANTERN"})
    first.push_back(venue.instrument(static_cast<uint16_t>(first.size() + 1), name));
  first.push_back({2, 'D'});
  both(datagram(number, first), false);
  number += first.size();
  for (size_t i = 0; i < 400; ++i) {
    std::vector<tape_bytes> messages;
    for (size_t m = 1 + random() % 4; m > 0; --m) messages.push_back(venue.step(random));
    both(datagram(number, messages), i == wanted.lost_at);
    number += messages.size();
    // The picture that the server has when it is asked, some time after the loss.
    if (i == wanted.lost_at + 20 || (wanted.lost_at == SIZE_MAX && i == 0)) picture = venue.snapshot(number - 1);
  }
  both(datagram(number, {}), false);
  if (wanted.lost_at != SIZE_MAX && wanted.has_server) {
    // It answers 20 ms after the loss, with the picture of that moment.
    tape_reaction server;
    server.line = "snapshot";
    server.pattern = {'S', 'N', 'A', 'P'};
    server.steps.push_back({step_kind::wait, 20'000'000, {}, {}, 0});
    server.steps.push_back({step_kind::bytes, 0, "snapshot", picture, 0});
    server.steps.push_back({step_kind::close, 0, "snapshot", {}, 0});
    t.reactions.push_back(server);
    t.demands.push_back({"snapshot", {'S', 'N', 'A', 'P'}, 1});
  }
  if (wanted.has_server) venue.tell_books(t);
  if (wanted.lost_at == SIZE_MAX) venue.tell_trades(t);
  if (!wanted.has_server) t.refused.push_back("snapshot");
  return t;
}

void save(const std::filesystem::path& folder, const std::string& name, const tape& what) {
  std::ofstream file{folder / (name + ".tape"), std::ios::binary};
  file << to_text(what);
  std::printf("%s\n", name.c_str());
}

} // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: make_tapes FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder{words[1]};
  std::filesystem::create_directories(folder);
  save(folder, "good_day", day({}));
  auto healed = day({150, true});
  healed.like = "good_day";
  save(folder, "lost_and_healed", healed);
  auto stale = day({150, false});
  stale.like = "good_day";
  stale.expect = tape_expectation::stale;
  save(folder, "lost_and_refused", stale);
  return 0;
}
