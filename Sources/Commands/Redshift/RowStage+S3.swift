import AWS
import Diagnostics
import Foundation
import ProjectLoading
import Runner

extension RowStage {
  /// The bucket of a target (`staging_bucket`); nil for targets without one.
  init?(_ target: Target, environment: [String: String]) {
    guard let own = target.redshift, let address = own.stagingBucket, let place = S3Place(address),
      let role = own.stagingRole
    else { return nil }
    let identity = AWSIdentity(own, .system(environment))
    let host = target.host ?? ""
    self.init { bytes in
      let name = "whc-\(UUID().uuidString.lowercased()).csv"
      let (client, region): (AWSClient, String)
      do throws(AWSError) {
        client = try identity.client()
        guard let known = own.region ?? RedshiftHost(host).region ?? client.configuration.region else {
          throw AWSError(
            "the region of \(address) is not known", help: "'region' in the profile, or AWS_REGION, says it")
        }
        region = known
        try client.put(bytes, as: name, in: place, region: region, with: identity.credentials())
      } catch {
        throw DiagnosticsError(
          Diagnostic(
            "io-error", "rows cannot be put into \(address): \(error.message)", help: error.help))
      }
      let literal = { (text: String) in "'" + text.replacing("'", with: "''") + "'" }
      let reader = role == "default" ? role : literal(role)
      return File(source: "\(literal(place.address(name))) iam_role \(reader)") {
        // What stays is an old file, which the bucket's own rules may clear away.
        try? client.delete(name, in: place, region: region, with: identity.credentials())
      }
    }
  }
}
