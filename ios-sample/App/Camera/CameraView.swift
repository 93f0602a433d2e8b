import AVFoundation
import SwiftUI
import UIKit

/// The camera's picture. The camera runs while this is on the screen and a code is looked for.
struct CameraView: View {
    let camera: CameraModel
    let looking: Bool
    let saw: @MainActor (String) -> Void

    var body: some View {
        Group {
            switch camera.stage {
            case .refused:
                refused
            case .off, .on:
                CameraPicture(session: camera.session)
                    .aspectRatio(1, contentMode: .fit)
                    .accessibilityElement()
                    .accessibilityLabel("scan.camera")
                    .accessibilityHint("scan.hint")
            }
        }
        .task(id: looking) {
            guard looking, let texts = await camera.start() else { return }
            for await text in texts { saw(text) }
            camera.stop()
        }
        .onDisappear { camera.stop() }
    }

    private var refused: some View {
        VStack(alignment: .leading) {
            Text("scan.camera.refused")
            if let settings = URL(string: UIApplication.openSettingsURLString) {
                Link("scan.camera.settings", destination: settings)
            }
        }
    }
}

/// The layer that draws what the camera sees.
private struct CameraPicture: UIViewRepresentable {
    let session: AVCaptureSession

    func makeUIView(context: Context) -> PictureView {
        let view = PictureView()
        view.picture.session = session
        view.picture.videoGravity = .resizeAspectFill
        return view
    }

    func updateUIView(_ view: PictureView, context: Context) {}

    final class PictureView: UIView {
        let picture = AVCaptureVideoPreviewLayer()

        override init(frame: CGRect) {
            super.init(frame: frame)
            layer.addSublayer(picture)
        }

        @available(*, unavailable)
        required init?(coder: NSCoder) { nil }

        override func layoutSubviews() {
            super.layoutSubviews()
            picture.frame = bounds
        }
    }
}
