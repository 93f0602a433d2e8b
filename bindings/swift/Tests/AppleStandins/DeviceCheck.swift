// The part of Apple's DeviceCheck that the package uses. See Security.swift beside this.
import Foundation

public final class DCAppAttestService: Sendable {
    public static var shared: DCAppAttestService { DCAppAttestService() }
    public var isSupported: Bool { false }
    public func generateKey() async throws -> String { "" }
    public func attestKey(_ keyId: String, clientDataHash: Data) async throws -> Data { Data() }
}
