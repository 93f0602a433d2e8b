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
    @ObservationIgnored private let running = RunningSession()
    @ObservationIgnored private let frames = CameraFrames()

    /// What the picture on the screen is drawn from.
    var session: AVCaptureSession { running.session }

    /// Starts, after asking for leave where needed, and gives the texts of the QR codes seen until it is stopped.
    func start() async -> AsyncStream<String>? {
        guard await AVCaptureDevice.requestAccess(for: .video), configured() else {
            stage = .refused
            return nil
        }
        let texts = frames.listen()
        running.start()
        stage = .on
        return texts
    }

    /// Stops: the camera's light goes off.
    func stop() {
        frames.stop()
        running.stop()
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

/// Starts and stops a session away from the main thread: both block.
///
/// Unchecked: the session is started and stopped on one queue, and configured before it is started.
private final class RunningSession: @unchecked Sendable {
    let session = AVCaptureSession()
    private let queue = DispatchQueue(label: "camera.session")

    func start() { queue.async { self.session.startRunning() } }

    func stop() { queue.async { self.session.stopRunning() } }
}
