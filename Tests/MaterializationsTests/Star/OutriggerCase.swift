import OrderedCollections
import ProjectModel
import Testing

/// A dimension with outriggers and a mini-dimension, whose histories are replayed.
///
/// `dim` has the attribute `a`, the place `p` and a day; its columns `m` and `n` are those of `profile`. `plain` says of
/// them, as a dimension of its own, what the mini-dimension's history must say.
struct OutriggerCase: Sendable, CustomTestStringConvertible {
  var isSnapshot = true
  var deletes = "invalidate"
  var first = "source"
  var hasVersions = true
  var hasHashKeys = false
  /// The statements are those for Redshift, which PostgreSQL takes as well.
  var isRedshift = false

  var testDescription: String {
    [
      isSnapshot ? "snapshot" : "changes", deletes, first, hasVersions ? "" : "without-versions",
      hasHashKeys ? "hash" : "", isRedshift ? "redshift" : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  static let all = [
    OutriggerCase(), OutriggerCase(isSnapshot: false), OutriggerCase(deletes: "soft", first: "always"),
    OutriggerCase(deletes: "new_record", hasHashKeys: true),
    OutriggerCase(isSnapshot: false, deletes: "ignore", hasVersions: false),
    OutriggerCase(deletes: "invalidate", hasVersions: false),
    OutriggerCase(isRedshift: true), OutriggerCase(isSnapshot: false, hasHashKeys: true, isRedshift: true),
    OutriggerCase(deletes: "soft", first: "always", isRedshift: true),
    OutriggerCase(deletes: "new_record", hasVersions: false, isRedshift: true),
  ]

  var fixture: StarFixture {
    var rules: OrderedDictionary<String, PlainValue> = [
      "materialized": "dimension", "natural_key": "k", "effective_at": "at", "deletes": .string(deletes),
      "input": isSnapshot ? "snapshot" : "changes", "first_version_from": .string(first),
    ]
    if !isSnapshot { rules["operation"] = "op" }
    let columns = ["at timestamp without time zone"] + (isSnapshot ? [] : ["op text"])
    var fixture = StarFixture()
    fixture.isRedshift = isRedshift
    fixture.add(
      "place",
      [
        "materialized": "dimension", "natural_key": "id", "effective_at": "since", "input": "changes",
        "surrogate_key": "place_key",
      ], sql: "select * from star.places",
      columns: ["id text", "name text", "since timestamp without time zone"])
    fixture.add(
      "date", ["materialized": "date_dimension", "start": "2000-01-01", "end": "2000-01-20"], sql: "",
      columns: [])
    var plain = rules
    plain["surrogate_key"] = "key"
    plain["members"] = false
    fixture.add(
      "plain", plain, sql: "select k, m, n, at\(isSnapshot ? "" : ", op") from star.source",
      columns: ["k integer", "m text", "n integer"] + columns)
    var whole = rules
    whole["surrogate_key"] = hasHashKeys ? ["name": "key", "method": "hash"] : "key"
    if !hasVersions { whole["scd_type"] = 1 }
    whole["outriggers"] = [
      ["to": "place", "key": "p", "role": "then", "at": "valid_from"],
      ["to": "place", "key": "p", "role": "now", "at": "current"],
      ["to": "date", "key": "day", "role": "first", "missing": "not_applicable"],
    ]
    whole["mini_dimensions"] = [["to": "profile", "columns": ["m", "n"], "current_key": true]]
    let all = ["k integer", "a text", "p text", "day date", "m text", "n integer"] + columns
    fixture.add("dim", whole, sql: "select * from star.source", columns: all)
    fixture.add(
      "profile",
      [
        "materialized": "mini_dimension",
        "surrogate_key": hasHashKeys ? ["name": "profile_key", "method": "hash"] : "profile_key",
      ], sql: "select * from star.source", columns: all)
    fixture.add(
      "fct",
      [
        "materialized": "fact", "grain": "id", "event_time": "happened", "loaded_at": "loaded",
        "degenerate": "k", "dimensions": [["to": "dim", "key": "k", "missing": "not_applicable"]],
      ], sql: "select * from star.facts",
      columns: ["id integer", "k integer", "happened timestamp without time zone", "loaded integer"])
    return fixture
  }

  var tables: String {
    """
    create table star.source (k integer, a text, p text, day date, m text, n integer, at timestamp\
    \(isSnapshot ? "" : ", op text"));
    create table star.places (id text, name text, since timestamp);
    create table star.facts (id integer, k integer, happened timestamp, loaded integer)
    """
  }

  // MARK: What must hold, as queries that find what does not

  private var unknown: String { hasHashKeys ? "'-1'" : "-1" }
  private var notApplicable: String { hasHashKeys ? "'-2'" : "-2" }
  private let holds = ">= h.valid_from and %t < coalesce(h.valid_to, 'infinity')"

  private func at(_ time: String) -> String { "\(time) \(holds.replacing("%t", with: time))" }

  var offences: [(name: String, query: String)] {
    guard isRedshift else { return allOffences }
    return allOffences.map { ($0.name, $0.query.replacing("'-infinity'", with: "'1900-01-01'")) }
  }

  private var allOffences: [(name: String, query: String)] {
    let stated =
      isSnapshot && (deletes == "invalidate" || deletes == "new_record") || first == "always"
      ? "case when d.valid_from = '-infinity' then coalesce(d.stated_at, d.valid_from) else d.valid_from end"
      : "d.valid_from"
    let history = "k, m, n, valid_from, valid_to, is_current"
    return [
      (
        "the history differs from that of a plain dimension",
        """
        (select \(history) from star.profile__history except all select \(history) from star.plain)
        union all
        (select \(history) from star.plain except all select \(history) from star.profile__history)
        """
      ),
      (
        "a row of the history leads to another combination",
        """
        select h.* from star.profile__history h left join star.profile m using (profile_key)
        where row(h.m, h.n) is distinct from row(m.m, m.n)
        """
      ),
      (
        "a combination stands there twice",
        "select m, n from star.profile where profile_key not in (\(unknown), \(notApplicable)) "
          + "group by m, n having count(*) > 1"
      ),
      (
        "the present combination is another",
        """
        select d.* from star.dim d where d.k > 0 and d.current_profile_key is distinct from coalesce((
          select h.profile_key from star.profile__history h where h.k = d.k order by h.valid_from desc limit 1), \(unknown))
        """
      ),
      (
        "an outrigger leads to another version",
        """
        select d.* from star.dim d where d.k > 0 and (
          d.then_place_key is distinct from coalesce((
            select h.place_key from star.place h where h.id = d.p and \(at("(\(stated))"))), -1)
          or d.now_place_key is distinct from coalesce((
            select h.place_key from star.place h where h.id = d.p order by h.valid_from desc limit 1), -1)
          or d.first_date_key is distinct from coalesce((
            select h.date_key from star.date h where h.date = d.day), case when d.day is null then -2 else -1 end))
        """
      ),
      (
        "a member leads elsewhere",
        "select * from star.dim d where d.k < 0 and (d.now_place_key <> d.k or d.first_date_key <> d.k "
          + "or d.current_profile_key::text <> d.k::text)"
      ),
      (
        "a fact has another key",
        """
        select f.* from star.fct f
        where f.profile_key is distinct from case
            when f.key = \(notApplicable) then \(notApplicable) when f.key = \(unknown) then \(unknown)
            else coalesce((
              select h.profile_key from star.profile__history h where h.k = f.k and \(at("f.happened"))), \(unknown)) end
          or f.key = \(notApplicable) and f.k is not null
        """
      ),
    ]
  }
}
