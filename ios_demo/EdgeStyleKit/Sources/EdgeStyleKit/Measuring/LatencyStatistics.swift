import Foundation

/// Runs outside of Tukey's fences: 1.5 quartile ranges away, and 3 for `far`; counted, never left out.
public struct Outliers: Sendable, Equatable, Codable {
    public var low = 0
    public var high = 0
    public var farLow = 0
    public var farHigh = 0

    enum CodingKeys: String, CodingKey {
        case low, high
        case farLow = "far_low"
        case farHigh = "far_high"
    }
}

/// What a sample of latencies says, in milliseconds; the same numbers as edgestyle's harness computes.
public struct LatencySummary: Sendable, Equatable, Codable {
    /// Median.
    public let p50: Double
    /// Percentiles; nil where the sample is too small to know them.
    public let p90: Double?
    public let p95: Double?
    public let p99: Double?
    /// Fastest run.
    public let min: Double
    /// 95% interval of the median.
    public let p50Low: Double
    public let p50High: Double
    public let runs: Int
    /// Median absolute deviation from the median.
    public let mad: Double
    public let outliers: Outliers

    enum CodingKeys: String, CodingKey {
        case p50, p90, p95, p99, min, runs, mad, outliers
        case p50Low = "p50_low"
        case p50High = "p50_high"
    }

    /// Runs a second at the median.
    public var framesPerSecond: Double { 1000 / Swift.max(p50, 1e-6) }
}

/// Summaries of latencies, by the methods of `edgestyle/bench/statistics.py`.
public enum LatencyStatistics {
    /// 97.5% quantiles of Student's t by degrees of freedom.
    private static let student: [Int: Double] = [1: 12.706, 2: 4.303, 8: 2.306]

    /// Summarise latencies in the order they were measured; at least one.
    public static func summarise(_ samples: [Double]) -> LatencySummary {
        precondition(!samples.isEmpty, "a summary needs a run")
        let sorted = samples.sorted()
        let middle = quantile(sorted, 0.5)
        let interval = medianInterval(samples.map { log(Swift.max($0, 1e-6)) })
        return LatencySummary(
            p50: middle, p90: percentile(sorted, 90), p95: percentile(sorted, 95), p99: percentile(sorted, 99),
            min: sorted[0], p50Low: exp(interval.low), p50High: exp(interval.high), runs: samples.count,
            mad: quantile(samples.map { abs($0 - middle) }.sorted(), 0.5), outliers: outliers(samples, sorted))
    }

    /// How many runs a percentile needs: 300 for the 99th.
    public static func runsNeeded(_ percent: Int) -> Int { (300 + (100 - percent) - 1) / (100 - percent) }

    /// A percentile of a sorted sample by linear interpolation; nil where it is too small to know it.
    static func percentile(_ sorted: [Double], _ percent: Int) -> Double? {
        sorted.count >= runsNeeded(percent) ? quantile(sorted, Double(percent) / 100) : nil
    }

    /// 95% interval of the median of a series in the order it was measured; never beyond its extremes.
    ///
    /// Runs next to each other are alike, so how uncertain the share of values below the median is comes from the
    /// slowest cosine waves in the series of signs (Mueller 2007; Lazarus et al. 2018).
    static func medianInterval(_ values: [Double]) -> (low: Double, high: Double) {
        let sorted = values.sorted()
        let middle = quantile(sorted, 0.5)
        guard values.count > 1 else { return (middle, middle) }
        let power = wavePowers(values.map { $0 > middle ? 1 : $0 < middle ? -1 : 0 })
        let slow = mean(power.prefix(4))
        let spells = power.count <= 8 || slow > 2 * mean(power.dropFirst(8))
        let waves = Swift.min(spells ? 2 : 8, values.count - 1)
        let beyond = (student[waves] ?? 0) * (mean(power.prefix(waves)) / Double(values.count)).squareRoot() / 2
        return spread(sorted, middle, beyond)
    }

    /// A quantile of a sorted sample by linear interpolation.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place.rounded(.down))
        let above = Swift.min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }

    /// Strengths of the slowest cosine waves, at most 31, in a series of signs.
    private static func wavePowers(_ signs: [Double]) -> [Double] {
        let count = signs.count
        return (1..<Swift.min(32, count - 1) + 1).map { number in
            var sum = 0.0
            for (index, sign) in signs.enumerated() {
                sum += sign * cos(Double(number) * Double.pi * (Double(index) + 0.5) / Double(count))
            }
            return 2 / Double(count) * sum * sum
        }
    }

    private static func spread(_ sorted: [Double], _ middle: Double, _ beyond: Double) -> (low: Double, high: Double) {
        let share = Swift.min(beyond, 0.25)
        let scale = share > 0 ? beyond / share : 0
        let low = middle - scale * (middle - quantile(sorted, 0.5 - share))
        let high = middle + scale * (quantile(sorted, 0.5 + share) - middle)
        return (Swift.max(sorted[0], low), Swift.min(sorted[sorted.count - 1], high))
    }

    private static func outliers(_ samples: [Double], _ sorted: [Double]) -> Outliers {
        let first = quantile(sorted, 0.25)
        let third = quantile(sorted, 0.75)
        let range = Swift.max(third - first, 1e-12)
        var counts = Outliers()
        for sample in samples {
            let below = (first - sample) / range
            let above = (sample - third) / range
            if below > 3 { counts.farLow += 1 } else if below > 1.5 { counts.low += 1 }
            if above > 3 { counts.farHigh += 1 } else if above > 1.5 { counts.high += 1 }
        }
        return counts
    }

    private static func mean(_ values: some Collection<Double>) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
