// What can go wrong with a venue's data, done to a tape: each function gives a tape in which it did. Seeded; pure.
#pragma once

#include <tape.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tickplant::conformance {

using sdk::testing::tape;
using line_names = std::set<std::string>;

/// splitmix64, so that a seed gives the same faults everywhere.
class chance {
public:
  explicit chance(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint64_t below(uint64_t count) { return next() % count; }
  bool happens(double probability) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }

private:
  uint64_t state_;
};

tape lose_line(const tape& from, const std::string& line);
tape lose(const tape& from, const line_names& lines, double part, uint64_t seed);
tape duplicate(const tape& from, const line_names& lines, double part, uint64_t seed);
/// Units of a line arrive behind up to `most` later ones of it.
tape reorder(const tape& from, const line_names& lines, double part, size_t most, uint64_t seed);
/// Everything of a line comes later.
tape delay(const tape& from, const std::string& line, uint64_t ns);
/// The fault `change`, but the tape's last quarter of steps as it is.
tape spare_the_end(const tape& from, const std::function<tape(const tape&)>& change);
tape truncate(const tape& from, const line_names& lines, double part, uint64_t seed);
/// Units of random bytes between those of the tape.
tape add_garbage(const tape& from, const line_names& lines, double part, uint64_t seed);
/// Text that is nearly the venue's: messages with a character changed, cut or doubled, beside the right ones.
tape add_spoilt_texts(const tape& from, const line_names& lines, double part, uint64_t seed);
/// `count` units of random bytes at the end of the tape.
tape flood(const tape& from, const line_names& lines, size_t count, uint64_t seed);
/// The connection ends inside a unit of bytes, once. `reacted`: how often each reaction takes place when nothing is
/// wrong; one that never does is not where it is cut. Empty: not known.
tape cut_stream(const tape& from, const std::string& line, uint64_t seed, const std::vector<uint32_t>& reacted = {});
/// HTTP requests get this answer first, the tape's own two seconds later.
tape answer_first(const tape& from, int32_t status, const std::string& body);

} // namespace tickplant::conformance
