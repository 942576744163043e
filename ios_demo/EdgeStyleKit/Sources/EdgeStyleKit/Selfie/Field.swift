import Foundation

/// Numbers laid out like a picture: `height` rows of `width` places with `channels` numbers each.
public struct Field: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    public var values: [Float]

    public init(width: Int, height: Int, channels: Int, values: [Float]) {
        precondition(values.count == width * height * channels, "a field has a number for each place and channel")
        self.width = width
        self.height = height
        self.channels = channels
        self.values = values
    }

    public init(width: Int, height: Int, channels: Int = 1, filled value: Float) {
        self.init(
            width: width, height: height, channels: channels,
            values: [Float](repeating: value, count: width * height * channels))
    }

    /// A picture's levels in [0,1].
    public init(_ picture: Picture) {
        self.init(
            width: picture.width, height: picture.height, channels: 3, values: picture.pixels.map { Float($0) / 255 })
    }

    subscript(x: Int, y: Int, channel: Int) -> Float {
        get { values[(y * width + x) * channels + channel] }
        set { values[(y * width + x) * channels + channel] = newValue }
    }

    /// One channel as a field of its own.
    func channel(_ index: Int) -> Field {
        Field(
            width: width, height: height, channels: 1,
            values: (0..<width * height).map { values[$0 * channels + index] })
    }

    /// The same function of each number.
    func mapped(_ function: (Float) -> Float) -> Field {
        Field(width: width, height: height, channels: channels, values: values.map(function))
    }

    /// A function of the numbers of two fields of the same size; a field of one channel counts for all of the other's.
    func combined(_ other: Field, _ function: (Float, Float) -> Float) -> Field {
        precondition(width == other.width && height == other.height, "fields of one size are combined")
        if other.channels == channels {
            return Field(
                width: width, height: height, channels: channels,
                values: zip(values, other.values).map { function($0, $1) })
        }
        precondition(other.channels == 1, "one channel goes with all")
        return Field(
            width: width, height: height, channels: channels,
            values: values.indices.map { function(values[$0], other.values[$0 / channels]) })
    }

    /// The mean over squares of side `2 * radius + 1`, as far as they lie in the field.
    public func boxMean(radius: Int) -> Field {
        let across = runningMean(radius, count: width, step: channels, lines: lineStarts(across: true))
        return across.runningMean(radius, count: height, step: channels * width, lines: lineStarts(across: false))
    }

    /// A Gaussian, as three box means that together have its variance (Wells 1986).
    public func gaussian(sigma: Float) -> Field {
        let radius = Int(((4 * sigma * sigma + 1).squareRoot() - 1) / 2 + 0.5)
        return (0..<3).reduce(self) { field, _ in field.boxMean(radius: radius) }
    }

    /// Bilinear to another size; what becomes smaller is averaged.
    public func resized(width newWidth: Int, height newHeight: Int) -> Field {
        if newWidth == width && newHeight == height { return self }
        let across = Resampler(from: width, to: newWidth, filter: .bilinear)
        let down = Resampler(from: height, to: newHeight, filter: .bilinear)
        var wide = Field(width: newWidth, height: height, channels: channels, filled: 0)
        for y in 0..<height {
            for x in 0..<newWidth {
                for channel in 0..<channels {
                    var sum: Float = 0
                    for (index, weight) in across.weights[x].enumerated() {
                        sum += weight * self[across.starts[x] + index, y, channel]
                    }
                    wide[x, y, channel] = sum
                }
            }
        }
        var result = Field(width: newWidth, height: newHeight, channels: channels, filled: 0)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                for channel in 0..<channels {
                    var sum: Float = 0
                    for (index, weight) in down.weights[y].enumerated() {
                        sum += weight * wide[x, down.starts[y] + index, channel]
                    }
                    result[x, y, channel] = sum
                }
            }
        }
        return result
    }

    private func lineStarts(across: Bool) -> [Int] {
        across
            ? (0..<height).flatMap { row in (0..<channels).map { row * width * channels + $0 } }
            : Array(0..<width * channels)
    }

    /// Means along lines of `count` numbers `step` apart.
    private func runningMean(_ radius: Int, count: Int, step: Int, lines: [Int]) -> Field {
        var result = self
        var sums = [Double](repeating: 0, count: count + 1)
        for start in lines {
            for index in 0..<count { sums[index + 1] = sums[index] + Double(values[start + index * step]) }
            for index in 0..<count {
                let first = max(0, index - radius)
                let last = min(count, index + radius + 1)
                result.values[start + index * step] = Float((sums[last] - sums[first]) / Double(last - first))
            }
        }
        return result
    }
}
