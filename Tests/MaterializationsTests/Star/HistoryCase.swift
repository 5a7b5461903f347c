import OrderedCollections
import ProjectModel
import Testing

/// A declaration of a dimension whose histories are replayed.
///
/// Its attributes are `a` (type 2), `b` (type 1), `c` (type 0) and `d` (type 6); without versions they are of types
/// 1, 1, 0 and 1.
struct HistoryCase: Sendable, CustomTestStringConvertible {
  var isSnapshot = true
  var hasTime = true
  var deletes = "invalidate"
  var late = "splice"
  var first = "source"
  var hasVersions = true
  var collapses = false
  var hasHashKeys = false
  /// `valid_to_current`
  var openEnd: String?
  /// A fact makes rows for keys that the dimension does not know, and is keyed to its versions.
  var infers = false
  /// Now and then a load is a full refresh.
  var refreshes = false
  /// `a` is of type 7, so that members have durable keys.
  var isDual = false
  /// `b` is of type 3, not 1.
  var hasPrevious = false
  /// Changes come as Debezium writes them, deletions with a time in a column of its own.
  var hasCodes = false
  /// What the table held at any recorded time is kept.
  var isBitemporal = false
  /// The statements are those for Redshift, which PostgreSQL takes as well.
  var isRedshift = false
  /// After some loads the table becomes one that dbt's snapshots write, and a new dimension takes it over.
  var takesOver = false

