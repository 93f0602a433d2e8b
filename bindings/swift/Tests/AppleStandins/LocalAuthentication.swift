// The part of Apple's LocalAuthentication that the package uses. See Security.swift beside this.
import Foundation
import Security

public enum LAPolicy: Int { case deviceOwnerAuthenticationWithBiometrics = 1, deviceOwnerAuthentication = 2 }
public enum LAAccessControlOperation: Int { case useItem = 1, useKeySign = 3 }

open class LAContext: NSObject {
    public override init() { super.init() }
    open func canEvaluatePolicy(_ policy: LAPolicy, error: UnsafeMutablePointer<NSError?>?) -> Bool { false }
    open func evaluateAccessControl(
        _ accessControl: SecAccessControl, operation: LAAccessControlOperation, localizedReason: String,
        reply: @escaping @Sendable (Bool, (any Error)?) -> Void
    ) { reply(false, nil) }
    open func invalidate() {}
    open var localizedFallbackTitle: String?
    open var evaluatedPolicyDomainState: Data? { nil }
}
