import Foundation

/// A point: x to the right, y down.
public struct Point: Sendable, Equatable, Codable {
    public var x: Float
    public var y: Float

    public init(_ x: Float, _ y: Float) {
        self.x = x
        self.y = y
    }

    static func mean(_ points: [Point]) -> Point {
        let count = Float(max(1, points.count))
        return Point(points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    }
}

/// A face as a finder gives it: outlines in pixels of the photo, whose first pixel's corner is (0, 0).
public struct FaceOutline: Sendable, Equatable {
    /// Of the whole face, forehead to chin.
    public let oval: [Point]
    /// The person's right eye, which is left in the picture.
    public let rightEye: [Point]
    public let leftEye: [Point]
    /// Of the mouth; may be empty.
    public let lips: [Point]

    public init(oval: [Point], rightEye: [Point], leftEye: [Point], lips: [Point] = []) {
        self.oval = oval
        self.rightEye = rightEye
        self.leftEye = leftEye
        self.lips = lips
    }

    /// Of the line through the eyes against the photo's upper edge, degrees, clockwise.
    public var angle: Float { Frame.angle(from: .mean(rightEye), to: .mean(leftEye)) }

    /// The smallest upright box round the oval: left, top, right, bottom.
    public var box: Box {
        Box(
            left: oval.map(\.x).min() ?? 0, top: oval.map(\.y).min() ?? 0, right: oval.map(\.x).max() ?? 0,
            bottom: oval.map(\.y).max() ?? 0)
    }
}

/// An upright box.
public struct Box: Sendable, Equatable {
    public let left, top, right, bottom: Float

    /// Intersection over union of two boxes.
    public func overlap(_ other: Box) -> Float {
        let wide = max(0, min(right, other.right) - max(left, other.left))
        let tall = max(0, min(bottom, other.bottom) - max(top, other.top))
        return wide * tall / max(area + other.area - wide * tall, 1e-9)
    }

    var area: Float { max(0, right - left) * max(0, bottom - top) }
}

/// A square in a photo, turned as it likes.
public struct Frame: Sendable, Equatable {
    /// Its middle, in pixels of the photo.
    public var x: Float
    public var y: Float
    /// Pixels.
    public var side: Float
    /// Of its upper edge against the photo's, degrees, clockwise.
    public var angle: Float

    public init(x: Float, y: Float, side: Float, angle: Float = 0) {
        self.x = x
        self.y = y
        self.side = side
        self.angle = angle
    }

    private var cosine: Float { Float(cos(Double(angle) * Double.pi / 180)) }
    private var sine: Float { Float(sin(Double(angle) * Double.pi / 180)) }

    /// How many times its side the upright box round it is wide and high.
    public var spread: Float { abs(cosine) + abs(sine) }

    /// A point of the square, whose corners are (0,0) and (1,1), in pixels of the photo.
    public func toPhoto(_ place: Point) -> Point {
        let right = (place.x - 0.5) * side
        let down = (place.y - 0.5) * side
        return Point(x + right * cosine - down * sine, y + right * sine + down * cosine)
    }

    /// The other way round.
    public func fromPhoto(_ point: Point) -> Point {
        let across = point.x - x
        let down = point.y - y
        return Point((across * cosine + down * sine) / side + 0.5, (down * cosine - across * sine) / side + 0.5)
    }

    /// Moved, not turned, to lie in a photo of that size; to its middle where it is too large.
    public func movedInside(width: Int, height: Int) -> Frame {
        let half = side * spread / 2
        return Frame(
            x: Self.inside(x, half, Float(width)), y: Self.inside(y, half, Float(height)), side: side, angle: angle)
    }

    /// Of the line from one point to another, degrees, clockwise.
    public static func angle(from: Point, to: Point) -> Float {
        Float(atan2(Double(to.y - from.y), Double(to.x - from.x)) * 180 / Double.pi)
    }

    private static func inside(_ middle: Float, _ half: Float, _ length: Float) -> Float {
        2 * half >= length ? length / 2 : min(max(middle, half), length - half)
    }

    /// What is in the square, as a picture of `pixels` squared; beyond the photo it is mirrored.
    ///
    /// Where the square is larger than the picture, each pixel is the mean of a grid of places.
    public func cut(_ photo: Picture, pixels: Int) -> Picture {
        let steps = max(1, Int((side / Float(pixels)).rounded(.up)))
        var result = [UInt8](repeating: 0, count: 3 * pixels * pixels)
        let unit = 1 / Float(pixels * steps)
        for row in 0..<pixels {
            for column in 0..<pixels {
                var sums: (Float, Float, Float) = (0, 0, 0)
                for step in 0..<steps * steps {
                    let across = (Float(column * steps + step % steps) + 0.5) * unit
                    let down = (Float(row * steps + step / steps) + 0.5) * unit
                    let colour = photo.sample(toPhoto(Point(across, down)))
                    sums = (sums.0 + colour.0, sums.1 + colour.1, sums.2 + colour.2)
                }
                let share = 1 / Float(steps * steps)
                let at = 3 * (row * pixels + column)
                result[at] = UInt8(sums.0 * share + 0.5)
                result[at + 1] = UInt8(sums.1 * share + 0.5)
                result[at + 2] = UInt8(sums.2 * share + 0.5)
            }
        }
        return Picture(width: pixels, height: pixels, pixels: result)
    }
}

extension Picture {
    /// The colour at a point between pixels, bilinear; beyond the picture it is mirrored.
    func sample(_ point: Point) -> (Float, Float, Float) {
        let left = (point.x - 0.5).rounded(.down)
        let top = (point.y - 0.5).rounded(.down)
        let across = point.x - 0.5 - left
        let down = point.y - 0.5 - top
        let columns = (mirrored(Int(left), width), mirrored(Int(left) + 1, width))
        let rows = (mirrored(Int(top), height), mirrored(Int(top) + 1, height))
        func mixed(_ channel: Int) -> Float {
            let upper = value(columns.0, rows.0, channel) * (1 - across) + value(columns.1, rows.0, channel) * across
            let lower = value(columns.0, rows.1, channel) * (1 - across) + value(columns.1, rows.1, channel) * across
            return upper * (1 - down) + lower * down
        }
        return (mixed(0), mixed(1), mixed(2))
    }

    private func value(_ x: Int, _ y: Int, _ channel: Int) -> Float { Float(pixels[3 * (y * width + x) + channel]) }

    private func mirrored(_ place: Int, _ length: Int) -> Int {
        let around = ((place % (2 * length)) + 2 * length) % (2 * length)
        return around < length ? around : 2 * length - 1 - around
    }
}
