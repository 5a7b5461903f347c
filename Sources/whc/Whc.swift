import Commands

@main
enum Whc {
  static func main() async {
    await CommandLineTool.main()
  }
}
