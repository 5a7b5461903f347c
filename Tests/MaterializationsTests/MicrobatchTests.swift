import OrderedCollections
import ProjectModel
import Testing

@testable import Materializations

struct MicrobatchTests {
  private static func batches(
    _ size: String, begin: String = "2024-01-15", lookback: PlainValue = 1, isIncremental: Bool,
    range: (String, String)? = nil, now: String = "2024-03-03 10:20:30"
  ) throws -> [String] {
    let node = PlanFixture([
      "materialized": "incremental", "incremental_strategy": "microbatch", "batch_size": .string(size),
      "begin": .string(begin), "lookback": lookback,
    ]).input.node
    let window = try range.map {
      Batch(start: try #require(EventTime($0.0)), end: try #require(EventTime($0.1)))
    }
    return try #require(Microbatch(node)).batches(
      isIncremental: isIncremental, range: window, now: try #require(EventTime(now)))?
      .map { "\($0.start.description.dropLast(6)) \($0.end.description.dropLast(6))" } ?? []
  }

  @Test func beginsWithBegin() throws {
    #expect(
      try Self.batches("month", isIncremental: false) == [
        "2024-01-01 00:00:00 2024-02-01 00:00:00", "2024-02-01 00:00:00 2024-03-01 00:00:00",
        "2024-03-01 00:00:00 2024-04-01 00:00:00",
      ])
  }

  @Test(arguments: [
    ("hour", 1, ["2024-03-03 09:00:00 2024-03-03 10:00:00", "2024-03-03 10:00:00 2024-03-03 11:00:00"]),
    ("day", 0, ["2024-03-03 00:00:00 2024-03-04 00:00:00"]),
    ("day", 1, ["2024-03-02 00:00:00 2024-03-03 00:00:00", "2024-03-03 00:00:00 2024-03-04 00:00:00"]),
    ("year", 1, ["2023-01-01 00:00:00 2024-01-01 00:00:00", "2024-01-01 00:00:00 2025-01-01 00:00:00"]),
  ])
  func looksBack(_ size: String, _ lookback: Int, _ expected: [String]) throws {
    #expect(try Self.batches(size, lookback: .int(lookback), isIncremental: true) == expected)
  }

  /// A run on the boundary of two periods ends with the one before it.
  @Test func endsOnTheBoundary() throws {
    #expect(
      try Self.batches("day", lookback: 0, isIncremental: true, now: "2024-03-03 00:00:00")
        == ["2024-03-02 00:00:00 2024-03-03 00:00:00"])
  }

  @Test func takesTheRange() throws {
    #expect(
      try Self.batches("month", isIncremental: true, range: ("2023-12-31", "2024-01-02T03:00"))
        == ["2023-12-01 00:00:00 2024-01-01 00:00:00", "2024-01-01 00:00:00 2024-02-01 00:00:00"])
  }

  @Test func needsASize() {
    let node = PlanFixture([
      "materialized": "incremental", "incremental_strategy": "microbatch", "batch_size": "week",
    ]).input.node
    #expect(Microbatch(node) == nil)
    #expect(Microbatch(PlanFixture(["materialized": "incremental"]).input.node) == nil)
  }
}

struct EventTimeTests {
  @Test(arguments: [
    ("2024-02-29", "2024-02-29 00:00:00+00:00"), ("1969-12-31T23:59:59", "1969-12-31 23:59:59+00:00"),
    ("2024-02-29 12:30", "2024-02-29 12:30:00+00:00"),
    ("2024-02-29T12:30:45.5Z", "2024-02-29 12:30:45.500000+00:00"),
    ("0001-01-01T00:00:00+02:00", "0001-01-01 00:00:00+00:00"),
  ])
  func reads(_ text: String, _ expected: String) {
    #expect(EventTime(text)?.description == expected)
  }

  @Test(arguments: [
    "", "2024", "2024-13-01", "2023-02-29", "2024-01-01T25:00", "2024-01-01 12:00 pm", "tomorrow",
  ])
  func refuses(_ text: String) { #expect(EventTime(text) == nil) }

  @Test(arguments: [
    ("2024-03-31", 1, "month", "2024-04-30"), ("2024-03-31", -1, "month", "2024-02-29"),
    ("2024-02-29", 1, "year", "2025-02-28"), ("2024-01-31", -13, "month", "2022-12-31"),
    ("2024-02-28", 2, "day", "2024-03-01"), ("2024-01-01", -1, "hour", "2023-12-31T23"),
  ])
  func moves(_ from: String, _ count: Int, _ unit: String, _ to: String) throws {
    let size = try #require(BatchSize(rawValue: unit))
    let moved = try #require(EventTime(from)).moved(by: count, size)
    #expect(moved.label(of: unit == "hour" ? .hour : .day) == to)
  }

  @Test func namesBatches() throws {
    let start = try #require(EventTime("2024-02-29 12:00"))
    let names = BatchSize.allCases.map { BatchScope(Batch(start: start, end: start), $0) }
    #expect(names.map(\.label) == ["2024-02-29T12", "2024-02-29", "2024-02", "2024"])
    #expect(names.map(\.id) == ["20240229T12", "20240229", "202402", "2024"])
  }
}
