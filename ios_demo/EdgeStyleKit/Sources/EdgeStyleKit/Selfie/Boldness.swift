import Foundation

/// Bold strokes: a picture is flattened and given contrast before it is drawn, and drawn small.
enum Boldness {
    /// What is added to a picture, times the strength, before it is drawn, in levels of 8 bits.
    static func added(to picture: Picture, recipe: SelfieRecipe) -> Field {
        let bolding = recipe.bolding
        let size = WorkingSize.fit(width: picture.width, height: picture.height, longSide: bolding.workingSide)
        let small = Field(picture.resized(width: size.width, height: size.height, filter: .lanczos))
        var flat = flatten(small, bolding, weights: recipe.brightness)
        flat = flat.combined(small) { $0 + bolding.texture * ($1 - $0) }
        let bright = brightness(flat, recipe.brightness)
        let radius = max(1, Int((bolding.baseRadius * Float(bolding.baseSide)).rounded(.toNearestOrEven)))
        let grey = Field(
            width: bright.width, height: bright.height, channels: 3, values: bright.values.flatMap { [$0, $0, $0] })
        let base = GuidedFilter.filter(
            bright, guide: grey, radius: radius, epsilon: bolding.baseEpsilon, fitSide: bolding.baseSide)
        let contrast = bright.combined(base) { bolding.contrast * ($0 - $1) }
        let bold = flat.combined(contrast) { min(1, max(0, $0 + $1)) }
        return bold.combined(small) { ($0 - $1) * 255 }.resized(width: picture.width, height: picture.height)
    }

    /// A picture with what `added` gives, times the strength; with strength 0 the picture itself.
    static func add(_ added: Field, to picture: Picture, strength: Float) -> Picture {
        var bold = picture
        for index in bold.pixels.indices {
            let value = (Float(picture.pixels[index]) + strength * added.values[index]).rounded(.toNearestOrEven)
            bold.pixels[index] = UInt8(min(255, max(0, value)))
        }
        return bold
    }

    /// Flat patches with crisp edges: of four squares at each pixel, the even ones count (Kuwahara 1976, weighted as by
    /// Papari et al. 2007).
    static func flatten(_ picture: Field, _ recipe: SelfieRecipe.Bolding, weights: [Float]) -> Field {
        let radius = recipe.radius
        let squares = padded(picture, by: 2 * radius, weights: weights).boxMean(radius: radius)
        var result = picture
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                var total: [Float] = [0, 0, 0]
                var sum: Float = 0
                for top in [radius, 3 * radius] {
                    for left in [radius, 3 * radius] {
                        let mean = (0..<4).map { squares[x + left, y + top, $0] }
                        let bright = weights[0] * mean[0] + weights[1] * mean[1] + weights[2] * mean[2]
                        let variance = max(0, mean[3] - bright * bright)
                        let weight = pow(variance + recipe.floor, -recipe.sharpness)
                        for channel in 0..<3 { total[channel] += weight * mean[channel] }
                        sum += weight
                    }
                }
                for channel in 0..<3 { result[x, y, channel] = total[channel] / sum }
            }
        }
        return result
    }

    /// The brightness of a field of three channels.
    static func brightness(_ field: Field, _ weights: [Float]) -> Field {
        let values = (0..<field.width * field.height).map { place in
            let at = 3 * place
            return weights[0] * field.values[at] + weights[1] * field.values[at + 1] + weights[2] * field.values[at + 2]
        }
        return Field(width: field.width, height: field.height, channels: 1, values: values)
    }

    /// Colours and squared brightness, with a rim of repeated edges.
    private static func padded(_ picture: Field, by rim: Int, weights: [Float]) -> Field {
        let bright = brightness(picture, weights)
        var result = Field(width: picture.width + 2 * rim, height: picture.height + 2 * rim, channels: 4, filled: 0)
        for y in 0..<result.height {
            for x in 0..<result.width {
                let fromX = min(max(x - rim, 0), picture.width - 1)
                let fromY = min(max(y - rim, 0), picture.height - 1)
                for channel in 0..<3 { result[x, y, channel] = picture[fromX, fromY, channel] }
                let value = bright[fromX, fromY, 0]
                result[x, y, 3] = value * value
            }
        }
        return result
    }
}
