import Foundation

/// All packs in an app: `models/index.json`, which `export/ios.py` writes.
public struct PackIndex: Sendable, Codable {
    /// The format of indexes that this kit reads.
    public static let format = 1

    /// A pack: one or more networks, and the styles that they draw.
    public struct Pack: Sendable, Codable, Identifiable {
        public var id: String { name }
        public let name: String
        public let title: String
        public let description: String
        public let kind: Kind
        public let files: [File]
        public let styles: [Style]

        enum CodingKeys: String, CodingKey { case name, title, description, kind, files, styles, selfie }
        /// How its renderer draws selfies; nil for packs of avatars.
        public let selfie: SelfieDrawing?

        /// A component's files, those for smaller pictures first.
        public func files(of component: Component) -> [File] {
            files.filter { $0.component == component }.sorted { $0.largestSide < $1.largestSide }
        }
    }

    /// What a pack does.
    public enum Kind: String, Sendable, Codable {
        /// Redraws pictures.
        case pictures
        /// Draws avatars from nothing.
        case avatars
    }

    /// A model file; paths are relative to the folder that the index's folder is in.
    public struct File: Sendable, Codable {
        public let component: Component
        public let path: String
        public let sidecar: String
        /// Heights and widths of pictures that it takes; nil where any will do.
        public let sizes: [[Int]]?

        /// Longest side of a picture that it takes.
        public var largestSide: Int { sizes?.joined().max() ?? ModelContract.largestSide }
    }

    /// What people see of a style.
    public struct Style: Sendable, Codable, Identifiable, Hashable {
        public var id: String { name }
        public let name: String
        public let title: String
        public let detail: Float
        public let preview: String?
        public let defaultStrength: Float
        public let licence: String
        public let credit: String

        enum CodingKeys: String, CodingKey {
            case name, title, detail, preview, licence, credit
            case defaultStrength = "default_strength"
        }
    }

    public let packs: [Pack]
    let format: Int
    /// Least side of a picture that a renderer takes.
    public let smallestSide: Int

    enum CodingKeys: String, CodingKey {
        case packs, format
        case smallestSide = "smallest_side"
    }

    /// Read an index. Throws `ModelError`.
    public static func read(_ data: Data) throws(ModelError) -> PackIndex {
        let index: PackIndex
        do {
            index = try JSONDecoder().decode(PackIndex.self, from: data)
        } catch DecodingError.keyNotFound(let key, _) {
            throw .missingField(key.stringValue)
        } catch DecodingError.typeMismatch(_, let context) {
            throw .wrongType(context.codingPath.last?.stringValue ?? "index")
        } catch {
            throw .notJSON
        }
        guard index.format == Self.format else { throw .unsupportedContract(index.format) }
        return index
    }

    /// The pack of that name. Throws `ModelError.missingModel`.
    public func pack(_ name: String) throws(ModelError) -> Pack {
        guard let pack = packs.first(where: { $0.name == name }) else { throw .missingModel(name) }
        return pack
    }
}

extension Component: Codable {}
