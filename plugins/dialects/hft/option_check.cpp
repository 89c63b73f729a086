// What a client chooses: options of a subscription, places to go on from, and what HELLO says.
#include "message_reader.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tickplant::hft {

namespace {

bool is_our_encoding(std::string_view name) {
  constexpr std::string_view ours = "json";
  return std::ranges::equal(name, ours, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; });
}

} // namespace

problem message_reader::check_options(tp_request& request, bool is_resume) {
  if (const problem p = check_data_types(request)) return p;
  if (const problem p = check_whole(frequency, max_frequency_ms, request.frequency_ms)) return p;
  if (const problem p = check_whole(depth, max_depth, request.depth)) return p;
  if (const problem p = check_fields(request)) return p;
  if (const problem p = check_choice(mode, mode_names, request.mode)) return p;
  if (const problem p = check_choice(on_slow, slow_names, request.on_slow)) return p;
  if (const problem p = check_filter(request)) return p;
  if (is_resume || !is_named(rewind)) return {};
  words_.say("rewind is not served: go on from a place that you know, by resume");
  return fault(rewind, unsupported_action);
}

problem message_reader::check_data_types(tp_request& request) {
  const auto& list = at(data_types);
  if (!is_named(data_types)) return {};
  const auto refuse = [&] {
    words_.say(": allowed are");
    for (size_t i = 0; i < data_type_names.size(); ++i) words_.say(i == 0 ? " " : ", ").say(data_type_names[i].name);
    return fault(data_types);
  };
  if (list.kind != json::array) {
    words_.say("dataTypes is ").say(words_of(list.kind)).say(", not an array");
    return refuse();
  }
  if (list.count == 0) {
    words_.say("dataTypes is empty: name at least one or leave the key out");
    return refuse();
  }
  if (list.count > data_type_names.size()) {
    words_.say("dataTypes has ").say(uint64_t{list.count}).say(" entries");
    return refuse();
  }
  uint32_t n = 0;
  const uint32_t place = places_[data_types];
  for (uint32_t i = tree_.first(place); i < tree_.end(place); i = tree_[i].next, ++n) {
    const auto& v = tree_[i];
    const auto known = std::ranges::find(data_type_names, v.text, &data_type_name::name);
    if (v.kind == json::string && known != data_type_names.end()) {
      request.data_types |= known->bit;
      continue;
    }
    words_.say("dataTypes[").say(uint64_t{n}).say("] ");
    if (v.kind == json::string)
      words_.say_quoted(v.text).say(" is unknown");
    else
      words_.say("is ").say(words_of(v.kind)).say(", not a string");
    return refuse();
  }
  return {};
}

problem message_reader::check_whole(key k, uint32_t limit, uint32_t& out) {
  const auto& v = at(k);
  if (!is_named(k)) return {};
  if (v.kind == json::number && v.number >= 0 && v.number <= limit && v.number == std::floor(v.number)) {
    out = static_cast<uint32_t>(v.number);
    return {};
  }
  words_.say(key_names[k]).say(" is ");
  if (v.kind == json::number)
    words_.say(v.raw.substr(0, 32));
  else
    words_.say(words_of(v.kind));
  words_.say(k == frequency ? ": send milliseconds between updates as a whole number, 0 to "
                            : ": send levels a side as a whole number, 0 to ");
  words_.say(uint64_t{limit});
  return fault(k);
}

template <size_t Size>
problem message_reader::check_choice(key k, const std::array<choice_name, Size>& names, uint32_t& out) {
  if (!is_named(k)) return {};
  const auto& v = at(k);
  const auto known = std::ranges::find(names, v.text, &choice_name::name);
  if (v.kind == json::string && known != names.end()) {
    out = known->value;
    return {};
  }
  words_.say(key_names[k]).say(" is ").say_value(v).say(": allowed are");
  for (size_t i = 0; i < names.size(); ++i) words_.say(i == 0 ? " " : ", ").say(names[i].name);
  return fault(k);
}

problem message_reader::check_fields(tp_request& request) {
  if (!is_named(fields)) return {};
  const auto refuse = [&](std::string_view why) {
    words_.say(why).say(": allowed are");
    bool is_first = true;
    for (const auto& known : field_names) {
      if (known.value == 0) continue; // always there
      words_.say(std::exchange(is_first, false) ? " " : ", ").say(known.name);
    }
    return fault(fields);
  };
  const auto& list = at(fields);
  if (list.kind != json::array) {
    words_.say("fields is ").say(words_of(list.kind));
    return refuse(", not an array");
  }
  request.choices |= TP_CHOICE_FIELDS;
  if (list.count > 64) return refuse("fields has too many entries");
  uint32_t n = 0;
  const uint32_t place = places_[fields];
  for (uint32_t i = tree_.first(place); i < tree_.end(place); i = tree_[i].next, ++n) {
    const auto& v = tree_[i];
    const auto known = std::ranges::find(field_names, v.text, &choice_name::name);
    if (v.kind == json::string && known != field_names.end()) {
      request.fields |= known->value;
      continue;
    }
    words_.say("fields[").say(uint64_t{n}).say("] is ").say_value(v);
    return refuse(", which is no key of an entry");
  }
  if (n == 0 || request.fields != 0) return {}; // an empty list means all
  return refuse("fields names only keys that always come");
}

