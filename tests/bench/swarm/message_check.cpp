#include "message_check.hpp"

#include <charconv>

namespace tickplant::load {

namespace {

constexpr size_t most_faults = 20, most_quoted = 400;
// A server that invents streams must not fill our memory.
constexpr size_t most_streams = 1'000'000;

} // namespace

/// The keys of an element of `symbols` or `results` that are looked at.
struct message_check::entry {
  std::string_view symbol, exchange, stream, status;
  std::optional<uint64_t> sequence, previous, to;
  std::optional<int64_t> sent_us, code;
  int64_t epoch = 0;

  void take(std::string_view key, simdjson::ondemand::value value) {
    if (key == "symbol")
      symbol = value.get_string();
    else if (key == "exchange")
      exchange = value.get_string();
    else if (key == "stream")
      stream = value.get_string();
    else if (key == "status")
      status = value.get_string();
    else if (key == "sequence")
      sequence = uint64_t{value.get_uint64()};
    else if (key == "prevSequence")
      previous = uint64_t{value.get_uint64()};
    else if (key == "to")
      to = uint64_t{value.get_uint64()};
    else if (key == "sentUs")
      sent_us = int64_t{value.get_int64()};
    else if (key == "code")
      code = int64_t{value.get_int64()};
    else if (key == "epoch")
      epoch = value.get_int64();
  }
};

void message_check::read(std::string_view text, client_memory& client, int64_t now_us) {
  try {
    auto document = parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    read_object(document.get_object(), text, client, now_us);
  } catch (const simdjson::simdjson_error& fault) {
    ++counts_.unreadable;
    note(client, fault.what(), text);
  }
}

void message_check::read_object(simdjson::ondemand::object object, std::string_view text, client_memory& client,
                                int64_t now_us) {
  std::string_view type;
  std::optional<int64_t> code;
  entry gap;
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    if (key == "type") {
      type = field.value().get_string();
    } else if (key == "sequence") {
      take_number(field.value().get_uint64(), text, client);
    } else if (key == "code") {
      code = int64_t{field.value().get_int64()};
    } else if (key == "symbols") {
      // Names alone in the answer to UNSUBSCRIBE and the like.
      if (type == "MARKET_DATA" || type == "STREAM_STATUS")
        read_entries(field.value(), list_of::states, client, now_us);
      else if (type == "TRADE" || type == "BOOK_DELTA")
        read_entries(field.value(), list_of::changes, client, now_us);
      else if (type == "SNAPSHOT")
        read_entries(field.value(), list_of::snapshots, client, now_us);
    } else if (key == "results") {
      read_entries(field.value(), list_of::results, client, now_us);
      counts_.subscribed += client.is_subscribed ? 0 : 1;
      client.is_subscribed = true;
    } else if (type == "GAP") {
      gap.take(key, field.value());
    }
  }
  if (gap.to) leave_out(gap, client);
  if (type == "MARKET_DATA") {
    ++counts_.market_data;
  } else if (type == "ERROR" || type == "AUTH_FAILED") {
    ++counts_.errors[code.value_or(0)];
    note(client, "refused", text);
  } else if (type.empty()) {
    ++counts_.unreadable;
    note(client, "no type", text);
  }
}

void message_check::take_number(uint64_t sequence, std::string_view text, client_memory& client) {
  if (client.sequence && sequence != *client.sequence + 1) {
    ++counts_.gaps;
    note(client, "message " + std::to_string(sequence) + " follows " + std::to_string(*client.sequence), text);
  }
  client.sequence = sequence;
  ++counts_.numbered;
}

void message_check::skim(std::string_view text, client_memory& client, int64_t now_us) {
  constexpr std::string_view kind = R"({"type":"MARKET_DATA")", list = R"("symbols":[)", number = R"("sequence":)",
                             first_key = R"({"symbol":")";
  constexpr size_t longest_envelope = 256;
  const auto head = text.substr(0, longest_envelope);
  const size_t begin = head.find(list);
  if (!head.starts_with(kind) || begin == std::string_view::npos) return read(text, client, now_us);
  if (const size_t at = head.substr(0, begin).find(number); at != std::string_view::npos) {
    uint64_t sequence = 0;
    std::from_chars(head.data() + at + number.size(), head.data() + begin, sequence);
    take_number(sequence, text, client);
  }
  ++counts_.market_data;
  for (size_t at = begin; (at = text.find(first_key, at)) != std::string_view::npos; at += first_key.size()) {
    ++counts_.updates;
    ++client.updates;
  }
}

