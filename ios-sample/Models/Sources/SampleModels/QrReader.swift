import Foundation
import TesseraWallet

/// A grey picture: one byte per pixel, row by row, 0 is black.
public struct GreyFrame: Sendable {
    /// The pixels, `width * height` bytes.
    public let luma: Data
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int

    /// - Parameters:
    ///   - plane: the brightness plane of a camera's buffer, whose rows may be longer than the picture is wide.
    ///   - bytesPerRow: length of a row in the plane.
    /// Gives nothing where the plane is smaller than it says.
    public init?(plane: UnsafeRawBufferPointer, width: Int, height: Int, bytesPerRow: Int) {
        guard width > 0, height > 0, bytesPerRow >= width, plane.count >= bytesPerRow * (height - 1) + width else {
            return nil
        }
        var luma = Data(capacity: width * height)
        for row in 0..<height {
            luma.append(contentsOf: plane[row * bytesPerRow..<row * bytesPerRow + width])
        }
        self.luma = luma
        self.width = width
        self.height = height
    }
}

/// Reads QR codes off the main thread, one frame at a time. Frames that come meanwhile are left out: the next is as good.
public final class QrReader: Sendable {
    private let reading = Turn()

    public init() {}

    /// The texts in a frame; nothing where there is none, or a frame is being read already.
    public func texts(in frame: GreyFrame) async -> [String] {
        guard await reading.begin() else { return [] }
        let found = try? decodeQr(luma: frame.luma, width: UInt32(frame.width), height: UInt32(frame.height))
        await reading.end()
        return found ?? []
    }

    private actor Turn {
        private var taken = false

        func begin() -> Bool {
            guard !taken else { return false }
            taken = true
            return true
        }

        func end() { taken = false }
    }
}
