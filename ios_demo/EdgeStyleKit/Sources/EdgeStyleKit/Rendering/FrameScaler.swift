#if canImport(CoreImage)
    import CoreImage
    import CoreVideo

    /// A frame brought to a model's square: the picture at the upper left, its edges repeated to the right and below.
    public struct ScaledFrame: Sendable {
        public let frame: PixelFrame
        /// The picture's part of the square, from its upper left corner.
        public let width: Int
        public let height: Int
    }

    /// Brings camera frames to the square that a model takes, on the GPU, into buffers that are used again.
    public final class FrameScaler {
        private let context = CIContext(options: [.workingColorSpace: NSNull(), .cacheIntermediates: false])
        private let side: Int
        private let pool: FramePool

        /// - Parameter side: of the square.
        /// - Throws: `RenderError.failed` where there is no memory.
        public init(side: Int) throws {
            pool = try FramePool(width: side, height: side)
            self.side = side
        }

        /// A frame in the square; where it fills it already, its own buffer is handed on without a copy.
        ///
        /// - Throws: `RenderError.failed` where there is no memory.
        public func scale(_ frame: PixelFrame) throws -> ScaledFrame {
            if frame.width == side && frame.height == side {
                return ScaledFrame(frame: frame, width: side, height: side)
            }
            let size = WorkingSize.fit(width: frame.width, height: frame.height, longSide: side)
            let buffer = try pool.buffer()
            let across = CGFloat(size.width) / CGFloat(frame.width)
            let down = CGFloat(size.height) / CGFloat(frame.height)
            let picture = CIImage(cvPixelBuffer: frame.buffer).clampedToExtent()
                .transformed(by: CGAffineTransform(scaleX: across, y: down))
                // Core Image counts from the bottom: the picture's top goes to the square's
                .transformed(by: CGAffineTransform(translationX: 0, y: CGFloat(side - size.height)))
            let bounds = CGRect(x: 0, y: 0, width: side, height: side)
            context.render(picture, to: buffer, bounds: bounds, colorSpace: nil)
            return ScaledFrame(frame: PixelFrame(buffer), width: size.width, height: size.height)
        }
    }
#endif
