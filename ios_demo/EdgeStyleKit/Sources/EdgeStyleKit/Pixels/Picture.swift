/// A picture in memory: 8-bit sRGB, R,G,B row by row, upright.
public struct Picture: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `3 * width * height` bytes.
    public var pixels: [UInt8]

    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == 3 * width * height, "a picture is 3 bytes a pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture of one colour.
    public init(width: Int, height: Int, colour: (UInt8, UInt8, UInt8) = (0, 0, 0)) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * width * height)
        for _ in 0..<width * height { pixels += [colour.0, colour.1, colour.2] }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// The picture turned clockwise by quarter turns, so that it is upright, and then mirrored left to right.
    public func turned(_ turn: QuarterTurn, mirrored: Bool = false) -> Picture {
        let size = turn.swapsSides ? (height, width) : (width, height)
        var result = [UInt8](repeating: 0, count: pixels.count)
        for y in 0..<size.1 {
            for x in 0..<size.0 {
                let (fromX, fromY) = turn.source(mirrored ? size.0 - 1 - x : x, y, width: width, height: height)
                let from = 3 * (fromY * width + fromX)
                let to = 3 * (y * size.0 + x)
                for channel in 0..<3 { result[to + channel] = pixels[from + channel] }
            }
        }
        return Picture(width: size.0, height: size.1, pixels: result)
    }

    /// The picture padded at its right and lower edges, which are repeated.
    ///
    /// - Parameters:
    ///   - width, height: no smaller than the picture's.
    public func padded(width newWidth: Int, height newHeight: Int) -> Picture {
        if newWidth == width && newHeight == height { return self }
        precondition(newWidth >= width && newHeight >= height, "padding makes no picture smaller")
        var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
        for y in 0..<newHeight {
            let row = 3 * width * min(y, height - 1)
            for x in 0..<newWidth {
                let from = row + 3 * min(x, width - 1)
                let to = 3 * (y * newWidth + x)
                for channel in 0..<3 { result[to + channel] = pixels[from + channel] }
            }
        }
        return Picture(width: newWidth, height: newHeight, pixels: result)
    }

    /// A rectangle of the picture.
    public func cropped(x: Int = 0, y: Int = 0, width newWidth: Int, height newHeight: Int) -> Picture {
        precondition(x >= 0 && y >= 0 && x + newWidth <= width && y + newHeight <= height, "a crop lies inside")
        var result: [UInt8] = []
        result.reserveCapacity(3 * newWidth * newHeight)
        for row in y..<y + newHeight {
            let start = 3 * (row * width + x)
            result += pixels[start..<start + 3 * newWidth]
        }
        return Picture(width: newWidth, height: newHeight, pixels: result)
    }

    /// The largest square in the middle.
    public func middleSquare() -> Picture {
        let side = min(width, height)
        return cropped(x: (width - side) / 2, y: (height - side) / 2, width: side, height: side)
    }
}

/// A turn clockwise that brings a picture upright.
public enum QuarterTurn: Int, Sendable, CaseIterable {
    case none = 0
    case right = 90
    case half = 180
    case left = 270

    /// Whether width and height are exchanged.
    public var swapsSides: Bool { self == .right || self == .left }

    /// Where a pixel of the turned picture comes from in one of that size.
    func source(_ x: Int, _ y: Int, width: Int, height: Int) -> (Int, Int) {
        switch self {
        case .none: (x, y)
        case .right: (y, height - 1 - x)
        case .half: (width - 1 - x, height - 1 - y)
        case .left: (width - 1 - y, x)
        }
    }
}
