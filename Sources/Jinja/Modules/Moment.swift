/// Python's `date`, `datetime` and `time`: any of a day, a time of day, and a zone.
public final class Moment: JinjaObject, FormattableObject {
  enum Kind { case date, datetime, time }

  let kind: Kind
  /// Days since 1970-01-01; zero for a time.
  let day: Int
  /// Microseconds since midnight; zero for a date.
  let time: Int
  let zone: ZoneObject?

  init(_ kind: Kind, day: Int, time: Int = 0, zone: ZoneObject? = nil) {
    self.kind = kind
    self.day = day
    self.time = time
    self.zone = zone
  }

  /// A `datetime` of a moment in UTC, with or without the zone.
  public static func datetime(secondsSince1970 seconds: Int, microsecond: Int = 0, isAware: Bool) -> Value {
    let (day, second) = Calendar.floorDivide(seconds, 86_400)
    return .object(
      Moment(.datetime, day: day, time: second * 1_000_000 + microsecond, zone: isAware ? .utc : nil))
  }

  /// A `date`.
  public static func date(year: Int, month: Int, day: Int) -> Value {
    .object(Moment(.date, day: Calendar.days(year, month, day)))
  }

  /// A `datetime` without a zone; microseconds count from midnight.
  public static func datetime(year: Int, month: Int, day: Int, microseconds: Int) -> Value {
    .object(Moment(.datetime, day: Calendar.days(year, month, day), time: microseconds))
  }

  var date: (year: Int, month: Int, day: Int) { Calendar.date(ofDay: day) }
  var hour: Int { time / 3_600_000_000 }
  var minute: Int { time / 60_000_000 % 60 }
  var second: Int { time / 1_000_000 % 60 }
  var microsecond: Int { time % 1_000_000 }
  /// Microseconds since 1970 in the moment's own clock.
  var local: Int { day * TimeDelta.microsecondsPerDay + time }
  /// Seconds that the zone is ahead of UTC.
  var offset: Int? { zone?.secondsAhead }
  /// Microseconds since 1970 in UTC, or in the own clock where there is no zone.
  var instant: Int { local - (offset ?? 0) * 1_000_000 }

  /// Microseconds since 1970 in UTC, a `datetime` without a zone taken as UTC; nil for a date or a time.
  public var utcMicroseconds: Int? { kind == .datetime ? instant : nil }

  static func local(_ microseconds: Int, zone: ZoneObject?) -> Moment {
    let (day, time) = Calendar.floorDivide(microseconds, TimeDelta.microsecondsPerDay)
    return Moment(.datetime, day: day, time: time, zone: zone)
  }

  // MARK: - As an object

  public var typeName: String {
    switch kind {
    case .date: "datetime.date"
    case .datetime: "datetime.datetime"
    case .time: "datetime.time"
    }
  }

  var isoDate: String {
    let (year, month, day) = date
    return "\(Calendar.padded(year, 4))-\(Calendar.padded(month, 2))-\(Calendar.padded(day, 2))"
  }

  private var isoTime: String {
    let text = "\(Calendar.padded(hour, 2)):\(Calendar.padded(minute, 2)):\(Calendar.padded(second, 2))"
    return microsecond == 0 ? text : text + "." + Calendar.padded(microsecond, 6)
  }

  static func offsetText(_ seconds: Int, separator: String) -> String {
    let magnitude = abs(seconds)
    var text = seconds < 0 ? "-" : "+"
    text += Calendar.padded(magnitude / 3600, 2) + separator + Calendar.padded(magnitude / 60 % 60, 2)
    if magnitude % 60 != 0 { text += separator + Calendar.padded(magnitude % 60, 2) }
    return text
  }

  func iso(separator: String = "T") -> String {
    let suffix = offset.map { Moment.offsetText($0, separator: ":") } ?? ""
    switch kind {
    case .date: return isoDate
    case .time: return isoTime + suffix
    case .datetime: return isoDate + separator + isoTime + suffix
    }
  }

