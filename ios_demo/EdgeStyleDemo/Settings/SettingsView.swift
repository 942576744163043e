import EdgeStyleKit
import SwiftUI

/// What the models compute on.
struct SettingsView: View {
    @Environment(Studio.self) private var studio
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        @Bindable var studio = studio
        NavigationStack {
            Form {
                Section {
                    Picker("Compute units", selection: $studio.units) {
                        ForEach(ComputeUnits.allCases, id: \.self) { Text($0.label).tag($0) }
                    }
                    .pickerStyle(.inline)
                } footer: {
                    Text("Where a model does not start on them, the CPU is used, and a notice says so.")
                }
                Section("Models") {
                    ForEach(studio.library?.index.packs ?? []) { pack in
                        LabeledContent(pack.title, value: pack.description)
                    }
                }
            }
            .navigationTitle("Settings")
            .navigationBarTitleDisplayMode(.inline)
            .toolbar { ToolbarItem(placement: .confirmationAction) { Button("Done") { dismiss() } } }
        }
    }
}
