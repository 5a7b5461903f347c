/// A time zone: a fixed distance from UTC, or the rules of a place.
public final class ZoneObject: JinjaObject {
  private let fixedOffset: Int?
  private let abbreviation: String?
  private let rules: ZoneRules?
  /// The name of the place, or nil.
  let zoneName: String?
  private let isFromPytz: Bool

  static var utc: ZoneObject { ZoneObject(offset: 0) }

  init(offset: Int, name: String? = nil) {
    fixedOffset = offset
    abbreviation = name
    rules = nil
    zoneName = nil
    isFromPytz = false
  }

  private init(offset: Int?, abbreviation: String?, rules: ZoneRules?, name: String) {
    fixedOffset = offset
    self.abbreviation = abbreviation
    self.rules = rules
    zoneName = name
    isFromPytz = true
  }

  /// pytz's zone of a place.
  ///
  /// - Throws: an error with the name when there is no such zone.
  static func named(_ name: String) throws -> ZoneObject {
    if CaseMapping.upper(name) == "UTC" {
      return ZoneObject(offset: 0, abbreviation: "UTC", rules: nil, name: "UTC")
    }
    guard let rules = ZoneRules.load(name) else {
      throw TemplateError(.unknownTimeZone, Value.representation(of: name))
    }
    return ZoneObject(offset: nil, abbreviation: nil, rules: rules, name: name)
  }

  /// Seconds ahead of UTC at a time of the zone's own clock.
  func offset(local: Int) -> Int {
    if let fixedOffset { return fixedOffset }
    guard let rules else { return 0 }
    let guess = rules.period(at: local).offset
    let first = rules.period(at: local - guess).offset
    return rules.period(at: local - first).offset
  }

  func name(local: Int) -> String {
    if let abbreviation { return abbreviation }
    if let fixedOffset {
      return fixedOffset == 0 ? "UTC" : "UTC" + Moment.offsetText(fixedOffset, separator: ":")
    }
    return rules?.period(at: local - offset(local: local)).abbreviation ?? ""
  }

  /// The zone as it is at a moment in UTC.
  func fixed(at instant: Int) -> ZoneObject {
    guard let rules, let zoneName else { return self }
    let period = rules.period(at: instant)
    return ZoneObject(offset: period.offset, abbreviation: period.abbreviation, rules: rules, name: zoneName)
  }

  public var typeName: String { isFromPytz ? "pytz.tzinfo" : "datetime.timezone" }
  public func text() -> String { zoneName ?? name(local: 0) }

  public func representation() -> String {
    if let zoneName {
      if zoneName == "UTC" { return "<UTC>" }
      let offset = fixedOffset ?? offset(local: 0)
      let delta = TimeDelta(microseconds: offset * 1_000_000).text()
      return "<DstTzInfo '\(zoneName)' \(abbreviation ?? name(local: 0))\(offset < 0 ? "" : "+")\(delta) STD>"
    }
    let offset = fixedOffset ?? 0
    if offset == 0, abbreviation == nil { return "datetime.timezone.utc" }
    return "datetime.timezone(\(TimeDelta(microseconds: offset * 1_000_000).representation()))"
  }

  public func isEqual(to other: Value) -> Bool {
    guard let other = other.object(as: ZoneObject.self) else { return false }
    return other === self || zoneName == other.zoneName && fixedOffset == other.fixedOffset
  }

  public func hash() -> Int? { (zoneName ?? "").hashValue ^ (fixedOffset ?? 1) }

  public func attribute(_ name: String) -> Value? {
    switch name {
    case "zone" where isFromPytz: return zoneName.map { .string($0) } ?? Value.none
    case "localize" where isFromPytz:
      return .function(name) { [self] arguments, _ in
        guard let moment = arguments.positional.first?.object(as: Moment.self) else {
          throw TemplateError(.type, "localize() needs a datetime")
        }
        if moment.zone != nil { throw TemplateError(.value, "Not naive datetime (tzinfo is already set)") }
        let zone =
          rules == nil ? self : fixed(at: moment.local / 1_000_000 - offset(local: moment.local / 1_000_000))
        return .object(Moment.local(moment.local, zone: zone))
      }
    case "normalize" where isFromPytz:
      return .function(name) { [self] arguments, _ in
        guard let moment = arguments.positional.first?.object(as: Moment.self) else {
          throw TemplateError(.type, "normalize() needs a datetime")
        }
        let zone = fixed(at: moment.instant / 1_000_000)
        return .object(Moment.local(moment.instant + zone.offset(local: 0) * 1_000_000, zone: zone))
      }
    case "utcoffset":
      return .function(name) { [self] arguments, _ in
        let local = (arguments.positional.first?.object(as: Moment.self)?.local ?? 0) / 1_000_000
        return .object(TimeDelta(microseconds: offset(local: local) * 1_000_000))
      }
    case "tzname":
      return .function(name) { [self] arguments, _ in
        .string(
          self.name(local: (arguments.positional.first?.object(as: Moment.self)?.local ?? 0) / 1_000_000))
      }
    default: return nil
    }
  }
}
