/// Names of types that projects for any database use.
public enum SQLTypeAlias {
  /// The type's name in PostgreSQL; other names as they are.
  public static func resolved(_ type: String) -> String { type.uppercased() == "STRING" ? "TEXT" : type }
}
