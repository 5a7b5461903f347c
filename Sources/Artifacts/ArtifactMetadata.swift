/// What stands at the head of every artifact.
public struct ArtifactMetadata: Sendable {
  public var invocationID: String
  /// Seconds since 1970, UTC; so are all times here.
  public var generatedAt: Double
  public var invocationStartedAt: Double
  /// `DBT_ENV_CUSTOM_ENV_…` without the prefix.
  public var environment: [(name: String, value: String)] = []

  /// The dbt version whose formats are written.
  public static let dbtVersion = "1.11.16"

  public init(invocationID: String, generatedAt: Double, invocationStartedAt: Double) {
    self.invocationID = invocationID
    self.generatedAt = generatedAt
    self.invocationStartedAt = invocationStartedAt
  }

  /// The kinds of artifacts with their version.
  enum Schema: String {
    case manifest = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    case runResults = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    case catalog = "https://schemas.getdbt.com/dbt/catalog/v1.json"
    case sources = "https://schemas.getdbt.com/dbt/sources/v3.json"
  }

  /// Writes the artifact's key `metadata`.
  ///
  /// - Parameter more: writes what this kind of artifact says besides.
  func write(_ schema: Schema, to json: inout JSONWriter, more: (inout JSONWriter) -> Void = { _ in }) {
    json.beginObject("metadata")
    json.field("dbt_schema_version", schema.rawValue)
    json.field("dbt_version", ArtifactMetadata.dbtVersion)
    json.field("generated_at", Timestamp.text(generatedAt) + "Z")
    json.field("invocation_id", invocationID)
    json.field("invocation_started_at", Timestamp.text(invocationStartedAt) + "Z")
    json.beginObject("env")
    for (name, value) in environment { json.field(named: name, value) }
    json.endObject()
    more(&json)
    json.endObject()
  }
}

/// Times as Python's `isoformat` writes them.
enum Timestamp {
  private static let (dash, colon) = (UInt8(ascii: "-"), UInt8(ascii: ":"))

  /// `2026-11-21T12:09:00.726917`; a whole second has no fraction.
  static func text(_ seconds: Double) -> String {
    let microseconds = Int((seconds * 1_000_000).rounded())
    let (days, ofDay) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    let day = ofDay < 0 ? days - 1 : days
    let rest = ofDay < 0 ? ofDay + 86_400_000_000 : ofDay
    let (year, month, date) = civil(day)
    let (second, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
    let parts = [
      (year, 4, 0), (month, 2, dash), (date, 2, dash), (second / 3600, 2, UInt8(ascii: "T")),
      (second / 60 % 60, 2, colon), (second % 60, 2, colon), (fraction, 6, UInt8(ascii: ".")),
    ]
    return String(unsafeUninitializedCapacity: 32) { bytes in
      var count = 0
      for (value, width, mark) in parts.prefix(fraction == 0 ? 6 : 7) {
        if mark != 0 {
          bytes[count] = mark
          count += 1
        }
        var rest = value
        for place in stride(from: count + width - 1, through: count, by: -1) {
          bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
        count += width
      }
      return count
    }
  }

  /// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar: years are
  /// counted from March, so that the leap day is the last of its year.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * ofYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * marchMonth + 2) / 5 + 1)
  }
}
