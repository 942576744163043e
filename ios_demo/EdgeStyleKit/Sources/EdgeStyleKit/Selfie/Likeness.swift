/// Where a face is drawn milder, so that one still knows who it is: a soft mask over eyes and mouth.
enum Likeness {
    /// How much milder each pixel is drawn: 0 for not at all, 1 inside the eyes.
    ///
    /// - Parameters:
    ///   - face: outlines as shares of the square.
    ///   - side: pixels.
    static func mask(_ face: FaceOutline, side: Int, recipe: SelfieRecipe.Likeness) -> Field {
        var mask = Field(width: side, height: side, filled: 0)
        fill(&mask, widened(face.lips, recipe.mouthScale), amount: recipe.mouth)
        fill(&mask, widened(face.rightEye, recipe.eyeScale), amount: recipe.eyes)
        fill(&mask, widened(face.leftEye, recipe.eyeScale), amount: recipe.eyes)
        let right = Point.mean(face.rightEye)
        let left = Point.mean(face.leftEye)
        let apart = ((left.x - right.x) * (left.x - right.x) + (left.y - right.y) * (left.y - right.y)).squareRoot()
        return mask.gaussian(sigma: recipe.feather * apart * Float(side))
    }

    /// Give a picture the brightness of a milder one where the mask says so, and leave it its colours.
    static func makeMilder(full: Picture, mild: Picture, mask: Field, weights: [Float]) -> Picture {
        var result = full
        for place in 0..<full.width * full.height {
            var brighter: Float = 0
            for channel in 0..<3 {
                let at = 3 * place + channel
                brighter += weights[channel] * (Float(mild.pixels[at]) - Float(full.pixels[at]))
            }
            for channel in 0..<3 {
                let at = 3 * place + channel
                let value = (Float(full.pixels[at]) + brighter * mask.values[place]).rounded(.toNearestOrEven)
                result.pixels[at] = UInt8(min(255, max(0, value)))
            }
        }
        return result
    }

    private static func widened(_ outline: [Point], _ scale: [Float]) -> [Point] {
        let xs = outline.map(\.x)
        let ys = outline.map(\.y)
        let x = ((xs.min() ?? 0) + (xs.max() ?? 0)) / 2
        let y = ((ys.min() ?? 0) + (ys.max() ?? 0)) / 2
        return outline.map { Point(x + ($0.x - x) * scale[0], y + ($0.y - y) * scale[1]) }
    }

    /// Set what lies in a polygon whose corners are shares of the field, by the even-odd rule.
    private static func fill(_ mask: inout Field, _ corners: [Point], amount: Float) {
        guard corners.count > 2 else { return }
        let points = corners.map { Point($0.x * Float(mask.width), $0.y * Float(mask.height)) }
        for y in 0..<mask.height {
            let middle = Float(y) + 0.5
            var crossings: [Float] = []
            for (first, second) in zip(points, points.dropFirst() + points.prefix(1))
            where (first.y <= middle) != (second.y <= middle) {
                crossings.append(first.x + (middle - first.y) / (second.y - first.y) * (second.x - first.x))
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let start = max(0, Int(crossings[pair].rounded()))
                let end = min(mask.width, Int(crossings[pair + 1].rounded()))
                for x in start..<max(start, end) { mask[x, y, 0] = amount }
            }
        }
    }
}