  var testDescription: String {
    let words = [
      isSnapshot ? "snapshot" : "changes", hasTime ? "timed" : "", deletes, late, first,
      hasVersions ? "" : "without-versions", collapses ? "collapse" : "", hasHashKeys ? "hash" : "",
      openEnd == nil ? "" : "open-end", infers ? "infer" : "", refreshes ? "refresh" : "",
      isDual ? "dual" : "", hasPrevious ? "previous" : "", hasCodes ? "codes" : "",
      isBitemporal ? "bitemporal" : "", takesOver ? "taken-over" : "", isRedshift ? "redshift" : "",
    ]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  static let all: [HistoryCase] = {
    var cases: [HistoryCase] = []
    for deletes in ["invalidate", "new_record", "soft", "ignore"] {
      for first in ["source", "always"] {
        cases += [
          HistoryCase(deletes: deletes, first: first),
          HistoryCase(hasTime: false, deletes: deletes, first: first),
          HistoryCase(isSnapshot: false, deletes: deletes, first: first),
        ]
      }
      cases += [
        HistoryCase(deletes: deletes, hasVersions: false),
        HistoryCase(hasTime: false, deletes: deletes, hasVersions: false),
        HistoryCase(isSnapshot: false, deletes: deletes, hasVersions: false),
        HistoryCase(deletes: deletes, infers: true, refreshes: true),
        HistoryCase(isSnapshot: false, deletes: deletes, infers: true, refreshes: true),
      ]
    }
    return cases + [
      HistoryCase(late: "ignore"), HistoryCase(isSnapshot: false, late: "ignore"),
      HistoryCase(isSnapshot: false, late: "error"), HistoryCase(isSnapshot: false, collapses: true),
      HistoryCase(hasHashKeys: true, openEnd: "9999-12-31"),
      HistoryCase(isSnapshot: false, hasHashKeys: true, openEnd: "9999-12-31"),
      HistoryCase(hasTime: false, infers: true, refreshes: true),
      HistoryCase(infers: true, refreshes: true, isDual: true),
      HistoryCase(isSnapshot: false, hasCodes: true),
      HistoryCase(isSnapshot: false, deletes: "soft", hasVersions: false, hasCodes: true),
      HistoryCase(deletes: "new_record", hasPrevious: true),
      HistoryCase(hasTime: false, hasPrevious: true),
      HistoryCase(isSnapshot: false, hasPrevious: true),
      HistoryCase(hasVersions: false, hasPrevious: true),
      HistoryCase(late: "ignore", hasVersions: false, hasPrevious: true),
      HistoryCase(isSnapshot: false, deletes: "soft", hasVersions: false, hasPrevious: true),
      HistoryCase(isSnapshot: false, infers: true, isDual: true),
      HistoryCase(isSnapshot: false, hasHashKeys: true, isDual: true),
      HistoryCase(hasTime: false, takesOver: true),
      HistoryCase(hasTime: false, deletes: "new_record", hasHashKeys: true, takesOver: true),
      HistoryCase(hasTime: false, deletes: "ignore", isDual: true, takesOver: true),
      HistoryCase(isSnapshot: false, takesOver: true),
      HistoryCase(isSnapshot: false, deletes: "new_record", refreshes: true, takesOver: true),
      HistoryCase(isSnapshot: false, deletes: "ignore", hasHashKeys: true, takesOver: true),
      HistoryCase(refreshes: true, isBitemporal: true),
      HistoryCase(deletes: "new_record", isDual: true, isBitemporal: true),
      HistoryCase(isSnapshot: false, deletes: "soft", hasHashKeys: true, isBitemporal: true),
      HistoryCase(hasTime: false, hasVersions: false, hasPrevious: true, isBitemporal: true),
    ]
  }()

  /// What is written for Redshift, too: one in `step` of them, of every kind some.
  static func redshift(step: Int) -> [HistoryCase] {
    let written = all
    return stride(from: 0, to: written.count, by: step).map { place in
      var item = written[place]
      item.isRedshift = true
      return item
    }
  }

  // MARK: For whc

  var fixture: StarFixture { fixture(takingOver: false) }

  func fixture(takingOver: Bool) -> StarFixture {
    var config: OrderedDictionary<String, PlainValue> = [
      "materialized": "dimension", "natural_key": "k", "surrogate_key": "key",
      "input": isSnapshot ? "snapshot" : "changes", "deletes": .string(deletes),
      "late_arriving": .string(late), "first_version_from": .string(first),
    ]
    if hasTime { config["effective_at"] = "at" }
    if !isSnapshot {
      config["operation"] = hasCodes ? ["column": "op", "codes": "debezium", "at": "gone"] : "op"
    }
    if !hasVersions { config["scd_type"] = 1 }
    if isDual { config["scd_type"] = 7 }
    if collapses { config["collapse"] = true }
    if hasHashKeys { config["surrogate_key"] = ["name": "key", "method": "hash"] }
    if takingOver {
      config["take_over"] = [
        "from": "star.older",
        "columns": ["surrogate_key": "older_key", "a": "first", "durable_key": "member"],
        "valid_to_current": "3000-01-01",
      ]
      if !isDual { config["take_over"] = config["take_over"].map(Self.withoutDurable) }
    }
    if isBitemporal { config["bitemporal"] = ["recorded_to": "until"] }
    if let openEnd { config["valid_to_current"] = .string(openEnd) }
    let columns =
      ["k integer", "a text", "b text", "c text", "d text"]
      + (hasTime ? ["at timestamp without time zone"] : []) + (isSnapshot ? [] : ["op text"])
      + (hasCodes ? ["gone timestamp without time zone"] : [])
    var fixture = StarFixture()
    fixture.isRedshift = isRedshift
    fixture.add(
      "dim", config, sql: "select * from star.source", columns: columns,
      types: hasVersions
        ? ["b": hasPrevious ? 3 : 1, "c": 0, "d": 6] : ["a": 1, "b": hasPrevious ? 3 : 1, "c": 0, "d": 1])
    if infers {
      fixture.add(
        "fct",
        [
          "materialized": "fact", "grain": ["id"], "event_time": "at", "lookback": "400 days",
          "degenerate": ["k"], "dimensions": [["to": "dim", "key": "k", "missing": "infer"]],
        ], sql: "select * from star.facts",
        columns: ["id integer", "k integer", "at timestamp without time zone"])
    }
    return fixture
  }

  private static func withoutDurable(_ value: PlainValue) -> PlainValue {
    guard var mapping = value.mapping, var columns = mapping["columns"]?.mapping else { return value }
    columns["durable_key"] = nil
    mapping["columns"] = .mapping(columns)
    return .mapping(mapping)
  }

  /// The dimension as a snapshot would have it; the dimension is gone.
  var asSnapshot: String {
    let isRecord = deletes == "new_record" ? "is_deleted" : "false"
    return """
      create table star.older as
      select key as older_key, k, a as first, b, c, d, \(isDual ? "key_durable as member," : "")
        valid_from as dbt_valid_from, coalesce(valid_to, '3000-01-01') as dbt_valid_to,
        md5(key::text) as dbt_scd_id, initcap((\(isRecord))::text) as dbt_is_deleted
      from star.dim where k > 0;
      drop table star.dim, star.dim__ledger cascade
      """
  }

  var tables: String {
    """
    create table star.source (k integer, a text, b text, c text, d text\(hasTime ? ", at timestamp" : "")\
    \(isSnapshot ? "" : ", op text")\(hasCodes ? ", gone timestamp" : ""));
    create table star.facts (id integer, k integer, at timestamp)
    """
  }

  func row(_ unit: ReferenceDimension.Unit) -> String {
    var fields = ["\(unit.key)"] + unit.values.map { $0.map { "'\($0)'" } ?? "null" }
    let time = "'\(StarWarehouse.time(unit.time ?? 0))'"
    if hasCodes {
      let written = unit.values[0] == "x" ? "'c', null" : "'u', '2000-01-01'"
      fields += unit.isDeletion ? ["null", "'d'", time] : [time, written]
      // What is ignored need not make sense.
      return "(\(fields.joined(separator: ", "))), (null, null, null, null, null, null, 't', null)"
    }
    if hasTime { fields.append(time) }
    if !isSnapshot { fields.append(unit.isDeletion ? "'D'" : "'U'") }
    return "(\(fields.joined(separator: ", ")))"
  }

  /// The dimension's rows as ``ReferenceDimension/rows`` writes them.
  var shown: String { shown(in: "star.dim") }

  func shown(in table: String) -> String {
    let end = openEnd.map { "nullif(valid_to, '\($0)')" } ?? "valid_to"
    let start =
      isRedshift
      ? "regexp_replace(valid_from::text, '^1900-01-01 00:00:00([+]00)?$', '-infinity')" : "valid_from::text"
    return """
      select k, a, b, c, d, \(hasVersions ? "current_d" : "d"), left(\(start), 19), left((\(end))::text, 19),
        is_current, \(["soft", "new_record"].contains(deletes) ? "is_deleted" : "false"),
        \(infers ? "is_inferred" : "false")
      from \(table) where k > 0
      """
  }

  /// The same of what was recorded at a time.
  func shown(recordedAt time: Double) -> String {
    let time = "timestamptz '\(StarWarehouse.time(time))+00'"
    return shown(
      in: "(select * from star.dim_recorded where recorded_from <= \(time) and until > \(time)) d")
  }

  // MARK: For the reference

  var settings: ReferenceDimension.Settings {
    .init(
      isSnapshot: isSnapshot, deletes: deletes, late: late, always: first == "always",
      hasVersions: hasVersions, collapses: hasVersions && (isSnapshot || collapses))
  }
}
