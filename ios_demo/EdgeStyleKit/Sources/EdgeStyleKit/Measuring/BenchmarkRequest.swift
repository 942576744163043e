import Foundation

/// What the harness asks for by launch arguments: `--benchmark NAME --runs 30 --seconds 3 --size 512 ...`.
public struct BenchmarkRequest: Sendable, Equatable {
    /// The model's name in `Documents/benchmark`.
    public var name: String
    public var plan = MeasuringPlan()
    public var size = 512
    public var units = ComputeUnits.all

    public init(name: String) { self.name = name }

    /// What a request that cannot be met says.
    public struct Malformed: Error, Equatable {
        /// The model's name, so that the answer can be written; empty where there is none.
        public let name: String
        public let message: String
    }

    /// Read launch arguments; nil where they ask for no benchmark. Arguments that are not known are passed over.
    ///
    /// - Throws: `Malformed` for a value that is none.
    public static func read(_ arguments: [String]) throws(Malformed) -> BenchmarkRequest? {
        var values: [String: String] = [:]
        for (index, argument) in arguments.enumerated() where argument.hasPrefix("--") && index + 1 < arguments.count {
            values[argument] = arguments[index + 1]
        }
        guard arguments.contains("--benchmark") else { return nil }
        let name = values["--benchmark"] ?? ""
        guard !name.isEmpty, !name.hasPrefix("."), !name.hasPrefix("--"), !name.contains("/") else {
            throw Malformed(name: "", message: "--benchmark needs the name of a model")
        }
        var request = BenchmarkRequest(name: name)
        request.plan.runs = try whole("--runs", values, request.plan.runs, 1...100_000, name)
        request.size = try whole("--size", values, request.size, 8...ModelContract.largestSide, name)
        if let text = values["--seconds"] {
            guard let seconds = Double(text), seconds >= 0, seconds <= 36_000 else {
                throw Malformed(name: name, message: "--seconds is a number from 0 to 36000, not '\(text)'")
            }
            request.plan.seconds = seconds
        }
        if let text = values["--accelerator"] {
            guard let units = ComputeUnits(rawValue: text) else {
                let known = ComputeUnits.allCases.map(\.rawValue).joined(separator: ", ")
                throw Malformed(name: name, message: "--accelerator is one of \(known), not '\(text)'")
            }
            request.units = units
        }
        return request
    }

    private static func whole(
        _ key: String, _ values: [String: String], _ usual: Int, _ range: ClosedRange<Int>, _ name: String
    ) throws(Malformed) -> Int {
        guard let text = values[key] else { return usual }
        guard let value = Int(text), range.contains(value) else {
            let allowed = "\(range.lowerBound) to \(range.upperBound)"
            throw Malformed(name: name, message: "\(key) is a whole number from \(allowed), not '\(text)'")
        }
        return value
    }
}
