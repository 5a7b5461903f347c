import OrderedCollections
import ProjectModel
import Testing

@testable import StarModel

/// Declarations of dates and times of day.
@Suite struct CalendarConfigTests {
  typealias Config = OrderedDictionary<String, PlainValue>

  @Test func aDay() throws {
    let decoded = TimeDimension.decode(
      Declarations.node(
        "dim_time",
        [
          "materialized": "time_dimension", "grain": "15 minutes", "languages": ["de"],
          // YAML's 12:30 is 750.
          "parts_of_day": ["evening": 18, "lunch": ["from": 750, "de": "Mittag"], "morning": "06:30"],
        ]))
    #expect(told(decoded.diagnostics) == [])
    let times = try #require(decoded.value)
    #expect(times.grain == "15 minutes" && times.surrogateKey == "time_key" && times.keyFormat == .hhmmss)
    #expect(times.parts.map(\.name) == ["morning", "lunch", "evening"])
    #expect(times.parts.map(\.from) == [390, 750, 1080])
    #expect(times.parts.map { $0.names[.de] } == ["Morgen", "Mittag", "Abend"])
  }

  @Test(
    arguments: [
      ("second", "second"), ("minute", "minute"), ("hour", "60 minutes"), ("2 hours", "120 minutes"),
      ("90", nil), (.int(90), "90 minutes"), (.int(7), nil), (.int(0), nil), ("day", nil), (.bool(true), nil),
    ] as [(PlainValue, String?)])
  func grains(_ written: PlainValue, _ grain: String?) throws {
    let decoded = TimeDimension.decode(
      Declarations.node("t", ["materialized": "time_dimension", "grain": written]))
    #expect(decoded.diagnostics.map(\.code) == (grain == nil ? ["bad-config-value"] : []))
    if let grain { #expect(decoded.value?.grain == grain) }
  }

  @Test(
    arguments: [
      (
        ["graim": "minute"],
        "unknown-config-key:2: 'graim' in the config of t is not a key; did you mean 'grain'?"
      ),
      (
        ["grain": "second", "key_format": "minutes"],
        "bad-config-value:3: t has a row for each second, and keys that count minutes"
      ),
      (
        ["key_format": "hhmm"],
        "bad-config-value:2: key_format of t is 'hhmm', and must be one of hhmmss, minutes"
      ),
      (
        ["members": ["unknown": 0]],
        "bad-config-value:2: member unknown of t has key 0, which could be a time"
      ),
      (
        ["languages": ["de"], "parts_of_day": ["lunch": 12]],
        "missing-config-key:3: 'lunch' in parts_of_day of t has no name in de"
      ),
      (
        ["parts_of_day": ["noon": 12, "lunch": "12:00"]],
        "bad-config-value:2: noon and lunch in parts_of_day of t begin at one time"
      ),
      (
        ["parts_of_day": ["noon": "12h"]],
        "bad-config-value:2: parts_of_day.noon of t is '12h', and must be an hour from 0 to 23, or a time such as '06:30'"
      ),
      (
        ["parts_of_day": ["noon": ["from": 12, "deu": "Mittag"]]],
        "unknown-config-key:2: 'deu' in 'noon' in parts_of_day of t is not a key; did you mean 'de'?"
      ),
      (
        ["languages": ["dk"]],
        "bad-config-value:2: languages of t is 'dk', and must be one of de, es, fr, it, nl, pt"
      ),
    ] as [(Config, String)])
  func mistakesInTimes(_ config: Config, _ expected: String) {
    let base: Config = ["materialized": "time_dimension"]
    let node = Declarations.node("t", base.merging(config) { $1 })
    #expect(told(TimeDimension.decode(node).diagnostics) == [expected])
  }

  @Test(
    arguments: [
      (["languages": "de"], nil),
      (["languages": ["de", "de"]], "bad-config-value:3: languages of d names the column de twice"),
      (
        ["languages": ["german"]],
        "bad-config-value:3: languages of d is 'german', and must be one of de, es, fr, it, nl, pt"
      ),
      (
        ["holidays": ["list"]],
        "bad-config-value:3: holidays of d is a list, and must be a seed's name or {from:, date:, name:}"
      ),
      (
        ["holidays": ["from": "h", "day": "d"]],
        "unknown-config-key:3: 'day' in holidays of d is not a key"
      ),
      (
        ["holidays": ["from": "h", "date": 1]],
        "bad-config-value:3: holidays.date of d is 1, and must be a column"
      ),
      (
        ["holidays": ["date": "h"]],
        "bad-config-value:3: holidays of d is a mapping, and must be a seed's name or {from:, date:, name:}"
      ),
      (
        ["fiscal_year_start": 13],
        "bad-config-value:3: fiscal_year_start of d is 13, and must be a month from 1 to 12"
      ),
    ] as [(Config, String?)])
  func mistakesInDates(_ config: Config, _ expected: String?) {
    let base: Config = ["materialized": "date_dimension", "start": "2024-01-01"]
    let node = Declarations.node("d", base.merging(config) { $1 })
    #expect(told(DateDimension.decode(node).diagnostics) == [expected].compactMap(\.self))
  }

  @Test func aFactFindsItsTime() throws {
    var declarations = Declarations()
    declarations.add("dim_time", ["materialized": "time_dimension"])
    declarations.add(
      "fct_visit",
      [
        "materialized": "fact", "grain": "visit_id",
        "dimensions": [
          ["to": "dim_time", "key": "came_at", "role": "arrival"],
          ["to": "dim_time", "key": "left_at", "role": "departure", "missing": "infer"],
        ],
      ])
    let star = Star(declarations.manifest)
    #expect(
      told(star.diagnostics) == [
        "bad-config-value:3: fct_visit cannot infer members of the time dimension dim_time"
      ])
    let lookups = star.lookups(of: try #require(star.facts.values.first), declarations.manifest)
    #expect(
      lookups.map { $0.edge.foreignKey($0.target.surrogateKey.name) } == [
        "arrival_time_key", "departure_time_key",
      ])
    #expect(lookups.map(\.target.keyType) == ["integer", "integer"])
    #expect(star.busMatrix(declarations.manifest).columns.map(\.uses) == [1])
  }
}
