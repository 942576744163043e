#if canImport(CoreVideo)
    import CoreVideo

    /// A picture in a pixel buffer on its way between actors.
    ///
    /// `CVPixelBuffer` is no `Sendable`; a frame is, because whoever makes one fills it first and nobody writes to it
    /// afterwards.
    public struct PixelFrame: @unchecked Sendable {
        public let buffer: CVPixelBuffer

        public init(_ buffer: CVPixelBuffer) { self.buffer = buffer }

        public var width: Int { CVPixelBufferGetWidth(buffer) }
        public var height: Int { CVPixelBufferGetHeight(buffer) }
    }

    extension PixelFrame {
        /// A new buffer of 8-bit B,G,R,A, which GPU and Neural Engine read in place. Throws `RenderError.failed`.
        static func makeBuffer(width: Int, height: Int) throws -> CVPixelBuffer {
            let attributes: [String: Any] = [
                kCVPixelBufferIOSurfacePropertiesKey as String: [String: Any](),
                kCVPixelBufferMetalCompatibilityKey as String: true,
            ]
            var made: CVPixelBuffer?
            let status = CVPixelBufferCreate(
                kCFAllocatorDefault, width, height, kCVPixelFormatType_32BGRA, attributes as CFDictionary, &made)
            guard status == kCVReturnSuccess, let buffer = made else {
                throw RenderError.failed("no pixel buffer of \(width) by \(height)")
            }
            return buffer
        }

        /// A picture in a buffer. Throws `RenderError.failed`.
        public init(_ picture: Picture) throws {
            let buffer = try Self.makeBuffer(width: picture.width, height: picture.height)
            CVPixelBufferLockBaseAddress(buffer, [])
            defer { CVPixelBufferUnlockBaseAddress(buffer, []) }
            guard let base = CVPixelBufferGetBaseAddress(buffer) else { throw RenderError.failed("an empty buffer") }
            let stride = CVPixelBufferGetBytesPerRow(buffer)
            for y in 0..<picture.height {
                let row = (base + y * stride).assumingMemoryBound(to: UInt8.self)
                for x in 0..<picture.width {
                    let from = 3 * (y * picture.width + x)
                    row[4 * x] = picture.pixels[from + 2]
                    row[4 * x + 1] = picture.pixels[from + 1]
                    row[4 * x + 2] = picture.pixels[from]
                    row[4 * x + 3] = 255
                }
            }
            self.buffer = buffer
        }

        /// The upper left part of a buffer of B,G,R,A as a picture; of all of it by default. Throws `RenderError.failed`.
        public func picture(width: Int? = nil, height: Int? = nil) throws -> Picture {
            CVPixelBufferLockBaseAddress(buffer, .readOnly)
            defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
            guard let base = CVPixelBufferGetBaseAddress(buffer),
                CVPixelBufferGetPixelFormatType(buffer) == kCVPixelFormatType_32BGRA
            else { throw RenderError.failed("a buffer of other pixels than B,G,R,A") }
            var result = Picture(width: width ?? self.width, height: height ?? self.height)
            let stride = CVPixelBufferGetBytesPerRow(buffer)
            for y in 0..<result.height {
                let row = (base + y * stride).assumingMemoryBound(to: UInt8.self)
                for x in 0..<result.width {
                    let to = 3 * (y * result.width + x)
                    result.pixels[to] = row[4 * x + 2]
                    result.pixels[to + 1] = row[4 * x + 1]
                    result.pixels[to + 2] = row[4 * x]
                }
            }
            return result
        }
    }
#endif
