// Stand-in for the part of UniformTypeIdentifiers that the sample uses; see SwiftUI/View.swift beside it.
public struct UTType: Hashable, Sendable {
    public static let json = UTType()
    public static let data = UTType()
}
