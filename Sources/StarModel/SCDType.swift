/// What happens to an attribute's past when its value changes, by Kimball's numbers.
public enum SCDType: Int, Sendable, Hashable, CaseIterable {
  /// The earliest value stays.
  case retainOriginal = 0
  /// The latest value stands in every version.
  case overwrite = 1
  /// A change makes a new version.
  case addVersion = 2
  /// The previous value stands in a column beside the present one.
  case previousValue = 3
  /// Type 2 with the latest value in `current_<column>` on every version.
  case hybrid = 6
  /// Type 2 with a durable key in the dimension and its facts, so that they can be read as it was and as it is.
  case dual = 7

  /// True when a change of the attribute makes a new version.
  public var makesVersions: Bool { self == .addVersion || self == .hybrid || self == .dual }

  /// The types that dimensions can be built with today.
  public static let built: [SCDType] = [
    .retainOriginal, .overwrite, .addVersion, .previousValue, .hybrid, .dual,
  ]
}
