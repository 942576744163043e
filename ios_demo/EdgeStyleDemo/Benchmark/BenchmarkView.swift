import EdgeStyleKit
import SwiftUI

/// Measures the app's own models, as the harness does, and hands the result on as JSON.
struct BenchmarkView: View {
    @Environment(Studio.self) private var studio
    @State private var work = BenchmarkWork()

    var body: some View {
        @Bindable var studio = studio
        NavigationStack {
            List {
                Section {
                    Picker("Compute units", selection: $studio.units) {
                        ForEach(ComputeUnits.allCases, id: \.self) { Text($0.label).tag($0) }
                    }
                    LabeledContent("Thermal state", value: work.thermalState)
                    Button(work.isWorking ? "Measuring" : "Measure", systemImage: "stopwatch") {
                        Task { await work.measure(studio) }
                    }
                    .disabled(work.isWorking)
                } footer: {
                    Text("Keep the phone unlocked and cool. Each model is measured for three seconds.")
                }
                ForEach(work.rows) { row in
                    Section(row.name) { BenchmarkRowView(row: row) }
                }
            }
            .navigationTitle("Benchmark")
            .toolbar {
                ToolbarItem(placement: .confirmationAction) {
                    if let file = work.file { ShareLink(item: file) }
                }
            }
        }
    }
}

/// One model's result.
struct BenchmarkRowView: View {
    let row: BenchmarkWork.Row

    var body: some View {
        if let error = row.error {
            Text(error)
                .foregroundStyle(.red)
        } else if let summary = row.summary {
            LabeledContent("Median", value: "\(milliseconds(summary.p50)) ms")
            if let p90 = summary.p90 { LabeledContent("90th percentile", value: "\(milliseconds(p90)) ms") }
            LabeledContent("Frames a second", value: String(Int(summary.framesPerSecond.rounded())))
            LabeledContent("Runs", value: String(summary.runs))
            LabeledContent("Compute units", value: row.units.label)
        }
    }

    private func milliseconds(_ value: Double) -> String {
        value.formatted(.number.precision(.fractionLength(2)))
    }
}