  public func text() -> String { iso(separator: " ") }

  public func representation() throws -> String {
    let (year, month, day) = date
    var parts: [String] = []
    if kind != .time { parts += [year, month, day].map { String($0) } }
    if kind != .date {
      parts += [hour, minute].map { String($0) }
      if second != 0 || microsecond != 0 { parts.append(String(second)) }
      if microsecond != 0 { parts.append(String(microsecond)) }
      if let zone { parts.append("tzinfo=\(zone.representation())") }
    }
    return "\(typeName)(\(parts.joined(separator: ", ")))"
  }

  public func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: Moment.self), other.kind == kind, (zone == nil) == (other.zone == nil)
    else { return false }
    return instant == other.instant
  }

  public func hash() -> Int? { instant.hashValue }

  public func compare(to other: Value) throws -> Int? {
    guard let other = other.object(as: Moment.self) else { return nil }
    if kind != other.kind {
      if kind == .time || other.kind == .time { return nil }
      throw TemplateError(.type, "can't compare datetime.datetime to datetime.date")
    }
    if (zone == nil) != (other.zone == nil) {
      throw TemplateError(
        .type, "can't compare offset-naive and offset-aware \(kind == .time ? "times" : "datetimes")")
    }
    return instant < other.instant ? -1 : instant == other.instant ? 0 : 1
  }

  public func binary(_ operation: BinaryOperator, _ other: Value, reflected: Bool) throws -> Value? {
    if let delta = other.object(as: TimeDelta.self), kind != .time {
      guard operation == .add || operation == .subtract && !reflected else { return nil }
      let change = operation == .add ? delta.microseconds : -delta.microseconds
      let result: Moment
      if kind == .date {
        result = Moment(.date, day: day + Calendar.floorDivide(change, TimeDelta.microsecondsPerDay).quotient)
      } else {
        result = Moment.local(local + change, zone: zone)
      }
      if !(1...9999).contains(result.date.year) { throw TemplateError(.overflow, "date value out of range") }
      return .object(result)
    }
    guard operation == .subtract, !reflected, let other = other.object(as: Moment.self), other.kind == kind,
      kind != .time
    else { return nil }
    if (zone == nil) != (other.zone == nil) {
      throw TemplateError(.type, "can't subtract offset-naive and offset-aware datetimes")
    }
    return .object(TimeDelta(microseconds: instant - other.instant))
  }

  func format(_ spec: String) throws -> String? {
    spec.isEmpty ? text() : try TimeFormat.format(self, spec)
  }

  // MARK: - Attributes

  public func attribute(_ name: String) throws -> Value? {
    if kind != .time, let value = dateAttribute(name) { return value }
    if kind != .date, let value = timeAttribute(name) { return value }
    switch name {
    case "isoformat":
      return .function(name) { [self] arguments, _ in
        let bound = try arguments.bind("isoformat", kind == .datetime ? ["sep", "timespec"] : ["timespec"])
        return .string(iso(separator: kind == .datetime ? try bound[0]?.text() ?? "T" : "T"))
      }
    case "strftime":
      return .function(name) { [self] arguments, _ in
        let format = try arguments.bind("strftime", ["format"], required: 1)[0]?.text() ?? ""
        return .string(try TimeFormat.format(self, format))
      }
    case "replace":
      return .function(name) { [self] arguments, _ in .object(try replacing(arguments)) }
    default: break
    }
    // A value also has what its class has: `now.strptime`, `today.today`.
    return try MomentType(kind).attribute(name)
  }

  private func dateAttribute(_ name: String) -> Value? {
    let (year, month, dayOfMonth) = date
    switch name {
    case "year": return .int(year)
    case "month": return .int(month)
    case "day": return .int(dayOfMonth)
    case "weekday": return .function(name) { [day] _, _ in .int(Calendar.weekday(ofDay: day)) }
    case "isoweekday": return .function(name) { [day] _, _ in .int(Calendar.weekday(ofDay: day) + 1) }
    case "toordinal": return .function(name) { [day] _, _ in .int(day + 719_163) }
    case "isocalendar":
      return .function(name) { _, _ in
        let iso = Calendar.iso(year, month, dayOfMonth)
        return .object(
          NamedTuple(
            typeName: "datetime.IsoCalendarDate", ["year", "week", "weekday"],
            [.int(iso.year), .int(iso.week), .int(iso.weekday)], isShownPlain: false))
      }
    case "ctime":
      return .function(name) { [self] _, _ in .string(try TimeFormat.format(self, "%a %b %e %H:%M:%S %Y")) }
    case "timetuple":
      return .function(name) { [self] _, _ in
        let yearDay = day - Calendar.days(year, 1, 1) + 1
        let values = [
          year, month, dayOfMonth, hour, minute, second, Calendar.weekday(ofDay: day), yearDay, -1,
        ]
        return .object(
          NamedTuple(
            typeName: "time.struct_time",
            [
              "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst",
            ],
            values.map { .int($0) }, isShownPlain: false))
      }
    default: return nil
    }
  }

  private func timeAttribute(_ name: String) -> Value? {
    switch name {
    case "hour": return .int(hour)
    case "minute": return .int(minute)
    case "second": return .int(second)
    case "microsecond": return .int(microsecond)
    case "fold": return .int(0)
    case "tzinfo": return zone.map { .object($0) } ?? Value.none
    case "utcoffset":
      return .function(name) { [offset] _, _ in
        offset.map { .object(TimeDelta(microseconds: $0 * 1_000_000)) } ?? Value.none
      }
    case "tzname":
      return .function(name) { [self] _, _ in
        zone.map { .string($0.name) } ?? Value.none
      }
    case "dst":
      return .function(name) { [zone] _, _ in
        zone?.secondsSaved.map { .object(TimeDelta(microseconds: $0 * 1_000_000)) } ?? Value.none
      }
    default: break
    }
    guard kind == .datetime else { return nil }
    switch name {
    case "date": return .function(name) { [day] _, _ in .object(Moment(.date, day: day)) }
    case "time": return .function(name) { [time] _, _ in .object(Moment(.time, day: 0, time: time)) }
    case "timetz":
      return .function(name) { [time, zone] _, _ in .object(Moment(.time, day: 0, time: time, zone: zone)) }
    case "timestamp":
      return .function(name) { [instant] _, _ in .double(Double(instant) / 1_000_000) }
    case "astimezone":
      return .function(name) { [instant] arguments, _ in
        let target = arguments.value(0, "tz")?.object(as: ZoneObject.self) ?? ZoneObject.utc
        let fixed = target.fixed(at: instant / 1_000_000)
        return .object(Moment.local(instant + fixed.secondsAhead * 1_000_000, zone: fixed))
      }
    default: return nil
    }
  }

  private func replacing(_ arguments: Arguments) throws -> Moment {
    let names: [String]
    switch kind {
    case .date: names = ["year", "month", "day"]
    case .time: names = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"]
    case .datetime:
      names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"]
    }
    let bound = try arguments.bind("replace", names)
    var zone = self.zone
    if let index = names.firstIndex(of: "tzinfo"), let value = bound[index] {
      zone = value.object(as: ZoneObject.self)
    }
    func part(_ name: String, _ current: Int) throws -> Int {
      guard let index = names.firstIndex(of: name), let value = bound[index] else { return current }
      return try value.index()
    }
    let (year, month, dayOfMonth) = date
    return try MomentType.checked(
      kind,
      kind == .time ? nil : (try part("year", year), try part("month", month), try part("day", dayOfMonth)),
      (
        try part("hour", hour), try part("minute", minute), try part("second", second),
        try part("microsecond", microsecond)
      ),
      zone)
  }
}
