import Foundation

/// The models, previews and recipes in an app's resources.
public struct ModelLibrary: Sendable {
    /// The folder with `models`, `previews` and `selfie` in it.
    public let folder: URL
    public let index: PackIndex

    /// Read the index in a folder. Throws `ModelError`.
    public init(folder: URL) throws(ModelError) {
        let path = folder.appendingPathComponent("models/index.json")
        guard let data = try? Data(contentsOf: path) else { throw .missingModel("index.json") }
        self.folder = folder
        index = try PackIndex.read(data)
    }

    /// A component's model that takes pictures of a side, or the largest there is; checked against its sidecar.
    ///
    /// - Parameters:
    ///   - component: of the pack.
    ///   - pack: of the index.
    ///   - side: longest of the pictures.
    /// - Throws: `ModelError`.
    public func model(_ component: Component, of pack: PackIndex.Pack, side: Int = 0) throws(ModelError) -> ModelFile {
        let files = pack.files(of: component)
        guard let file = files.first(where: { $0.largestSide >= side }) ?? files.last else {
            throw .missingModel("\(pack.name) \(component.rawValue)")
        }
        let found = try ModelFile(
            url: folder.appendingPathComponent(file.path), sidecar: folder.appendingPathComponent(file.sidecar))
        guard found.contract.component == component else { throw .changed(found.url.lastPathComponent) }
        return found
    }

    /// A preview's file; nil where the style has none.
    public func preview(_ style: PackIndex.Style) -> URL? {
        style.preview.map { folder.appendingPathComponent($0) }
    }

    /// The recipe of selfies. Throws `ModelError`.
    public func selfieRecipe() throws(ModelError) -> SelfieRecipe {
        let path = folder.appendingPathComponent("selfie/recipe.json")
        guard let data = try? Data(contentsOf: path) else { throw .missingModel("recipe.json") }
        return try SelfieRecipe.read(data)
    }
}
