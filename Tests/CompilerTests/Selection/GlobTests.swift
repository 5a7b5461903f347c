import Testing

@testable import Compiler

@Suite struct GlobTests {
  @Test(arguments: [
    ("stg_*", "stg_orders", true), ("stg_*", "my_stg_orders", false), ("*", "", true), ("a?c", "abc", true),
    ("a?c", "ac", false), ("[ab]x", "bx", true), ("[!ab]x", "bx", false), ("[a-c]x", "bx", true),
    ("[]]", "]", true), ("[", "[", true), ("a[b", "a[b", true), ("*a*b", "xaxxb", true),
    ("*a*b", "xaxxbc", false), ("?", "ø", true), ("**", "a.b/c", true), ("A*", "abc", false),
    ("[z-a]", "z", false),
  ])
  func matches(pattern: String, text: String, expected: Bool) {
    #expect(Glob(pattern).matches(text) == expected)
  }
}
