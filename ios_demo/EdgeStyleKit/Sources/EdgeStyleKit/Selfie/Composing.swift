/// What is behind the person.
public enum SelfieBackground: Sendable, Equatable {
    case transparent
    case blurred
    case kept
    case colour(UInt8, UInt8, UInt8)
}

/// The outline of the result.
public enum SelfieShape: String, Sendable, CaseIterable {
    case circle, square
}

/// A picture with transparency.
public struct Cutout: Sendable, Equatable {
    public let picture: Picture
    /// A byte a pixel, 255 where nothing shines through.
    public let alpha: [UInt8]
}

/// Backgrounds and shapes: from a stylized square and a matte to pixels with alpha.
enum Composing {
    /// Put a selfie together.
    ///
    /// - Parameters:
    ///   - stylized: a square.
    ///   - matte: of one channel, 1 for the person; not looked at where the background is kept.
    static func compose(
        _ stylized: Picture, matte: Field, background: SelfieBackground, shape: SelfieShape, recipe: SelfieRecipe
    ) -> Cutout {
        let colours = Field(stylized)
        var alpha = Field(width: stylized.width, height: stylized.height, filled: 1)
        var laid = colours
        switch background {
        case .kept: break
        case .transparent:
            laid = ForegroundColours.split(colours, matte: matte, recipe: recipe.matting).person
            alpha = matte
        case .colour(let red, let green, let blue):
            let person = ForegroundColours.split(colours, matte: matte, recipe: recipe.matting).person
            let behind = Field(Picture(width: stylized.width, height: stylized.height, colour: (red, green, blue)))
            laid = over(person, behind, matte)
        case .blurred:
            let (person, rest) = ForegroundColours.split(colours, matte: matte, recipe: recipe.matting)
            laid = over(person, blurred(rest, matte, recipe), matte)
        }
        if shape == .circle {
            alpha = alpha.combined(circle(width: stylized.width, height: stylized.height)) { $0 * $1 }
        }
        let picture = Picture(
            width: stylized.width, height: stylized.height, pixels: laid.values.map(FrameConverter.pixel))
        return Cutout(picture: picture, alpha: alpha.values.map(FrameConverter.pixel))
    }

    /// The largest circle in the middle: 1 inside, with an edge one pixel soft.
    static func circle(width: Int, height: Int) -> Field {
        var result = Field(width: width, height: height, filled: 0)
        for y in 0..<height {
            for x in 0..<width {
                let across = Float(x) + 0.5 - Float(width) / 2
                let down = Float(y) + 0.5 - Float(height) / 2
                let distance = (across * across + down * down).squareRoot()
                result[x, y, 0] = min(1, max(0, Float(min(width, height)) / 2 - distance + 0.5))
            }
        }
        return result
    }

    private static func over(_ person: Field, _ behind: Field, _ matte: Field) -> Field {
        let front = person.combined(matte) { $0 * $1 }
        return front.combined(behind.combined(matte) { $0 * (1 - $1) }) { $0 + $1 }
    }

    /// The background blurred without the person and what is close to them, which would shine round the edge.
    private static func blurred(_ rest: Field, _ matte: Field, _ recipe: SelfieRecipe) -> Field {
        let side = Float(max(matte.width, matte.height))
        let near = matte.boxMean(radius: max(1, Int((recipe.composing.blurAway * side).rounded(.toNearestOrEven))))
        let weights = near.mapped { min(1, max(0, 1 - recipe.composing.blurSteep * $0)) }
        let sigma = recipe.composing.blur * side
        let sums = rest.combined(weights) { $0 * $1 }.gaussian(sigma: sigma)
        return sums.combined(weights.gaussian(sigma: sigma)) { $0 / ($1 + recipe.matting.leastWeight) }
    }
}

/// What the person's and the background's own colours are where both shine through a pixel (Forte 2021, arXiv
/// 2006.14970).
enum ForegroundColours {
    static func split(_ picture: Field, matte: Field, recipe: SelfieRecipe.Matting) -> (person: Field, rest: Field) {
        let size = WorkingSize.fit(width: picture.width, height: picture.height, longSide: recipe.colourSide)
        let alpha = matte.resized(width: size.width, height: size.height)
        let small = picture.resized(width: size.width, height: size.height)
        var person = small
        var rest = small
        for share in recipe.blur {
            let radius = max(1, Int((share * Float(max(size.width, size.height))).rounded(.toNearestOrEven)))
            person = weightedMean(person, alpha, radius, recipe.leastWeight)
            rest = weightedMean(rest, alpha.mapped { 1 - $0 }, radius, recipe.leastWeight)
            (person, rest) = corrected(small, alpha, person, rest)
        }
        // the last correction is of the means themselves, enlarged
        return corrected(
            picture, matte, person.resized(width: picture.width, height: picture.height),
            rest.resized(width: picture.width, height: picture.height))
    }

    private static func weightedMean(_ values: Field, _ weights: Field, _ radius: Int, _ least: Float) -> Field {
        values.combined(weights) { $0 * $1 }.boxMean(radius: radius)
            .combined(weights.boxMean(radius: radius)) { $0 / ($1 + least) }
    }

    /// Both moved by what is left of the picture, and cut to [0,1].
    private static func corrected(
        _ picture: Field, _ alpha: Field, _ person: Field, _ rest: Field
    ) -> (person: Field, rest: Field) {
        let front = person.combined(alpha) { $0 * $1 }
        let back = rest.combined(alpha) { $0 * (1 - $1) }
        let leftOver = picture.combined(front) { $0 - $1 }.combined(back) { $0 - $1 }
        let moved = person.combined(leftOver.combined(alpha) { $0 * $1 }) { min(1, max(0, $0 + $1)) }
        let behind = rest.combined(leftOver.combined(alpha) { $0 * (1 - $1) }) { min(1, max(0, $0 + $1)) }
        return (moved, behind)
    }
}
