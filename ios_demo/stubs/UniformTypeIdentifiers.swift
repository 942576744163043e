// Stand-ins for the members of UniformTypeIdentifiers that the kit uses; see CoreGraphics.swift.
public struct UTType: Sendable {
    public static let jpeg = UTType()
    public static let png = UTType()
    public var identifier: String { "" }
}
