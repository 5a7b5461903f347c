/// Dates and times as text by a format: `strftime`, `strptime` and ISO 8601.
enum TimeFormat {
  static func format(_ moment: Moment, _ format: String) throws -> String {
    var result = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard var directive = scalars.next() else { return result + "%" }
      var isPadded = true
      if directive == "-", let next = scalars.next() {
        isPadded = false
        directive = next
      }
      result += text(moment, directive, isPadded)
    }
    return result
  }

  private static func text(_ moment: Moment, _ directive: Unicode.Scalar, _ isPadded: Bool) -> String {
    let (year, month, day) = moment.kind == .time ? (1900, 1, 1) : moment.date
    let serial = Calendar.days(year, month, day)
    let weekday = Calendar.weekday(ofDay: serial)
    let yearDay = serial - Calendar.days(year, 1, 1)
    func number(_ value: Int, _ width: Int) -> String {
      isPadded ? Calendar.padded(value, width) : String(value)
    }
    let twelve = moment.hour % 12 == 0 ? 12 : moment.hour % 12
    switch directive {
    case "Y": return String(year)
    case "y": return number(year % 100, 2)
    case "C": return number(year / 100, 2)
    case "m": return number(month, 2)
    case "d": return number(day, 2)
    case "e": return isPadded && day < 10 ? " \(day)" : String(day)
    case "H": return number(moment.hour, 2)
    case "k": return moment.hour < 10 ? " \(moment.hour)" : String(moment.hour)
    case "I": return number(twelve, 2)
    case "l": return twelve < 10 ? " \(twelve)" : String(twelve)
    case "M": return number(moment.minute, 2)
    case "S": return number(moment.second, 2)
    case "f": return Calendar.padded(moment.microsecond, 6)
    case "p": return moment.hour < 12 ? "AM" : "PM"
    case "P": return moment.hour < 12 ? "am" : "pm"
    case "j": return number(yearDay + 1, 3)
    case "A": return Calendar.dayNames[weekday]
    case "a": return String(Calendar.dayNames[weekday].prefix(3))
    case "B": return Calendar.monthNames[month - 1]
    case "b", "h": return String(Calendar.monthNames[month - 1].prefix(3))
    case "w": return String((weekday + 1) % 7)
    case "u": return String(weekday + 1)
    case "U": return number((yearDay + 7 - (weekday + 1) % 7) / 7, 2)
    case "W": return number((yearDay + 7 - weekday) / 7, 2)
    case "V": return number(Calendar.iso(year, month, day).week, 2)
    case "G": return String(Calendar.iso(year, month, day).year)
    case "s": return String(Calendar.floorDivide(moment.instant, 1_000_000).quotient)
    case "z": return moment.offset.map { Moment.offsetText($0, separator: "") } ?? ""
    case "Z": return moment.zone?.name ?? ""
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    case "F": return "\(year)-\(Calendar.padded(month, 2))-\(Calendar.padded(day, 2))"
    case "T", "X": return [("H"), ("M"), ("S")].map { text(moment, $0, true) }.joined(separator: ":")
    case "R": return text(moment, "H", true) + ":" + text(moment, "M", true)
    case "r":
      return text(moment, "I", true) + ":" + text(moment, "M", true) + ":" + text(moment, "S", true) + " "
        + text(moment, "p", true)
    case "D", "x": return ["m", "d", "y"].map { text(moment, $0, true) }.joined(separator: "/")
    case "c":
      return text(moment, "a", true) + " " + text(moment, "b", true) + " " + text(moment, "e", true) + " "
        + text(moment, "T", true) + " " + String(year)
    default: return "%\(directive)"
    }
  }

  // MARK: - Reading

  private struct Reading {
    var year = 1900
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    var yearDay: Int?
    var isAfternoon: Bool?
    var zone: ZoneObject?
  }

  static func parse(_ text: String, _ format: String) throws -> Moment {
    let characters = Array(text.unicodeScalars)
    var position = 0
    var reading = Reading()
    let mismatch = TemplateError(
      .value,
      "time data \(Value.representation(of: text)) does not match format \(Value.representation(of: format))")
    let expanded = expand(format)
    var index = 0
    while index < expanded.count {
      let scalar = expanded[index]
      index += 1
      if Bytes.isSpace(scalar) {
        while position < characters.count, Bytes.isSpace(characters[position]) { position += 1 }
        continue
      }
      guard scalar == "%", index < expanded.count else {
        guard position < characters.count, characters[position] == scalar else { throw mismatch }
        position += 1
        continue
      }
      let directive = expanded[index]
      index += 1
      guard try read(directive, characters, &position, &reading, format) else { throw mismatch }
    }
    if position < characters.count {
      throw TemplateError(.value, "unconverted data remains: \(String(characters[position...]))")
    }
    if let isAfternoon = reading.isAfternoon { reading.hour = reading.hour % 12 + (isAfternoon ? 12 : 0) }
    if let yearDay = reading.yearDay {
      let date = Calendar.date(ofDay: Calendar.days(reading.year, 1, 1) + yearDay - 1)
      (reading.month, reading.day) = (date.month, date.day)
    }
    return try MomentType.checked(
      .datetime, (reading.year, reading.month, reading.day),
      (reading.hour, reading.minute, reading.second, reading.microsecond), reading.zone)
  }

  private static func expand(_ format: String) -> [Unicode.Scalar] {
    var result = format
    for (short, long) in [
      ("%F", "%Y-%m-%d"), ("%T", "%H:%M:%S"), ("%X", "%H:%M:%S"), ("%R", "%H:%M"), ("%D", "%m/%d/%y"),
      ("%x", "%m/%d/%y"), ("%c", "%a %b %d %H:%M:%S %Y"),
    ] {
      result = StringMethods.replace(result, short, long, -1)
    }
    return Array(result.unicodeScalars)
  }

  private static func read(
    _ directive: Unicode.Scalar, _ text: [Unicode.Scalar], _ position: inout Int, _ reading: inout Reading,
    _ format: String
  ) throws -> Bool {
    func number(_ width: Int, _ range: ClosedRange<Int>, least: Int = 1) -> Int? {
      var end = position
      while end < text.count, end - position < width, Bytes.isDigit(UInt8(clamping: text[end].value)) {
        end += 1
      }
      while end - position >= least {
        if let value = Int(String(text[position..<end])), range.contains(value) {
          position = end
          return value
        }
        end -= 1
      }
      return nil
    }
    func word(_ words: [String]) -> Int? {
      let rest = CaseMapping.lower(String(text[position...].prefix(12)))
      for (index, word) in words.enumerated() where rest.hasPrefix(CaseMapping.lower(word)) {
        position += word.utf8.count
        return index
      }
      return nil
    }
    func set(_ path: WritableKeyPath<Reading, Int>, _ value: Int?) -> Bool {
      guard let value else { return false }
      reading[keyPath: path] = value
      return true
    }
    switch directive {
    case "Y": return set(\.year, number(4, 0...9999, least: 4))
    case "y": return set(\.year, number(2, 0...99, least: 2).map { $0 < 69 ? $0 + 2000 : $0 + 1900 })
    case "m": return set(\.month, number(2, 1...12))
    case "d", "e": return set(\.day, number(2, 1...31))
    case "H": return set(\.hour, number(2, 0...23))
    case "I": return set(\.hour, number(2, 1...12))
    case "M": return set(\.minute, number(2, 0...59))
    case "S": return set(\.second, number(2, 0...61))
    case "j":
      guard let value = number(3, 1...366) else { return false }
      reading.yearDay = value
      return true
    case "f":
      let start = position
      guard let value = number(6, 0...999_999) else { return false }
      reading.microsecond = value
      for _ in (position - start)..<6 { reading.microsecond *= 10 }
      return true
    case "p":
      guard let value = word(["AM", "PM"]) else { return false }
      reading.isAfternoon = value == 1
      return true
    case "B": return set(\.month, word(Calendar.monthNames).map { $0 + 1 })
    case "b", "h": return set(\.month, word(Calendar.monthNames.map { String($0.prefix(3)) }).map { $0 + 1 })
    case "A": return word(Calendar.dayNames) != nil
    case "a": return word(Calendar.dayNames.map { String($0.prefix(3)) }) != nil
    case "z":
      guard let (zone, end) = zone(text, position) else { return false }
      reading.zone = zone
      position = end
      return true
    case "Z": return word(["UTC", "GMT"]) != nil
    case "%":
      guard position < text.count, text[position] == "%" else { return false }
      position += 1
      return true
    default:
      throw TemplateError(
        .value,
        "'\(directive)' is a bad directive in format \(Value.representation(of: format))")
    }
  }

  /// `Z`, `+0100`, `+01:00` or `+01:00:00`.
  private static func zone(_ text: [Unicode.Scalar], _ start: Int) -> (ZoneObject, Int)? {
    guard start < text.count else { return nil }
    if text[start] == "Z" { return (.utc, start + 1) }
    guard text[start] == "+" || text[start] == "-" else { return nil }
    var index = start + 1
    var parts: [Int] = []
    while parts.count < 3 {
      if !parts.isEmpty, index < text.count, text[index] == ":" { index += 1 }
      guard index + 2 <= text.count, let value = Int(String(text[index..<index + 2])), value >= 0,
        text[index].value < 58
      else { break }
      parts.append(value)
      index += 2
    }
    guard !parts.isEmpty else { return nil }
    let seconds = zip(parts, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    let offset = text[start] == "-" ? -seconds : seconds
    return (offset == 0 ? .utc : ZoneObject(offset: offset), index)
  }

  static func parseISO(_ text: String, _ kind: Moment.Kind) -> Moment? {
    let scalars = Array(text.unicodeScalars)
    var position = 0
    func digits(_ count: Int) -> Int? {
      guard position + count <= scalars.count else { return nil }
      let part = scalars[position..<position + count]
      guard part.allSatisfy({ $0.value &- 48 < 10 }), let value = Int(String(part)) else { return nil }
      position += count
      return value
    }
    func skip(_ scalar: Unicode.Scalar) -> Bool {
      guard position < scalars.count, scalars[position] == scalar else { return false }
      position += 1
      return true
    }
    var date = (1970, 1, 1)
    if kind != .time {
      guard let year = digits(4) else { return nil }
      let dashed = skip("-")
      guard let month = digits(2), skip("-") == dashed, let day = digits(2) else { return nil }
      date = (year, month, day)
      if position == scalars.count {
        return try? MomentType.checked(kind, date, (0, 0, 0, 0), nil)
      }
      if kind == .date { return nil }
      position += 1
    }
    guard let hour = digits(2) else { return nil }
    var time = (hour, 0, 0, 0)
    if skip(":") || position < scalars.count && scalars[position].value &- 48 < 10 {
      guard let minute = digits(2) else { return nil }
      time.1 = minute
      if skip(":") || position < scalars.count && scalars[position].value &- 48 < 10 {
        guard let second = digits(2) else { return nil }
        time.2 = second
        if skip(".") || skip(",") {
          let start = position
          while position < scalars.count, scalars[position].value &- 48 < 10 { position += 1 }
          let fraction = String(scalars[start..<position].prefix(6))
          guard let value = Int(fraction) else { return nil }
          time.3 = value
          for _ in fraction.utf8.count..<6 { time.3 *= 10 }
        }
      }
    }
    var zone: ZoneObject?
    if position < scalars.count {
      guard let (found, end) = TimeFormat.zone(scalars, position), end == scalars.count else { return nil }
      zone = found
    }
    return try? MomentType.checked(kind, kind == .time ? nil : date, time, zone)
  }
}
