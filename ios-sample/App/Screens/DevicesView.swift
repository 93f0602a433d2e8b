import SampleModels
import SwiftUI
import TesseraWallet

/// The servers this phone is bound to, and the person's phones at each.
struct DevicesView: View {
    let home: HomeModel
    let model: DevicesModel

    var body: some View {
        List {
            TroubleView(work: model.work)
            ForEach(model.entries) { entry in
                ServerSection(model: model, entry: entry)
            }
            Button("bind.begin") { home.beginBinding() }
        }
        .navigationTitle("devices.title")
        .task { await model.refresh() }
        .refreshable { await model.refresh() }
    }
}

/// One server.
private struct ServerSection: View {
    let model: DevicesModel
    let entry: DevicesModel.Entry
    @State private var asksForget = false

    var body: some View {
        Section {
            LabeledContent("devices.key") { Text(Message(of: entry.binding.securityLevel)) }
            LabeledContent("devices.expires") { DayText(entry.binding.expiresAt) }
            ForEach(entry.devices ?? [], id: \.deviceId) { device in
                DeviceRow(model: model, bindingId: entry.id, device: device)
            }
            if entry.binding.profile == .native {
                CallButton("devices.renew", work: model.work) { await model.renew(entry.id) }
            }
            Button("devices.forget", role: .destructive) { asksForget = true }
                .disabled(model.work.running)
        } header: {
            Text(verbatim: entry.binding.server)
        }
        .confirmationDialog("devices.forget.question", isPresented: $asksForget, titleVisibility: .visible) {
            Button("devices.forget", role: .destructive) { Task { await model.forget(entry.id) } }
        } message: {
            Text("devices.forget.consequence")
        }
    }
}

/// One phone of the person.
private struct DeviceRow: View {
    let model: DevicesModel
    let bindingId: String
    let device: Device
    @State private var asksName = false
    @State private var asksRevoke = false
    @State private var name = ""

    var body: some View {
        VStack(alignment: .leading) {
            Text(verbatim: device.name)
            if device.current { Text("devices.current").font(.footnote).foregroundStyle(.secondary) }
            Text("devices.since \(device.createdAt.formatted(date: .abbreviated, time: .omitted))")
                .font(.footnote)
                .foregroundStyle(.secondary)
        }
        .accessibilityElement(children: .combine)
        .accessibilityAction(named: "devices.rename") { askName() }
        .accessibilityAction(named: "devices.revoke") { asksRevoke = true }
        .swipeActions {
            Button("devices.revoke", role: .destructive) { asksRevoke = true }
            Button("devices.rename") { askName() }
        }
        .contextMenu {
            Button("devices.rename") { askName() }
            Button("devices.revoke", role: .destructive) { asksRevoke = true }
        }
        .alert("devices.rename", isPresented: $asksName) {
            TextField("bind.deviceName", text: $name)
            Button("common.save") { Task { await model.rename(device, at: bindingId, to: name) } }
            Button("common.cancel", role: .cancel) {}
        }
        .confirmationDialog("devices.revoke.question", isPresented: $asksRevoke, titleVisibility: .visible) {
            Button("devices.revoke", role: .destructive) { Task { await model.revoke(device, at: bindingId) } }
        } message: {
            Text("devices.revoke.consequence")
        }
    }

    private func askName() {
        name = device.name
        asksName = true
    }
}
