/// What the name of a Redshift endpoint tells.
///
///     shop.abc123.eu-central-1.redshift.amazonaws.com
///     wg.123456789012.eu-central-1.redshift-serverless.amazonaws.com
public struct RedshiftHost: Sendable, Hashable {
  public enum Kind: Sendable, Hashable { case cluster, workgroup, other }

  public var kind = Kind.other
  /// The cluster's identifier, or the workgroup's name.
  public var name: String?
  public var region: String?

  public init(_ host: String) {
    for (word, kind) in [(".redshift-serverless", Kind.workgroup), (".redshift", .cluster)] {
      for suffix in [".amazonaws.com", "-dev.amazonaws.com"] {
        guard let end = host.firstRange(of: word + suffix)?.lowerBound else { continue }
        let labels = host[..<end].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // A workgroup's name may be missing, a cluster's not.
        guard labels.count >= (kind == .workgroup ? 2 : 3) else { continue }
        self.kind = kind
        region = labels.last
        if labels.count > 2 { name = labels.dropLast(2).joined(separator: ".") }
        return
      }
    }
  }
}
