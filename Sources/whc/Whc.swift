import Commands

@main
enum Whc {
  static func main() { CommandLineTool.start() }
}
