import Foundation

/// Values for whoever listens, each with an `AsyncStream` of their own: one that is cancelled ends no other.
public final class Broadcast<Value: Sendable>: @unchecked Sendable {
    // `sinks` is touched with `lock` held alone, which is why this class may be Sendable.
    private let lock = NSLock()
    private var sinks: [UUID: AsyncStream<Value>.Continuation] = [:]
    private let newest: Int

    /// - Parameter newest: how many values wait for a slow listener; older ones are dropped.
    public init(newest: Int) { self.newest = newest }

    deinit {
        for sink in sinks.values { sink.finish() }
    }

    /// The values from now on, until the listener's task is cancelled.
    public func stream() -> AsyncStream<Value> {
        let (stream, sink) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(newest))
        let id = UUID()
        sink.onTermination = { [weak self] _ in self?.remove(id) }
        lock.withLock { sinks[id] = sink }
        return stream
    }

    /// Hand a value to all who listen.
    public func send(_ value: Value) {
        for sink in lock.withLock({ Array(sinks.values) }) { sink.yield(value) }
    }

    /// How many listen.
    public var listeners: Int { lock.withLock { sinks.count } }

    private func remove(_ id: UUID) { lock.withLock { sinks[id] = nil } }
}
