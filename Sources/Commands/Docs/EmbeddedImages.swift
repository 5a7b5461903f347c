import Foundation
import ProjectModel

/// The pictures of a project as part of the page itself, for a page that is one file.
enum EmbeddedImages {
  /// Larger ones stay files: a page of many of them would open slowly.
  static let limit = 2 << 20

  private static let types = [
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "svg": "image/svg+xml", "avif": "image/avif",
  ]

  /// `data:` addresses of the pictures below the asset paths, by their path below the project.
  static func read(root: String, assetPaths: [String]) -> [String: String] {
    var images: [String: String] = [:]
    for folder in assetPaths {
      for file in FileManager.default.enumerator(atPath: root + "/" + folder)?.compactMap({ $0 as? String })
        ?? []
      {
        let path = folder + "/" + file
        guard let type = types[(file as NSString).pathExtension.lowercased()],
          let data = FileManager.default.contents(atPath: root + "/" + path), data.count <= limit
        else { continue }
        images[path] = "data:\(type);base64,\(data.base64EncodedString())"
      }
    }
    return images
  }
}
