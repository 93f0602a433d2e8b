@preconcurrency import AVFoundation
import SampleModels

/// Takes the brightness plane of each frame and reads QR codes in it: what the wallet decodes is what the wallet tests.
final class CameraFrames: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate, @unchecked Sendable {
    private let reader = QrReader()
    private let queue = DispatchQueue(label: "camera.frames", qos: .userInitiated)
    private let lock = NSLock()
    /// Who listens; behind `lock`.
    private var listener: AsyncStream<String>.Continuation?

    /// Texts of the codes seen from now on. The newest waits where nobody asks for it.
    func listen() -> AsyncStream<String> {
        let (texts, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        listen(continuation)
        return texts
    }

    /// Ends the texts.
    func stop() { listen(nil) }

    /// Reads what an output gives.
    func read(_ output: AVCaptureVideoDataOutput) {
        // In this format a plane of brightness comes first; colours are not needed.
        output.videoSettings = [
            kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
        ]
        output.alwaysDiscardsLateVideoFrames = true
        output.setSampleBufferDelegate(self, queue: queue)
    }

    func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard let listener = lock.withLock({ listener }), let picture = CMSampleBufferGetImageBuffer(sampleBuffer),
            let frame = GreyFrame(picture)
        else { return }
        Task { [reader] in
            for text in await reader.texts(in: frame) { listener.yield(text) }
        }
    }

    private func listen(_ next: AsyncStream<String>.Continuation?) {
        let before = lock.withLock { () -> AsyncStream<String>.Continuation? in
            defer { listener = next }
            return listener
        }
        before?.finish()
    }
}

extension GreyFrame {
    fileprivate init?(_ picture: CVPixelBuffer) {
        guard CVPixelBufferLockBaseAddress(picture, .readOnly) == kCVReturnSuccess else { return nil }
        defer { CVPixelBufferUnlockBaseAddress(picture, .readOnly) }
        guard let base = CVPixelBufferGetBaseAddressOfPlane(picture, 0) else { return nil }
        let rows = CVPixelBufferGetHeightOfPlane(picture, 0)
        let bytesPerRow = CVPixelBufferGetBytesPerRowOfPlane(picture, 0)
        self.init(
            plane: UnsafeRawBufferPointer(start: base, count: rows * bytesPerRow),
            width: CVPixelBufferGetWidthOfPlane(picture, 0), height: rows, bytesPerRow: bytesPerRow)
    }
}
