public import Foundation

/// Compares text with a file of expected text that a person has read.
public enum Golden {
  /// nil when `actual` is what the golden file says; else what to tell the reader.
  ///
  /// With `WHC_UPDATE_GOLDEN=1` in the environment the file is written and nil returned.
  public static func mismatch(_ actual: String, file: URL) -> String? {
    if ProcessInfo.processInfo.environment["WHC_UPDATE_GOLDEN"] == "1" {
      do {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(actual.utf8).write(to: file)
        return nil
      } catch {
        return "cannot write \(file.path): \(error)"
      }
    }
    let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    guard expected != actual else { return nil }
    return """
      \(file.lastPathComponent) differs; if the new text is right, run scripts/update-goldens and read the diff
      --- expected
      \(expected)
      --- actual
      \(actual)
      """
  }
}
