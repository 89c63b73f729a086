#include "runtime/plugin/manifest.hpp"

#include <algorithm>
#include <span>

namespace tickplant::plugin {

namespace {

constexpr size_t longest_name = 64, longest_text = 256;

/// A member of a kind's table that must be there. All such members are pointers to functions.
struct needed_function {
  std::string_view name;
  size_t offset;
};

#define TP_NEEDED(table, member)                                                                                       \
  { #member, offsetof(table, member) }

// on_stream, on_http, on_interest, resynchronise may be null: a venue without TCP lines, HTTP requests, upstream
// subscriptions or snapshots has nothing to do there.
constexpr needed_function venue_functions[] = {TP_NEEDED(tp_venue_ops, validate), TP_NEEDED(tp_venue_ops, create),
                                               TP_NEEDED(tp_venue_ops, start),    TP_NEEDED(tp_venue_ops, on_units),
                                               TP_NEEDED(tp_venue_ops, on_line),  TP_NEEDED(tp_venue_ops, on_timer),
                                               TP_NEEDED(tp_venue_ops, stop),     TP_NEEDED(tp_venue_ops, destroy)};

constexpr needed_function dialect_functions[] = {
  TP_NEEDED(tp_dialect_ops, validate), TP_NEEDED(tp_dialect_ops, create),  TP_NEEDED(tp_dialect_ops, decode),
  TP_NEEDED(tp_dialect_ops, envelope), TP_NEEDED(tp_dialect_ops, element), TP_NEEDED(tp_dialect_ops, reply),
  TP_NEEDED(tp_dialect_ops, destroy)};

// recheck may be null: a policy whose answers no reload can change.
constexpr needed_function auth_functions[] = {TP_NEEDED(tp_auth_ops, validate), TP_NEEDED(tp_auth_ops, create),
                                              TP_NEEDED(tp_auth_ops, check), TP_NEEDED(tp_auth_ops, destroy)};

constexpr needed_function compression_functions[] = {
  TP_NEEDED(tp_compression_ops, validate), TP_NEEDED(tp_compression_ops, create),
  TP_NEEDED(tp_compression_ops, traits),   TP_NEEDED(tp_compression_ops, negotiate),
  TP_NEEDED(tp_compression_ops, head),     TP_NEEDED(tp_compression_ops, part),
  TP_NEEDED(tp_compression_ops, seam),     TP_NEEDED(tp_compression_ops, tail),
  TP_NEEDED(tp_compression_ops, whole),    TP_NEEDED(tp_compression_ops, unpack),
  TP_NEEDED(tp_compression_ops, destroy)};

#undef TP_NEEDED

/// What the handshake asks of one kind. Another kind is another row.
struct kind_rule {
  uint32_t kind;
  size_t event_size, least_event; // now, and of minor version 0
  size_t least_table;             // the table of minor version 0
  std::span<const needed_function> functions;
};

constexpr kind_rule rules[] = {
  {TP_KIND_VENUE, sizeof(tp_event), sizeof(tp_event), offsetof(tp_venue_ops, destroy) + sizeof(void*), venue_functions},
  {TP_KIND_DIALECT, sizeof(tp_element), offsetof(tp_element, legs), offsetof(tp_dialect_ops, destroy) + sizeof(void*),
   dialect_functions},
  {TP_KIND_AUTH, sizeof(tp_principal), sizeof(tp_principal), offsetof(tp_auth_ops, destroy) + sizeof(void*),
   auth_functions},
  {TP_KIND_COMPRESSION, sizeof(tp_agreement), sizeof(tp_agreement),
   offsetof(tp_compression_ops, destroy) + sizeof(void*), compression_functions},
};

std::string found_wanted(std::string_view what, const std::string& found, const std::string& wanted) {
  return std::string{what} + " is " + found + ", wanted " + wanted;
}

std::string printable(std::string_view text) {
  std::string shown{text.substr(0, longest_name)};
  std::ranges::replace_if(
    shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return '\'' + shown + '\'';
}

void check_text(std::vector<std::string>& faults, std::string_view what, tp_str text) {
  if (text.size > longest_text)
    faults.push_back(found_wanted(what, std::to_string(text.size) + " bytes long", "at most 256"));
  else if (text.size > 0 && !text.data)
    faults.push_back(std::string{what} + " has a size but no text");
}

void check_table(std::vector<std::string>& faults, const tp_plugin& manifest, const kind_rule& rule) {
  if (manifest.event_size < rule.least_event || manifest.event_size > rule.event_size)
    faults.push_back(found_wanted("event_size", std::to_string(manifest.event_size), std::to_string(rule.event_size)));
  if (!manifest.ops) {
    faults.push_back("ops is null, wanted the table of functions of kind " + std::string{kind_name(rule.kind)});
    return;
  }
  uint32_t size = 0;
  std::memcpy(&size, manifest.ops, sizeof size);
  if (size < rule.least_table)
    faults.push_back(found_wanted("struct_size of the table of functions", std::to_string(size),
                                  "at least " + std::to_string(rule.least_table)));
  for (const auto& [name, offset] : rule.functions) {
    const void* function = nullptr;
    if (offset + sizeof function > size) {
      faults.push_back(std::string{name} + " lies beyond the table's struct_size, wanted a function");
      continue;
    }
    std::memcpy(&function, static_cast<const char*>(manifest.ops) + offset, sizeof function);
    if (!function) faults.push_back(std::string{name} + " is null, wanted a function");
  }
  if (rule.kind == TP_KIND_VENUE && size >= rule.least_table) {
    const auto* ops = static_cast<const tp_venue_ops*>(manifest.ops);
    if (ops->counter_count > 0 && !ops->counters)
      faults.emplace_back("counters is null although counter_count is not 0");
    if (ops->counter_count > 4096)
      faults.push_back(found_wanted("counter_count", std::to_string(ops->counter_count), "at most 4096"));
  }
  if (rule.kind == TP_KIND_DIALECT && size >= rule.least_table) {
    const auto* ops = static_cast<const tp_dialect_ops*>(manifest.ops);
    if (ops->separator.size > 8 || ops->tail.size > 8)
      faults.emplace_back("separator or tail is longer than 8 bytes, wanted at most 8");
    if (ops->frame_flags != TP_FRAME_TEXT && ops->frame_flags != TP_FRAME_BINARY)
      faults.push_back(found_wanted("frame_flags", std::to_string(ops->frame_flags), "1 (text) or 2 (binary)"));
  }
}

} // namespace

std::string_view kind_name(uint32_t kind) {
  switch (kind) {
    case TP_KIND_VENUE: return "venue";
    case TP_KIND_DIALECT: return "dialect";
    case TP_KIND_AUTH: return "auth";
    case TP_KIND_COMPRESSION: return "compression";
    case TP_KIND_BACKPLANE: return "backplane";
    default: return "unknown";
  }
}

bool is_plugin_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name) return false;
  return std::ranges::all_of(
    name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

std::vector<std::string> faults_of(const tp_plugin* manifest, uint32_t wanted_kind) {
  const std::string ours = std::to_string(TP_ABI_MAJOR) + '.' + std::to_string(TP_ABI_MINOR);
  if (!manifest) return {"the manifest is null: the plugin cannot serve a host of ABI " + ours};
  const std::string theirs = std::to_string(manifest->abi_major) + '.' + std::to_string(manifest->abi_minor);
  if (manifest->abi_major != TP_ABI_MAJOR) return {found_wanted("ABI version", theirs, ours)};
  if (manifest->struct_size < sizeof(tp_plugin))
    return {found_wanted("struct_size of the manifest", std::to_string(manifest->struct_size),
                         "at least " + std::to_string(sizeof(tp_plugin)))};

  std::vector<std::string> faults;
  if (manifest->abi_minor > TP_ABI_MINOR)
    faults.push_back(found_wanted("ABI version", theirs, ours + " or an older minor version"));
  if (manifest->name.size > longest_text || !manifest->name.data ||
      !is_plugin_name({manifest->name.data, manifest->name.size}))
    faults.push_back(found_wanted("name",
                                  manifest->name.data && manifest->name.size <= longest_text
                                    ? printable({manifest->name.data, manifest->name.size})
                                    : "no text",
                                  "1 to 64 characters of a-z, 0-9, _ and -"));
  check_text(faults, "version", manifest->version);
  check_text(faults, "build_id", manifest->build_id);
  if (manifest->kind != wanted_kind) {
    faults.push_back(found_wanted("kind",
                                  std::to_string(manifest->kind) + " (" + std::string{kind_name(manifest->kind)} + ')',
                                  std::to_string(wanted_kind) + " (" + std::string{kind_name(wanted_kind)} + ')'));
    return faults; // its table is another kind's
  }
  for (const auto& rule : rules)
    if (rule.kind == wanted_kind) check_table(faults, *manifest, rule);
  return faults;
}

} // namespace tickplant::plugin
