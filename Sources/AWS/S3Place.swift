/// A place in a bucket: `s3://bucket/folder`.
public struct S3Place: Sendable, Hashable {
  public var bucket: String
  /// Without slashes at its ends.
  public var folder: String

  /// nil for what is no such address.
  public init?(_ address: String) {
    guard address.hasPrefix("s3://") else { return nil }
    let parts = address.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true)
    guard let bucket = parts.first, address.dropFirst(5).hasPrefix(bucket) else { return nil }
    self.bucket = String(bucket)
    folder = parts.dropFirst().joined(separator: "/")
  }

  /// The name of a file of the folder within the bucket.
  public func key(_ name: String) -> String { folder.isEmpty ? name : folder + "/" + name }
  public func address(_ name: String) -> String { "s3://\(bucket)/\(key(name))" }
}

extension AWSClient {
  /// Stores a file; one request, so up to five gigabytes.
  public func put(
    _ bytes: [UInt8], as name: String, in place: S3Place, region: String, with credentials: AWSCredentials
  ) throws(AWSError) {
    var request = try object("PUT", name, in: place, region: region)
    request.body = bytes
    // A megabyte a second is slow.
    request.patience = 30 + bytes.count >> 20
    _ = try send(request, "PutObject", .s3, region: region, with: credentials)
  }

  public func delete(
    _ name: String, in place: S3Place, region: String, with credentials: AWSCredentials
  ) throws(AWSError) {
    let request = try object("DELETE", name, in: place, region: region)
    _ = try send(request, "DeleteObject", .s3, region: region, with: credentials)
  }

  /// AWS's own buckets are hosts; a dot in the name would not fit the certificate, and servers of one's own have paths.
  private func object(
    _ method: String, _ name: String, in place: S3Place, region: String
  ) throws(AWSError) -> HTTPRequest {
    guard configuration.endpoint(of: .s3) == nil, !place.bucket.contains(".") else {
      return try request(method, to: .s3, region: region, path: "/\(place.bucket)/\(place.key(name))")
    }
    return HTTPRequest(
      method, scheme: "https", authority: "\(place.bucket).s3.\(region).\(Self.suffix(region))",
      path: place.key(name))
  }
}
