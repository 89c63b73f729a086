// The text of configs/README.md: a head, a table for each section, and what no table says.
#include "runtime/config/declaration.hpp"
#include "runtime/config/print.hpp"

namespace tickplant::config {

namespace {

const char* const head = R"(# Configuration

This file is written by `tickplantd --print-reference`; a test compares the two. `demo.yaml` is what `./dev demo` runs.

The configuration is read strictly: an unknown key, a wrong type or a value out of range is a fault, told with file, line, column and path; all faults come at once, and
nothing of it comes into force. Relative paths are taken from the folder of the file that they stand in.

- `tickplantd --config FILE --check` tells every fault, those that plugins find in their settings too, and ends with 1 if there is one.
- `--print-defaults` prints a YAML file with every key, `--explain KEY` all about one, `--print-config` the merged configuration with the place of each value.
- Durations carry their unit (`ns us ms s m h`), sizes may (`KiB MiB GiB`). Names of venues are shown in upper case to clients.

**reload** says when a change comes into force without a restart: `live` at once for everybody; `new connections` for clients that come afterwards; `component`: this venue or
listener alone is started again; `process`: a reload that changes such a key is refused as a whole, with the key and both values.

## Files, environment, command line

`include:` at the top of a file names a file, a folder (all its `*.yaml`, in the order of their names) or a list of these, from the folder of that file; at most 8 deep, 256 files,
1 MiB each, 65,536 settings together. Sections are merged key by key, lists of listeners joined. A key, or the name of a venue, policy or tier, that stands in two files is a fault that
names both places.

Above the YAML stands the environment, above that `--set PATH=VALUE` (may be repeated, the last one of a path wins). Lists and mappings are written as in YAML:
`--set 'listeners.0.origins=[https://a.example.com, https://b.example.com]'`. Entries of `listeners` are named by number or by name.

- `TICKPLANT_` and the path in capital letters with `__` between its names sets any key: `TICKPLANT_LIMITS__MAX_SYMBOLS=10`, `TICKPLANT_LISTENERS__0__BIND=0.0.0.0:8081`.
  A variable that begins with `TICKPLANT_` and the name of a section but names no key is a fault.
- `WS_PORT` (or `PORT`) and `WS_HOST` (numeric) set port and address of the first listener, `ALLOWED_ORIGINS` (comma between) the origins of all listeners.

## Secrets

A secret key may be given as text, as `${env:NAME}`, or by the same key with `_file` at its end, which names a file; the end of its line is cut. A file that every user can read is
refused, except in mounts of containers, where it is a warning. Secrets are shown as `***` everywhere. Of the settings of plugins those are secrets whose last name is `secret`, `password` or `token`
or ends in `_secret`, `_password`, `_token` or `_key`; for them `${env:NAME}` works too. Settings whose last name ends in `_file` are paths: they are taken
from the folder of the file that they stand in, and a change of what such a file holds counts as a change of the setting.
)";

const char* const tail = R"(
## Settings of plugins

Whatever the mapping of a venue or policy holds beside the keys above goes to its plugin, flattened: `lines: {a: X}` becomes `lines.a`, entries of lists are numbered. The `symbols` of a venue
are handed over as well. The plugin checks them before anything starts, and its complaints name the same places. Every setting with its default stands in the plugin's own folder,
as in `plugins/venues/nasdaq/nasdaq.yaml.example`.

## Paths of a listener

`routes` maps paths to dialects. Every listener also serves `/ws/v1/<dialect>` for each dialect that some listener names, `/health/live`, `/health/ready`, `/metrics` if its key says so,
and its page, if it has one, on all other paths.
)";

// What a table's cell cannot hold.
std::string cell(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '|') made += '\\';
    made += c;
  }
  while (made.ends_with(',')) made.pop_back();
  return made;
}

std::string named(const std::string& path) {
  std::string made;
  const auto parts = split_path(path);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) made += '.';
    made += parts[i] == "**" ? "<setting>" : parts[i] != "*" ? parts[i] : parts[0] == "listeners" ? "N" : "<name>";
  }
  return made;
}

std::string row(const key& k) {
  const auto code = [](const std::string& text) { return text.empty() ? text : '`' + cell(text) + '`'; };
  auto type = std::string{to_text(k.bound.type)};
  if (!k.unit.empty()) type += ", " + k.unit;
  const auto fallback = k.is_required ? std::string{"must be given"} : code(k.bound.fallback);
  return "| `" + named(k.path) + "` | " + type + " | " + fallback + " | " + cell(k.bound.wanted) + " | " +
         to_text(k.effect) + " | " + cell(k.about) + (k.is_secret() ? " Secret." : "") + " |\n";
}

} // namespace

std::string print_reference() {
  std::string text = head, section;
  for (const auto& k : declaration()) {
    const auto name = split_path(k.path).front();
    if (name != section) {
      section = name;
      text += "\n## " + section +
              "\n\n| key | type | default | allowed | reload | |\n| --- | --- | --- | --- | --- | --- |\n";
    }
    text += row(k);
  }
  return text + tail;
}

} // namespace tickplant::config
