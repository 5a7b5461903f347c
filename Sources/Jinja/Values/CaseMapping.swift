/// Upper and lower case as Python maps them.
enum CaseMapping {
  @Sendable
  static func upper(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 }
      ? mapASCII(text) { $0 &- 97 < 26 ? $0 - 32 : $0 }
      : text.unicodeScalars.map(\.properties.uppercaseMapping).joined()
  }

  @Sendable
  static func lower(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 }
      ? mapASCII(text) { $0 &- 65 < 26 ? $0 + 32 : $0 } : text.lowercased()
  }

  @Sendable
  static func capitalize(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return text }
    return first.properties.titlecaseMapping + lower(String(text.unicodeScalars.dropFirst()))
  }

  @Sendable static func swap(_ text: String) -> String {
    text.unicodeScalars.map {
      $0.properties.isUppercase
        ? $0.properties.lowercaseMapping
        : $0.properties.isLowercase ? $0.properties.uppercaseMapping : String($0)
    }.joined()
  }

  /// Python's `str.title`: each run of letters begins in upper case.
  @Sendable static func title(_ text: String) -> String {
    var result = ""
    var wasCased = false
    for scalar in text.unicodeScalars {
      result += wasCased ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      wasCased = scalar.properties.isCased
    }
    return result
  }

  @Sendable static func fold(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "ß", "ẞ": result += "ss"
      case "ς": result += "σ"
      default: result += scalar.properties.lowercaseMapping
      }
    }
    return result
  }

  private static func mapASCII(_ text: String, _ map: (UInt8) -> UInt8) -> String {
    String(decoding: text.utf8.map(map), as: UTF8.self)
  }
}

/// What kinds of characters a text has: Python's `str.is…` methods.
enum StringTraits {
  @Sendable static func isLower(_ text: String) -> Bool {
    var found = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter {
        return false
      }
      if scalar.properties.isLowercase { found = true }
    }
    return found
  }

  @Sendable static func isUpper(_ text: String) -> Bool {
    var found = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isLowercase || scalar.properties.generalCategory == .titlecaseLetter {
        return false
      }
      if scalar.properties.isUppercase { found = true }
    }
    return found
  }

  @Sendable static func isTitle(_ text: String) -> Bool {
    var found = false
    var wasCased = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
        if wasCased { return false }
        wasCased = true
        found = true
      } else if properties.isLowercase {
        if !wasCased { return false }
        found = true
      } else {
        wasCased = false
      }
    }
    return found
  }

  static func all(_ text: String, _ test: (Unicode.Scalar) -> Bool) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy(test)
  }

  static func isAlpha(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    isDecimal(scalar) || scalar.properties.numericType == .digit
  }

  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  @Sendable static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isXIDStart else {
      return false
    }
    return text.unicodeScalars.dropFirst().allSatisfy { $0.properties.isXIDContinue }
  }
}