problem message_reader::check_filter(tp_request& request) {
  if (!is_named(filter)) return {};
  request.choices |= TP_CHOICE_FILTER;
  if (const problem p = filters_.read(tree_, places_[filter], words_)) return p;
  request.filters = filters_.conditions().data();
  request.filter_count = static_cast<uint32_t>(filters_.conditions().size());
  return {};
}

problem message_reader::check_resume(tp_request& request) {
  if (!is_named(resume)) return {};
  if (const problem p = positions_.read_resume(tree_, places_[resume], symbols_, request.data_types, words_)) return p;
  request.choices |= TP_CHOICE_RESUMES;
  request.positions = positions_.positions().data();
  request.position_count = static_cast<uint32_t>(positions_.positions().size());
  return {};
}

problem message_reader::check_positions(tp_request& request) {
  const bool has_list = is_named(streams);
  if (has_list && is_named(stream)) {
    words_.say("stream and streams are both named: send one of them");
    return fault(streams);
  }
  const problem p = has_list
                      ? positions_.read_streams(tree_, places_[streams], words_)
                      : positions_.read_message(tree_, places_[stream], places_[epoch], places_[sequence], words_);
  if (p) return p;
  for (const auto& position : positions_.positions()) {
    const auto is_same = [&](const tp_str& s) { return sdk::view(s) == sdk::view(position.symbol); };
    if (std::ranges::none_of(symbols_, is_same)) symbols_.push_back(position.symbol);
  }
  request.symbols = symbols_.data();
  request.symbol_count = static_cast<uint32_t>(symbols_.size());
  request.positions = positions_.positions().data();
  request.position_count = static_cast<uint32_t>(positions_.positions().size());
  return {};
}

problem message_reader::check_hello(tp_request& request) {
  const auto refuse = [&](key k, std::string_view hint) {
    words_.say_format().say(key_names[k]).say(" is ").say_value(at(k)).say(hint);
    return fault(k, parse_error);
  };
  if (is_named(version)) {
    const auto& v = at(version);
    if (v.kind != json::number || v.number < 1 || v.number > 1e9 || v.number != std::floor(v.number))
      return refuse(version, ": send the number of the protocol's version, 1");
    request.version = static_cast<uint32_t>(v.number);
  }
  if (is_named(compression) && at(compression).kind != json::boolean && at(compression).kind != json::string)
    return refuse(compression, ": send true, false or a name; it is agreed on in the handshake");
  if (is_named(numbers)) {
    if (at(numbers).kind != json::string || (at(numbers).text != "string" && at(numbers).text != "number"))
      return refuse(numbers, ": send \"number\" or \"string\"");
    if (at(numbers).text == "string") request.choices |= TP_CHOICE_NUMBER_STRINGS;
  }
  if (is_named(stamps)) {
    if (at(stamps).kind != json::boolean) return refuse(stamps, ": send true or false");
    if (at(stamps).is_true) request.choices |= TP_CHOICE_STAMPS;
  }
  return check_encodings(request);
}

problem message_reader::check_encodings(tp_request& request) {
  if (!is_named(encodings)) return {};
  const auto& list = at(encodings);
  const uint32_t place = places_[encodings];
  bool is_good = list.kind == json::array && list.count > 0 && list.count <= max_encodings, has_ours = false;
  for (uint32_t i = tree_.first(place); is_good && i < tree_.end(place); i = tree_[i].next) {
    const auto text = tree_[i].text;
    is_good = tree_[i].kind == json::string && !text.empty() && text.size() < max_encoding_size &&
              text.find(',') == std::string_view::npos;
    if (!encodings_.empty()) encodings_ += ',';
    if (is_good) encodings_ += text;
    has_ours |= is_good && is_our_encoding(text);
  }
  if (!is_good) {
    words_.say_format().say("encodings is ").say(list.kind == json::array ? "no list of names" : words_of(list.kind));
    words_.say(": send an array of names, such as [\"json\"]");
    return fault(encodings, parse_error);
  }
  if (!has_ours) {
    words_.say("encodings has none that this server writes: ").say_quoted(encodings_);
    words_.say("; it writes \"json\": name it too, or leave encodings out");
    return fault(encodings);
  }
  request.encodings = sdk::to_tp(encodings_);
  return {};
}

problem message_reader::check_paused(tp_request& request) {
  const auto& v = at(paused);
  if (is_named(paused) && v.kind != json::boolean) {
    words_.say("paused is ").say_value(v).say(": send true to stop, false to go on");
    return fault(paused);
  }
  if (!is_named(paused) || v.is_true) request.choices |= TP_CHOICE_PAUSED;
  return {};
}

} // namespace tickplant::hft
