extension Builtins {
  static let textFilters: [String: Environment.Filter] = [
    "upper": text("do_upper", CaseMapping.upper),
    "lower": text("do_lower", CaseMapping.lower),
    "capitalize": text("do_capitalize", CaseMapping.capitalize),
    "title": text("do_title", titleWords),
    "string": { value, arguments, _ in
      _ = try FilterArguments("soft_str", arguments)
      let (text, isSafe) = try value.soft()
      return .soft(text, isSafe: isSafe)
    },
    "trim": { value, arguments, _ in
      let bound = try FilterArguments("do_trim", arguments, ["chars"])
      return try value.mappingText { text in
        try StringMethods.strip(text, bound[0] ?? .none, start: true, end: true)
      }
    },
    "center": { value, arguments, _ in
      let width = try FilterArguments("do_center", arguments, ["width"]).int(0, default: 80)
      return try value.mappingText { StringMethods.center($0, width, " ") }
    },
    "replace": { value, arguments, context in
      let bound = try FilterArguments(
        "do_replace", arguments, ["old", "new", "count"], required: 2, passes: 1)
      let count = try bound.some(2)?.index() ?? -1
      let old = bound[0] ?? .none
      let new = bound[1] ?? .none
      guard context.autoescape else {
        return .string(StringMethods.replace(try value.text(), try old.text(), try new.text(), count))
      }
      let oldIsSafe = if case .markup = old { true } else { false }
      let newIsSafe = if case .markup = new { true } else { false }
      let isSafe = if case .markup = value { true } else { false }
      if isSafe || oldIsSafe || newIsSafe {
        let text = try Escaping.html(value)
        return .markup(
          StringMethods.replace(text, try Escaping.html(old), try Escaping.html(new), count))
      }
      return .string(StringMethods.replace(try value.text(), try old.text(), try new.text(), count))
    },
    "format": { value, arguments, _ in
      if !arguments.positional.isEmpty, !arguments.named.isEmpty {
        throw TemplateError(
          .filterArgument, "can't handle positional and keyword arguments at the same time")
      }
      let values: Value =
        arguments.named.isEmpty
        ? .tuple(arguments.positional) : .dict(arguments.named.map { ($0.name, $0.value) })
      let (format, isSafe) = try value.soft()
      return .soft(try PercentFormat.format(format, values, escapes: isSafe), isSafe: isSafe)
    },
    "indent": { value, arguments, _ in
      let bound = try FilterArguments("do_indent", arguments, ["width", "first", "blank"])
      let width: String
      if let text = bound[0]?.stringValue {
        width = text
      } else {
        width = String(repeating: " ", count: max(0, try bound.int(0, default: 4)))
      }
      guard let source = value.stringValue else {
        switch value {
        case .undefined(let undefined): throw undefined.error
        case .list: throw missingAttribute("splitlines", value)
        case .tuple: _ = try value.applying(.add, .string(""))
        default: break
        }
        throw TemplateError(.type, "unsupported operand type(s) for +=: '\(value.typeName)' and 'str'")
      }
      let isSafe = if case .markup = value { true } else { false }
      let lines = StringMethods.splitLines(source + "\n", keepEnds: false)
      var result = ""
      if try bound.bool(2) {
        result = lines.joined(separator: "\n" + width)
      } else {
        for (index, line) in lines.enumerated() {
          if index > 0 { result += "\n" + (line.isEmpty ? "" : width) }
          result += line
        }
      }
      if try bound.bool(1) { result = width + result }
      return .soft(result, isSafe: isSafe)
    },
    "truncate": { value, arguments, _ in
      let bound = try FilterArguments(
        "do_truncate", arguments, ["length", "killwords", "end", "leeway"], passes: 1)
      let length = try bound.int(0, default: 255)
      let end = try bound[2]?.text() ?? "..."
      let leeway = try bound.some(3)?.index() ?? 5
      let endCount = end.unicodeScalars.count
      if length < endCount {
        throw TemplateError(.assertionFailed, "expected length >= \(endCount), got \(length)")
      }
      if leeway < 0 { throw TemplateError(.assertionFailed, "expected leeway >= 0, got \(leeway)") }
      guard let text = value.stringValue else {
        if let count = try value.count(), count <= length + leeway { return value }
        throw TemplateError(.type, "object of type '\(value.typeName)' has no len()")
      }
      let scalars = Array(text.unicodeScalars)
      if scalars.count <= length + leeway { return value }
      var head = scalars[..<(length - endCount)]
      if try !bound.bool(1), let space = head.lastIndex(of: " ") { head = head[..<space] }
      return try value.mappingText { _ in String(head) + end }
    },
    "wordwrap": { value, arguments, _ in
      let bound = try FilterArguments(
        "do_wordwrap", arguments, ["width", "break_long_words", "wrapstring", "break_on_hyphens"], passes: 1)
      let separator = try bound.some(2)?.text() ?? "\n"
      let width = try bound.int(0, default: 79)
      guard let text = value.stringValue else { throw missingAttribute("splitlines", value) }
      let wrapper = TextWrapper(
        width: width, breaksLongWords: try bound.bool(1, default: true),
        breaksOnHyphens: try bound.bool(3, default: true))
      let lines = try StringMethods.splitLines(text, keepEnds: false).map { line in
        try wrapper.wrap(line).joined(separator: separator)
      }
      return .string(lines.joined(separator: separator))
    },
    "wordcount": { value, arguments, _ in
      _ = try FilterArguments("do_wordcount", arguments)
      var count = 0
      var isInside = false
      for scalar in try value.soft().text.unicodeScalars {
        let isWord = Bytes.isWord(scalar)
        if isWord, !isInside { count += 1 }
        isInside = isWord
      }
      return .int(count)
    },
    "join": join,
    "default": defaulted, "d": defaulted,
    "pprint": { value, arguments, _ in
      _ = try FilterArguments("do_pprint", arguments)
      return .string(try PrettyPrinter.format(value))
    },
    "attr": { value, arguments, context in
      let bound = try FilterArguments("do_attr", arguments, ["name"], required: 1, passes: 1)
      guard let name = bound[0]?.stringValue else {
        throw TemplateError(.type, "attribute name must be string, not '\((bound[0] ?? .none).typeName)'")
      }
      // Attributes only: an item of the same name does not count.
      switch value {
      case .object(let object):
        if try object.attribute(name) == nil, !Methods.exists(internal: name, on: value) {
          return context.interpreter.undefined(name: .string(name), of: value)
        }
      case .undefined(let undefined) where undefined.behaviour == .standard: throw undefined.error
      case .undefined: break
      default:
        if Methods.bound(name, of: value) == nil, !Methods.exists(internal: name, on: value) {
          return context.interpreter.undefined(name: .string(name), of: value)
        }
      }
      return try context.interpreter.attribute(name, of: value)
    },
  ]

