import Foundation

/// The numbers of the way from a photo to a selfie, as `selfie/recipe.json` has them. Lengths are shares of what their
/// name says. Steps that the system does itself (finding faces, cutting the person out) are not read.
public struct SelfieRecipe: Sendable, Codable {
    /// The format of recipes that this kit reads.
    public static let format = 2

    /// What is cut out of the photo: a square, level with the eyes.
    public struct Framing: Sendable, Codable {
        public let smallestFacePx: Int
        public let outside: Float
        public let side: Float
        public let headRoom: Float
        public let smallestSide: Float
        public let margin: Float
        public let cutSide: Int
    }

    /// What makes strokes as bold as suits small pictures.
    public struct Bolding: Sendable, Codable {
        public let workingSide: Int
        public let margin: Int
        public let radius: Int
        public let sharpness: Float
        public let floor: Float
        public let texture: Float
        public let contrast: Float
        public let baseRadius: Float
        public let baseEpsilon: Float
        public let baseSide: Int
    }

    /// What of the matte is the person, and which colours are theirs.
    public struct Matting: Sendable, Codable {
        public let least: Float
        public let colourSide: Int
        public let blur: [Float]
        public let leastWeight: Float
        public let leastPerson: Float
    }

    /// Where the style is milder, so that one still knows who it is.
    public struct Likeness: Sendable, Codable {
        public let mild: Float
        public let eyes: Float
        public let mouth: Float
        public let eyeScale: [Float]
        public let mouthScale: [Float]
        public let feather: Float
    }

    /// How it is put together.
    public struct Composing: Sendable, Codable {
        public let blur: Float
        public let blurAway: Float
        public let blurSteep: Float
        public let smallestSize: Int
        public let largestSize: Int
        public let defaultStrength: Float
        public let defaultSize: Int
    }

    public let format: Int
    public let framing: Framing
    public let bolding: Bolding
    public let matting: Matting
    public let likeness: Likeness
    public let composing: Composing
    /// The pack that draws selfies.
    public let pack: String
    public let drawing: SelfieDrawing
    /// What red, green and blue add to brightness.
    public let brightness: [Float]

    /// Read a recipe. Throws `ModelError`.
    public static func read(_ data: Data) throws(ModelError) -> SelfieRecipe {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let recipe: SelfieRecipe
        do {
            recipe = try decoder.decode(SelfieRecipe.self, from: data)
        } catch DecodingError.keyNotFound(let key, _) {
            throw .missingField(key.stringValue)
        } catch DecodingError.typeMismatch(_, let context) {
            throw .wrongType(context.codingPath.last?.stringValue ?? "recipe")
        } catch {
            throw .notJSON
        }
        guard recipe.format == Self.format else { throw .unsupportedContract(recipe.format) }
        return recipe
    }
}

/// How a pack's renderer draws selfies.
public struct SelfieDrawing: Sendable, Codable {
    /// Whether the picture is flattened first.
    public let flattened: Bool
    /// At which long side it is drawn; nil for the picture's own.
    public let longSide: Int?

    public init(flattened: Bool, longSide: Int?) {
        self.flattened = flattened
        self.longSide = longSide
    }

    private enum CodingKeys: String, CodingKey {
        case flattened, longSide
        case longSideSnake = "long_side"
    }

    public init(from decoder: any Decoder) throws {  // with and without a strategy for keys
        let container = try decoder.container(keyedBy: CodingKeys.self)
        flattened = try container.decode(Bool.self, forKey: .flattened)
        let plain = try container.decodeIfPresent(Int.self, forKey: .longSide)
        longSide = try plain ?? container.decodeIfPresent(Int.self, forKey: .longSideSnake)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(flattened, forKey: .flattened)
        try container.encode(longSide, forKey: .longSideSnake)
    }
}
