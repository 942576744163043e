// Stand-ins for the members of Vision that the kit uses; see CoreGraphics.swift.
@_exported import CoreVideo

public enum VNImageOption: Hashable, Sendable { case properties }

open class VNRequest {
    public init() {}
}

public final class VNFaceLandmarkRegion2D {
    public func pointsInImage(imageSize: CGSize) -> [CGPoint] { [] }
}

public final class VNFaceLandmarks2D {
    public var faceContour: VNFaceLandmarkRegion2D? { nil }
    public var leftEye: VNFaceLandmarkRegion2D? { nil }
    public var rightEye: VNFaceLandmarkRegion2D? { nil }
    public var outerLips: VNFaceLandmarkRegion2D? { nil }
}

public final class VNFaceObservation {
    public var landmarks: VNFaceLandmarks2D? { nil }
}

public final class VNPixelBufferObservation {
    public var pixelBuffer: CVPixelBuffer { CVPixelBuffer() }
}

public final class VNDetectFaceLandmarksRequest: VNRequest {
    public var results: [VNFaceObservation]? { nil }
}

public final class VNGeneratePersonSegmentationRequest: VNRequest {
    public enum QualityLevel: Sendable { case accurate, balanced, fast }
    public var qualityLevel = QualityLevel.accurate
    public var outputPixelFormat: UInt32 = 0
    public var results: [VNPixelBufferObservation]? { nil }
}

public final class VNImageRequestHandler {
    public init(cgImage: CGImage, options: [VNImageOption: Any]) {}
    public func perform(_ requests: [VNRequest]) throws {}
}
