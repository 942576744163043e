import Foundation
import Testing

@testable import EdgeStyleKit

@Suite struct MeasuringTests {
    struct Statistics: Decodable {
        struct Case: Decodable { let name: String, samplesMs: [Double], summary: LatencySummaryVector }
        struct LatencySummaryVector: Decodable {
            struct Counts: Decodable { let low: Int, high: Int, farLow: Int, farHigh: Int }
            let p50: Double, p90: Double?, p95: Double?, p99: Double?, min: Double, p50Low: Double, p50High: Double
            let runs: Int, mad: Double, outliers: Counts
        }
        let runsNeeded: [String: Int], cases: [Case]
    }

    private func same(_ first: Double?, _ second: Double?) -> Bool {
        guard let first, let second else { return first == nil && second == nil }
        return agree(first, second)
    }

    @Test func summariesAreThoseOfTheHarness() throws {
        let topic = try Vectors.read("statistics", as: Statistics.self)
        for (percent, runs) in topic.runsNeeded {
            #expect(LatencyStatistics.runsNeeded(try #require(Int(percent))) == runs)
        }
        for one in topic.cases {
            let found = LatencyStatistics.summarise(one.samplesMs)
            let expected = one.summary
            #expect(agree(found.p50, expected.p50) && agree(found.min, expected.min), "\(one.name)")
            #expect(same(found.p90, expected.p90) && same(found.p95, expected.p95), "\(one.name)")
            #expect(same(found.p99, expected.p99) && found.runs == expected.runs, "\(one.name)")
            #expect(agree(found.p50Low, expected.p50Low) && agree(found.p50High, expected.p50High), "\(one.name)")
            #expect(agree(found.mad, expected.mad, least: 1e-6), "\(one.name)")
            let counts = Outliers(
                low: expected.outliers.low, high: expected.outliers.high, farLow: expected.outliers.farLow,
                farHigh: expected.outliers.farHigh)
            #expect(found.outliers == counts, "\(one.name)")
        }
    }

    struct Measuring: Decodable {
        struct Case: Decodable {
            let name: String, runs: Int, seconds: Double, maxWarmupSeconds: Double, durationsMs: [Double]
            let warmUp: WarmUp, samplesMs: [Double], sampleStartsS: [Double]
        }
        let minWarmupRuns: Int, minWarmupSeconds: Double, cases: [Case]
    }

    /// A clock that only calls move.
    final class PlayedClock {
        private(set) var now: UInt64 = 0
        private var calls = 0
        let durations: [Double]

        init(_ durations: [Double]) { self.durations = durations }

        func call() {
            now += UInt64((durations[min(calls, durations.count - 1)] * 1e6).rounded())
            calls += 1
        }
    }

    @Test func callsAreTimedAsTheHarnessDoes() throws {
        let topic = try Vectors.read("measuring", as: Measuring.self)
        for one in topic.cases {
            let clock = PlayedClock(one.durationsMs)
            let plan = MeasuringPlan(runs: one.runs, seconds: one.seconds, maxWarmUpSeconds: one.maxWarmupSeconds)
            #expect(plan.minWarmUpRuns == topic.minWarmupRuns && plan.minWarmUpSeconds == topic.minWarmupSeconds)
            let timed = Timing(plan: plan, clock: { clock.now }).measure { clock.call() }
            #expect(timed.warmUp.runs == one.warmUp.runs && timed.warmUp.settled == one.warmUp.settled, "\(one.name)")
            #expect(agree(timed.warmUp.seconds, one.warmUp.seconds), "\(one.name)")
            #expect(timed.samplesMs.count == one.samplesMs.count, "\(one.name)")
            #expect(zip(timed.samplesMs, one.samplesMs).allSatisfy { agree($0, $1) }, "\(one.name)")
            #expect(zip(timed.startsS, one.sampleStartsS).allSatisfy { agree($0, $1) }, "\(one.name)")
        }
    }

    @Test func theAnswerHasTheKeysOfTheHarness() throws {
        struct Sample: Decodable { let answer: [String: JSONValue] }
        let url = Vectors.folder.appendingPathComponent("measuring.json")
        let known = try JSONDecoder().decode(Sample.self, from: Data(contentsOf: url)).answer
        let timed = Timed(samplesMs: [10.1], startsS: [0], warmUp: WarmUp(runs: 10, seconds: 0.2, settled: true))
        let answer = BenchmarkAnswer(
            runtime: "Core ML", loadMs: 1, firstRunMs: 2, timed: timed, peakRSSBytes: 3,
            before: DeviceMoment(batteryPercent: 81, lowPowerMode: false, thermalState: "nominal"),
            after: DeviceMoment(thermalState: "fair"))
        let written = try JSONDecoder().decode([String: JSONValue].self, from: answer.json())
        #expect(Set(written.keys) == Set(known.keys).union(["environment"]))
        let back = try JSONDecoder().decode(BenchmarkAnswer.self, from: answer.json())
        #expect(back == answer)
    }

