#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The classes `date`, `datetime` and `time`.
final class MomentType: JinjaObject {
  private let kind: Moment.Kind

  init(_ kind: Moment.Kind) { self.kind = kind }

  var typeName: String { "type" }
  var isCallable: Bool { true }
  func representation() -> String { "<class '\(Moment(kind, day: 0).typeName)'>" }

  func call(_ arguments: Arguments, _ context: CallContext) throws -> Value {
    let date = ["year", "month", "day"]
    let time = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"]
    switch kind {
    case .date:
      let parts = try arguments.bind("function", date, required: 3).map { try ($0 ?? .int(0)).index() }
      return .object(try MomentType.checked(.date, (parts[0], parts[1], parts[2]), (0, 0, 0, 0), nil))
    case .datetime:
      let bound = try arguments.bind("function", date + time, required: 3)
      let parts = try bound.prefix(7).map { try ($0 ?? .int(0)).index() }
      return .object(
        try MomentType.checked(
          .datetime, (parts[0], parts[1], parts[2]), (parts[3], parts[4], parts[5], parts[6]),
          bound[7]?.object(as: ZoneObject.self)))
    case .time:
      let bound = try arguments.bind("function", time)
      let parts = try bound.prefix(4).map { try ($0 ?? .int(0)).index() }
      return .object(
        try MomentType.checked(
          .time, nil, (parts[0], parts[1], parts[2], parts[3]), bound[4]?.object(as: ZoneObject.self)))
    }
  }

  /// - Throws: a value error for a part that is out of its range.
  static func checked(
    _ kind: Moment.Kind, _ date: (Int, Int, Int)?, _ time: (Int, Int, Int, Int), _ zone: ZoneObject?
  ) throws -> Moment {
    var day = 0
    if let (year, month, dayOfMonth) = date {
      if !(1...9999).contains(year) { throw TemplateError(.value, "year \(year) is out of range") }
      if !(1...12).contains(month) { throw TemplateError(.value, "month must be in 1..12") }
      if !(1...Calendar.days(in: month, of: year)).contains(dayOfMonth) {
        throw TemplateError(.value, "day is out of range for month")
      }
      day = Calendar.days(year, month, dayOfMonth)
    }
    if !(0...23).contains(time.0) { throw TemplateError(.value, "hour must be in 0..23") }
    if !(0...59).contains(time.1) { throw TemplateError(.value, "minute must be in 0..59") }
    if !(0...59).contains(time.2) { throw TemplateError(.value, "second must be in 0..59") }
    if !(0...999_999).contains(time.3) { throw TemplateError(.value, "microsecond must be in 0..999999") }
    let seconds = time.0 * 3600 + time.1 * 60 + time.2
    return Moment(kind, day: day, time: seconds * 1_000_000 + time.3, zone: zone)
  }

  private static func now() -> Int {
    var clock = timespec()
    clock_gettime(CLOCK_REALTIME, &clock)
    return clock.tv_sec * 1_000_000 + clock.tv_nsec / 1000
  }

  private static func moment(_ instant: Int, in zone: ZoneObject?) -> Moment {
    guard let zone else { return Moment.local(instant, zone: nil) }
    let fixed = zone.fixed(at: Calendar.floorDivide(instant, 1_000_000).quotient)
    return Moment.local(instant + fixed.secondsAhead * 1_000_000, zone: fixed)
  }

  func attribute(_ name: String) throws -> Value? {
    let kind = self.kind
    switch name {
    case "min":
      return .object(Moment(kind, day: kind == .time ? 0 : Calendar.days(1, 1, 1)))
    case "max":
      return .object(
        Moment(
          kind, day: kind == .time ? 0 : Calendar.days(9999, 12, 31),
          time: kind == .date ? 0 : TimeDelta.microsecondsPerDay - 1))
    case "fromisoformat":
      return .function(name) { arguments, _ in
        let text = try arguments.bind("fromisoformat", ["string"], required: 1)[0]?.text() ?? ""
        guard let moment = TimeFormat.parseISO(text, kind) else {
          throw TemplateError(.value, "Invalid isoformat string: \(Value.representation(of: text))")
        }
        return .object(moment)
      }
    default: break
    }
    guard kind != .time else { return nil }
    switch name {
    case "today":
      return .function(name) { _, _ in
        let now = MomentType.moment(MomentType.now(), in: nil)
        return .object(kind == .date ? Moment(.date, day: now.day) : now)
      }
    case "fromordinal":
      return .function(name) { arguments, _ in
        .object(
          Moment(kind, day: try arguments.bind("fromordinal", ["n"], required: 1)[0]?.index() ?? 1 - 719_163))
      }
    case "fromtimestamp":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind("fromtimestamp", ["timestamp", "tz"], required: 1)
        guard let seconds = try bound[0]?.double() else {
          throw TemplateError(.type, "an integer is required (got type \((bound[0] ?? .none).typeName))")
        }
        let instant = Int((seconds * 1_000_000).rounded(.toNearestOrEven))
        let moment = MomentType.moment(instant, in: bound[1]?.object(as: ZoneObject.self))
        return .object(kind == .date ? Moment(.date, day: moment.day) : moment)
      }
    default: break
    }
    guard kind == .datetime else { return nil }
    switch name {
    case "now":
      return .function(name) { arguments, _ in
        .object(
          MomentType.moment(MomentType.now(), in: arguments.value(0, "tz")?.object(as: ZoneObject.self)))
      }
    case "utcnow": return .function(name) { _, _ in .object(MomentType.moment(MomentType.now(), in: nil)) }
    case "utcfromtimestamp":
      return .function(name) { arguments, _ in
        let seconds = try arguments.positional.first?.double() ?? 0
        return .object(MomentType.moment(Int((seconds * 1_000_000).rounded(.toNearestOrEven)), in: nil))
      }
    case "strptime":
      return .function(name) { arguments, _ in
        let values = try arguments.bind("strptime", ["date_string", "format"], required: 2)
        guard let text = values[0]?.stringValue, let format = values[1]?.stringValue else {
          let index = values[0]?.stringValue == nil ? 0 : 1
          throw TemplateError(
            .type, "strptime() argument \(index + 1) must be str, not \((values[index] ?? .none).typeName)")
        }
        return .object(try TimeFormat.parse(text, format))
      }
    case "combine":
      return .function(name) { arguments, _ in
        let values = try arguments.bind("combine", ["date", "time", "tzinfo"], required: 2)
        guard let date = values[0]?.object(as: Moment.self), let time = values[1]?.object(as: Moment.self)
        else {
          throw TemplateError(.type, "combine() argument 1 must be datetime.date")
        }
        return .object(Moment(.datetime, day: date.day, time: time.time, zone: time.zone))
      }
    default: return nil
    }
  }
}
