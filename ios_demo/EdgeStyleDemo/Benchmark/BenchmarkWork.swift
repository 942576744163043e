import EdgeStyleKit
import Foundation
import Observation
import UIKit

/// Measures all renderers and generators of the app, one after the other.
@MainActor
@Observable
final class BenchmarkWork {
    /// One model's result.
    struct Row: Identifiable, Sendable {
        var id: String { name + units.rawValue }
        let name: String
        let units: ComputeUnits
        let summary: LatencySummary?
        let error: String?
        let answer: BenchmarkAnswer
    }

    private(set) var rows: [Row] = []
    private(set) var isWorking = false
    private(set) var thermalState = DeviceState.thermalWord
    /// The results as JSON, for sharing.
    private(set) var file: URL?

    /// Measure on the units that are chosen.
    func measure(_ studio: Studio) async {
        guard let library = studio.library else { return }
        isWorking = true
        UIApplication.shared.isIdleTimerDisabled = true  // a phone that locks stops what is measured
        defer {
            isWorking = false
            UIApplication.shared.isIdleTimerDisabled = false
        }
        rows = []
        file = nil
        let units = studio.units
        let system = DeviceState.system
        for pack in library.index.packs {
            for component in [Component.renderer, .generator] where !pack.files(of: component).isEmpty {
                let before = DeviceState.moment
                rows.append(
                    await Self.row(pack, component, library: library, units: units, system: system, moment: before))
                thermalState = DeviceState.thermalWord
            }
        }
        do {
            file = try Self.export(rows)
        } catch {
            studio.notice = Messages.text(for: error)
        }
    }

    nonisolated private static func row(
        _ pack: PackIndex.Pack, _ component: Component, library: ModelLibrary, units: ComputeUnits, system: String,
        moment: DeviceMoment
    ) async -> Row {
        let name = "\(pack.title) · \(component.rawValue)"
        do {
            let model = try library.model(component, of: pack, side: LiveFeed.side)
            let answer = try measure(model, units: units, system: system, moment: moment)
            let summary = answer.samplesMs.map(LatencyStatistics.summarise)
            return Row(name: name, units: units, summary: summary, error: nil, answer: answer)
        } catch {
            let text = Messages.text(for: error)
            return Row(
                name: name, units: units, summary: nil, error: text, answer: .failed(error.localizedDescription))
        }
    }

    nonisolated private static func measure(
        _ model: ModelFile, units: ComputeUnits, system: String, moment: DeviceMoment
    ) throws -> BenchmarkAnswer {
        var request = BenchmarkRequest(name: model.url.lastPathComponent)
        request.units = units
        request.size = model.contract.sizes[0]
        let begin = DeviceState.nanoseconds
        let session = try CoreMLBenchmark(model, request: request, system: system)
        let loaded = DeviceState.nanoseconds
        try session.run()
        let first = DeviceState.nanoseconds
        let timed = try Timing(plan: request.plan, clock: { DeviceState.nanoseconds }).measure { try session.run() }
        var after = moment
        after.thermalState = DeviceState.thermalWord
        after.lowPowerMode = ProcessInfo.processInfo.isLowPowerModeEnabled
        return BenchmarkAnswer(
            runtime: session.runtime, loadMs: Double(loaded - begin) / 1e6, firstRunMs: Double(first - loaded) / 1e6,
            timed: timed, peakRSSBytes: DeviceState.peakRSSBytes, before: moment, after: after)
    }

    /// All answers by model and units, in one file.
    nonisolated private static func export(_ rows: [Row]) throws -> URL {
        struct Exported: Encodable {
            let model: String
            let accelerator: String
            let answer: BenchmarkAnswer
            let latencyMs: LatencySummary?

            enum CodingKeys: String, CodingKey {
                case model, accelerator, answer
                case latencyMs = "latency_ms"
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data = try encoder.encode(
            rows.map {
                Exported(model: $0.name, accelerator: $0.units.rawValue, answer: $0.answer, latencyMs: $0.summary)
            })
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgestyle-benchmark.json")
        try WholeFile.write(data, to: url)
        return url
    }
}
