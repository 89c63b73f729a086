// The text format is read back by a strict reader of its own.
#include "runtime/telemetry/metrics.hpp"

#include "runtime/telemetry/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace tickplant::telemetry {
namespace {

using ::testing::HasSubstr;

bool is_name(std::string_view name, bool is_metric) {
  const auto fits = [&](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (is_metric && c == ':');
  };
  if (name.empty() || !fits(name[0])) return false;
  for (const char c : name)
    if (!fits(c) && !std::isdigit(static_cast<unsigned char>(c))) return false;
  return true;
}

// Everything of format 0.0.4 that scrapers refuse, and duplicates, which they should.
class exposition {
public:
  struct family {
    std::string type, help;
    std::map<std::string, double> samples; // by whole series
  };

  explicit exposition(const std::string& text) {
    if (text.empty() || text.back() != '\n') fail("the last line has no end");
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
      line_ = line;
      if (line.starts_with("# HELP "))
        help(line.substr(7));
      else if (line.starts_with("# TYPE "))
        type(line.substr(7));
      else if (!line.starts_with("#"))
        sample(line);
    }
    for (const auto& [name, each] : families)
      if (each.type == "histogram") check_histogram(name, each);
  }

  double value(const std::string& name, const std::string& series) const {
    return families.at(name).samples.at(series);
  }

  std::map<std::string, family> families;

private:
  [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error(why + ": " + line_); }

  void help(const std::string& rest) {
    const auto name = rest.substr(0, rest.find(' '));
    if (!is_name(name, true)) fail("no metric's name");
    if (families.contains(name)) fail("HELP twice, or behind samples");
    families[name].help = rest.substr(name.size() + 1);
    current_ = name;
  }
  void type(const std::string& rest) {
    const auto name = rest.substr(0, rest.find(' ')), kind = rest.substr(name.size() + 1);
    if (name != current_ || !families[name].type.empty()) fail("TYPE twice, or apart from its HELP");
    if (kind != "counter" && kind != "gauge" && kind != "histogram") fail("no type");
    if (kind == "counter" && !name.ends_with("_total")) fail("a counter ends in _total");
    families[name].type = kind;
  }

  void sample(const std::string& line) {
    size_t at = 0;
    while (at < line.size() && line[at] != '{' && line[at] != ' ') ++at;
    const auto name = line.substr(0, at);
    if (!is_name(name, true)) fail("no metric's name");
    auto& of = families[current_];
    std::string suffix = name.starts_with(current_) ? name.substr(current_.size()) : "?";
    const bool fits =
      of.type == "histogram" ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count" : suffix.empty();
    if (current_.empty() || of.type.empty() || !fits) fail("a sample apart from its family");
    if (line[at] == '{') at = labels(line, at + 1);
    if (at >= line.size() || line[at] != ' ') fail("no value");
    const auto series = line.substr(0, at), number = line.substr(at + 1);
    if (!of.samples.emplace(series, read(number)).second) fail("a series twice");
  }

  size_t labels(const std::string& line, size_t at) const {
    std::set<std::string> seen;
    for (;;) {
      const size_t equals = line.find('=', at);
      if (equals == line.npos) fail("a label without a value");
      const auto name = line.substr(at, equals - at);
      if (!is_name(name, false)) fail("no label's name");
      if (!seen.insert(name).second) fail("a label twice");
      if (line[equals + 1] != '"') fail("a value without quotes");
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at)
        if (line[at] == '\\') {
          ++at;
          if (at >= line.size() || (line[at] != '\\' && line[at] != '"' && line[at] != 'n')) fail("no such escape");
        }
      if (at >= line.size()) fail("a value without an end");
      ++at;
      if (line[at] == '}') return at + 1;
      if (line[at] != ',') fail("labels without a comma");
      ++at;
    }
  }

  double read(const std::string& number) const {
    if (number == "NaN") return std::nan("");
    if (number == "+Inf" || number == "-Inf") return number[0] == '+' ? HUGE_VAL : -HUGE_VAL;
    size_t used = 0;
    double value = 0;
    try {
      value = std::stod(number, &used);
    } catch (const std::exception&) {
      fail("no number");
    }
    if (used != number.size() || number[0] == ' ') fail("no number");
    return value;
  }

  void check_histogram(const std::string& name, const family& of) const {
    // Buckets of one labels' set: rising bounds, rising counts, the last +Inf and equal to the count.
    std::map<std::string, std::map<double, double>> buckets;
    for (const auto& [series, value] : of.samples) {
      if (!series.starts_with(name + "_bucket{")) continue;
      const size_t at = series.rfind("le=\"");
      if (at == series.npos) fail(name + " has a bucket without le");
      const auto bound = series.substr(at + 4, series.size() - at - 6);
      auto rest = series.substr(name.size() + 8, at - name.size() - 8);
      if (!rest.empty()) rest.pop_back(); // the comma
      buckets[rest][read(bound)] = value;
    }
    if (buckets.empty()) fail(name + " has no bucket");
    for (const auto& [with, counts] : buckets) {
      double before = 0;
      for (const auto& [bound, count] : counts) {
        if (count < before) fail(name + " counts less in a wider bucket");
        before = count;
      }
      const auto braces = with.empty() ? "" : '{' + with + '}';
      if (!std::isinf(counts.rbegin()->first) || of.samples.at(name + "_count" + braces) != before)
        fail(name + "'s last bucket is not all");
      if (!of.samples.contains(name + "_sum" + braces)) fail(name + " has no sum");
    }
  }

  std::string line_, current_;
};

