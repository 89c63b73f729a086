#include "config.hpp"

namespace harbour {

namespace sdk = tickplant::sdk;

namespace {

bool is_address(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return false;
  url.remove_prefix(scheme.size());
  const size_t colon = url.rfind(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto port = sdk::to_number<uint16_t>(url.substr(colon + 1));
  return port && *port != 0;
}

} // namespace

options read_options(const sdk::settings& settings, const complain_fn& complain) {
  options made;
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key);
    const bool is_known = key == "lines.a" || key == "lines.b" || key == "lines.snapshot" || key == "reorder_window" ||
                          key == "retry" || key == "symbols" || key.starts_with("symbols.");
    if (!is_known)
      complain(key, "is no setting of this plugin; it knows lines.a, lines.b, lines.snapshot, reorder_window, retry");
  }
  const auto address = [&](std::string_view key, std::string_view scheme, bool is_needed, std::string& into) {
    const auto value = settings.find(key);
    if (value && is_address(*value, scheme))
      into = *value;
    else if (value || is_needed)
      complain(key, "is wanted as " + std::string{scheme} + "ADDRESS:PORT");
  };
  address("lines.a", "udp://", true, made.line_a);
  address("lines.b", "udp://", false, made.line_b);
  address("lines.snapshot", "tcp://", false, made.snapshot);
  const auto duration = [&](std::string_view key, uint64_t& into) {
    const auto value = settings.find(key);
    if (!value) return;
    const auto ns = sdk::to_duration_ns(*value);
    if (ns && *ns <= 60'000'000'000)
      into = *ns;
    else
      complain(key, "is wanted as a duration up to 1m, such as 5ms");
  };
  duration("reorder_window", made.reorder_window_ns);
  duration("retry", made.retry_ns);
  if (made.retry_ns < 100'000'000) complain("retry", "is wanted as at least 100ms: a server is not to be stormed");
  return made;
}

} // namespace harbour