void message_check::read_entries(simdjson::ondemand::array entries, list_of what, client_memory& client,
                                 int64_t now_us) {
  for (auto element : entries) {
    entry one;
    for (auto field : element.get_object()) {
      const std::string_view key = field.unescaped_key();
      one.take(key, field.value());
    }
    switch (what) {
      case list_of::states: take(one, client, now_us); break;
      case list_of::changes: take_change(one, client, now_us); break;
      case list_of::snapshots: begin_line(one, client); break;
      case list_of::results: take_result(one, client); break;
    }
  }
}

void message_check::take_result(const entry& one, const client_memory& client) {
  if (!one.code) return;
  ++counts_.refused[*one.code];
  note(client, "symbol refused with code " + std::to_string(*one.code), one.symbol);
}

void message_check::take(const entry& one, client_memory& client, int64_t now_us) {
  if (!one.status.empty()) {
    ++counts_.statuses[std::string{one.status}];
    if (one.status == "stale") note(client, one.status, one.symbol);
    return;
  }
  ++counts_.updates;
  ++client.updates;
  if (one.sequence) check_order(one, client);
  if (one.sent_us) counts_.latency.add(now_us - *one.sent_us);
}

client_memory::mark* message_check::mark_of(const entry& one, client_memory& client) {
  const size_t number = stream_number(one);
  if (number >= most_streams) return nullptr;
  if (number >= client.streams.size()) client.streams.resize(number + 1);
  return &client.streams[number];
}

void message_check::take_change(const entry& one, client_memory& client, int64_t now_us) {
  ++counts_.changes;
  ++client.changes;
  if (one.sent_us) counts_.latency.add(now_us - *one.sent_us);
  auto* mark = one.sequence ? mark_of(one, client) : nullptr;
  if (!mark) return;
  const uint64_t before = one.previous.value_or(*one.sequence - 1);
  if (one.epoch == mark->epoch && mark->sequence != before) {
    ++counts_.holes;
    note(client, name_ + ": " + std::to_string(*one.sequence) + " comes after " + std::to_string(before) +
                   ", not after " + std::to_string(mark->sequence));
  }
  *mark = {one.epoch, *one.sequence};
}

void message_check::begin_line(const entry& one, client_memory& client) {
  if (!one.sequence) return;
  if (auto* mark = mark_of(one, client)) *mark = {one.epoch, *one.sequence};
}

void message_check::leave_out(const entry& one, client_memory& client) {
  if (!one.to) return;
  if (auto* mark = mark_of(one, client)) *mark = {one.epoch, *one.to};
}

void message_check::check_order(const entry& one, client_memory& client) {
  ++counts_.ordered;
  auto* of_stream = mark_of(one, client);
  if (!of_stream) return;
  auto& mark = *of_stream;
  if (one.epoch == mark.epoch && *one.sequence < mark.sequence) {
    ++counts_.went_back;
    note(client, name_ + ": " + std::to_string(*one.sequence) + " after " + std::to_string(mark.sequence));
  }
  if (one.epoch == mark.epoch && *one.sequence > mark.sequence + 1) counts_.missed += *one.sequence - mark.sequence - 1;
  mark = {one.epoch, *one.sequence};
}

size_t message_check::stream_number(const entry& one) {
  name_ = one.stream;
  if (name_.empty()) name_.append(one.exchange).append(":").append(one.symbol);
  const auto found = streams_.find(name_);
  if (found != streams_.end()) return found->second;
  const size_t number = streams_.size();
  if (number < most_streams) streams_.emplace(name_, number);
  return number;
}

void message_check::note(const client_memory& client, std::string_view what, std::string_view text) {
  if (counts_.faults.size() >= most_faults) return;
  auto& line = counts_.faults.emplace_back("client " + std::to_string(client.number) + ": ");
  line.append(what);
  if (!text.empty()) line.append(": ").append(text.substr(0, most_quoted));
}

} // namespace tickplant::load
