import StarModel
import Warehouse

/// How a row of a calendar or a clock is found from a value of somebody else's.
struct CalendarMatch {
  let target: Star.Target
  let dialect: Dialect

  /// - Parameters:
  ///   - type: the value's type; a whole number is taken for a key
  ///   - alias: that of the dimension
  /// - Returns: nil for a dimension of another kind.
  func condition(_ value: String, _ type: String, _ alias: String) -> String? {
    guard target.isGenerated else { return nil }
    if ["smallint", "integer", "bigint"].contains(type) {
      return "\(value) = \(alias).\(dialect.quote(target.surrogateKey.name))"
    }
    let key = "\(alias).\(dialect.quote(target.naturalKey[0]))"
    guard case .time(let times) = target.kind else {
      return "\(value)\(type == "date" ? "" : "::date") = \(key)"
    }
    if dialect.kind == .redshift { return moment(value, type, times, alias) }
    // A date has no time of day, and is its own midnight.
    let needsTime = type == "date" || type == "text" || type.hasPrefix("character")
    let time = type == "date" ? "\(value)::timestamp" : needsTime ? "\(value)::time" : value
    switch times.step {
    case 1: return "date_trunc('second', \(time))::time = \(key)"
    case 60: return "date_trunc('minute', \(time))::time = \(key)"
    default:
      let minutes = times.step / 60
      let start =
        "(extract(hour from \(time)) * 60 + extract(minute from \(time)))::integer / \(minutes) * \(minutes)"
      return "time '00:00' + \(start) * interval '1 minute' = \(key)"
    }
  }

  /// By the key, which follows from the time: Redshift cuts no times, and adds few things to them.
  private func moment(_ value: String, _ type: String, _ times: TimeDimension, _ alias: String) -> String {
    let isText = type == "text" || type.hasPrefix("character")
    let time = type == "date" ? "\(value)::timestamp" : isText ? "\(value)::time" : value
    func part(_ name: String) -> String { "floor(extract(\(name) from \(time)))::integer" }
    var second = "(\(part("hour")) * 3600 + \(part("minute")) * 60 + \(part("second")))"
    if times.step > 1 { second = "(\(second) / \(times.step) * \(times.step))" }
    let key =
      switch times.keyFormat {
      case .hhmmss: "\(second) / 3600 * 10000 + \(second) / 60 % 60 * 100 + \(second) % 60"
      case .minutes: "\(second) / 60"
      }
    return "\(key) = \(alias).\(dialect.quote(target.surrogateKey.name))"
  }
}
