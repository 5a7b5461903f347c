public import ProjectModel

/// One query that answers several tests.
public struct FusedQuery: Sendable {
  /// A test with what was read from it.
  struct Member: Sendable {
    var id: NodeID
    var shape: TestShape
    var warn: TestThreshold
    var error: TestThreshold

    func answer(_ failures: Int) -> TestAnswer {
      TestAnswer(failures: failures, shouldWarn: warn.holds(failures), shouldError: error.holds(failures))
    }
  }

  /// What the row says of one test.
  public enum Outcome: Sendable, Hashable {
    case answer(TestAnswer)
    /// There are failures; the test's own query counts them as dbt does.
    case askExactly
  }

  /// How a test is read from the row's columns.
  enum Reading: Sendable, Hashable {
    /// The column is the number of failures.
    case exact(Int)
    /// The column is zero exactly when there are none.
    case zero(Int)
    /// The two columns are equal exactly when there are none.
    case equal(Int, Int)
  }

  /// A script that is sent at once and gives exactly one row. When the server refuses it, each of `tests` is to be asked alone, so that the one
  /// that is wrong gets the error and the others their answers.
  public var sql: String
  public var tests: [NodeID] { readings.map(\.member.id) }
  var readings: [(member: Member, reading: Reading)]

  /// From the row to an outcome for each of `tests`, in that order. A value that is missing asks exactly.
  public func outcomes(row: [String?]) -> [Outcome] {
    func number(_ index: Int) -> Int? { index < row.count ? row[index].flatMap { Int($0) } : nil }
    return readings.map { member, reading in
      switch reading {
      case .exact(let index): number(index).map { .answer(member.answer($0)) } ?? .askExactly
      case .zero(let index): number(index) == 0 ? .answer(member.answer(0)) : .askExactly
      case .equal(let left, let right):
        number(left) != nil && number(left) == number(right) ? .answer(member.answer(0)) : .askExactly
      }
    }
  }
}
