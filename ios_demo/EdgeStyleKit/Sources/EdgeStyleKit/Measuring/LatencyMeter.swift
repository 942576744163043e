/// Latencies of a live camera: the last so many frames, summarised as the harness does.
public struct LatencyMeter: Sendable {
    /// Frames that are kept.
    public let capacity: Int
    private var samples: [Double] = []
    private var ends: [Double] = []

    public init(capacity: Int = 120) {
        precondition(capacity > 1, "a rate needs two frames")
        self.capacity = capacity
    }

    /// Take a frame into account.
    ///
    /// - Parameters:
    ///   - milliseconds: it took.
    ///   - end: when it was done, seconds of any clock that never goes back.
    public mutating func add(milliseconds: Double, end: Double) {
        samples.append(milliseconds)
        ends.append(end)
        if samples.count > capacity {
            samples.removeFirst()
            ends.removeFirst()
        }
    }

    /// Forget all frames, such as when the style's model changed.
    public mutating func reset() {
        samples.removeAll()
        ends.removeAll()
    }

    /// What the frames say; nil before the first.
    public var summary: LatencySummary? { samples.isEmpty ? nil : LatencyStatistics.summarise(samples) }

    /// Frames a second as they were shown, which counts what happens between them; nil before the second.
    public var framesPerSecond: Double? {
        guard let first = ends.first, let last = ends.last, last > first else { return nil }
        return Double(ends.count - 1) / (last - first)
    }
}
