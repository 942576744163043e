import Foundation

/// Closes the outline of a face whose finder knows jaw and eyes, but no forehead.
enum ForeheadEstimate {
    /// A face's outline.
    ///
    /// - Parameters:
    ///   - jaw: from temple to temple, either way round.
    ///   - eyes: both, in any order.
    ///   - lips: of the mouth.
    ///   - share: how far the forehead reaches above the eyes, of their distance to the chin.
    ///   - points: of the forehead.
    static func outline(
        jaw: [Point], eyes: [[Point]], lips: [Point], share: Float, points: Int
    ) -> FaceOutline {
        let middles = eyes.map(Point.mean)
        let between = Point.mean(middles)
        let chin = jaw[jaw.count / 2]
        // the person's right eye is where the other one lies clockwise from it, seen from the chin
        let turn =
            (middles[1].x - middles[0].x) * (chin.y - middles[0].y)
            - (middles[1].y - middles[0].y) * (chin.x - middles[0].x)
        let (right, left) = turn > 0 ? (eyes[0], eyes[1]) : (eyes[1], eyes[0])
        let up = Point((between.x - chin.x) * share, (between.y - chin.y) * share)
        return FaceOutline(
            oval: jaw + forehead(from: jaw[jaw.count - 1], to: jaw[0], up: up, points: points), rightEye: right,
            leftEye: left, lips: lips)
    }

    /// Half an ellipse from temple to temple.
    private static func forehead(from start: Point, to end: Point, up: Point, points: Int) -> [Point] {
        let middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
        return (1...points).map { index in
            let angle = Float.pi * Float(index) / Float(points + 1)
            return Point(
                middle.x + (start.x - middle.x) * cos(angle) + up.x * sin(angle),
                middle.y + (start.y - middle.y) * cos(angle) + up.y * sin(angle))
        }
    }
}
