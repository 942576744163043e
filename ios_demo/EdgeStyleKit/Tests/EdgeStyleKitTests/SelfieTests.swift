import Foundation
import Testing

@testable import EdgeStyleKit

@Suite struct SelfieTests {
    private func recipe() throws -> SelfieRecipe { try ModelLibrary(folder: Golden.resources).selfieRecipe() }

    struct Frames: Decodable {
        struct Square: Decodable { let x: Float, y: Float, side: Float, angle: Float }
        struct Case: Decodable {
            let name: String, width: Int, height: Int, oval: [[Float]], rightEye: [[Float]], leftEye: [[Float]]
            let frame: Square?, error: String?
        }
        struct Place: Decodable {
            let x: Float, y: Float, side: Float, angle: Float, spread: Float, places: [[Float]], photo: [[Float]]
        }
        struct Angle: Decodable { let rightEye: [Float], leftEye: [Float], degrees: Float }
        let recipe: SelfieRecipe.Framing, points: [Place], angles: [Angle], cases: [Case]
    }

    private func points(_ pairs: [[Float]]) -> [Point] { pairs.map { Point($0[0], $0[1]) } }

    @Test func squaresAreThoseOfPython() throws {
        let topic = try Vectors.read("selfie_frames", as: Frames.self)
        for one in topic.cases {
            let face = FaceOutline(
                oval: points(one.oval), rightEye: points(one.rightEye), leftEye: points(one.leftEye))
            do {
                let frame = try FaceFraming.frame(face, width: one.width, height: one.height, recipe: topic.recipe)
                let expected = try #require(one.frame, "\(one.name) has no square")
                #expect(abs(frame.x - expected.x) < 0.01 && abs(frame.y - expected.y) < 0.01, "\(one.name)")
                #expect(abs(frame.side - expected.side) < 0.01, "\(one.name)")
                #expect(abs(frame.angle - expected.angle) < 0.001, "\(one.name)")
            } catch let error as FaceError {
                #expect(error.code == one.error, "\(one.name)")
                #expect(error.errorDescription?.isEmpty == false)
            }
        }
    }

    @Test func placesGoToThePhotoAndBack() throws {
        let topic = try Vectors.read("selfie_frames", as: Frames.self)
        for one in topic.points {
            let frame = Frame(x: one.x, y: one.y, side: one.side, angle: one.angle)
            #expect(abs(frame.spread - one.spread) < 1e-5)
            for (place, expected) in zip(points(one.places), points(one.photo)) {
                let found = frame.toPhoto(place)
                #expect(abs(found.x - expected.x) < 1e-3 && abs(found.y - expected.y) < 1e-3)
                let back = frame.fromPhoto(found)
                #expect(abs(back.x - place.x) < 1e-4 && abs(back.y - place.y) < 1e-4)
            }
        }
        for one in topic.angles {
            let degrees = Frame.angle(
                from: Point(one.rightEye[0], one.rightEye[1]), to: Point(one.leftEye[0], one.leftEye[1]))
            #expect(abs(degrees - one.degrees) < 1e-3)
        }
    }

    struct Faces: Decodable {
        struct Turn: Decodable { let turn: Int, candidate: [Float], height: Int, width: Int, result: [Float] }
        let candidates: [[Float]], overlapsWithFirst: [Float], turns: [Turn]
    }

    @Test func boxesOverlapAndPhotosAreTurnedBack() throws {
        let topic = try Vectors.read("selfie_faces", as: Faces.self)
        let boxes = topic.candidates.map { Box(left: $0[0], top: $0[1], right: $0[2], bottom: $0[3]) }
        #expect(difference(boxes.map { boxes[0].overlap($0) }, topic.overlapsWithFirst) < 1e-4)
        for one in topic.turns {
            let clockwise = try #require(QuarterTurn(rawValue: (360 - one.turn) % 360))
            for pair in stride(from: 4, to: 16, by: 2) {
                let point = Point(one.candidate[pair], one.candidate[pair + 1])
                let back = point.turnedBack(clockwise, width: one.width, height: one.height)
                #expect(back == Point(one.result[pair], one.result[pair + 1]), "turned by \(one.turn)")
            }
        }
    }

