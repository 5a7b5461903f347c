#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Correctly rounded decimal digits of a number, from the C library.
enum CFormat {
  /// The number with a conversion of `printf`: `f`, `e` or `g`, and digits after the point.
  static func format(_ value: Double, conversion: Character, precision: Int) -> String {
    let format = "%.*\(conversion)"
    let precision = min(precision, 2000)
    return withVaList([Int32(precision), value]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400 + precision)
      let length = vsnprintf(&buffer, buffer.count, format, arguments)
      return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The number that a decimal text writes.
  static func parse(_ text: String) -> Double? { strtod(text, nil) }

  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  static func scale(_ value: Double, by exponent: Int) -> Double { scalbn(value, Int32(clamping: exponent)) }

  static func remainder(_ a: Double, _ b: Double) -> Double { fmod(a, b) }
}
