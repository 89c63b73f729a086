#include "actors/leg_watch.hpp"

#include "actors/atoms.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace tickplant::actors {

namespace {

book::top_state gone() {
  book::top_state state;
  state.state = book::trust::stale;
  state.reason = "its book is being started anew";
  return state;
}

} // namespace

void leg_watch::forget_all() {
  for (const auto& [index, depth] : depths_)
    if (auto* engine = books_.find(index)) engine->set_watched(false);
  depths_.clear();
  lost_.clear();
  dirty_.watched().clear();
}

void leg_watch::join(const consolidator_actor& to) {
  forget_all();
  to_ = to;
  credit_ = most_credit;
}

void leg_watch::watch(model::instrument_id id, uint32_t depth) {
  depths_[model::index_of(id)] = depth;
  if (auto* engine = books_.find(model::index_of(id)))
    engine->set_watched(true);
  else
    withdrawn(id);
}

void leg_watch::forget(model::instrument_id id) {
  if (depths_.erase(model::index_of(id)) == 0) return;
  std::erase(lost_, id);
  if (auto* engine = books_.find(model::index_of(id))) engine->set_watched(false);
}

void leg_watch::lent(model::instrument_id id) {
  if (!depths_.contains(model::index_of(id))) return;
  std::erase(lost_, id);
  books_.find(model::index_of(id))->set_watched(true);
}

void leg_watch::withdrawn(model::instrument_id id) {
  if (!depths_.contains(model::index_of(id))) return;
  if (std::find(lost_.begin(), lost_.end(), id) == lost_.end()) lost_.push_back(id);
}

void leg_watch::flush() {
  if (dirty_.watched().empty() && lost_.empty()) return;
  if (directly)
    show_directly();
  else if (to_ && credit_ > 0)
    send();
}

void leg_watch::show_directly() {
  auto& ids = dirty_.watched();
  size_t kept = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto id = ids[i];
    auto* engine = books_.find(model::index_of(id));
    const auto depth = depths_.find(model::index_of(id));
    if (!engine || depth == depths_.end()) continue;
    if (engine->look(seen_, depth->second))
      directly(id, seen_);
    else
      ids[kept++] = id; // its venue event goes on
  }
  ids.resize(kept);
  for (const auto id : std::exchange(lost_, {})) directly(id, gone());
}

void leg_watch::send() {
  leg_news news;
  news.feed = feed_;
  auto& ids = dirty_.watched();
  size_t kept = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto id = ids[i];
    auto* engine = books_.find(model::index_of(id));
    const auto depth = depths_.find(model::index_of(id));
    if (!engine || depth == depths_.end()) continue;
    book::top_state state;
    if (engine->look(state, depth->second))
      news.legs.emplace_back(id, std::move(state));
    else
      ids[kept++] = id;
  }
  ids.resize(kept);
  for (const auto id : std::exchange(lost_, {})) news.legs.emplace_back(id, gone());
  if (news.legs.empty()) return;
  --credit_;
  caf::anon_send(to_, std::move(news));
}

} // namespace tickplant::actors
