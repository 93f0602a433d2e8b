// The part of Apple's CryptoKit that the package uses. See Security.swift beside this.
import Foundation

public enum SecureEnclave { public static var isAvailable: Bool { false } }

public struct SymmetricKeySize: Sendable { public static var bits256: SymmetricKeySize { SymmetricKeySize() } }

public struct SymmetricKey: Sendable {
    public init(size: SymmetricKeySize) {}
    public init<D: ContiguousBytes>(data: D) {}
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try [UInt8]().withUnsafeBytes(body)
    }
}

public enum AES {
    public enum GCM {
        public struct Nonce {}
        public struct SealedBox {
            public init<D: DataProtocol>(combined: D) throws {}
            public var combined: Data? { nil }
        }
        public static func seal<D: DataProtocol>(_ message: D, using key: SymmetricKey, nonce: Nonce? = nil) throws -> SealedBox {
            try SealedBox(combined: Data())
        }
        public static func open(_ box: SealedBox, using key: SymmetricKey) throws -> Data { Data() }
    }
}

public struct SHA256Digest: Sequence {
    public func makeIterator() -> IndexingIterator<[UInt8]> { [UInt8]().makeIterator() }
}
public enum SHA256 {
    public static func hash<D: DataProtocol>(data: D) -> SHA256Digest { SHA256Digest() }
}
