extension Builtins {
  static let markupFilters: [String: Environment.Filter] = [
    "escape": escape, "e": escape,
    "forceescape": { value, arguments, _ in
      _ = try FilterArguments("do_forceescape", arguments)
      return .markup(Escaping.html(try value.text()))
    },
    "safe": { value, arguments, _ in
      _ = try FilterArguments("do_mark_safe", arguments)
      return .markup(try value.text())
    },
    "striptags": { value, arguments, _ in
      _ = try FilterArguments("do_striptags", arguments)
      return .string(HTMLText.stripTags(try value.text()))
    },
    "xmlattr": { value, arguments, context in
      let bound = try FilterArguments("do_xmlattr", arguments, ["autospace"], passes: 1)
      var parts: [String] = []
      for (key, item) in try mappingPairs(value) where !item.isNone && !item.isUndefined {
        guard let name = key.stringValue else {
          throw TemplateError(.type, "expected string or bytes-like object, got '\(key.typeName)'")
        }
        if name.utf8.contains(where: {
          Bytes.isSpace($0) && $0 < 28 || $0 == 32 || $0 == 47 || $0 == 61 || $0 == 62
        }) {
          throw TemplateError(
            .value, "Invalid character in attribute name: \(Value.representation(of: name))")
        }
        parts.append("\(try Escaping.html(key))=\"\(try Escaping.html(item))\"")
      }
      var result = parts.joined(separator: " ")
      if !result.isEmpty, try bound.bool(0, default: true) { result = " " + result }
      return .soft(result, isSafe: context.autoescape)
    },
    "tojson": { value, arguments, _ in
      let indent = try FilterArguments("do_tojson", arguments, ["indent"], passes: 1).some(0)
      var writer = JSONText(sortKeys: true)
      if let text = indent?.stringValue {
        writer.indent = text
      } else if let width = try indent?.index() {
        writer.indent = String(repeating: " ", count: max(0, width))
      }
      var result: [UInt8] = []
      for byte in try writer.write(value).utf8 {
        switch byte {
        case UInt8(ascii: "<"): result.append(contentsOf: "\\u003c".utf8)
        case UInt8(ascii: ">"): result.append(contentsOf: "\\u003e".utf8)
        case UInt8(ascii: "&"): result.append(contentsOf: "\\u0026".utf8)
        case UInt8(ascii: "'"): result.append(contentsOf: "\\u0027".utf8)
        default: result.append(byte)
        }
      }
      return .markup(String(decoding: result, as: UTF8.self))
    },
    "urlencode": { value, arguments, _ in
      _ = try FilterArguments("do_urlencode", arguments)
      switch value {
      case .string(let text), .markup(let text): return .string(URLText.quote(text, isQuery: false))
      case .dict(let dict):
        return .string(
          try dict.pairs.map {
            URLText.quote(try $0.key.text(), isQuery: true) + "="
              + URLText.quote(try $0.value.text(), isQuery: true)
          }.joined(separator: "&"))
      case .list, .tuple, .set, .undefined: return .string(try queryPairs(try value.items()))
      case .object(let object) where object.isIterable: return .string(try queryPairs(try value.items()))
      default: return .string(URLText.quote(try value.text(), isQuery: false))
      }
    },
    "urlize": { value, arguments, context in
      let bound = try FilterArguments(
        "do_urlize", arguments, ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"], passes: 1)
      var rels = Set((try bound.some(3)?.text() ?? "").split(separator: " ").map(String.init))
      if try bound.bool(1) { rels.insert("nofollow") }
      rels.insert("noopener")
      let schemes = try bound.some(4)?.items().map { try $0.text() } ?? []
      for scheme in schemes where !URLText.isScheme(scheme) {
        throw TemplateError(
          .filterArgument, "\(Value.representation(of: scheme)) is not a valid URI scheme prefix.")
      }
      let linker = Linker(
        limit: try bound.some(0)?.index(), rel: rels.sorted().joined(separator: " "),
        target: try bound.some(2)?.text(), schemes: schemes)
      return .soft(linker.link(try Escaping.html(value)), isSafe: context.autoescape)
    },
  ]

  @Sendable
  private static func escape(_ value: Value, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    _ = try FilterArguments("escape", arguments)
    return .markup(try Escaping.html(value))
  }

  private static func queryPairs(_ items: [Value]) throws -> String {
    try items.map { item in
      let pair: [Value]
      do {
        pair = try item.items()
      } catch let error as TemplateError where error.kind == .type {
        throw TemplateError(.type, "cannot unpack non-iterable \(item.typeName) object")
      }
      guard pair.count == 2 else {
        throw TemplateError(
          .value,
          pair.count < 2
            ? "not enough values to unpack (expected 2, got \(pair.count))"
            : "too many values to unpack (expected 2)")
      }
      return URLText.quote(try pair[0].text(), isQuery: true) + "="
        + URLText.quote(try pair[1].text(), isQuery: true)
    }.joined(separator: "&")
  }
}

/// Percent encoding.
enum URLText {
  static func quote(_ text: String, isQuery: Bool) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "~"): result.append(byte)
      case UInt8(ascii: "/") where !isQuery: result.append(byte)
      case UInt8(ascii: " ") where isQuery: result.append(UInt8(ascii: "+"))
      case _ where Bytes.isNameByte(byte): result.append(byte)
      default: result += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether the text is a scheme with its colon: `tel:`, `ftp://`.
  static func isScheme(_ text: String) -> Bool {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let name = text.utf8[..<colon]
    let rest = String(text[text.index(after: colon)...])
    return name.count >= 2
      && name.allSatisfy { Bytes.isNameByte($0) || $0 == 46 || $0 == 43 || $0 == 45 || $0 >= 0x80 }
      && (rest.isEmpty || rest == "/" || rest == "//")
  }
}

