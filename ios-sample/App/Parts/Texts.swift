import SampleModels
import SwiftUI

/// A claim by the citizen's word for it; by its own name where this app has none.
struct ClaimText: View {
    let name: String

    init(_ name: String) { self.name = name }

    var body: some View {
        if let message = Message(ofClaim: name) {
            Text(message)
        } else {
            Text(verbatim: name)
        }
    }
}

/// Several claims, one per line.
struct ClaimsText: View {
    let names: [String]

    init(_ names: [String]) { self.names = names }

    var body: some View {
        VStack(alignment: .trailing) {
            ForEach(names, id: \.self) { ClaimText($0) }
        }
    }
}

/// A day, as the citizen's region writes it.
struct DayText: View {
    let date: Date

    init(_ date: Date) { self.date = date }

    init(milliseconds: Int64) { date = Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    var body: some View { Text(date, format: .dateTime.day().month(.wide).year()) }
}

/// A day and its time.
struct TimeText: View {
    let date: Date

    init(_ date: Date) { self.date = date }

    var body: some View { Text(date, format: .dateTime.day().month(.wide).year().hour().minute()) }
}
