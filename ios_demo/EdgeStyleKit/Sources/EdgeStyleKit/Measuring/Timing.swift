/// How long to measure: warm up until it settles, then enough runs and enough seconds.
public struct MeasuringPlan: Sendable, Equatable {
    /// Of the steady state; both are reached.
    public var runs: Int
    public var seconds: Double
    /// The warm-up ends here even if the latency has not settled.
    public var maxWarmUpSeconds: Double
    /// Of the warm-up; both are reached before it may settle.
    public var minWarmUpRuns = 5
    public var minWarmUpSeconds = 0.2

    public init(runs: Int = 30, seconds: Double = 3, maxWarmUpSeconds: Double = 5) {
        self.runs = runs
        self.seconds = seconds
        self.maxWarmUpSeconds = maxWarmUpSeconds
    }
}

/// What came before the steady state, and whether its running median settled.
public struct WarmUp: Sendable, Equatable, Codable {
    public let runs: Int
    public let seconds: Double
    public let settled: Bool
}

/// The steady state of one call.
public struct Timed: Sendable, Equatable {
    /// Latencies in milliseconds, in the order they were measured.
    public let samplesMs: [Double]
    /// When each run began, seconds after the first one did.
    public let startsS: [Double]
    public let warmUp: WarmUp
}

/// Times a call as `edgestyle/bench/measuring.py` does.
public struct Timing {
    /// Two windows of the warm-up whose medians differ by less are settled.
    private static let settled = 0.02
    private static let window = 10

    let plan: MeasuringPlan
    /// Nanoseconds of a clock that never goes back.
    let clock: () -> UInt64

    public init(plan: MeasuringPlan, clock: @escaping () -> UInt64) {
        self.plan = plan
        self.clock = clock
    }

    /// Warm a call up and time its steady state.
    ///
    /// - Parameter call: one run; may throw, which ends it.
    public func measure(_ call: () throws -> Void) rethrows -> Timed {
        let warmUp = try warmUp(call)
        let begin = clock()
        var samples: [Double] = []
        var starts: [Double] = []
        while samples.count < plan.runs || Self.seconds(clock() - begin) < plan.seconds {
            let start = clock()
            try call()
            samples.append(Self.seconds(clock() - start) * 1000)
            starts.append(Self.seconds(start - begin))
        }
        return Timed(samplesMs: samples, startsS: starts, warmUp: warmUp)
    }

    private func warmUp(_ call: () throws -> Void) rethrows -> WarmUp {
        let begin = clock()
        var samples: [Double] = []
        while true {
            let start = clock()
            try call()
            let now = clock()
            samples.append(Self.seconds(now - start) * 1000)
            let seconds = Self.seconds(now - begin)
            let enough = samples.count >= plan.minWarmUpRuns && seconds >= plan.minWarmUpSeconds
            if enough && Self.isSettled(samples, Self.window) {
                return WarmUp(runs: samples.count, seconds: seconds, settled: true)
            }
            if seconds >= plan.maxWarmUpSeconds && samples.count >= plan.minWarmUpRuns {
                let settled = Self.isSettled(samples, min(Self.window, samples.count / 2))
                return WarmUp(runs: samples.count, seconds: seconds, settled: settled)
            }
        }
    }

    /// Whether the medians of the last two windows agree.
    private static func isSettled(_ samples: [Double], _ window: Int) -> Bool {
        guard window > 0, samples.count >= 2 * window else { return false }
        let earlier = LatencyStatistics.quantile(samples.suffix(2 * window).prefix(window).sorted(), 0.5)
        let later = LatencyStatistics.quantile(samples.suffix(window).sorted(), 0.5)
        return abs(later - earlier) <= settled * earlier
    }

    private static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
}
