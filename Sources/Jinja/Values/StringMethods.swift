/// The methods of Python's `str`.
enum StringMethods {
  static let table: [String: Method] = [
    "upper": mapped("upper", CaseMapping.upper), "lower": mapped("lower", CaseMapping.lower),
    "capitalize": mapped("capitalize", CaseMapping.capitalize), "title": mapped("title", CaseMapping.title),
    "swapcase": mapped("swapcase", CaseMapping.swap), "casefold": mapped("casefold", CaseMapping.fold),
    "strip": stripping("strip", start: true, end: true),
    "lstrip": stripping("lstrip", start: true, end: false),
    "rstrip": stripping("rstrip", start: false, end: true),
    "islower": tested("islower", StringTraits.isLower), "isupper": tested("isupper", StringTraits.isUpper),
    "istitle": tested("istitle", StringTraits.isTitle),
    "isalpha": tested("isalpha") { StringTraits.all($0, StringTraits.isAlpha) },
    "isdigit": tested("isdigit") { StringTraits.all($0, StringTraits.isDigit) },
    "isdecimal": tested("isdecimal") { StringTraits.all($0, StringTraits.isDecimal) },
    "isnumeric": tested("isnumeric") { StringTraits.all($0, StringTraits.isNumeric) },
    "isalnum": tested("isalnum") {
      StringTraits.all($0) {
        StringTraits.isAlpha($0) || StringTraits.isDigit($0) || StringTraits.isNumeric($0)
      }
    },
    "isspace": tested("isspace") { StringTraits.all($0) { Bytes.isSpace($0) } },
    "isidentifier": tested("isidentifier", StringTraits.isIdentifier),
    "isascii": tested("isascii") { $0.utf8.allSatisfy { $0 < 0x80 } },
    "isprintable": tested("isprintable") { $0.unicodeScalars.allSatisfy(\.isPrintable) },
    "replace": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      if let named = arguments.named.first {
        _ = named
        throw TemplateError(.type, "str.replace() takes no keyword arguments")
      }
      let bound = try positional("replace", arguments, 2...3)
      let old = try string(bound[0], "replace() argument 1 must be str, not ")
      let new = try string(bound[1], "replace() argument 2 must be str, not ")
      let count = bound.count > 2 ? try bound[2].index() : -1
      return .soft(
        replace(text, old, isSafe ? try Escaping.html(bound[1]) : new, count), isSafe: isSafe)
    },
    "split": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let bound = try arguments.bind("split", ["sep", "maxsplit"])
      let limit = try bound[1]?.index() ?? -1
      return .list(try split(text, bound[0] ?? .none, limit).map { .soft($0, isSafe: isSafe) })
    },
    "rsplit": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let bound = try arguments.bind("rsplit", ["sep", "maxsplit"])
      let limit = try bound[1]?.index() ?? -1
      return .list(try splitRight(text, bound[0] ?? .none, limit).map { .soft($0, isSafe: isSafe) })
    },
    "splitlines": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let keeps = try arguments.bind("splitlines", ["keepends"])[0]?.isTrue() ?? false
      return .list(splitLines(text, keepEnds: keeps).map { .soft($0, isSafe: isSafe) })
    },
    "partition": { value, arguments, _ in try partition("partition", value, arguments, fromEnd: false) },
    "rpartition": { value, arguments, _ in try partition("rpartition", value, arguments, fromEnd: true) },
    "join": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let source = try positional("join", arguments, 1...1)[0]
      let items: [Value]
      do {
        items = try source.items()
      } catch let error as TemplateError where error.kind == .type {
        throw TemplateError(.type, "can only join an iterable")
      }
      var parts: [String] = []
      for (index, item) in items.enumerated() {
        if isSafe {
          parts.append(try Escaping.html(item))
          continue
        }
        guard let part = item.stringValue else {
          throw TemplateError(.type, "sequence item \(index): expected str instance, \(item.typeName) found")
        }
        parts.append(part)
      }
      return .soft(parts.joined(separator: text), isSafe: isSafe)
    },
    "startswith": { value, arguments, _ in try affix("startswith", value, arguments, atEnd: false) },
    "endswith": { value, arguments, _ in try affix("endswith", value, arguments, atEnd: true) },
    "removeprefix": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let prefix = try string(
        positional("removeprefix", arguments, 1...1)[0], "removeprefix() argument must be str, not ")
      guard text.utf8.starts(with: prefix.utf8) else { return value }
      return .soft(String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self), isSafe: isSafe)
    },
    "removesuffix": { value, arguments, _ in
      let (text, isSafe) = receiver(value)
      let suffix = try string(
        positional("removesuffix", arguments, 1...1)[0], "removesuffix() argument must be str, not ")
      guard !suffix.isEmpty, text.utf8.count >= suffix.utf8.count,
        text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
      else { return value }
      return .soft(String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self), isSafe: isSafe)
    },
    "find": { value, arguments, _ in .int(try search("find", value, arguments, fromEnd: false) ?? -1) },
    "rfind": { value, arguments, _ in .int(try search("rfind", value, arguments, fromEnd: true) ?? -1) },
    "index": { value, arguments, _ in
      guard let index = try search("index", value, arguments, fromEnd: false) else {
        throw TemplateError(.value, "substring not found")
      }
      return .int(index)
    },
    "rindex": { value, arguments, _ in
      guard let index = try search("rindex", value, arguments, fromEnd: true) else {
        throw TemplateError(.value, "substring not found")
      }
      return .int(index)
    },
    "count": { value, arguments, _ in
      let bound = try positional("count", arguments, 1...3)
      let part = Array(try string(bound[0], "must be str, not ").unicodeScalars)
      let scalars = Array(receiver(value).text.unicodeScalars)
      let range = try SliceRange(
        bound.count > 1 ? bound[1] : .none, bound.count > 2 ? bound[2] : .none, .none, count: scalars.count)
      let window = range.select(scalars)
      if part.isEmpty { return .int(range.start <= range.stop ? window.count + 1 : 0) }
      var count = 0
      var index = 0
      while index + part.count <= window.count {
        if window[index..<index + part.count].elementsEqual(part) {
          count += 1
          index += part.count
        } else {
          index += 1
        }
      }
      return .int(count)
    },
    "center": { value, arguments, _ in
      try padded("center", value, arguments) { center($0, $1, $2) }
    },
    "ljust": { value, arguments, _ in
      try padded("ljust", value, arguments) { text, width, fill in
        text + String(repeating: fill, count: max(0, width - text.unicodeScalars.count))
      }
    },
    "rjust": { value, arguments, _ in
      try padded("rjust", value, arguments) { text, width, fill in
        String(repeating: fill, count: max(0, width - text.unicodeScalars.count)) + text
      }
    },
    "zfill": { value, arguments, _ in
      let width = try positional("zfill", arguments, 1...1)[0].index()
      return try value.mappingText { text in
        let zeros = String(repeating: "0", count: max(0, width - text.unicodeScalars.count))
        if let sign = text.unicodeScalars.first, sign == "-" || sign == "+" {
          return String(sign) + zeros + String(text.unicodeScalars.dropFirst())
        }
        return zeros + text
      }
    },
    "expandtabs": { value, arguments, _ in
      let size = try arguments.bind("expandtabs", ["tabsize"])[0]?.index() ?? 8
      return try value.mappingText { text in
        var result = String.UnicodeScalarView()
        var column = 0
        for scalar in text.unicodeScalars {
          switch scalar {
          case "\t":
            let spaces = size > 0 ? size - column % size : 0
            for _ in 0..<spaces { result.append(" ") }
            column += spaces
          case "\n", "\r":
            result.append(scalar)
            column = 0
          default:
            result.append(scalar)
            column += 1
          }
        }
        return String(result)
      }
    },
    "translate": { value, arguments, context in
      let table = try positional("translate", arguments, 1...1)[0]
      return try value.mappingText { text in
        var result = ""
        for scalar in text.unicodeScalars {
          let replacement = try lookup(Int(scalar.value), in: table)
          switch replacement {
          case nil: result.unicodeScalars.append(scalar)
          case .some(.none): break
          case .some(let value):
            if let code = value.intValue {
              result.unicodeScalars.append(Unicode.Scalar(UInt32(clamping: code)) ?? "\u{FFFD}")
            } else if let text = value.stringValue {
              result += text
            } else {
              throw TemplateError(.type, "character mapping must return integer, None or str")
            }
          }
        }
        return result
      }
    },
    "maketrans": { _, arguments, _ in try makeTranslation(arguments) },
    "encode": { value, arguments, _ in .object(BytesObject(Array(receiver(value).text.utf8))) },
    "format": { value, arguments, context in
      let (text, isSafe) = receiver(value)
      return .soft(
        try FieldFormat(context.interpreter, escapes: isSafe).format(
          text, arguments.positional, .dict(arguments.named.map { ($0.name, $0.value) })), isSafe: isSafe)
    },
    "format_map": { value, arguments, context in
      let (text, isSafe) = receiver(value)
      let mapping = try positional("format_map", arguments, 1...1)[0]
      return .soft(
        try FieldFormat(context.interpreter, escapes: isSafe).format(text, [], mapping), isSafe: isSafe)
    },
    "striptags": { value, _, _ in
      .string(HTMLText.stripTags(receiver(value).text))
    },
    "unescape": { value, _, _ in .string(HTMLText.unescape(receiver(value).text)) },
  ]

  private static func lookup(_ code: Int, in table: Value) throws -> Value? {
    switch table {
    case .dict(let dict): return try dict.value(for: .int(code))
    case .list(let list): return list.items.indices.contains(code) ? list.items[code] : nil
    case .string(let text): return Value.character(.int(code), of: text).map { .string($0) }
    default: throw TemplateError(.type, "'\(table.typeName)' object is not subscriptable")
    }
  }

  private static func makeTranslation(_ arguments: Arguments) throws -> Value {
    let bound = try positional("maketrans", arguments, 1...3)
    let table = DictObject()
    if bound.count == 1 {
      guard case .dict(let dict) = bound[0] else {
        throw TemplateError(.type, "if you give only one argument to maketrans it must be a dict")
      }
      for (key, value) in dict.pairs {
        if let text = key.stringValue {
          guard text.unicodeScalars.count == 1, let scalar = text.unicodeScalars.first else {
            throw TemplateError(.value, "string keys in translate table must be of length 1")
          }
          try table.set(.int(Int(scalar.value)), value)
        } else {
          try table.set(key, value)
        }
      }
      return .dict(table)
    }
    let from = try string(bound[0], "maketrans() argument 1 must be str, not ").unicodeScalars
    let to = try string(bound[1], "maketrans() argument 2 must be str, not ").unicodeScalars
    guard from.count == to.count else {
      throw TemplateError(.value, "the first two maketrans arguments must have equal length")
    }
    for (a, b) in zip(from, to) { try table.set(.int(Int(a.value)), .int(Int(b.value))) }
    if bound.count > 2 {
      for scalar in try string(bound[2], "maketrans() argument 3 must be str, not ").unicodeScalars {
        try table.set(.int(Int(scalar.value)), .none)
      }
    }
    return .dict(table)
  }

  // MARK: - Shapes of methods

  private static func receiver(_ value: Value) -> (text: String, isSafe: Bool) {
    switch value {
    case .markup(let text): (text, true)
    case .string(let text): (text, false)
    default: ("", false)
    }
  }

  private static func string(_ value: Value, _ message: String) throws -> String {
    if let text = value.stringValue { return text }
    if case .undefined(let undefined) = value, undefined.behaviour == .strict { throw undefined.error }
    throw TemplateError(.type, message + value.typeName)
  }

  static func positional(
    _ name: String, _ arguments: Arguments, _ range: ClosedRange<Int>, type: String = "str"
  ) throws -> [Value] {
    if !arguments.named.isEmpty {
      throw TemplateError(.type, "\(type).\(name)() takes no keyword arguments")
    }
    let count = arguments.positional.count
    guard range.contains(count) else {
      if range == 0...0 {
        throw TemplateError(.type, "\(type).\(name)() takes no arguments (\(count) given)")
      }
      if range.lowerBound == range.upperBound {
        if range.lowerBound == 1 {
          throw TemplateError(.type, "\(type).\(name)() takes exactly one argument (\(count) given)")
        }
        throw TemplateError(
          .type,
          "\(name) expected \(range.lowerBound) argument\(range.lowerBound == 1 ? "" : "s"), got \(count)")
      }
      let isLow = count < range.lowerBound
      let bound = isLow ? range.lowerBound : range.upperBound
      throw TemplateError(
        .type,
        "\(name) expected at \(isLow ? "least" : "most") \(bound) argument\(bound == 1 ? "" : "s"),"
          + " got \(count)")
    }
    return arguments.positional
  }

  private static func mapped(_ name: String, _ body: @escaping @Sendable (String) -> String) -> Method {
    { value, arguments, _ in
      _ = try positional(name, arguments, 0...0)
      return try value.mappingText(body)
    }
  }

  private static func tested(_ name: String, _ body: @escaping @Sendable (String) -> Bool) -> Method {
    { value, arguments, _ in
      _ = try positional(name, arguments, 0...0)
      return .bool(body(receiver(value).text))
    }
  }

  private static func stripping(_ name: String, start: Bool, end: Bool) -> Method {
    { value, arguments, _ in
      let characters = try positional(name, arguments, 0...1).first ?? .none
      return try value.mappingText { try strip($0, characters, start: start, end: end, name: name) }
    }
  }

  private static func padded(
    _ name: String, _ value: Value, _ arguments: Arguments,
    _ body: (String, Int, String) -> String
  ) throws -> Value {
    let bound = try positional(name, arguments, 1...2)
    let width = try bound[0].index()
    var fill = " "
    if bound.count > 1 {
      fill = try string(bound[1], "The fill character must be a unicode character, not ")
      if fill.unicodeScalars.count != 1 {
        throw TemplateError(.type, "The fill character must be exactly one character long")
      }
    }
    return try value.mappingText { body($0, width, fill) }
  }

  private static func partition(
    _ name: String, _ value: Value, _ arguments: Arguments, fromEnd: Bool
  ) throws -> Value {
    let (text, isSafe) = receiver(value)
    let separator = Array(
      try string(positional(name, arguments, 1...1)[0], "must be str, not ").utf8)
    if separator.isEmpty { throw TemplateError(.value, "empty separator") }
    let bytes = Array(text.utf8)
    let found =
      fromEnd
      ? StringSearch.findLast(separator, in: bytes, before: bytes.count)
      : StringSearch.find(separator, in: bytes, from: 0)
    func part(_ slice: ArraySlice<UInt8>) -> Value {
      .soft(String(decoding: slice, as: UTF8.self), isSafe: isSafe)
    }
    guard let found else {
      return .tuple(
        fromEnd ? [part([]), part([]), part(bytes[...])] : [part(bytes[...]), part([]), part([])])
    }
    return .tuple([part(bytes[..<found]), part(separator[...]), part(bytes[(found + separator.count)...])])
  }

  private static func affix(
    _ name: String, _ value: Value, _ arguments: Arguments, atEnd: Bool
  ) throws -> Value {
    let bound = try positional(name, arguments, 1...3)
    var text = receiver(value).text
    if bound.count > 1 {
      let scalars = Array(text.unicodeScalars)
      let range = try SliceRange(bound[1], bound.count > 2 ? bound[2] : .none, .none, count: scalars.count)
      if range.start > range.stop { return .bool(false) }
      text = String(range.select(scalars))
    }
    let candidates: [Value]
    if case .tuple(let items) = bound[0] { candidates = items } else { candidates = [bound[0]] }
    for candidate in candidates {
      guard let part = candidate.stringValue else {
        if case .tuple = bound[0] {
          throw TemplateError(
            .type, "tuple for \(name) must only contain str, not \(candidate.typeName)")
        }
        throw TemplateError(
          .type, "\(name) first arg must be str or a tuple of str, not \(candidate.typeName)")
      }
      let matches =
        atEnd
        ? text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
        : text.utf8.starts(with: part.utf8)
      if matches { return .bool(true) }
    }
    return .bool(false)
  }

  /// The position in characters.
  private static func search(
    _ name: String, _ value: Value, _ arguments: Arguments, fromEnd: Bool
  ) throws -> Int? {
    let bound = try positional(name, arguments, 1...3)
    let part = Array(try string(bound[0], "must be str, not ").unicodeScalars)
    let scalars = Array(receiver(value).text.unicodeScalars)
    let range = try SliceRange(
      bound.count > 1 ? bound[1] : .none, bound.count > 2 ? bound[2] : .none, .none, count: scalars.count)
    guard range.start + part.count <= range.stop else {
      return part.isEmpty && range.start == range.stop ? range.start : nil
    }
    let positions = Array(range.start...(range.stop - part.count))
    func matches(_ index: Int) -> Bool { scalars[index..<index + part.count].elementsEqual(part) }
    return fromEnd ? positions.last(where: matches) : positions.first(where: matches)
  }
}
