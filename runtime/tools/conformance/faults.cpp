#include "runtime/tools/conformance/faults.hpp"

#include <algorithm>

namespace tickplant::conformance {

namespace {

using sdk::testing::step_kind;
using sdk::testing::tape_bytes;
using sdk::testing::tape_step;

bool is_unit(const tape_step& s, const line_names& lines) {
  return (s.kind == step_kind::unit || s.kind == step_kind::text) && lines.contains(s.line);
}

/// A copy in which `change` writes what comes in the place of each step.
tape rewritten(const tape& from, const std::function<void(const tape_step&, std::vector<tape_step>&)>& change) {
  tape made = from;
  made.steps.clear();
  for (const auto& s : from.steps) change(s, made.steps);
  return made;
}

tape_bytes random_bytes(chance& random, size_t size) {
  tape_bytes bytes(size);
  for (auto& b : bytes) b = static_cast<uint8_t>(random.next());
  return bytes;
}

tape_step garbage(chance& random, const std::string& line) {
  constexpr size_t sizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 20, 64, 200, 1'400};
  return {step_kind::unit, 0, line, random_bytes(random, sizes[random.below(std::size(sizes))]), 0};
}

} // namespace

uint64_t chance::next() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

tape lose_line(const tape& from, const std::string& line) {
  return lose(from, {line}, 1, 0);
}

tape lose(const tape& from, const line_names& lines, double part, uint64_t seed) {
  chance random{seed};
  return rewritten(from, [&](const tape_step& s, auto& to) {
    if (!is_unit(s, lines) || !random.happens(part)) to.push_back(s);
  });
}

tape duplicate(const tape& from, const line_names& lines, double part, uint64_t seed) {
  chance random{seed};
  return rewritten(from, [&](const tape_step& s, auto& to) {
    to.push_back(s);
    if (is_unit(s, lines) && random.happens(part)) to.push_back(s);
  });
}

tape reorder(const tape& from, const line_names& lines, double part, size_t most, uint64_t seed) {
  chance random{seed};
  struct held {
    tape_step step;
    size_t behind;
  };
  std::vector<held> waiting;
  auto made = rewritten(from, [&](const tape_step& s, auto& to) {
    if (!is_unit(s, lines)) {
      to.push_back(s);
      return;
    }
    if (random.happens(part)) {
      waiting.push_back({s, 1 + random.below(most)});
      return;
    }
    to.push_back(s);
    for (auto i = waiting.begin(); i != waiting.end();) {
      if (i->step.line != s.line || --i->behind > 0) {
        ++i;
        continue;
      }
      to.push_back(i->step);
      i = waiting.erase(i);
    }
  });
  for (auto& late : waiting) made.steps.push_back(std::move(late.step));
  return made;
}

tape delay(const tape& from, const std::string& line, uint64_t ns) {
  // By absolute times, then sorted: what comes at the same time keeps its order.
  std::vector<std::pair<uint64_t, tape_step>> timed;
  uint64_t at = 0;
  for (const auto& s : from.steps) {
    if (s.kind == step_kind::wait)
      at += s.ns;
    else
      timed.emplace_back(at + (is_unit(s, {line}) ? ns : 0), s);
  }
  std::stable_sort(timed.begin(), timed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  tape made = from;
  made.steps.clear();
  uint64_t now = 0;
  for (auto& [when, s] : timed) {
    if (when > now) made.steps.push_back({step_kind::wait, when - now, {}, {}, 0});
    now = std::max(now, when);
    made.steps.push_back(std::move(s));
  }
  return made;
}

tape spare_the_end(const tape& from, const std::function<tape(const tape&)>& change) {
  tape begin = from;
  const auto kept = static_cast<std::ptrdiff_t>(from.steps.size() - from.steps.size() / 4);
  begin.steps.erase(begin.steps.begin() + kept, begin.steps.end());
  tape made = change(begin);
  made.steps.insert(made.steps.end(), from.steps.begin() + kept, from.steps.end());
  return made;
}

tape truncate(const tape& from, const line_names& lines, double part, uint64_t seed) {
  chance random{seed};
  return rewritten(from, [&](const tape_step& s, auto& to) {
    to.push_back(s);
    auto& data = to.back().data;
    if (is_unit(s, lines) && !data.empty() && random.happens(part)) data.resize(random.below(data.size()));
  });
}

tape add_garbage(const tape& from, const line_names& lines, double part, uint64_t seed) {
  chance random{seed};
  return rewritten(from, [&](const tape_step& s, auto& to) {
    if (is_unit(s, lines) && random.happens(part)) to.push_back(garbage(random, s.line));
    to.push_back(s);
  });
}

tape add_spoilt_texts(const tape& from, const line_names& lines, double part, uint64_t seed) {
  chance random{seed};
  return rewritten(from, [&](const tape_step& s, auto& to) {
    if (is_unit(s, lines) && s.kind == step_kind::text && !s.data.empty() && random.happens(part)) {
      tape_step spoilt = s;
      auto& data = spoilt.data;
      // Each way breaks the syntax: a message whose values alone were changed could not be told from a right one.
      switch (random.below(4)) {
        case 0: data.resize(random.below(data.size())); break;
        case 1: data.pop_back(); break;
        case 2: data.erase(data.begin()); break;
        default: data.insert(data.begin() + static_cast<std::ptrdiff_t>(data.size() / 2), 5, uint8_t{'"'}); break;
      }
      to.push_back(std::move(spoilt));
    }
    to.push_back(s);
  });
}

tape flood(const tape& from, const line_names& lines, size_t count, uint64_t seed) {
  chance random{seed};
  tape made = from;
  for (size_t i = 0; i < count; ++i)
    for (const auto& line : lines) made.steps.push_back(garbage(random, line));
  return made;
}

tape cut_stream(const tape& from, const std::string& line, uint64_t seed, const std::vector<uint32_t>& reacted) {
  chance random{seed};
  size_t all = 0;
  const auto is_part = [&](const tape_step& s) {
    return s.kind == step_kind::bytes && s.line == line && !s.data.empty();
  };
  for (const auto& s : from.steps) all += is_part(s);
  const auto takes_place = [&](size_t reaction) { return reaction >= reacted.size() || reacted[reaction] > 0; };
  for (size_t i = 0; i < from.reactions.size(); ++i)
    for (const auto& s : from.reactions[i].steps) all += takes_place(i) && is_part(s);
  if (all == 0) return from;
  size_t left = random.below(all) + 1;
  const auto cut = [&](const tape_step& s, std::vector<tape_step>& to) {
    to.push_back(s);
    if (!is_part(s) || left == 0 || --left > 0) return false;
    to.back().data.resize(random.below(s.data.size()));
    to.push_back({step_kind::close, 0, line, {}, 0});
    return true;
  };
  tape made = rewritten(from, [&](const tape_step& s, auto& to) { cut(s, to); });
  std::vector<sdk::testing::tape_reaction> reactions;
  for (size_t i = 0; i < made.reactions.size(); ++i) {
    auto& r = made.reactions[i];
    auto spoilt = r;
    spoilt.steps.clear();
    bool is_cut = false;
    for (const auto& s : r.steps) {
      if (is_cut || !takes_place(i)) break; // nothing comes of a connection that has ended
      is_cut = cut(s, spoilt.steps);
    }
    if (is_cut) { // once; the next time it goes well
      std::erase_if(spoilt.echoes, [&](const auto& echo) { return echo.step >= spoilt.steps.size(); });
      spoilt.times = 1;
      reactions.push_back(std::move(spoilt));
      if (r.times != UINT32_MAX && --r.times == 0) continue; // it was one of those times
    }
    reactions.push_back(r);
  }
  made.reactions = std::move(reactions);
  return made;
}

tape answer_first(const tape& from, int32_t status, const std::string& body) {
  tape made = from;
  made.steps.clear();
  std::vector<tape_step> later;
  // Any request: every URL holds the empty text.
  made.steps.push_back({step_kind::http, 0, ":", tape_bytes(body.begin(), body.end()), status});
  bool is_told = false;
  uint64_t at = 0;
  constexpr uint64_t patience_ns = 2'000'000'000;
  const auto tell = [&] {
    is_told = true;
    made.steps.insert(made.steps.end(), later.begin(), later.end());
  };
  for (const auto& s : from.steps) {
    if (s.kind == step_kind::http && !is_told) {
      later.push_back(s);
      continue;
    }
    if (s.kind == step_kind::wait) {
      at += s.ns;
      if (!is_told && at > patience_ns) {
        made.steps.push_back(s);
        tell();
        continue;
      }
    }
    made.steps.push_back(s);
  }
  if (!is_told) {
    made.steps.push_back({step_kind::wait, patience_ns, {}, {}, 0});
    tell();
  }
  return made;
}

} // namespace tickplant::conformance
