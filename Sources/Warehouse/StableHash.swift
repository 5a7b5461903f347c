/// A hash that is the same in every run and on every machine (FNV-1a, 64 bits): for names, never for
/// security.
public enum StableHash {
  public static func of(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
      hash ^= UInt64(byte)
      hash &*= 0x100_0000_01b3
    }
    // FNV's high bits change little for short texts; the finaliser of MurmurHash3 spreads them.
    hash ^= hash >> 33
    hash &*= 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    hash &*= 0xc4ce_b9fe_1a85_ec53
    hash ^= hash >> 33
    return hash
  }

  /// The first `digits` (at most 16) of the hash in lower-case hexadecimal.
  public static func hexadecimal(of text: String, digits: Int = 16) -> String {
    let text = String(of(text), radix: 16)
    return String((String(repeating: "0", count: 16 - text.count) + text).prefix(digits))
  }
}
