// Makes bindings for members of the options: one function for each type of value. Used by declaration.cpp only.
#pragma once

#include "runtime/config/declaration.hpp"
#include "runtime/config/value.hpp"

#include <tickplant/plugin.hpp>

#include <optional>
#include <set>

namespace tickplant::config::bind {

void complain(reading_context& context, const node& value, const std::string& path, std::string problem);
/// The text of a scalar; complains of anything else.
std::optional<std::string> scalar(const node& value, const std::string& path, const std::string& wanted,
                                  reading_context& context);
/// A list of texts, or a lone one. Complains of what does not pass `check`.
std::optional<std::vector<std::string>> texts(const node& value, const std::string& path, const std::string& wanted,
                                              bool (*check)(const std::string&), reading_context& context);
/// A mapping of texts to texts.
std::optional<std::map<std::string, std::string>>
mapping(const node& value, const std::string& path, const std::string& wanted,
        bool (*check)(const std::string& name, const std::string& value), reading_context& context);
std::string mapping_text(const std::map<std::string, std::string>& pairs);
/// A relative path is taken from the folder of the file that it stands in, else (environment, --set) from the current
/// one.
std::string absolute(const std::string& path, const place& at);
/// `${env:NAME}` replaced; complains of an unknown name.
std::optional<std::string> secret(const node& value, const std::string& path, reading_context& context);
/// The first line of a small file that not everybody can read.
std::optional<std::string> secret_file(const node& value, const std::string& path, reading_context& context);
/// Changes when the file does; 0: cannot be read. The file becomes one of those to watch.
uint64_t content_of(const std::string& file, reading_context& context);
bool any_text(const std::string& text);
std::string number_wanted(uint32_t least, uint32_t most, const std::string& word);
std::string duration_wanted(std::chrono::nanoseconds least, std::chrono::nanoseconds most);

template <class Owner, class Member>
Owner owner_of(Member Owner::*);

/// A member of a part of the options, or a member of its member: field<&server_options::limits,
/// &limit_options::clients>.
template <auto First, auto... Rest>
struct field {
  using part = decltype(owner_of(First));
  template <class Part>
  static auto& of(Part& whole) {
    if constexpr (sizeof...(Rest) == 0)
      return whole.*First;
    else
      return field<Rest...>::of(whole.*First);
  }
  static auto& in(const options_part& whole) { return of(*std::get<part*>(whole)); }
  static const auto& in(const const_part& whole) { return of(*std::get<const part*>(whole)); }
};

/// A part as it is before anything is read.
template <class Part>
Part fresh() {
  return {};
}
template <>
inline listener_options fresh() {
  listener_options made;
  made.port = 8081;
  return made;
}

template <class Field>
binding finish(binding made) {
  const auto initial = fresh<typename Field::part>();
  made.fallback = made.show(&initial);
  return made;
}

/// A scalar: `parse` answers a std::optional of what to assign, `print` makes the text of the member.
template <class Field, class Parse, class Print>
binding of_scalar(value_type type, std::string wanted, Parse parse, Print print) {
  binding made{type, wanted, {}, {}, {}};
  made.put = [wanted, parse](const node& value, const std::string& path, options_part to, reading_context& context) {
    const auto text = scalar(value, path, wanted, context);
    if (!text) return;
    if (auto parsed = parse(*text))
      Field::in(to) = std::move(*parsed);
    else
      complain(context, value, path, wanted + " is wanted, not '" + *text + "'");
  };
  made.show = [print](const_part from) -> std::string { return print(Field::in(from)); };
  return finish<Field>(std::move(made));
}

template <class Field>
binding text(std::string wanted = "a text", bool (*check)(const std::string&) = any_text) {
  return of_scalar<Field>(
    value_type::text, std::move(wanted),
    [check](const std::string& given) { return check(given) ? std::optional{given} : std::nullopt; },
    [](const std::string& held) { return held; });
}

/// A plugin's name, or a path to one; relative paths are taken from the file's folder.
template <class Field>
binding plugin(std::string wanted, bool (*check)(const std::string&)) {
  auto made = text<Field>(std::move(wanted), check);
  made.put = [put = made.put](const node& value, const std::string& name, options_part to, reading_context& context) {
    put(value, name, to, context);
    auto& named = Field::in(to);
    if (named.find('/') != std::string::npos) named = absolute(named, value.at);
  };
  return made;
}

template <class Field>
binding flag() {
  return of_scalar<Field>(
    value_type::flag, "true or false", [](const std::string& given) { return to_flag(given); },
    [](bool held) -> std::string { return held ? "true" : "false"; });
}

/// `word` stands for UINT32_MAX, which means that there is no bound.
template <class Field>
binding number(uint32_t least, uint32_t most, const std::string& word = {}) {
  return of_scalar<Field>(
    value_type::number, number_wanted(least, most, word),
    [=](const std::string& given) -> std::optional<uint32_t> {
      if (!word.empty() && given == word) return UINT32_MAX;
      const auto value = sdk::to_number<uint32_t>(given);
      return value && *value >= least && *value <= most ? value : std::nullopt;
    },
    [=](uint32_t held) { return held == UINT32_MAX && !word.empty() ? word : std::to_string(held); });
}

template <class Field>
binding bytes(uint32_t least, uint32_t most) {
  return of_scalar<Field>(
    value_type::bytes,
    "a number of bytes (65536, 64KiB, 1MiB) from " + std::to_string(least) + " to " + std::to_string(most),
    [=](const std::string& given) -> std::optional<uint32_t> {
      const auto value = to_bytes(given);
      if (!value || *value < least || *value > most) return std::nullopt;
      return static_cast<uint32_t>(*value);
    },
    [](uint32_t held) { return std::to_string(held); });
}

/// The member is a std::chrono duration, or a whole number of milliseconds.
template <class Field>
binding duration(std::chrono::nanoseconds least, std::chrono::nanoseconds most) {
  using held = std::remove_cvref_t<decltype(Field::in(std::declval<options_part>()))>;
  constexpr bool is_plain = std::is_integral_v<held>;
  using unit = std::conditional_t<is_plain, std::chrono::milliseconds, held>;
  return of_scalar<Field>(
    value_type::duration, duration_wanted(least, most),
    [=](const std::string& given) -> std::optional<held> {
      const auto read = given == "0" ? std::optional<uint64_t>{0} : sdk::to_duration_ns(given);
      if (!read || *read < static_cast<uint64_t>(least.count()) || *read > static_cast<uint64_t>(most.count()))
        return std::nullopt;
      const auto time = std::chrono::duration_cast<unit>(std::chrono::nanoseconds{static_cast<int64_t>(*read)});
      if constexpr (is_plain)
        return static_cast<held>(time.count());
      else
        return time;
    },
    [](const held& value) { return duration_text(unit{value}); });
}

template <class Field>
binding fraction() {
  return of_scalar<Field>(
    value_type::fraction, "a fraction from 0 to 1 (0.001 or 1/1000)",
    [](const std::string& given) { return to_fraction(given); }, [](double held) { return fraction_text(held); });
}

template <class Field>
binding choice(std::vector<std::string> choices) {
  std::string wanted;
  for (size_t i = 0; i < choices.size(); ++i)
    wanted += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  return of_scalar<Field>(
    value_type::choice, std::move(wanted),
    [choices = std::move(choices)](const std::string& given) {
      return std::find(choices.begin(), choices.end(), given) == choices.end() ? std::nullopt : std::optional{given};
    },
    [](const std::string& held) { return held; });
}

/// A folder or file that need not exist when the configuration is read.
template <class Field>
binding path(std::string wanted) {
  binding made{value_type::path, wanted, {}, {}, {}};
  made.put = [wanted](const node& value, const std::string& name, options_part to, reading_context& context) {
    if (const auto text = scalar(value, name, wanted, context)) Field::in(to) = absolute(*text, value.at);
  };
  made.show = [](const_part from) { return Field::in(from); };
  return finish<Field>(std::move(made));
}

/// A file that has to be readable; `Content` gets what tells that it has changed.
template <class Field, class Content>
binding file(std::string wanted) {
  auto made = path<Field>(std::move(wanted));
  made.type = value_type::file;
  made.put = [put = made.put](const node& value, const std::string& name, options_part to, reading_context& context) {
    put(value, name, to, context);
    const std::string& named = Field::in(to);
    if (named.empty()) return;
    const auto content = content_of(named, context);
    if (content == 0)
      complain(context, value, name, "'" + named + "' cannot be read: a PEM file of at most 1 MiB is wanted");
    Content::in(to) = Content::in(to)*31 + content;
  };
  return made;
}

template <class Field>
binding list(value_type type, std::string wanted, bool (*check)(const std::string&)) {
  binding made{type, wanted, {}, {}, {}};
  made.put = [=](const node& value, const std::string& name, options_part to, reading_context& context) {
    auto read = texts(value, name, wanted, check, context);
    if (!read) return;
    if (type == value_type::paths)
      for (auto& one : *read) one = absolute(one, value.at);
    Field::in(to) = std::move(*read);
  };
  made.show = [](const_part from) { return list_text(Field::in(from)); };
  return finish<Field>(std::move(made));
}

template <class Field>
binding pairs(std::string wanted, bool (*check)(const std::string& name, const std::string& value)) {
  binding made{value_type::mapping, wanted, {}, {}, {}};
  made.put = [=](const node& value, const std::string& name, options_part to, reading_context& context) {
    if (auto read = mapping(value, name, wanted, check, context)) Field::in(to) = std::move(*read);
  };
  made.show = [](const_part from) { return mapping_text(Field::in(from)); };
  return finish<Field>(std::move(made));
}

template <class Field>
binding secret_text() {
  binding made{value_type::secret, "a text, or ${env:NAME}", {}, {}, {}};
  made.put = [](const node& value, const std::string& name, options_part to, reading_context& context) {
    if (auto read = secret(value, name, context)) Field::in(to) = std::move(*read);
  };
  made.show = [](const_part from) { return Field::in(from); };
  return made;
}

/// The companion of a secret, which names a file with it.
inline binding secret_from_file(const binding& of) {
  binding made{value_type::secret_file, "a file that not everybody can read; its end of line is cut", {}, {}, {}};
  made.put = [put = of.put](const node& value, const std::string& name, options_part to, reading_context& context) {
    if (auto read = secret_file(value, name, context)) {
      environment_map none;
      reading_context plain{none, context.faults, context.files, context.warnings};
      put(scalar_node(*read, value.at), name, to, plain);
    }
  };
  return made;
}

} // namespace tickplant::config::bind