    typealias Grid = [[[Float]]]

    struct Filters: Decodable {
        struct Mean: Decodable { let radius: Int, values: Grid, result: Grid }
        struct Gaussian: Decodable { let sigma: Float, values: Grid, result: Grid }
        struct Guided: Decodable { let guide: Grid, values: Grid, radius: Int, epsilon: Float, result: Grid }
        struct Flatten: Decodable { let picture: Grid, result: Grid }
        struct Bold: Decodable { let strength: Float, picture: Grid, added: Grid, result: Grid }
        struct Milder: Decodable { let full: Grid, mild: Grid, mask: [[Float]], result: Grid }
        struct Step: Decodable { let values: [Float], result: [Float] }
        struct Connected: Decodable { let mask: [[Int]], x: Int, y: Int, result: [[Int]] }
        struct Circle: Decodable { let height: Int, width: Int, result: [[Float]] }
        let boxMean: [Mean], gaussian: [Gaussian], guided: Guided, flatten: Flatten, addBoldness: [Bold]
        let makeMilder: Milder, smoothStep: Step, connected: [Connected], circle: [Circle]
    }

    private func field(_ grid: Grid) -> Field {
        Field(
            width: grid[0].count, height: grid.count, channels: grid[0][0].count,
            values: grid.flatMap { $0.flatMap { $0 } })
    }

    private func picture(_ grid: Grid) -> Picture {
        let field = field(grid)
        return Picture(width: field.width, height: field.height, pixels: field.values.map { UInt8($0) })
    }

    @Test func filtersAreThoseOfPython() throws {
        let topic = try Vectors.read("selfie_filters", as: Filters.self)
        for one in topic.boxMean {
            #expect(difference(field(one.values).boxMean(radius: one.radius).values, field(one.result).values) < 1e-4)
        }
        for one in topic.gaussian {
            #expect(difference(field(one.values).gaussian(sigma: one.sigma).values, field(one.result).values) < 1e-4)
        }
        let guided = topic.guided
        let found = GuidedFilter.filter(
            field(guided.values), guide: field(guided.guide), radius: guided.radius, epsilon: guided.epsilon, fitSide: 8
        )
        #expect(difference(found.values, field(guided.result).values) < 1e-3)
        let recipe = try recipe()
        let flat = Boldness.flatten(field(topic.flatten.picture), recipe.bolding, weights: recipe.brightness)
        #expect(difference(flat.values, field(topic.flatten.result).values) < 1e-3)
        #expect(difference(topic.smoothStep.values.map(Matte.smoothStep), topic.smoothStep.result) < 1e-6)
        for one in topic.circle {
            let circle = Composing.circle(width: one.width, height: one.height)
            #expect(difference(circle.values, one.result.flatMap { $0 }) < 1e-5)
        }
    }

    @Test func picturesAreMadeBoldAndMildAsPythonDoes() throws {
        let topic = try Vectors.read("selfie_filters", as: Filters.self)
        for one in topic.addBoldness {
            let bold = Boldness.add(field(one.added), to: picture(one.picture), strength: one.strength)
            #expect(levels(bold.pixels, picture(one.result).pixels) <= 1)
        }
        let milder = topic.makeMilder
        let mask = Field(width: 8, height: 7, channels: 1, values: milder.mask.flatMap { $0 })
        let found = Likeness.makeMilder(
            full: picture(milder.full), mild: picture(milder.mild), mask: mask, weights: try recipe().brightness)
        #expect(levels(found.pixels, picture(milder.result).pixels) <= 1)
        for one in topic.connected {
            let flat = one.mask.flatMap { $0 }.map { $0 == 1 }
            let part = Matte.connected(flat, width: one.mask[0].count, x: one.x, y: one.y)
            #expect(part == one.result.flatMap { $0 }.map { $0 == 1 })
        }
    }

    struct StandInFinder: FaceFinding {
        let found: @Sendable (Picture) -> [FaceOutline]
        func faces(in photo: Picture) async throws -> [FaceOutline] { found(photo) }
    }

    struct StandInMatter: PersonMatting {
        let share: Float
        func matte(of picture: Picture) async throws -> Field {
            Field(width: picture.width, height: picture.height, filled: share)
        }
    }

