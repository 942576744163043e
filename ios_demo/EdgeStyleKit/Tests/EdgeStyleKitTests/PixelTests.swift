import Testing

@testable import EdgeStyleKit

@Suite struct PixelTests {
    struct YUV: Decodable {
        struct Pixel: Decodable { let matrix: String, range: String, yuv: [UInt8], rgb: [UInt8] }
        struct Frame: Decodable {
            let matrix: String, range: String, width: Int, height: Int, yRowStride: Int, uvRowStride: Int
            let uvPixelStride: Int, y: [UInt8], u: [UInt8], v: [UInt8], rgb: [UInt8]
        }
        let tolerance: Int, pixels: [Pixel], pictures: [Frame]
    }

    @Test func cameraPixelsHaveTheColoursOfPython() throws {
        let topic = try Vectors.read("yuv", as: YUV.self)
        for pixel in topic.pixels {
            let frame = YUV.Frame(
                matrix: pixel.matrix, range: pixel.range, width: 1, height: 1, yRowStride: 1, uvRowStride: 1,
                uvPixelStride: 1, y: [pixel.yuv[0]], u: [pixel.yuv[1]], v: [pixel.yuv[2]], rgb: pixel.rgb)
            #expect(levels(try convert(frame).pixels, pixel.rgb) <= topic.tolerance, "\(pixel)")
        }
    }

    @Test func cameraFramesOfAnyStrideBecomePictures() throws {
        let topic = try Vectors.read("yuv", as: YUV.self)
        #expect(topic.pictures.count >= 20)
        for frame in topic.pictures {
            #expect(levels(try convert(frame).pixels, frame.rgb) <= topic.tolerance, "\(frame.width)x\(frame.height)")
        }
    }

    private func convert(_ frame: YUV.Frame) throws -> Picture {
        let matrix = try #require(ColourMatrix(rawValue: frame.matrix))
        let range = try #require(ColourRange(rawValue: frame.range))
        return frame.y.withUnsafeBufferPointer { y in
            frame.u.withUnsafeBufferPointer { u in
                frame.v.withUnsafeBufferPointer { v in
                    FrameConverter.rgb(
                        width: frame.width, height: frame.height, y: Plane(bytes: y, rowStride: frame.yRowStride),
                        u: Plane(bytes: u, rowStride: frame.uvRowStride, pixelStride: frame.uvPixelStride),
                        v: Plane(bytes: v, rowStride: frame.uvRowStride, pixelStride: frame.uvPixelStride),
                        matrix: matrix, range: range)
                }
            }
        }
    }

    struct Rotation: Decodable {
        struct Case: Decodable {
            let width: Int, height: Int, pixels: [UInt8], degrees: Int, mirrored: Bool
            let resultWidth: Int, resultHeight: Int, result: [UInt8]
        }
        let cases: [Case]
    }

    @Test func picturesAreTurnedAndMirrored() throws {
        for one in try Vectors.read("rotation", as: Rotation.self).cases {
            let turn = try #require(QuarterTurn(rawValue: one.degrees))
            let picture = Picture(width: one.width, height: one.height, pixels: one.pixels.flatMap { [$0, $0, $0] })
            let expected = Picture(
                width: one.resultWidth, height: one.resultHeight, pixels: one.result.flatMap { [$0, $0, $0] })
            #expect(picture.turned(turn, mirrored: one.mirrored) == expected, "\(one)")
        }
    }

    struct Padding: Decodable {
        struct Side: Decodable { let side: Int, padded: Int }
        struct Case: Decodable {
            let height: Int, width: Int, sizeMultiple: Int, smallestSide: Int, paddedHeight: Int, paddedWidth: Int
            let rgb: [UInt8], paddedRgb: [UInt8]
        }
        let sizeMultiple: Int, smallestSide: Int, sides: [Side], pictures: [Case]
    }

    @Test func picturesArePaddedAndCroppedBack() throws {
        let topic = try Vectors.read("padding", as: Padding.self)
        for one in topic.sides {
            let padded = FrameConverter.paddedSide(one.side, multiple: topic.sizeMultiple, smallest: topic.smallestSide)
            #expect(padded == one.padded)
        }
        for one in topic.pictures {
            let picture = Picture(width: one.width, height: one.height, pixels: one.rgb)
            let padded = picture.padded(width: one.paddedWidth, height: one.paddedHeight)
            #expect(padded.pixels == one.paddedRgb)
            #expect(padded.cropped(width: one.width, height: one.height) == picture)
        }
    }

    struct Tensors: Decodable {
        struct Strengths: Decodable { let good: [Float], bad: [Float] }
        let height: Int, width: Int, rgb: [UInt8], nchw: [Float], nhwc: [Float], floats: [Float], pixels: [UInt8]
        let strengths: Strengths
    }

    @Test func pixelsBecomeTensorsAndComeBack() throws {
        let topic = try Vectors.read("tensors", as: Tensors.self)
        let picture = Picture(width: topic.width, height: topic.height, pixels: topic.rgb)
        #expect(difference(FrameConverter.planes(picture), topic.nchw) < 1e-6)
        #expect(difference(FrameConverter.rows(picture), topic.nhwc) < 1e-6)
        #expect(topic.floats.map(FrameConverter.pixel) == topic.pixels)
        #expect(FrameConverter.picture(planes: topic.nchw, width: topic.width, height: topic.height) == picture)
        for strength in topic.strengths.good { #expect(try StyleMixer.checkStrength(strength) == strength) }
        for strength in topic.strengths.bad + [.nan, .infinity] {
            #expect(throws: MixError.badStrength) { try StyleMixer.checkStrength(strength) }
        }
    }

    struct Resizing: Decodable {
        struct Case: Decodable {
            let width: Int, height: Int, rgb: [UInt8], toWidth: Int, toHeight: Int
            let box: [UInt8], bilinear: [UInt8], lanczos: [UInt8]
        }
        struct Square: Decodable { let width: Int, height: Int, rgb: [UInt8], side: Int, square: [UInt8] }
        let tolerance: Int, cases: [Case], squares: [Square]
    }

    @Test func picturesAreResizedAsPythonDoes() throws {
        let topic = try Vectors.read("resize", as: Resizing.self)
        for one in topic.cases {
            let picture = Picture(width: one.width, height: one.height, pixels: one.rgb)
            for (filter, expected) in [
                (ResamplingFilter.box, one.box), (.bilinear, one.bilinear), (.lanczos, one.lanczos),
            ] {
                let found = picture.resized(width: one.toWidth, height: one.toHeight, filter: filter)
                #expect(levels(found.pixels, expected) <= topic.tolerance, "\(filter) \(one.width)x\(one.height)")
            }
        }
        for one in topic.squares {
            let square = Picture(width: one.width, height: one.height, pixels: one.rgb).middleSquare()
            #expect(square.pixels == one.square)
        }
    }
}
