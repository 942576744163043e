#if canImport(Vision)
    import CoreGraphics
    import CoreVideo
    import Vision

    /// Faces by the system's own finder.
    ///
    /// Vision's contour ends at the temples; the forehead is closed with half an ellipse as high above the eyes as
    /// `foreheadShare` of their distance to the chin, which is about where MediaPipe's oval ends.
    public struct SystemFaces: FaceFinding {
        static let foreheadShare: Float = 0.6
        private static let foreheadPoints = 16

        public init() {}

        public func faces(in photo: Picture) async throws -> [FaceOutline] {
            let image = try photo.cgImage()
            let request = VNDetectFaceLandmarksRequest()
            try VNImageRequestHandler(cgImage: image, options: [:]).perform([request])
            let size = CGSize(width: photo.width, height: photo.height)
            return (request.results ?? []).compactMap { Self.outline($0, size: size) }
        }

        private static func outline(_ face: VNFaceObservation, size: CGSize) -> FaceOutline? {
            guard let landmarks = face.landmarks else { return nil }
            let jaw = points(landmarks.faceContour, size)
            let eyes = [points(landmarks.leftEye, size), points(landmarks.rightEye, size)]
            guard jaw.count > 4, eyes.allSatisfy({ !$0.isEmpty }) else { return nil }
            return outline(jaw: jaw, eyes: eyes, lips: points(landmarks.outerLips, size))
        }

        /// A region's points in pixels of the photo from its upper left corner; Vision counts from the lower left.
        private static func points(_ region: VNFaceLandmarkRegion2D?, _ size: CGSize) -> [Point] {
            (region?.pointsInImage(imageSize: size) ?? []).map { Point(Float($0.x), Float(size.height - $0.y)) }
        }

        private static func outline(jaw: [Point], eyes: [[Point]], lips: [Point]) -> FaceOutline {
            ForeheadEstimate.outline(
                jaw: jaw, eyes: eyes, lips: lips, share: foreheadShare, points: foreheadPoints)
        }
    }

    /// People by the system's own segmentation.
    public struct SystemMattes: PersonMatting {
        public init() {}

        public func matte(of picture: Picture) async throws -> Field {
            let request = VNGeneratePersonSegmentationRequest()
            request.qualityLevel = .accurate
            request.outputPixelFormat = kCVPixelFormatType_OneComponent8
            try VNImageRequestHandler(cgImage: picture.cgImage(), options: [:]).perform([request])
            guard let buffer = request.results?.first?.pixelBuffer else { throw FaceError.noPerson }
            return try Self.field(buffer).resized(width: picture.width, height: picture.height)
        }

        private static func field(_ buffer: CVPixelBuffer) throws -> Field {
            CVPixelBufferLockBaseAddress(buffer, .readOnly)
            defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
            guard let base = CVPixelBufferGetBaseAddress(buffer) else { throw RenderError.failed("an empty matte") }
            let width = CVPixelBufferGetWidth(buffer)
            var field = Field(width: width, height: CVPixelBufferGetHeight(buffer), filled: 0)
            let stride = CVPixelBufferGetBytesPerRow(buffer)
            for y in 0..<field.height {
                let row = (base + y * stride).assumingMemoryBound(to: UInt8.self)
                for x in 0..<width { field[x, y, 0] = Float(row[x]) / 255 }
            }
            return field
        }
    }
#endif