TEST(Metrics, EveryFamilyIsWellNamedAndThereOnce) {
  std::set<std::string_view> names;
  for (const auto* family : metric::all) {
    const auto name = family->name;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(is_name(name, false)) << name;
    EXPECT_TRUE(name.starts_with("tickplant_")) << name;
    EXPECT_EQ(name.ends_with("_total"), family->type == metric_type::counter) << name;
    EXPECT_EQ(family->type == metric_type::histogram,
              (name.find("_latency_") != name.npos || name.find("_duration_") != name.npos) &&
                name.ends_with("_seconds"))
      << name;
    for (const auto* suffix : {"_bucket", "_sum", "_count"}) EXPECT_FALSE(name.ends_with(suffix)) << name;
    EXPECT_FALSE(family->help.empty()) << name;
    EXPECT_NE(family->help.back(), '.') << name;
  }
  EXPECT_GT(names.size(), 50u);
}

TEST(Metrics, AllFamiliesTogetherAreReadBack) {
  metrics_text metrics;
  histogram some;
  some.observe_ns(5'000);
  for (const auto* family : metric::all) {
    for (const auto* venue : {"NASDAQ", "BINANCE"})
      if (family->type == metric_type::histogram)
        metrics.add(*family, {{"venue", venue}}, some);
      else
        metrics.add(*family, {{"venue", venue}}, uint64_t{7});
  }
  const exposition read{metrics.text()};
  EXPECT_EQ(read.families.size(), metric::all.size());
  EXPECT_EQ(read.value("tickplant_venue_gaps_total", "tickplant_venue_gaps_total{venue=\"NASDAQ\"}"), 7);
}

TEST(Metrics, SamplesOfSeveralPartsShareOneHeadAndAddUp) {
  metrics_text metrics;
  metrics.add(metric::hub_frames, {{"loop", "1"}}, uint64_t{5});
  metrics.add(metric::client_open, {{"loop", "0"}}, uint64_t{2});
  metrics.add(metric::hub_frames, {{"loop", "0"}}, uint64_t{3});
  metrics.add(metric::hub_frames, {{"loop", "1"}}, uint64_t{4});
  metrics.add(metric::process_cpu, 1.5);
  metrics.add(metric::process_cpu, uint64_t{1});
  metrics.add(metric::process_start, uint64_t{1});
  metrics.add(metric::process_start, 0.25);
  const exposition read{metrics.text()};
  EXPECT_EQ(read.value("tickplant_hub_frames_total", "tickplant_hub_frames_total{loop=\"1\"}"), 9);
  EXPECT_EQ(read.value("tickplant_hub_frames_total", "tickplant_hub_frames_total{loop=\"0\"}"), 3);
  EXPECT_EQ(read.value("tickplant_process_cpu_seconds_total", "tickplant_process_cpu_seconds_total"), 2.5);
  EXPECT_EQ(read.value("tickplant_process_start_time_seconds", "tickplant_process_start_time_seconds"), 1.25);
}

TEST(Metrics, TheOrderDoesNotDependOnWhoCameFirst) {
  metrics_text one, other;
  one.add(metric::hub_frames, {{"loop", "0"}}, uint64_t{1});
  one.add(metric::hub_frames, {{"loop", "1"}}, uint64_t{2});
  one.add(metric::client_open, uint64_t{3});
  other.add(metric::client_open, uint64_t{3});
  other.add(metric::hub_frames, {{"loop", "1"}}, uint64_t{2});
  other.add(metric::hub_frames, {{"loop", "0"}}, uint64_t{1});
  EXPECT_EQ(one.text(), other.text());
}

TEST(Metrics, LabelValuesAreEscaped) {
  metrics_text metrics;
  metrics.add(metric::client_refused, {{"reason", "a\"b\\c\nd\xff"}, {"loop", "0"}}, uint64_t{1});
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("{reason=\"a\\\"b\\\\c\\nd\ufffd\",loop=\"0\"} 1\n"));
  const exposition read{text};
}