  static func missingAttribute(_ name: String, _ value: Value) -> TemplateError {
    if case .undefined(let undefined) = value { return undefined.error }
    return TemplateError(.attribute, "'\(value.typeName)' object has no attribute '\(name)'")
  }

  private static func text(
    _ name: String, _ body: @escaping @Sendable (String) -> String
  ) -> Environment.Filter {
    { value, arguments, _ in
      if !arguments.isEmpty { _ = try FilterArguments(name, arguments) }
      return try value.mappingText(body)
    }
  }

  /// Each word begins in upper case and goes on in lower case; words begin after spaces, hyphens
  /// and opening brackets.
  @Sendable
  private static func titleWords(_ text: String) -> String {
    func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar {
      case "-", "(", "{", "[", "<": true
      default: Bytes.isSpace(scalar)
      }
    }
    var result = ""
    var word: [Unicode.Scalar] = []
    func flush() {
      guard let first = word.first else { return }
      result += CaseMapping.upper(String(first)) + CaseMapping.lower(String(word.dropFirst()))
      word = []
    }
    var wasSeparator = false
    for scalar in text.unicodeScalars {
      let separates = isSeparator(scalar)
      if separates != wasSeparator { flush() }
      wasSeparator = separates
      word.append(scalar)
    }
    flush()
    return result
  }

  @Sendable
  private static func join(_ value: Value, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    let bound = try FilterArguments("sync_do_join", arguments, ["d", "attribute"], passes: 1)
    var items = try value.items()
    if let attribute = bound.some(1) {
      let path = try AttributePath(attribute)
      items = try items.map { try path.value(of: $0, context.interpreter) }
    }
    let separator = bound[0] ?? .string("")
    guard context.autoescape else {
      return .string(try items.map { try $0.text() }.joined(separator: try separator.text()))
    }
    let hasSafe = items.contains { if case .markup = $0 { true } else { false } }
    if case .markup(let text) = separator {
      return .markup(try items.map { try Escaping.html($0) }.joined(separator: text))
    }
    if hasSafe {
      return .markup(
        try items.map { try Escaping.html($0) }.joined(separator: try Escaping.html(separator)))
    }
    return .string(try items.map { try $0.text() }.joined(separator: try separator.text()))
  }

  @Sendable
  private static func defaulted(
    _ value: Value, _ arguments: Arguments, _ context: CallContext
  ) throws -> Value {
    let bound = try FilterArguments("do_default", arguments, ["default_value", "boolean"])
    if value.isUndefined { return bound[0] ?? .string("") }
    if try bound.bool(1), try !value.isTrue() { return bound[0] ?? .string("") }
    return value
  }
}

extension CallContext {
  /// Whether output is escaped where the call stands.
  var autoescape: Bool { scope.autoescape }
}