    @Test func aFailureIsOneLine() throws {
        let answer = BenchmarkAnswer.failed("first\nsecond")
        #expect(answer.error == "first second")
        let keys = try JSONDecoder().decode([String: JSONValue].self, from: answer.json()).keys
        #expect(Array(keys) == ["error"])
    }

    @Test func theMeterKeepsTheLastFrames() {
        var meter = LatencyMeter(capacity: 3)
        #expect(meter.summary == nil && meter.framesPerSecond == nil)
        for (index, latency) in [100.0, 10, 20, 30].enumerated() {
            meter.add(milliseconds: latency, end: Double(index) / 30)
        }
        #expect(meter.summary?.p50 == 20 && meter.summary?.runs == 3)
        #expect(abs((meter.framesPerSecond ?? 0) - 30) < 1e-9)
        meter.reset()
        #expect(meter.summary == nil)
    }

    @Test func launchArgumentsAreRead() throws {
        let arguments = [
            "app", "--benchmark", "a.mlpackage", "--runs", "12", "--seconds", "0.5", "--threads", "1", "--size", "256",
            "--accelerator", "coreml-ne",
        ]
        let request = try #require(try BenchmarkRequest.read(arguments))
        #expect(request.name == "a.mlpackage" && request.plan.runs == 12 && request.plan.seconds == 0.5)
        #expect(request.size == 256 && request.units == .neuralEngine)
        #expect(try BenchmarkRequest.read(["app", "--other"]) == nil)
        for bad in [
            ["--benchmark"], ["--benchmark", "../a"], ["--benchmark", "a", "--runs", "0"],
            ["--benchmark", "a", "--seconds", "nan"], ["--benchmark", "a", "--accelerator", "cpu"],
        ] {
            #expect(throws: BenchmarkRequest.Malformed.self, "\(bad)") { try BenchmarkRequest.read(bad) }
        }
    }

    struct StandInSession: BenchmarkSession {
        let runtime = "stand-in 1"
        let clock: PlayedClock
        func run() throws { clock.call() }
    }

    @Test func theRunnerWritesAnAnswerWhateverHappens() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let topic = try Vectors.read("sidecars", as: ContractTests.Sidecars.self)
        try folder.write(topic.model, to: "toy.mlpackage")
        try folder.write(topic.good[0].text, to: "toy.mlpackage.sidecar.json")
        let clock = PlayedClock([5])
        let runner = BenchmarkRunner(
            folder: folder.url, clock: { clock.now }, moment: { DeviceMoment(thermalState: "nominal") },
            peakRSSBytes: { 7 }, open: { _, _ in StandInSession(clock: clock) })
        var request = BenchmarkRequest(name: "toy.mlpackage")
        request.plan = MeasuringPlan(runs: 4, seconds: 0.01)
        let answer = try runner.answer(request)
        #expect(answer.samplesMs == [5, 5, 5, 5] && answer.firstRunMs == 5 && answer.error == nil)
        let written = try Data(contentsOf: folder.url.appendingPathComponent("toy.mlpackage.json"))
        #expect(try JSONDecoder().decode(BenchmarkAnswer.self, from: written) == answer)
        let missing = try runner.answer(BenchmarkRequest(name: "none.mlpackage"))
        #expect(missing.error == ModelError.missingModel("none.mlpackage").errorDescription)
    }

    @Test func anAcceleratorThatFailsFallsBackToTheCPU() throws {
        let good = try Placement.start(on: .all) { $0 }
        #expect(good.started == .all && !good.placement.fellBack)
        let fallen = try Placement.start(on: .neuralEngine) { units -> ComputeUnits in
            guard units == .cpu else { throw RenderError.failed("no Neural Engine") }
            return units
        }
        #expect(fallen.started == .cpu && fallen.placement.fellBack && fallen.placement.reason != nil)
        #expect(throws: RenderError.self) {
            try Placement.start(on: .gpu) { _ -> ComputeUnits in throw RenderError.failed("nothing works") }
        }
    }
}
