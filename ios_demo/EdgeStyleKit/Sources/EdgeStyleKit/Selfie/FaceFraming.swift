import Foundation

/// Which square of a photo is drawn: level with the eyes, with room above the head, inside the photo if it fits.
public enum FaceFraming {
    /// The square round a face.
    ///
    /// - Parameters:
    ///   - face: found in a photo.
    ///   - width, height: of the photo.
    ///   - recipe: the numbers.
    /// - Throws: `FaceError`: the face is too small, or cut by the photo's border.
    public static func frame(
        _ face: FaceOutline, width: Int, height: Int, recipe: SelfieRecipe.Framing
    ) throws(FaceError) -> Frame {
        let (middle, wide, tall) = levelOval(face)
        guard wide >= Float(recipe.smallestFacePx) else {
            throw .tooSmall(pixels: Int(wide.rounded()), least: recipe.smallestFacePx)
        }
        let beyond = face.oval.map { max(-$0.x, -$0.y, $0.x - Float(width), $0.y - Float(height)) }.max() ?? 0
        guard beyond <= recipe.outside * tall else { throw .cutByBorder }
        let level = Frame(x: middle.x, y: middle.y, side: recipe.side * tall, angle: face.angle)
        let side = max(min(level.side, Float(min(width, height)) / level.spread), recipe.smallestSide * tall)
        // where the photo ends too soon for the whole square, room above the head goes with the rest
        let room = recipe.headRoom * side / (level.side * level.side) * tall
        let above = level.toPhoto(Point(0.5, 0.5 - room))
        let inside = Frame(x: above.x, y: above.y, side: side, angle: face.angle)
            .movedInside(width: width, height: height)
        return holding(inside, face.oval, recipe.margin)
    }

    /// Middle of the oval in the photo, and its width and height measured along and across the eyes.
    static func levelOval(_ face: FaceOutline) -> (middle: Point, wide: Float, tall: Float) {
        let level = Frame(x: 0, y: 0, side: 1, angle: face.angle)
        let turned = face.oval.map(level.fromPhoto)
        let (low, high) = bounds(turned)
        return (level.toPhoto(Point((low.x + high.x) / 2, (low.y + high.y) / 2)), high.x - low.x, high.y - low.y)
    }

    /// Moved so that points of the photo lie inside, at least `margin` of the side from its edges.
    private static func holding(_ frame: Frame, _ points: [Point], _ margin: Float) -> Frame {
        let (low, high) = bounds(points.map(frame.fromPhoto))
        let across = min(low.x - margin, 0) + max(high.x + margin - 1, 0)
        let down = min(low.y - margin, 0) + max(high.y + margin - 1, 0)
        let middle = frame.toPhoto(Point(0.5 + across, 0.5 + down))
        return Frame(x: middle.x, y: middle.y, side: frame.side, angle: frame.angle)
    }

    private static func bounds(_ points: [Point]) -> (low: Point, high: Point) {
        let xs = points.map(\.x)
        let ys = points.map(\.y)
        return (Point(xs.min() ?? 0, ys.min() ?? 0), Point(xs.max() ?? 0, ys.max() ?? 0))
    }
}

/// Finds faces in a photo; the system's own finder, or a stand-in in tests.
public protocol FaceFinding: Sendable {
    /// Faces of an upright photo, in any order.
    func faces(in photo: Picture) async throws -> [FaceOutline]
}

/// Looks for faces in a photo as it is and turned, since a finder may miss those that lie on their side.
public enum FaceSearch {
    /// Boxes that overlap by more are of the same face.
    static let sameFace: Float = 0.3

    /// All faces, each once, the largest first; turned photos are searched only where the upright one has none.
    ///
    /// - Throws: `FaceError.noFace`, and what the finder throws.
    public static func find(in photo: Picture, with finder: any FaceFinding) async throws -> [FaceOutline] {
        for turn in [QuarterTurn.none, .left, .right, .half] {
            let found = try await finder.faces(in: photo.turned(turn))
            let upright = found.map { $0.turnedBack(turn, width: photo.width, height: photo.height) }
            if !upright.isEmpty { return distinct(upright) }
        }
        throw FaceError.noFace
    }

    static func distinct(_ faces: [FaceOutline]) -> [FaceOutline] {
        var kept: [FaceOutline] = []
        for face in faces.sorted(by: { $0.box.area > $1.box.area })
        where !kept.contains(where: { $0.box.overlap(face.box) > sameFace }) {
            kept.append(face)
        }
        return kept
    }
}

extension FaceOutline {
    /// A face of a photo that was turned clockwise, as one of the photo of that size.
    func turnedBack(_ turn: QuarterTurn, width: Int, height: Int) -> FaceOutline {
        func back(_ points: [Point]) -> [Point] { points.map { $0.turnedBack(turn, width: width, height: height) } }
        return FaceOutline(oval: back(oval), rightEye: back(rightEye), leftEye: back(leftEye), lips: back(lips))
    }
}

extension Point {
    /// A point of a photo that was turned clockwise, as one of the photo of that size.
    func turnedBack(_ turn: QuarterTurn, width: Int, height: Int) -> Point {
        switch turn {
        case .none: self
        case .right: Point(y, Float(height) - x)
        case .half: Point(Float(width) - x, Float(height) - y)
        case .left: Point(Float(width) - y, x)
        }
    }
}
