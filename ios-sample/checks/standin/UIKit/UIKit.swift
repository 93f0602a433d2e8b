// Stand-in for the part of UIKit that the sample uses; see SwiftUI/View.swift beside it.
@_exported import Foundation

@MainActor open class UIView: NSObject {
    public init(frame: CGRect) { super.init() }
    public override convenience init() { self.init(frame: .zero) }
    public required init?(coder: NSCoder) { nil }
    open func layoutSubviews() {}
    public var bounds: CGRect { .zero }
    public var layer: CALayer { CALayer() }
}

open class CALayer: NSObject {
    open var frame: CGRect = .zero
    public func addSublayer(_ layer: CALayer) {}
}

public final class UIImage: NSObject, @unchecked Sendable {
    public init?(data: Data) { nil }
}

@MainActor public final class UIApplication: NSObject {
    public nonisolated static let openSettingsURLString = "app-settings:"
}

@MainActor public final class UIDevice: NSObject {
    public static let current = UIDevice()
    public let model = ""
    public let name = ""
}

public enum UIKeyboardType: Sendable { case `default`, URL, numberPad, emailAddress }
public struct UITextContentType: Sendable {
    public static let URL = UITextContentType()
    public static let oneTimeCode = UITextContentType()
    public static let password = UITextContentType()
    public static let newPassword = UITextContentType()
}
