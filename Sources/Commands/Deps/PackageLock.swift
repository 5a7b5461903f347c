import Compiler
import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// package-lock.yml: which version of each package is installed, and for which packages.yml.
enum PackageLock {
  static let file = "package-lock.yml"

  /// The text as dbt writes it.
  static func text(_ packages: [PinnedPackage], for specs: [PackageSpec]) -> String {
    let value: PlainValue = [
      "packages": .list(packages.map { .mapping($0.entry) }), "sha1_hash": .string(hash(of: specs)),
    ]
    return YAMLText.write(value, sortsKeys: true, indentsLists: true)
  }

  /// What tells whether packages.yml has changed: SHA-1 over its entries, in any order.
  static func hash(of specs: [PackageSpec]) -> String {
    let texts = specs.map { JSONText.compact(sorted($0.contract)) }
    return SHA1.hexadecimal(texts.sorted().joined(separator: "\n"))
  }

  private static func sorted(_ value: PlainValue) -> PlainValue {
    switch value {
    case .list(let items): return .list(items.map(sorted))
    case .mapping(let entries):
      var result: OrderedDictionary<String, PlainValue> = [:]
      for (key, entry) in entries.sorted(by: { $0.key < $1.key }) { result[key] = sorted(entry) }
      return .mapping(result)
    default: return value
    }
  }
}
