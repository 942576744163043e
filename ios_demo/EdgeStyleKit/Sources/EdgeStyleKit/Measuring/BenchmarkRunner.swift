import Foundation

/// What a benchmark measures: a model, opened, whose runs can be timed.
public protocol BenchmarkSession {
    /// The runtime's name and version.
    var runtime: String { get }
    /// One run on fixed inputs.
    func run() throws
}

/// Measures one model for the harness and writes its answer, whole or not at all.
public struct BenchmarkRunner {
    /// The app's `Documents/benchmark`.
    let folder: URL
    let clock: () -> UInt64
    let moment: () -> DeviceMoment
    let peakRSSBytes: () -> Int?
    let open: (ModelFile, BenchmarkRequest) throws -> any BenchmarkSession

    /// - Parameters:
    ///   - folder: where models are and answers go.
    ///   - clock: nanoseconds of a clock that never goes back.
    ///   - moment: what the phone is like now.
    ///   - peakRSSBytes: most memory that the app has taken; nil where it is not known.
    ///   - open: opens a model for a request.
    public init(
        folder: URL, clock: @escaping () -> UInt64, moment: @escaping () -> DeviceMoment,
        peakRSSBytes: @escaping () -> Int?,
        open: @escaping (ModelFile, BenchmarkRequest) throws -> any BenchmarkSession
    ) {
        self.folder = folder
        self.clock = clock
        self.moment = moment
        self.peakRSSBytes = peakRSSBytes
        self.open = open
    }

    /// Measure and write `NAME.json`; what goes wrong is written in it.
    ///
    /// - Returns: the answer that was written.
    /// - Throws: `PictureError.storageFull` and the like where nothing can be written.
    @discardableResult
    public func answer(_ request: BenchmarkRequest) throws -> BenchmarkAnswer {
        let answer: BenchmarkAnswer
        do {
            answer = try measure(request)
        } catch {
            answer = .failed(error.localizedDescription)
        }
        try write(answer, name: request.name)
        return answer
    }

    /// Measure a model.
    func measure(_ request: BenchmarkRequest) throws -> BenchmarkAnswer {
        let url = folder.appendingPathComponent(request.name)
        let sidecar = folder.appendingPathComponent(request.name + ".sidecar.json")
        let file = try ModelFile(url: url, sidecar: sidecar)
        let before = moment()
        let begin = clock()
        let session = try open(file, request)
        let loaded = clock()
        try session.run()
        let first = clock()
        let timed = try Timing(plan: request.plan, clock: clock).measure { try session.run() }
        return BenchmarkAnswer(
            runtime: session.runtime, loadMs: Double(loaded - begin) / 1e6, firstRunMs: Double(first - loaded) / 1e6,
            timed: timed, peakRSSBytes: peakRSSBytes(), before: before, after: moment())
    }

    /// Write an answer under another name, and rename it.
    func write(_ answer: BenchmarkAnswer, name: String) throws {
        try WholeFile.write(answer.json(), to: folder.appendingPathComponent(name + ".json"))
    }
}
