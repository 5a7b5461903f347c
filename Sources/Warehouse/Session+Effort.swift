extension Session {
  /// The server's estimate of what a row of a query costs, in its planner's units; nil when it gives none.
  public func effort(of query: String) throws(WarehouseError) -> Double? {
    // A sample of a table is another one each time, which the planner does not count as volatile.
    guard !query.lowercased().contains("tablesample") else { return nil }
    let answer: QueryResult
    do throws(WarehouseError) {
      answer = try run("explain " + query)
    } catch .statement {
      return nil
    }
    return answer.rows.first?.first?.flatMap(QueryEffort.perRow)
  }
}

/// The first line of EXPLAIN: `Seq Scan on orders  (cost=0.00..28179.00 rows=1000000 width=103)`.
enum QueryEffort {
  static func perRow(_ line: String) -> Double? {
    guard let cost = number(after: "..", in: line), let rows = number(after: " rows=", in: line), rows >= 1
    else {
      return nil
    }
    return cost / rows
  }

  private static func number(after mark: String, in line: String) -> Double? {
    guard let place = line.firstRange(of: mark) else { return nil }
    return Double(line[place.upperBound...].prefix { $0.isNumber || $0 == "." })
  }
}
