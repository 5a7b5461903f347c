/// Days and dates of the Gregorian calendar, carried back before its start as Python does.
enum Calendar {
  static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
  ]
  static let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1 January 1970.
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400).quotient
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = floorDivide(shifted, 146_097).quotient
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  /// 0 for Monday.
  static func weekday(ofDay day: Int) -> Int { floorDivide(day + 3, 7).rest }

  static func floorDivide(_ a: Int, _ b: Int) -> (quotient: Int, rest: Int) {
    let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? (quotient - 1, rest + b) : (quotient, rest)
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(abs(number))
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// ISO year, week and weekday from 1.
  static func iso(_ year: Int, _ month: Int, _ day: Int) -> (year: Int, week: Int, weekday: Int) {
    let today = days(year, month, day)
    let weekday = weekday(ofDay: today)
    func firstMonday(_ year: Int) -> Int {
      let fourth = days(year, 1, 4)
      return fourth - self.weekday(ofDay: fourth)
    }
    var isoYear = year
    if today < firstMonday(year) { isoYear -= 1 } else if today >= firstMonday(year + 1) { isoYear += 1 }
    return (isoYear, (today - firstMonday(isoYear)) / 7 + 1, weekday + 1)
  }
}