    private func face(x: Float, y: Float, wide: Float) -> FaceOutline {
        func ring(_ x: Float, _ y: Float, _ wide: Float, _ tall: Float) -> [Point] {
            (0..<16).map { index in
                let angle = Float(index) * Float.pi / 8
                return Point(x + wide * sin(angle), y - tall * cos(angle))
            }
        }
        let apart = 0.2 * wide
        return FaceOutline(
            oval: ring(x, y, wide / 2, 0.7 * wide), rightEye: ring(x - apart, y - apart, 0.08 * wide, 0.04 * wide),
            leftEye: ring(x + apart, y - apart, 0.08 * wide, 0.04 * wide),
            lips: ring(x, y + 2 * apart, 0.15 * wide, 0.06 * wide))
    }

    private func maker(_ finder: StandInFinder, share: Float = 1) throws -> SelfieMaker {
        SelfieMaker(
            recipe: try recipe(), renderer: StandInRenderer { level, strength in UInt8(Float(level) * (1 - strength)) },
            finder: finder, matter: StandInMatter(share: share))
    }

    private let look = SelfieLook(style: StyleVector(name: "toy", values: [1]), strength: 0.5, size: 96)

    @Test func aFaceWithoutForeheadIsClosed() {
        let jaw = [Point(-4, 0), Point(-3, 4), Point(0, 6), Point(3, 4), Point(4, 0)]
        let eyes = [[Point(1.5, 0)], [Point(-1.5, 0)]]
        let face = ForeheadEstimate.outline(jaw: jaw, eyes: eyes, lips: [], share: 0.6, points: 9)
        #expect(face.rightEye == [Point(-1.5, 0)] && face.leftEye == [Point(1.5, 0)])
        #expect(face.oval.count == 14 && abs(face.angle) < 1e-6)
        #expect(abs(face.box.top + 3.6) < 1e-4 && face.box.bottom == 6)
        let upsideDown = face.mapped { Point(-$0.x, -$0.y) }
        let again = ForeheadEstimate.outline(
            jaw: jaw.map { Point(-$0.x, -$0.y) }, eyes: [upsideDown.leftEye, upsideDown.rightEye], lips: [], share: 0.6,
            points: 9)
        #expect(again.rightEye == upsideDown.rightEye)
    }

    @Test func aSelfieIsMade() async throws {
        let found = face(x: 200, y: 150, wide: 120)
        let maker = try maker(StandInFinder { _ in [found] })
        let selfie = try await maker.make(photo(width: 400, height: 300), look: look)
        #expect(selfie.picture.width == 96 && selfie.alpha.count == 96 * 96)
        #expect(selfie.alpha[0] == 0 && selfie.alpha[48 * 96 + 48] == 255)
    }

    @Test func aPhotoWithoutAFaceSaysSo() async throws {
        let maker = try maker(StandInFinder { _ in [] })
        await #expect(throws: FaceError.noFace) { try await maker.make(photo(width: 90, height: 60), look: look) }
        #expect(FaceError.noFace.errorDescription?.contains("no face") == true)
    }

    @Test func nobodyToCutOutIsSaid() async throws {
        let found = face(x: 200, y: 150, wide: 120)
        let maker = try maker(StandInFinder { _ in [found] }, share: 0)
        await #expect(throws: FaceError.noPerson) { try await maker.make(photo(width: 400, height: 300), look: look) }
        var kept = look
        kept.background = .kept
        _ = try await maker.make(photo(width: 400, height: 300), look: kept)
    }

    @Test func facesOnTheirSideAreFoundAndTheLargestIsFirst() async throws {
        let small = face(x: 60, y: 200, wide: 50)
        let large = face(x: 150, y: 300, wide: 90)
        let finder = StandInFinder { $0.width == 300 ? [small, large, large] : [] }
        let found = try await FaceSearch.find(in: photo(width: 400, height: 300), with: finder)
        #expect(found.count == 2)
        #expect(found[0].box.area > found[1].box.area)
        #expect(abs(abs(found[0].angle) - 90) < 1e-3)
    }
}
