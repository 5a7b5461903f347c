import ProjectModel
import Testing

@Suite struct DigestTests {
  @Test(arguments: [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 1000])
  func lengthsAroundABlock(count: Int) {
    // Computed with Python's hashlib over `b"a" * count`.
    let text = String(repeating: "a", count: count)
    #expect(SHA256.hexadecimal(text).hasPrefix(Self.expected[count]?.0 ?? "?"))
    #expect(MD5.hexadecimal(text).hasPrefix(Self.expected[count]?.1 ?? "?"))
  }

  private static let expected: [Int: (String, String)] = [
    0: ("e3b0c44298fc1c149afbf4c8", "d41d8cd98f00b204e9800998"),
    1: ("ca978112ca1bbdcafac231b3", "0cc175b9c0f1b6a831c399e2"),
    55: ("9f4390f8d30c2dd92ec9f095", "ef1772b6dff9a12235855295"),
    56: ("b35439a4ac6f0948b6d6f9e3", "3b0c8ac703f828b04c6c1970"),
    57: ("f13b2d724659eb3bf47f2dd6", "652b906d60af96844ebd21b6"),
    63: ("7d3e74a05d7db15bce4ad9ec", "b06521f39153d618550606be"),
    64: ("ffe054fe7ae0cb6dc65c3af9", "014842d480b571495a4a0363"),
    65: ("635361c48bb9eab14198e76e", "c743a45e0d2e6a95cb859ada"),
    119: ("31eba51c313a5c08226adf18", "8a7bd0732ed6a28ce75f6dab"),
    120: ("2f3d335432c70b580af0e8e1", "5f61c0ccad4cac44c75ff505"),
    1000: ("41edece42d63e8d9bf515a9b", "cabe45dcc9ae5b66ba86600c"),
  ]
}
