import Foundation

/// The phone's state at one moment; nil for what is not known.
public struct DeviceMoment: Sendable, Equatable, Codable {
    public var batteryPercent: Double?
    public var lowPowerMode: Bool?
    /// `ProcessInfo`'s word: nominal, fair, serious or critical.
    public var thermalState: String?

    public init(batteryPercent: Double? = nil, lowPowerMode: Bool? = nil, thermalState: String? = nil) {
        self.batteryPercent = batteryPercent
        self.lowPowerMode = lowPowerMode
        self.thermalState = thermalState
    }

    enum CodingKeys: String, CodingKey {
        case batteryPercent = "battery_percent"
        case lowPowerMode = "low_power_mode"
        case thermalState = "thermal_state"
    }
}

/// What an app answers the harness; the contract is in `docs/measure-on-an-iphone.md`.
public struct BenchmarkAnswer: Sendable, Equatable, Codable {
    /// The phone before and after.
    public struct Environment: Sendable, Equatable, Codable {
        public let before: DeviceMoment
        public let after: DeviceMoment
    }

    public var runtime: String?
    public var loadMs: Double?
    public var firstRunMs: Double?
    public var samplesMs: [Double]?
    public var sampleStartsS: [Double]?
    public var warmUp: WarmUp?
    public var peakRSSBytes: Int?
    public var environment: Environment?
    /// In place of all others: one line that says why there is no measurement.
    public var error: String?

    enum CodingKeys: String, CodingKey {
        case runtime, environment, error
        case loadMs = "load_ms"
        case firstRunMs = "first_run_ms"
        case samplesMs = "samples_ms"
        case sampleStartsS = "sample_starts_s"
        case warmUp = "warm_up"
        case peakRSSBytes = "peak_rss_bytes"
    }

    /// The answer where nothing could be measured; line breaks become spaces.
    public static func failed(_ message: String) -> BenchmarkAnswer {
        let lines = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return BenchmarkAnswer(error: lines.isEmpty ? "unknown error" : lines)
    }

    public init(error: String? = nil) { self.error = error }

    public init(
        runtime: String, loadMs: Double, firstRunMs: Double, timed: Timed, peakRSSBytes: Int?, before: DeviceMoment,
        after: DeviceMoment
    ) {
        self.runtime = runtime
        self.loadMs = loadMs
        self.firstRunMs = firstRunMs
        samplesMs = timed.samplesMs.map { ($0 * 1000).rounded() / 1000 }
        sampleStartsS = timed.startsS.map { ($0 * 10_000).rounded() / 10_000 }
        let seconds = (timed.warmUp.seconds * 1000).rounded() / 1000
        warmUp = WarmUp(runs: timed.warmUp.runs, seconds: seconds, settled: timed.warmUp.settled)
        self.peakRSSBytes = peakRSSBytes
        environment = Environment(before: before, after: after)
    }

    /// As JSON.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return try encoder.encode(self)
    }
}