TEST(Metrics, NumbersKeepAllTheirDigits) {
  metrics_text metrics;
  metrics.add(metric::client_bytes_in, std::numeric_limits<uint64_t>::max());
  metrics.add(metric::process_start, 1795000000.123);
  metrics.add(metric::config_last_success, std::numeric_limits<double>::quiet_NaN());
  metrics.add(metric::auth_queue, -std::numeric_limits<double>::infinity());
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("_bytes_total 18446744073709551615\n"));
  EXPECT_THAT(text, HasSubstr("_seconds 1795000000.123\n"));
  EXPECT_THAT(text, HasSubstr("_seconds NaN\n"));
  EXPECT_THAT(text, HasSubstr("_checks -Inf\n"));
  const exposition read{text};
}

TEST(Metrics, AHistogramAndANumberDoNotMix) {
  metrics_text metrics;
  EXPECT_THROW(metrics.add(metric::latency_book, uint64_t{1}), std::logic_error);
  EXPECT_THROW(metrics.add(metric::hub_frames, {}, histogram{}), std::logic_error);
  EXPECT_EQ(metrics.text(), "");
}

TEST(Histogram, BucketsHoldTheirBoundAndNothingAbove) {
  EXPECT_EQ(histogram::bucket_of(0), 0u);
  EXPECT_EQ(histogram::bucket_of(1), 0u);
  for (size_t i = 0; i < histogram::bounds; ++i) {
    EXPECT_EQ(histogram::bucket_of(histogram::bound_ns(i)), i);
    EXPECT_EQ(histogram::bucket_of(histogram::bound_ns(i) + 1), i + 1);
  }
  EXPECT_EQ(histogram::bucket_of(std::numeric_limits<uint64_t>::max()), histogram::bounds);
  EXPECT_EQ(histogram::bound_ns(0), 1'024u);
  EXPECT_GT(histogram::bound_ns(histogram::bounds - 1), 8'000'000'000u);
}

TEST(Histogram, MergesAndIsWrittenCumulatively) {
  histogram one, other;
  one.observe_ns(1'000);
  one.observe_ns(3'000);
  other.observe_ns(3'500);
  other.observe_ns(60'000'000'000);
  metrics_text metrics;
  metrics.add(metric::latency_book, {{"venue", "NASDAQ"}}, one);
  metrics.add(metric::latency_book, {{"venue", "NASDAQ"}}, other);
  const auto text = metrics.text();
  const exposition read{text};
  const std::string name = "tickplant_latency_receive_to_book_seconds";
  EXPECT_EQ(read.value(name, name + "_bucket{venue=\"NASDAQ\",le=\"1.024e-06\"}"), 1);
  EXPECT_EQ(read.value(name, name + "_bucket{venue=\"NASDAQ\",le=\"4.096e-06\"}"), 3);
  EXPECT_EQ(read.value(name, name + "_bucket{venue=\"NASDAQ\",le=\"+Inf\"}"), 4);
  EXPECT_EQ(read.value(name, name + "_count{venue=\"NASDAQ\"}"), 4);
  EXPECT_NEAR(read.value(name, name + "_sum{venue=\"NASDAQ\"}"), 60.0000075, 1e-9);
}

TEST(Process, TheSystemTellsOfThisProcess) {
  // The system counts processor time in ticks of 10 ms: one has to be used up first.
  volatile uint64_t work = 0;
  for (int i = 0; i < 2'000 && read_process().cpu_seconds == 0; ++i)
    for (int k = 0; k < 1'000'000; ++k) work = work + 1;
  const auto now = read_process();
  EXPECT_GT(now.resident_bytes, 1u << 20);
  EXPECT_GE(now.descriptors, 3u);
  EXPECT_GE(now.max_descriptors, now.descriptors);
  EXPECT_GE(now.threads, 1u);
  EXPECT_GT(now.cpu_seconds, 0);
  EXPECT_GT(now.start_seconds, 1.7e9);
  metrics_text metrics;
  add_process(metrics, now, "0.1.0");
  const exposition read{metrics.text()};
  EXPECT_EQ(read.families.at("tickplant_build_info").samples.size(), 1u);
}

TEST(Exposition, TheReaderRefusesWhatIsWrong) {
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  EXPECT_NO_THROW(exposition{head + "a_total 1\n"});
  for (const auto& wrong :
       {head + "a_total 1\na_total 2\n", head + "a_total{b=\"1\"} 1\na_total{b=\"1\"} 2\n", head + "b_total 1\n",
        head + "a_total\n", head + "a_total x\n", head + "a_total{b=\"1} 1\n", head + "a_total{b=\"1\",b=\"2\"} 1\n",
        head + "a_total{1b=\"\"} 1\n", head + head, head + "a_total 1", std::string{"a_total 1\n"},
        std::string{"# HELP a x\n# TYPE a counter\n"}})
    EXPECT_THROW(exposition{wrong}, std::runtime_error) << wrong;
}

} // namespace
} // namespace tickplant::telemetry
