import Foundation
import Testing

/// The vectors that Python, Kotlin and Swift share: `tests/vectors/NAME.json` of the repository.
enum Vectors {
    /// The folder of these tests.
    static let ownFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// The checkout.
    static let repository: URL = {
        var url = ownFolder
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }()

    static let folder = repository.appendingPathComponent("tests/vectors")

    /// Read a file; keys in snake case become camel case.
    static func read<Topic: Decodable>(_ name: String, as type: Topic.Type) throws -> Topic {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(contentsOf: folder.appendingPathComponent(name + ".json")))
    }
}

/// Whether two numbers agree to a share of the larger, or to so much.
func agree(_ first: Double, _ second: Double, share: Double = 1e-6, least: Double = 1e-9) -> Bool {
    abs(first - second) <= max(least, share * max(abs(first), abs(second)))
}

/// The largest difference of two lists, infinite where they differ in length.
func difference(_ first: [Float], _ second: [Float]) -> Float {
    guard first.count == second.count else { return .infinity }
    return zip(first, second).map { abs($0 - $1) }.max() ?? 0
}

/// The same in levels.
func levels(_ first: [UInt8], _ second: [UInt8]) -> Int {
    guard first.count == second.count else { return .max }
    return zip(first, second).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// Makes a folder that is removed in the end.
struct TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgestyle-" + UUID().uuidString)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    func remove() { try? FileManager.default.removeItem(at: url) }

    /// Write a text to a path inside, with the folders that it needs.
    func write(_ text: String, to path: String) throws {
        let target = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
    }
}
