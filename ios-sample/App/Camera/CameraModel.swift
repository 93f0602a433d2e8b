@preconcurrency import AVFoundation
import Observation

/// The camera: asks for leave, runs while it is shown, and gives the texts of the QR codes it sees.
@MainActor @Observable
final class CameraModel {
    /// Whether there is a picture.
    enum Stage {
        /// Not running.
        case off
        /// Running.
        case on
        /// The citizen does not want it, or the device has none: links can be pasted.
        case refused
    }

    private(set) var stage = Stage.off
    @ObservationIgnored let session = AVCaptureSession()

    @ObservationIgnored private let frames = CameraFrames()
    /// Starting and stopping block: never on the main thread.
    @ObservationIgnored private let queue = DispatchQueue(label: "camera.session")

    /// Starts, after asking for leave where needed, and gives the texts of the QR codes seen until it is stopped.
    func start() async -> AsyncStream<String>? {
        guard await AVCaptureDevice.requestAccess(for: .video), configured() else {
            stage = .refused
            return nil
        }
        let texts = frames.listen()
        queue.async { [session] in session.startRunning() }
        stage = .on
        return texts
    }

    /// Stops: the camera's light goes off.
    func stop() {
        frames.stop()
        queue.async { [session] in session.stopRunning() }
        if stage == .on { stage = .off }
    }

    private func configured() -> Bool {
        guard session.inputs.isEmpty else { return true }
        guard let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back),
            let input = try? AVCaptureDeviceInput(device: device), session.canAddInput(input)
        else { return false }
        let output = AVCaptureVideoDataOutput()
        guard session.canAddOutput(output) else { return false }
        session.beginConfiguration()
        // 720 rows are enough for a code on a screen, and less than half the work of 1080.
        if session.canSetSessionPreset(.hd1280x720) { session.sessionPreset = .hd1280x720 }
        session.addInput(input)
        session.addOutput(output)
        frames.read(output)
        session.commitConfiguration()
        return true
    }
}
