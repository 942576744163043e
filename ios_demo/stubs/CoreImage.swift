// Stand-ins for the members of CoreImage that the kit uses; see CoreGraphics.swift.
import CoreVideo

public struct CIContextOption: Hashable, Sendable {
    public static let workingColorSpace = CIContextOption()
    public static let cacheIntermediates = CIContextOption()
}

public final class CIImage {
    public init(cvPixelBuffer: CVPixelBuffer) {}
    public func clampedToExtent() -> CIImage { self }
    public func transformed(by: CGAffineTransform) -> CIImage { self }
}

public final class CIContext {
    public init(options: [CIContextOption: Any]?) {}
    public func render(_ image: CIImage, to buffer: CVPixelBuffer, bounds: CGRect, colorSpace: CGColorSpace?) {}
}
