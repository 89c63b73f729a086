// What one client has asked for by names and wildcards, and the rows in the hub's tables that stand for it: one row for
// an instrument, whoever asked for it. A name beats a wildcard, of equals the later one decides. One thread; says what
// has to be done to rows, and does nothing itself. Made small: there is an ask for each name of each client.
#pragma once

#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/option_set.hpp"
#include "runtime/fanout/wildcard.hpp"
#include "runtime/policy/entitlement.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::fanout {

/// One thing to do to a row of the hub.
struct row_order {
  enum class kind : uint8_t { add, remove, change, pause };
  kind what = kind::add;
  bool is_paused = false; // add, pause; change: the row was, and stays so
  model::instrument_id id{};
  options_ptr options;          // of the row; of a change, those it had
  options_ptr to;               // change
  std::vector<line_point> from; // add: where the client was. A row that is there already goes back to it
};

/// Who counts the symbols of a client.
class symbol_budget {
public:
  virtual ~symbol_budget() = default;
  /// `held`: how many it has. False: it may not have one more.
  virtual bool take_symbol(size_t held) = 0;
  /// One that it has anyway, in other shape.
  virtual void keep_symbol() = 0;
  virtual void give_symbol() = 0;
};

class ask_list {
public:
  struct ask {
    /// What few have.
    struct particulars {
      explicit particulars(const wildcard& of) : pattern(of) {}
      explicit particulars(std::vector<line_point> places) : from(std::move(places)) {}
      std::optional<wildcard> pattern;
      uint32_t matched = 0, left_out = 0; // of a wildcard: instruments it stands for; those beyond the limit
      std::vector<line_point> from;       // of a name that is not known yet
    };
    std::string name;
    options_ptr options;
    std::unique_ptr<particulars> more;      // null: neither a wildcard, nor is it to go on from anywhere
    uint32_t number = 0;                    // rises with each SUBSCRIBE
    std::optional<model::instrument_id> id; // of a name; empty: it is not known yet
    bool is_paused = false;

    /// Null: it is a name.
    const wildcard* pattern() const { return more && more->pattern ? &*more->pattern : nullptr; }
    uint32_t matched() const { return more ? more->matched : 0; }
    uint32_t left_out() const { return more ? more->left_out : 0; }
  };
  using places = std::map<model::instrument_id, std::vector<line_point>>;

  /// Both outlive the list.
  ask_list(const directory& names, symbol_budget& budget) : names_(names), budget_(budget) {}

  /// What the client may see; null: everything. Wildcards are held to it.
  void set_rights(std::shared_ptr<const policy::entitlement> rights) { rights_ = std::move(rights); }

  /// So many names are about to come: room is made for them at once.
  void expect(size_t names);

  enum class outcome : uint8_t { done, no_room, not_entitled };
  /// A name that stands for `id`, or for nobody knows whom yet.
  outcome put_name(std::string_view name, std::optional<model::instrument_id> id, const option_set& options,
                   std::vector<line_point> from);
  outcome put_wildcard(std::string_view name, const wildcard& pattern, const option_set& options, const places& from);
  bool remove(std::string_view name);
  /// Other options for what was asked by this name.
  void change(std::string_view name, const option_set& options);
  void pause(std::string_view name, bool is_paused);
  /// A name that was not known yet stands for this instrument.
  void settle(std::string_view name, model::instrument_id id);
  /// An instrument has come up: true if a wildcard now has it.
  bool instrument_came(model::instrument_id id);
  /// An instrument is gone; names that stood for it are not known again.
  void instrument_gone(model::instrument_id id);
  /// Takes away what the rights do not allow; answers which instruments of wildcards those were. Wildcards get what has
  /// come within their reach.
  std::vector<model::instrument_id> hold_to_rights();
  /// The row of this instrument goes back to where the client was.
  void resume(model::instrument_id id, std::vector<line_point> from);

  const ask* find(std::string_view name) const;
  /// By whose options the instrument comes, null: it does not.
  const ask* owner_of(model::instrument_id id) const;
  /// By name.
  const std::vector<std::unique_ptr<ask>>& asks() const { return asks_; }
  /// The rows that have these options, as orders to add them.
  std::vector<row_order> rows_of(const option_set& options) const;
  bool has_row_of(const option_set& options) const;
  /// Instruments, and names that may yet become some.
  size_t size() const { return rows_.size() + pending_; }
  /// Whether it matters to this client what instruments come and go.
  bool follows_directory() const { return pending_ > 0 || !wildcards_.empty(); }
  bool is_allowed(const model::instrument& instrument) const {
    return !rights_ || rights_->decide(instrument.venue, instrument.symbol) == 0;
  }
  std::vector<row_order> take_orders() { return std::exchange(orders_, {}); }

private:
  struct row {
    model::instrument_id id{};
    ask* owner = nullptr;
  };
  using asks_by_name = std::vector<std::unique_ptr<ask>>;
  asks_by_name::const_iterator place_of(std::string_view name) const;
  ask* find_ask(std::string_view name);
  ask* find_as(bool is_wildcard, std::string_view name);
  ask& put(std::string_view name, const option_set& options);
  void drop(const ask& one);
  const options_ptr& shared(const option_set& options);
  std::vector<row>::iterator place_of(model::instrument_id id);
  row* find_row(model::instrument_id id);
  void own(model::instrument_id id, ask& by, std::vector<line_point> from);
  void let_go(model::instrument_id id);
  ask* heir_of(model::instrument_id id, const ask* except);
  bool means(const ask& by, const model::instrument& instrument) const;
  bool expand(ask& by, const places& from);
  void fill();

  const directory& names_;
  symbol_budget& budget_;
  std::shared_ptr<const policy::entitlement> rights_;
  asks_by_name asks_;
  std::vector<row> rows_; // by id
  std::vector<ask*> wildcards_;
  std::vector<row_order> orders_;
  options_ptr last_options_;         // asked for last; those of the next are mostly the same
  uint32_t pending_ = 0, known_ = 0; // names; names that stand for an instrument
  uint32_t last_number_ = 0;
};

} // namespace tickplant::fanout
