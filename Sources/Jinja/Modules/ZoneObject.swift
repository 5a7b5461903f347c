/// A time zone: a fixed distance from UTC, or the rules of a place.
public final class ZoneObject: JinjaObject {
  /// Seconds ahead of UTC. pytz's zone of a place, put into a `datetime` as it is, is the place's first clock: what
  /// its rules say of a day comes with `localize` and `astimezone`.
  private let offset: Int
  private let abbreviation: String?
  private let saving: Int
  private let rules: ZoneRules?
  /// The name of the place, or nil.
  let zoneName: String?
  private let isFromPytz: Bool

  static var utc: ZoneObject { ZoneObject(offset: 0) }

  init(offset: Int, name: String? = nil) {
    self.offset = offset
    abbreviation = name
    saving = 0
    rules = nil
    zoneName = nil
    isFromPytz = false
  }

  private init(_ period: ZoneRules.Period, rules: ZoneRules?, name: String) {
    offset = period.offset
    abbreviation = period.abbreviation
    saving = period.saving
    self.rules = rules
    zoneName = name
    isFromPytz = true
  }

  /// pytz's zone of a place.
  ///
  /// - Throws: an error with the name when there is no such zone.
  static func named(_ name: String) throws -> ZoneObject {
    if CaseMapping.upper(name) == "UTC" {
      return ZoneObject(
        ZoneRules.Period(offset: 0, abbreviation: "UTC", isDaylight: false), rules: nil, name: "UTC")
    }
    guard let rules = ZoneRules.load(name) else {
      throw TemplateError(.unknownTimeZone, Value.representation(of: name))
    }
    return ZoneObject(rules.first, rules: rules, name: name)
  }

  /// What a `datetime` with this zone adds to UTC, in seconds.
  var secondsAhead: Int { offset }

  /// What of that is daylight saving, in seconds; nil where the zone does not know.
  var secondsSaved: Int? { isFromPytz ? saving : nil }

  var name: String {
    abbreviation ?? (offset == 0 ? "UTC" : "UTC" + Moment.offsetText(offset, separator: ":"))
  }

  /// The zone as it is at a moment in UTC.
  func fixed(at instant: Int) -> ZoneObject {
    guard let rules, let zoneName else { return self }
    return ZoneObject(rules.period(at: instant), rules: rules, name: zoneName)
  }

  /// The zone as it is at a time of the place's own clocks.
  private func localized(at local: Int) -> ZoneObject {
    guard let rules else { return self }
    let guess = rules.period(at: local).offset
    let first = rules.period(at: local - guess).offset
    return fixed(at: local - rules.period(at: local - first).offset)
  }

  /// The zone that a function of pytz speaks of: with a `datetime` as its argument, that time's.
  private func zone(of arguments: Arguments) -> ZoneObject {
    guard let moment = arguments.positional.first?.object(as: Moment.self), moment.zone !== self else {
      return self
    }
    return localized(at: Calendar.floorDivide(moment.local, 1_000_000).quotient)
  }

  public var typeName: String { isFromPytz ? "pytz.tzinfo" : "datetime.timezone" }
  public func text() -> String { zoneName ?? name }

  public func representation() -> String {
    if let zoneName {
      if zoneName == "UTC" { return "<UTC>" }
      let delta = TimeDelta(microseconds: offset * 1_000_000).text()
      return
        "<DstTzInfo '\(zoneName)' \(name)\(offset < 0 ? "" : "+")\(delta) \(saving == 0 ? "STD" : "DST")>"
    }
    if offset == 0, abbreviation == nil { return "datetime.timezone.utc" }
    return "datetime.timezone(\(TimeDelta(microseconds: offset * 1_000_000).representation()))"
  }

  public func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: ZoneObject.self) else { return false }
    return other === self || zoneName == other.zoneName && offset == other.offset
  }

  public func hash() -> Int? { (zoneName ?? "").hashValue ^ offset }

  public func attribute(_ name: String) -> Value? {
    switch name {
    case "zone" where isFromPytz: return zoneName.map { .string($0) } ?? Value.none
    case "localize" where isFromPytz:
      return .function(name) { [self] arguments, _ in
        guard let moment = arguments.positional.first?.object(as: Moment.self) else {
          throw TemplateError(.type, "localize() needs a datetime")
        }
        if moment.zone != nil { throw TemplateError(.value, "Not naive datetime (tzinfo is already set)") }
        let zone = localized(at: Calendar.floorDivide(moment.local, 1_000_000).quotient)
        return .object(Moment.local(moment.local, zone: zone))
      }
    case "normalize" where isFromPytz:
      return .function(name) { [self] arguments, _ in
        guard let moment = arguments.positional.first?.object(as: Moment.self) else {
          throw TemplateError(.type, "normalize() needs a datetime")
        }
        let zone = fixed(at: moment.instant / 1_000_000)
        return .object(Moment.local(moment.instant + zone.secondsAhead * 1_000_000, zone: zone))
      }
    case "utcoffset":
      return .function(name) { [self] arguments, _ in
        .object(TimeDelta(microseconds: zone(of: arguments).secondsAhead * 1_000_000))
      }
    case "dst":
      return .function(name) { [self] arguments, _ in
        zone(of: arguments).secondsSaved.map { .object(TimeDelta(microseconds: $0 * 1_000_000)) }
          ?? Value.none
      }
    case "tzname": return .function(name) { [self] arguments, _ in .string(zone(of: arguments).name) }
    default: return nil
    }
  }
}
