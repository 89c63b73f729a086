#include "runtime/tools/replay/recorded_answers.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <cstring>

namespace tickplant::replay {

namespace {

bool is_depth(std::string_view key) {
  return key.starts_with("depth:");
}

} // namespace

answer_body::answer_body(std::string_view text) : bytes_(text.size() + TP_PADDING), size_(text.size()) {
  if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
}

std::string recorded_answers::key_of(std::string_view url) {
  const size_t question = url.find('?');
  const auto path = url.substr(0, question);
  std::string key{path.substr(path.rfind('/') + 1)};
  auto query = question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    if (part.starts_with("symbol=")) return key.append(":").append(part.substr(7));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
  }
  return key;
}

void recorded_answers::add_timed(const std::string& key, uint64_t ns, std::string_view body) {
  timed_.emplace(ns, std::pair{key, std::make_shared<const answer_body>(body)});
}

void recorded_answers::arrive(std::string_view key, std::string_view body) {
  slots_.insert_or_assign(std::string{key}, slot{std::make_shared<const answer_body>(body), false});
}

void recorded_answers::release(uint64_t now_ns) {
  while (!timed_.empty() && timed_.begin()->first <= now_ns) {
    auto& [key, body] = timed_.begin()->second;
    slots_.insert_or_assign(key, slot{body, false});
    timed_.erase(timed_.begin());
  }
}

recorded_answers::slot* recorded_answers::find(const std::string& key) {
  if (const auto found = slots_.find(key); found != slots_.end()) return &found->second;
  const auto any = is_depth(key) ? slots_.find("") : slots_.end();
  return any != slots_.end() ? &any->second : nullptr;
}

recorded_answers::state recorded_answers::look(const std::string& key) {
  const auto* found = find(key);
  state result;
  if (found) {
    result.newest = found->newest;
    result.is_played = found->is_played;
  }
  // Depth answers may lie further on between the events; others come from files that are known in full.
  result.may_come =
    is_depth(key) || std::ranges::any_of(timed_, [&](const auto& entry) { return entry.second.first == key; });
  return result;
}

answer_ptr recorded_answers::take(const std::string& key) {
  auto* found = find(key);
  if (!found) return nullptr;
  found->is_played = true;
  return found->newest;
}

} // namespace tickplant::replay
