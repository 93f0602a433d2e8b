import SampleModels
import SwiftUI
import TesseraWallet

/// Binds this phone to a server.
struct BindView: View {
    @Bindable var model: BindModel
    let close: @MainActor () -> Void

    var body: some View {
        NavigationStack {
            Form {
                switch model.step {
                case .form: form
                case .password(let delivery): password(delivery)
                case .bound(let server): bound(server)
                }
            }
            .navigationTitle("bind.title")
            .toolbar {
                ToolbarItem(placement: .cancellationAction) {
                    Button("common.close", action: close).disabled(model.work.running)
                }
            }
        }
    }

    @ViewBuilder private var form: some View {
        Section {
            TextField("bind.server", text: $model.server)
                .keyboardType(.URL)
                .textContentType(.URL)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
            TextField("bind.individualId", text: $model.individualId)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
                .privacySensitive()
        } footer: {
            Text("bind.hint")
        }
        Section("bind.channel") {
            Picker("bind.channel", selection: $model.channel) {
                Text("bind.channel.email").tag(OtpChannel.email)
                Text("bind.channel.phone").tag(OtpChannel.phone)
            }
            .pickerStyle(.segmented)
            .labelsHidden()
        }
        Section {
            TextField("bind.deviceName", text: $model.deviceName)
        } header: {
            Text("bind.deviceName")
        } footer: {
            Text("bind.deviceName.hint")
        }
        Section {
            TroubleView(work: model.work)
            CallButton("bind.sendOtp", work: model.work) { await model.sendOtp() }
                .disabled(!model.canSendOtp)
        }
    }

    @ViewBuilder private func password(_ delivery: OtpDelivery) -> some View {
        Section {
            if let email = delivery.maskedEmail { Text("bind.sentTo \(email)") }
            if let phone = delivery.maskedPhone { Text("bind.sentTo \(phone)") }
            TextField("bind.otp", text: $model.otp)
                .keyboardType(.numberPad)
                .textContentType(.oneTimeCode)
                .privacySensitive()
            TroubleView(work: model.work)
            CallButton("bind.bind", work: model.work) { await model.bind() }
                .disabled(!model.canBind)
        }
        Section {
            CallButton("bind.sendAgain", work: model.work) { await model.sendOtp() }
            Button("bind.startOver") { model.startOver() }.disabled(model.work.running)
        }
    }

    private func bound(_ server: BoundServer) -> some View {
        Section {
            Label("bind.done", systemImage: "checkmark.circle").font(.headline)
            LabeledContent("devices.server") { Text(verbatim: server.server) }
            LabeledContent("devices.key") { Text(Message(of: server.securityLevel)) }
            LabeledContent("devices.expires") { DayText(server.expiresAt) }
        }
    }
}
