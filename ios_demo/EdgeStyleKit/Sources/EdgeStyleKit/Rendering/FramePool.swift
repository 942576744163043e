#if canImport(CoreVideo)
    import CoreVideo

    /// Pixel buffers of one size, 8-bit B,G,R,A; each is used again once nobody holds it any more.
    final class FramePool {
        private let pool: CVPixelBufferPool

        /// - Throws: `RenderError.failed` where there is no memory.
        init(width: Int, height: Int) throws {
            let attributes: [String: Any] = [
                kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA,
                kCVPixelBufferWidthKey as String: width,
                kCVPixelBufferHeightKey as String: height,
                kCVPixelBufferIOSurfacePropertiesKey as String: [String: Any](),
                kCVPixelBufferMetalCompatibilityKey as String: true,
            ]
            var made: CVPixelBufferPool?
            CVPixelBufferPoolCreate(kCFAllocatorDefault, nil, attributes as CFDictionary, &made)
            guard let pool = made else { throw RenderError.failed("no memory for frames of \(width) by \(height)") }
            self.pool = pool
        }

        /// A buffer that nobody else holds; what it was used for is still in it. Throws `RenderError.failed`.
        func buffer() throws -> CVPixelBuffer {
            var made: CVPixelBuffer?
            CVPixelBufferPoolCreatePixelBuffer(kCFAllocatorDefault, pool, &made)
            guard let buffer = made else { throw RenderError.failed("no memory for a frame") }
            return buffer
        }
    }
#endif
