import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// A package at the one version that is installed: an entry of package-lock.yml.
struct PinnedPackage {
  enum Origin {
    /// A folder, absolute.
    case local(folder: String)
    case hub(tarball: String)
    /// The repository's commit, and the folder in it.
    case git(url: String, commit: String, subdirectory: String?)
    case tarball(url: String)
  }

  var origin: Origin
  /// The package's own name, which its folder gets.
  var projectName: String
  /// As progress lines name it: the hub's name, the address, the path.
  var shownName: String
  /// `version 1.3.0`, `revision 3f2a…`, `<local @ ../x>`
  var shownVersion: String
  /// Of a package of the hub: the newest version that could be installed, when that is known.
  var latest: String?
  var version: String?
  /// Its entry in package-lock.yml; secrets stand in it as templates.
  var entry: OrderedDictionary<String, PlainValue>
  var span: SourceSpan?

  var subdirectory: String? {
    if case .git(_, _, let folder) = origin { folder } else { nil }
  }

  var isLocal: Bool { if case .local = origin { true } else { false } }
}
