import EdgeStyleKit
import Foundation
import UIKit

/// The harness starts the app with `--benchmark NAME`: it measures that model, writes the answer, and ends itself.
@MainActor
enum BenchmarkMode {
    static var isAsked: Bool { ProcessInfo.processInfo.arguments.contains("--benchmark") }

    /// `Documents/benchmark`, where the harness puts models.
    static var folder: URL {
        FileManager.default.urls(for: .documentDirectory, in: .userDomainMask)[0]
            .appendingPathComponent("benchmark", isDirectory: true)
    }

    /// Do what the launch arguments ask for, and end the app.
    static func runAndExit() async -> Never {
        UIApplication.shared.isIdleTimerDisabled = true  // a phone that locks stops what is measured
        let system = DeviceState.system
        let before = DeviceState.moment
        do {
            if let request = try BenchmarkRequest.read(ProcessInfo.processInfo.arguments) {
                try await measure(request, folder: folder, system: system, moment: before)
            }
            exit(0)
        } catch let error as BenchmarkRequest.Malformed where !error.name.isEmpty {
            let answer = try? BenchmarkAnswer.failed(error.message).json()
            try? WholeFile.write(answer ?? Data(), to: folder.appendingPathComponent(error.name + ".json"))
            exit(2)
        } catch {
            print(error.localizedDescription)
            exit(2)
        }
    }

    /// Measure off the main actor. The battery is asked for once: it does not move in seconds, and asking wants the main
    /// actor; heat and low-power mode are asked for before and after.
    nonisolated static func measure(
        _ request: BenchmarkRequest, folder: URL, system: String, moment: DeviceMoment
    ) async throws {
        let runner = BenchmarkRunner(
            folder: folder, clock: { DeviceState.nanoseconds },
            moment: {
                var now = moment
                now.lowPowerMode = ProcessInfo.processInfo.isLowPowerModeEnabled
                now.thermalState = DeviceState.thermalWord
                return now
            },
            peakRSSBytes: { DeviceState.peakRSSBytes },
            open: { file, request in try CoreMLBenchmark(file, request: request, system: system) })
        try runner.answer(request)
    }
}