/// HTML as plain text, as MarkupSafe strips and unescapes it.
enum HTMLText {
  static func stripTags(_ text: String) -> String {
    var value = text
    while let start = StringSearch.find("<!--", in: value),
      let end = StringSearch.find("-->", in: value, from: start)
    {
      value = remove(value, start, end + 3)
    }
    while let start = StringSearch.find("<", in: value),
      let end = StringSearch.find(">", in: value, from: start)
    {
      value = remove(value, start, end + 1)
    }
    return unescape(StringMethods.splitWhitespace(value).joined(separator: " "))
  }

  private static func remove(_ text: String, _ start: Int, _ end: Int) -> String {
    var bytes = Array(text.utf8)
    bytes.removeSubrange(start..<end)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let entities: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©",
    "reg": "®", "euro": "€", "hellip": "…", "mdash": "—", "ndash": "–", "raquo": "»", "laquo": "«",
    "times": "×", "middot": "·", "bull": "•", "trade": "™", "rsquo": "’", "lsquo": "‘", "ldquo": "“",
    "rdquo": "”", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü",
    "szlig": "ß", "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç", "deg": "°", "pound": "£",
    "yen": "¥", "cent": "¢", "sect": "§", "para": "¶", "plusmn": "±", "micro": "µ", "frac12": "½",
  ]

  static func unescape(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "&"),
        let end = bytes[index...].prefix(34).firstIndex(of: UInt8(ascii: ";")),
        let replacement = entity(String(decoding: bytes[index + 1..<end], as: UTF8.self))
      {
        result.append(contentsOf: replacement.utf8)
        index = end + 1
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func entity(_ name: String) -> String? {
    guard name.hasPrefix("#") else { return entities[name] }
    let digits = name.dropFirst()
    let isHex = digits.first == "x" || digits.first == "X"
    guard let value = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10) else { return nil }
    return Unicode.Scalar(value).map { String($0) } ?? "\u{FFFD}"
  }
}
