/// One style: what a model takes for it.
public struct StyleVector: Sendable, Equatable {
    /// As sidecars call it, or as a mix was written.
    public let name: String
    public let values: [Float]
    /// What a slider starts with, from 0 to 1.
    public let defaultStrength: Float
    /// How much of a photo's fine detail stays at full strength, from 0 to 1; the pack's index knows it.
    public let detail: Float

    public init(name: String, values: [Float], defaultStrength: Float = 1, detail: Float = 0) {
        self.name = name
        self.values = values
        self.defaultStrength = defaultStrength
        self.detail = detail
    }

    /// How much of a photo's detail layer is added to what was drawn at that strength: 1 gives the photo back at 0.
    public func keptDetail(strength: Float) -> Float { 1 - strength * (1 - detail) }

    /// The same with another share of detail.
    public func with(detail: Float) -> StyleVector {
        StyleVector(name: name, values: values, defaultStrength: defaultStrength, detail: detail)
    }
}
