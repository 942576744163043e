import Foundation

/// How a picture is brought to another size; the filters are Pillow's.
public enum ResamplingFilter: String, Sendable, Codable {
    case box, bilinear, bicubic, lanczos

    /// Pixels on each side of a place that count, of the larger of the two scales.
    var support: Double {
        switch self {
        case .box: 0.5
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The weight of a place so far away.
    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
        case .bilinear: return max(0, 1 - x)
        case .bicubic:  // Keys 1981 with a = -0.5
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
        case .lanczos: return x < 3 ? Self.sinc(distance) * Self.sinc(distance / 3) : 0
        }
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(Double.pi * x) / (Double.pi * x) }
}

/// Brings a side to another length: for each new place, where its old ones begin and what they weigh.
struct Resampler {
    let starts: [Int]
    let weights: [[Float]]

    init(from: Int, to: Int, filter: ResamplingFilter) {
        let scale = Double(from) / Double(to)
        let stretch = max(1, scale)
        let support = filter.support * stretch
        var starts: [Int] = []
        var weights: [[Float]] = []
        for place in 0..<to {
            let centre = (Double(place) + 0.5) * scale
            let first = max(0, Int(centre - support + 0.5))
            let last = min(from, Int(centre + support + 0.5))
            let raw = (first..<last).map { filter.weight((Double($0) - centre + 0.5) / stretch) }
            let total = raw.reduce(0, +)
            starts.append(first)
            weights.append(raw.map { Float($0 / total) })
        }
        self.starts = starts
        self.weights = weights
    }

    /// One new place of samples `step` apart that begin at `offset`, unrounded.
    @inline(__always)
    func sample(_ place: Int, _ values: UnsafeBufferPointer<UInt8>, offset: Int, step: Int) -> Float {
        var sum: Float = 0
        var at = offset + starts[place] * step
        for weight in weights[place] {
            sum += weight * Float(values[at])
            at += step
        }
        return sum
    }
}

extension Picture {
    /// The picture at another size, each pass rounded to 8 bits, as Pillow does.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResamplingFilter) -> Picture {
        if newWidth == width && newHeight == height { return self }
        let wide = widened(to: newWidth, filter: filter)
        let down = Resampler(from: height, to: newHeight, filter: filter)
        var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
        wide.rows(0..<newHeight, down: down, into: &result)
        return Picture(width: newWidth, height: newHeight, pixels: result)
    }

    /// The picture with another width alone.
    func widened(to newWidth: Int, filter: ResamplingFilter) -> Picture {
        if newWidth == width { return self }
        let across = Resampler(from: width, to: newWidth, filter: filter)
        var result = [UInt8](repeating: 0, count: 3 * newWidth * height)
        pixels.withUnsafeBufferPointer { source in
            for y in 0..<height {
                for x in 0..<newWidth {
                    for channel in 0..<3 {
                        let value = across.sample(x, source, offset: 3 * y * width + channel, step: 3)
                        result[3 * (y * newWidth + x) + channel] = UInt8(min(255, max(0, value + 0.5)))
                    }
                }
            }
        }
        return Picture(width: newWidth, height: height, pixels: result)
    }

    /// Some rows of the picture with another height, written to the beginning of `result`.
    func rows(_ range: Range<Int>, down: Resampler, into result: inout [UInt8]) {
        let length = 3 * width
        var sums = [Float](repeating: 0, count: length)
        pixels.withUnsafeBufferPointer { source in
            sums.withUnsafeMutableBufferPointer { sums in
                for (index, y) in range.enumerated() {
                    for x in 0..<length { sums[x] = 0.5 }
                    for (step, weight) in down.weights[y].enumerated() {
                        let start = (down.starts[y] + step) * length
                        for x in 0..<length { sums[x] += weight * Float(source[start + x]) }
                    }
                    for x in 0..<length { result[index * length + x] = UInt8(min(255, max(0, sums[x]))) }
                }
            }
        }
    }
}
