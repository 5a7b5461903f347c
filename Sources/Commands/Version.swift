import Artifacts

/// What `--version` and the first line of every command say.
enum Version {
  static let whc = "0.1.0"
  /// The dbt whose behaviour and formats this is.
  static let dbt = ArtifactMetadata.dbtVersion
  /// Of its adapters.
  static let adapter = "1.11.0"

  /// In the shape in which dbt's callers look for the first version number.
  static let text = """
    Core:
      - installed: \(dbt)

    Plugins:
      - postgres: \(adapter)
      - redshift: \(adapter)

    whc: \(whc)

    """
}
