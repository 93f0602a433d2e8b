import Foundation
import SampleModels
import Testing

/// What the camera hands over.
struct QrReaderTests {
    /// A square picture of a code, one byte per pixel after the width; the fuzzer of the QR reader begins with it.
    private func picture() throws -> (pixels: Data, width: Int) {
        let bytes = try Data(contentsOf: repository.appendingPathComponent("tests/fuzz/corpus/camera/code"))
        let width = Int(try #require(bytes.first))
        let pixels = bytes.dropFirst()
        try #require(pixels.count == width * width)
        return (Data(pixels), width)
    }

    @Test func aCodeInAPaddedPlaneIsRead() async throws {
        let (pixels, width) = try picture()
        // A camera's rows end in padding.
        let bytesPerRow = width + 23
        var plane = Data()
        for row in 0..<width {
            plane += pixels[row * width..<(row + 1) * width]
            plane += Data(repeating: 0x55, count: bytesPerRow - width)
        }
        let frame = try #require(
            plane.withUnsafeBytes {
                GreyFrame(plane: $0, width: width, height: width, bytesPerRow: bytesPerRow)
            })
        #expect(frame.luma == pixels)
        let texts = await QrReader().texts(in: frame)
        #expect(texts.count == 1)
        #expect(texts.first?.contains("linkCode=") == true)
    }

    @Test func aPlaneSmallerThanItSaysIsRefused() {
        let plane = Data(repeating: 0, count: 99)
        plane.withUnsafeBytes {
            #expect(GreyFrame(plane: $0, width: 10, height: 10, bytesPerRow: 10) == nil)
            #expect(GreyFrame(plane: $0, width: 10, height: 9, bytesPerRow: 9) == nil)
            #expect(GreyFrame(plane: $0, width: 0, height: 9, bytesPerRow: 9) == nil)
            #expect(GreyFrame(plane: $0, width: 9, height: 10, bytesPerRow: 10) != nil)
        }
    }
}
