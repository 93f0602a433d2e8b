import Foundation

/// Reads DER, one element after the other. Source: `ITU-T X.690 §8.1`.
struct DerReader {
    /// Tags that are read here.
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let sequence: UInt8 = 0x30
    static let version: UInt8 = 0xA0

    private var rest: Data

    init(_ bytes: Data) { rest = bytes }

    /// The tag of the next element; nothing at the end.
    var nextTag: UInt8? { rest.first }

    /// The next element: with tag and length, and its content alone. Nothing where the bytes are no DER.
    mutating func next() -> (whole: Data, content: Data)? {
        guard let head = header(), rest.count >= head.header + head.length else { return nil }
        let whole = rest.prefix(head.header + head.length)
        rest = rest.dropFirst(whole.count)
        return (Data(whole), Data(whole.dropFirst(head.header)))
    }

    /// The content of the next element, where it has this tag.
    mutating func content(of tag: UInt8) -> Data? {
        guard nextTag == tag else { return nil }
        return next()?.content
    }

    private func header() -> (header: Int, length: Int)? {
        let bytes = [UInt8](rest.prefix(6))
        // Tags of several bytes stand nowhere in keys and certificates.
        guard bytes.count >= 2, bytes[0] & 0x1F != 0x1F else { return nil }
        if bytes[1] < 0x80 { return (2, Int(bytes[1])) }
        let count = Int(bytes[1] & 0x7F)
        guard (1...4).contains(count), bytes.count >= 2 + count, bytes[2] != 0 else { return nil }
        let length = bytes[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
        return length < 0x80 ? nil : (2 + count, length)
    }
}

/// The SubjectPublicKeyInfo of an X.509 certificate, as it stands there: what a pin is a hash of.
/// Nothing where the bytes are no certificate. Source: `RFC 5280 §4.1`, `RFC 7469 §2.4`.
func subjectPublicKeyInfo(ofCertificate der: Data) -> Data? {
    var outer = DerReader(der)
    guard let certificate = outer.content(of: DerReader.sequence), outer.nextTag == nil else { return nil }
    var parts = DerReader(certificate)
    guard let signed = parts.content(of: DerReader.sequence) else { return nil }
    var fields = DerReader(signed)
    if fields.nextTag == DerReader.version { _ = fields.next() }
    guard fields.content(of: DerReader.integer) != nil else { return nil }
    // signature, issuer, validity, subject
    for _ in 0..<4 where fields.content(of: DerReader.sequence) == nil { return nil }
    guard fields.nextTag == DerReader.sequence else { return nil }
    return fields.next()?.whole
}
