import Foundation

/// A network's kind, by what goes in and comes out.
public enum Component: String, Sendable, CaseIterable {
    case renderer, encoder, generator, mapping, inverter
}

/// One input or output of a model.
public struct TensorSpec: Sendable, Equatable {
    /// The tensor's name in the file.
    public let name: String
    /// Sizes by axis; nil where any multiple of the model's `sizeMultiple` will do.
    public let shape: [Int?]
}

/// What a model promises, as its sidecar says: names, shapes, sizes, styles. No number of it is typed by hand.
public struct ModelContract: Sendable {
    /// The version of sidecars that this kit reads.
    public static let version = 1
    /// Bytes of the largest sidecar that is read.
    public static let mostBytes = 4_000_000
    /// Longest side of a picture that any model takes.
    public static let largestSide = 4096
    static let sideMultiple = 8
    static let smallestSide = 32
    /// No network here takes more random numbers.
    static let mostLatents = 65_536

    public let pack: String
    public let component: Component
    public let format: String
    public let recipe: String
    /// sha256 of the file, in hexadecimal digits.
    public let sha256: String
    public let sizeBytes: Int
    public let inputs: [TensorSpec]
    public let outputs: [TensorSpec]
    /// Sides of pictures are multiples of it.
    public let sizeMultiple: Int
    /// Sides of the square pictures that the file takes, or was checked with where it takes any.
    public let sizes: [Int]
    public let takesAnySize: Bool
    /// Long side that photos are drawn at; nil where strokes have no size and the photo's own is best.
    public let workingSize: Int?
    /// Style vectors by name.
    public let styles: [String: StyleVector]
    /// How many random numbers a mapping takes; nil for other components.
    public let latents: Int?

    /// Length of style vectors; nil where the sidecar lists no tensor of that name.
    public var styleDimensions: Int? {
        (inputs + outputs).first { $0.name == "style" }?.shape.last ?? nil
    }

    /// Read a sidecar.
    ///
    /// - Parameter data: its JSON; at most `mostBytes`.
    /// - Throws: `ModelError` for what is no sidecar of this version.
    public init(sidecar data: Data) throws(ModelError) {
        guard data.count <= Self.mostBytes else { throw .tooLarge("sidecar") }
        let fields = try JSONValue.read(data).fields("sidecar")
        let version = try fields.need("contract_version").int("contract_version")
        guard version == Self.version else { throw .unsupportedContract(version) }
        pack = try fields.need("pack").string("pack")
        format = try fields.need("format").string("format")
        recipe = try fields.need("recipe").string("recipe")
        sha256 = try fields.need("sha256").string("sha256")
        sizeBytes = try fields.need("size_bytes").int("size_bytes")
        let name = try fields["component"]?.string("component") ?? Component.renderer.rawValue
        guard let known = Component(rawValue: name) else { throw .wrongType("component") }
        component = known
        inputs = try Self.tensors(fields, "inputs")
        outputs = try Self.tensors(fields, "outputs")
        sizeMultiple = max(1, try fields["size_multiple"]?.int("size_multiple") ?? Self.sideMultiple)
        guard sizeMultiple <= Self.largestSide else { throw .badSize }
        sizes = try Self.sides(fields.need("sizes"))
        takesAnySize = if case .bool(true)? = fields["free_size"] { true } else { false }
        workingSize = try Self.workingSize(fields["working_size"])
        latents = try fields["latents"]?.int("latents")
        if known == .mapping && latents == nil { throw .missingField("latents") }
        guard (1...Self.mostLatents).contains(latents ?? 1) else { throw .wrongType("latents") }
        let length = (inputs + outputs).first { $0.name == "style" }?.shape.last ?? nil
        styles = try Self.styles(fields.need("styles"), length: length)
        if styles.isEmpty && fields["mean_style"] == nil { throw .missingField("mean_style") }
    }

    /// The style of that name. Throws `MixError.unknownStyle`.
    public func style(_ name: String) throws(MixError) -> StyleVector {
        guard let style = styles[name] else { throw .unknownStyle(name) }
        return style
    }

    private static func tensors(_ fields: [String: JSONValue], _ key: String) throws(ModelError) -> [TensorSpec] {
        guard let value = fields[key] else { return [] }
        var specs: [TensorSpec] = []
        for entry in try value.values(key) {
            let tensor = try entry.fields(key)
            var shape: [Int?] = []
            for side in try tensor.need("shape").values("shape") {
                if case .null = side { shape.append(nil) } else { shape.append(try side.int("shape")) }
            }
            specs.append(TensorSpec(name: try tensor.need("name").string("name"), shape: shape))
        }
        return specs
    }

    private static func workingSize(_ value: JSONValue?) throws(ModelError) -> Int? {
        guard case .number? = value else { return nil }
        let side = try value?.int("working_size") ?? 0
        guard side > 0 else { throw .badSize }
        return side
    }

    private static func sides(_ value: JSONValue) throws(ModelError) -> [Int] {
        var sides: [Int] = []
        for entry in try value.values("sizes") {
            let side = try entry.int("sizes")
            guard side >= smallestSide, side <= largestSide, side % sideMultiple == 0 else { throw .badSize }
            sides.append(side)
        }
        guard !sides.isEmpty else { throw .badSize }
        return sides
    }

    private static func styles(_ value: JSONValue, length: Int?) throws(ModelError) -> [String: StyleVector] {
        var styles: [String: StyleVector] = [:]
        for (name, entry) in try value.fields("styles") {
            let style = try entry.fields("styles")
            var numbers: [Float] = []
            for number in try style.need("vector").values("vector") {
                let float = Float(try number.double("vector"))
                guard float.isFinite else { throw .badVector(name) }
                numbers.append(float)
            }
            guard !numbers.isEmpty, numbers.count == length ?? numbers.count else { throw .badVector(name) }
            let strength = try style["default_strength"]?.double("default_strength") ?? 1
            guard (0...1).contains(strength) else { throw .wrongType("default_strength") }
            styles[name] = StyleVector(name: name, values: numbers, defaultStrength: Float(strength))
        }
        return styles
    }
}
