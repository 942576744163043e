/// How numbers of a camera's picture stand for colours.
public enum ColourMatrix: String, Sendable {
    case bt601, bt709

    /// What red and blue weigh in luma (ITU-R BT.601-7 and BT.709-6).
    var weights: (red: Float, blue: Float) {
        switch self {
        case .bt601: (0.299, 0.114)
        case .bt709: (0.2126, 0.0722)
        }
    }
}

/// Which levels are black and white.
public enum ColourRange: String, Sendable {
    case full, video

    /// Luma's black and span, and chroma's span.
    var levels: (black: Float, luma: Float, chroma: Float) { self == .full ? (0, 255, 255) : (16, 219, 224) }
}

/// A plane of samples as a buffer gives it: rows of `rowStride` bytes, samples `pixelStride` bytes apart.
public struct Plane {
    public let bytes: UnsafeBufferPointer<UInt8>
    public let rowStride: Int
    public let pixelStride: Int

    public init(bytes: UnsafeBufferPointer<UInt8>, rowStride: Int, pixelStride: Int = 1) {
        self.bytes = bytes
        self.rowStride = rowStride
        self.pixelStride = pixelStride
    }
}

/// Camera frames and bitmaps to what networks take, and back.
public enum FrameConverter {
    /// A 4:2:0 picture to RGB. Each pixel takes the chroma sample of its two by two.
    ///
    /// - Parameters:
    ///   - width, height: of the picture, from 1 up; chroma planes have half of each, rounded up.
    ///   - y, u, v: the planes; interleaved chroma is one buffer given twice, from its first and its second byte.
    ///   - matrix, range: of the buffer.
    public static func rgb(
        width: Int, height: Int, y: Plane, u: Plane, v: Plane, matrix: ColourMatrix, range: ColourRange
    ) -> Picture {
        let (red, blue) = matrix.weights
        let (black, lumaSpan, chromaSpan) = range.levels
        let green = 1 - red - blue
        let toRed = 2 * (1 - red) * 255 / chromaSpan
        let toBlue = 2 * (1 - blue) * 255 / chromaSpan
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        for row in 0..<height {
            for column in 0..<width {
                let luma = (Float(y.bytes[row * y.rowStride + column * y.pixelStride]) - black) * 255 / lumaSpan
                let cb = Float(u.bytes[row / 2 * u.rowStride + column / 2 * u.pixelStride]) - 128
                let cr = Float(v.bytes[row / 2 * v.rowStride + column / 2 * v.pixelStride]) - 128
                let at = 3 * (row * width + column)
                pixels[at] = level(luma + toRed * cr)
                pixels[at + 1] = level(luma - (toBlue * blue * cb + toRed * red * cr) / green)
                pixels[at + 2] = level(luma + toBlue * cb)
            }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// Planes R, G, B in [0,1], for a tensor `[1,3,H,W]`.
    public static func planes(_ picture: Picture) -> [Float] {
        let count = picture.width * picture.height
        var floats = [Float](repeating: 0, count: 3 * count)
        for index in 0..<count {
            for channel in 0..<3 { floats[channel * count + index] = Float(picture.pixels[3 * index + channel]) / 255 }
        }
        return floats
    }

    /// Values in [0,1] row by row, for a tensor `[1,H,W,3]`.
    public static func rows(_ picture: Picture) -> [Float] { picture.pixels.map { Float($0) / 255 } }

    /// A tensor `[1,3,H,W]` to a picture.
    public static func picture(planes floats: [Float], width: Int, height: Int) -> Picture {
        let count = width * height
        precondition(floats.count == 3 * count, "a tensor has three planes")
        var pixels = [UInt8](repeating: 0, count: 3 * count)
        for index in 0..<count {
            for channel in 0..<3 { pixels[3 * index + channel] = pixel(floats[channel * count + index]) }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// A number in [0,1] to the nearest of 256 levels; what lies outside is cut.
    public static func pixel(_ value: Float) -> UInt8 { level(min(1, max(0, value)) * 255) }

    /// The side that a picture's side is padded to: the next multiple, and no less than the smallest.
    public static func paddedSide(_ side: Int, multiple: Int, smallest: Int) -> Int {
        max(smallest, (side + multiple - 1) / multiple * multiple)
    }

    private static func level(_ value: Float) -> UInt8 { UInt8(min(255, max(0, value + 0.5))) }
}
