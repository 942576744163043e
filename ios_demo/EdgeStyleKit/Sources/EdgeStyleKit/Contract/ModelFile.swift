import Foundation

/// A model file that is the one its sidecar describes.
public struct ModelFile: Sendable {
    /// The file, or the folder where it is an `.mlpackage`.
    public let url: URL
    public let contract: ModelContract

    /// Read a model's sidecar and make sure that the file is whole.
    ///
    /// - Parameters:
    ///   - url: the model.
    ///   - sidecar: its sidecar; beside it, with `.json` added to its name, unless another is given.
    /// - Throws: `ModelError`: either is missing, the sidecar is damaged or of another version, or the file was changed.
    public init(url: URL, sidecar: URL? = nil) throws(ModelError) {
        let name = url.lastPathComponent
        let beside = sidecar ?? url.deletingLastPathComponent().appendingPathComponent(name + ".json")
        guard FileManager.default.fileExists(atPath: url.path) else { throw .missingModel(name) }
        guard let length = fileSize(beside) else { throw .missingSidecar(name) }
        guard length <= ModelContract.mostBytes else { throw .tooLarge(name) }
        guard let data = try? Data(contentsOf: beside) else { throw .missingSidecar(name) }
        let contract = try ModelContract(sidecar: data)
        guard let (digest, bytes) = try? Self.hash(url),
            bytes == contract.sizeBytes, digest == contract.sha256
        else { throw .changed(name) }
        self.url = url
        self.contract = contract
    }

    /// sha256 of a file, or of a folder's sorted relative names and contents; and how many bytes there are.
    static func hash(_ url: URL) throws -> (digest: String, bytes: Int) {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        var sha = SHA256()
        var bytes = 0
        for path in isFolder.boolValue ? try relativeFiles(url) : [] {
            sha.update(Data(path.joined(separator: "/").utf8) + [0])
            let data = try Data(contentsOf: path.reduce(url) { $0.appendingPathComponent($1) })
            sha.update(data)
            bytes += data.count
        }
        if !isFolder.boolValue {
            let data = try Data(contentsOf: url, options: .mappedIfSafe)
            sha.update(data)
            bytes = data.count
        }
        return (sha.finish(), bytes)
    }

    /// The files in a folder as their path's parts, sorted part by part: `a/b` comes before `a.txt`.
    private static func relativeFiles(_ folder: URL) throws -> [[String]] {
        var found: [[String]] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let inner = folder.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: inner.path, isDirectory: &isFolder)
            found += isFolder.boolValue ? try relativeFiles(inner).map { [name] + $0 } : [[name]]
        }
        return found.sorted { first, second in
            first.lexicographicallyPrecedes(second) { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        }
    }
}

/// Bytes of a file; nil where there is none.
func fileSize(_ url: URL) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    return (attributes?[.size] as? NSNumber)?.intValue
}
