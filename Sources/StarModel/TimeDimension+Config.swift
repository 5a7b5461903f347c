import Diagnostics
import OrderedCollections
public import ProjectModel

extension TimeDimension {
  /// The keys under `config` that the declaration has of its own.
  public static let keys = [
    "grain", "surrogate_key", "key_format", "parts_of_day", "languages", "members",
  ]

  /// The declaration of a model with `materialized: time_dimension`.
  public static func decode(_ node: Node) -> Decoded<TimeDimension> {
    var reader = ConfigReader(node)
    reader.refuseUnknown(known: keys)
    let step = step(&reader)
    let languages = CalendarLanguage.read(&reader)
    let format: KeyFormat = reader.word("key_format", default: .hhmmss)
    let dimension = TimeDimension(
      node: node.id, name: node.name, step: step, surrogateKey: reader.text("surrogate_key") ?? "time_key",
      keyFormat: format, parts: parts(&reader, languages), languages: languages, members: reader.members(),
      span: node.config.origins["materialized"] ?? node.patchSpan)
    if step < 60 && format == .minutes {
      reader.report(
        "bad-config-value", "\(node.name) has a row for each second, and keys that count minutes",
        at: "key_format", help: "use 'key_format: hhmmss', or 'grain: minute'")
    }
    for member in dimension.members where member.key >= 0 {
      reader.report(
        "bad-config-value",
        "member \(member.name) of \(node.name) has key \(member.key), which could be a time",
        at: "members", help: "members of a time dimension have keys below zero")
    }
    return Decoded(dimension, reader.diagnostics)
  }

  /// `second`, `minute`, `15`, `15 minutes`, `1 hour`: in seconds.
  private static func step(_ reader: inout ConfigReader) -> Int {
    guard let value = reader.value("grain") else { return 60 }
    let distance = value.string.flatMap(TimeDistance.init)
    let minutes: Int? =
      switch value {
      case .int(let count): count
      case .string("second"): 0
      case .string("minute"): 1
      case .string("hour"): 60
      default:
        switch distance?.unit {
        case "minute": distance?.count
        case "hour": distance.map { $0.count * 60 }
        default: nil
        }
      }
    if minutes == 0, value.string != nil { return 1 }
    if let minutes, minutes > 0, 1440 % minutes == 0 { return minutes * 60 }
    reader.bad(
      "grain", value, at: "grain", expected: "second, minute, or minutes that divide a day, such as 15")
    return 60
  }

  /// `parts_of_day: {night: 0, morning: "06:00", noon: {from: 12, de: Mittag}}`
  private static func parts(_ reader: inout ConfigReader, _ languages: [CalendarLanguage]) -> [Part] {
    var parts: [Part] = []
    if let value = reader.value("parts_of_day") {
      if value.bool == false { return [] }
      guard let mapping = value.mapping, !mapping.isEmpty else {
        reader.bad(
          "parts_of_day", value, at: "parts_of_day", expected: "a mapping of names to times, or false")
        return []
      }
      for (name, value) in mapping {
        if let part = part(name, value, &reader) { parts.append(part) }
      }
    } else {
      parts = defaultParts.map { Part(name: $0.0, from: $0.1, names: [:]) }
    }
    for index in parts.indices {
      for language in languages where parts[index].names[language] == nil {
        guard let name = language.partsOfDay[parts[index].name] else {
          reader.report(
            "missing-config-key",
            "'\(parts[index].name)' in parts_of_day of \(reader.node.name) has no name in \(language.rawValue)",
            at: "parts_of_day",
            help: "write '\(parts[index].name): {from: …, \(language.rawValue): …}'")
          continue
        }
        parts[index].names[language] = name
      }
    }
    parts.sort { $0.from < $1.from }
    for (part, next) in zip(parts, parts.dropFirst()) where part.from == next.from {
      reader.report(
        "bad-config-value",
        "\(part.name) and \(next.name) in parts_of_day of \(reader.node.name) begin at one time",
        at: "parts_of_day")
    }
    return parts
  }

  private static func part(_ name: String, _ value: PlainValue, _ reader: inout ConfigReader) -> Part? {
    var names: OrderedDictionary<CalendarLanguage, String> = [:]
    var from: PlainValue? = value
    if let mapping = value.mapping {
      let languages = CalendarLanguage.allCases.map(\.rawValue)
      reader.refuseUnknown(
        mapping, known: ["from"] + languages, in: "'\(name)' in parts_of_day of \(reader.node.name)",
        at: "parts_of_day")
      from = mapping["from"]
      for (key, text) in mapping {
        guard let language = CalendarLanguage(rawValue: key) else { continue }
        if let text = text.string, !text.isEmpty {
          names[language] = text
        } else {
          reader.bad("parts_of_day.\(name).\(key)", text, at: "parts_of_day", expected: "a text")
        }
      }
    }
    guard let minutes = from.flatMap(timeOfDay) else {
      reader.bad(
        "parts_of_day.\(name)", from ?? .null, at: "parts_of_day",
        expected: "an hour from 0 to 23, or a time such as '06:30'")
      return nil
    }
    return Part(name: name, from: minutes, names: names)
  }

  /// Minutes since midnight. YAML reads a bare `12:30` as a number of base sixty, which is just that.
  private static func timeOfDay(_ value: PlainValue) -> Int? {
    if let number = value.int {
      if (0...23).contains(number) { return number * 60 }
      return (60..<1440).contains(number) ? number : nil
    }
    let parts = value.string?.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) } ?? []
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
      (0...59).contains(minute)
    else { return nil }
    return hour * 60 + minute
  }
}
