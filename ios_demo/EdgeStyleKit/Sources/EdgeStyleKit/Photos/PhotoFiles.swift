#if canImport(ImageIO)
    import CoreGraphics
    import Foundation
    import ImageIO
    import UniformTypeIdentifiers

    /// A photo that was read, and whether it had to be made smaller for it.
    public struct ReadPhoto: Sendable {
        public let picture: Picture
        /// Megapixels of the file; nil where the picture has all of them.
        public let shrunkFromMegapixels: Int?
    }

    /// Photos read from files, upright and in sRGB, and written to files.
    public enum PhotoFiles {
        /// Rows that are unpacked at a time.
        private static let stripRows = 256

        /// Read a photo of any size in bounded memory: above `PhotoLimits.mostPixels` it is decoded smaller.
        ///
        /// - Throws: `PictureError`.
        public static func read(_ data: Data) throws -> ReadPhoto {
            guard let source = CGImageSourceCreateWithData(data as CFData, nil),
                let properties = CGImageSourceCopyPropertiesAtIndex(source, 0, nil) as? [CFString: Any],
                let width = properties[kCGImagePropertyPixelWidth] as? Int,
                let height = properties[kCGImagePropertyPixelHeight] as? Int
            else { throw PictureError.unreadable }
            try PhotoLimits.check(width: width, height: height)
            let longSide = PhotoLimits.side(width: width, height: height)
            let options: [CFString: Any] = [
                kCGImageSourceCreateThumbnailFromImageAlways: true,
                kCGImageSourceCreateThumbnailWithTransform: true,  // upright
                kCGImageSourceThumbnailMaxPixelSize: longSide ?? max(width, height),
            ]
            guard let image = CGImageSourceCreateThumbnailAtIndex(source, 0, options as CFDictionary) else {
                throw PictureError.unreadable
            }
            let megapixels = longSide == nil ? nil : width * height / 1_000_000
            return ReadPhoto(picture: try Picture(image), shrunkFromMegapixels: megapixels)
        }

        /// Write a picture as JPEG, whole or not at all. Throws `PictureError`.
        public static func write(_ picture: Picture, to url: URL, quality: Double = 0.92) throws {
            try write(picture.cgImage(), as: .jpeg, to: url, quality: quality)
        }

        /// Write a picture with transparency as PNG, whole or not at all. Throws `PictureError`.
        public static func write(_ cutout: Cutout, to url: URL) throws {
            try write(cutout.cgImage(), as: .png, to: url, quality: 1)
        }

        private static func write(_ image: CGImage, as type: UTType, to url: URL, quality: Double) throws {
            let data = NSMutableData()
            guard
                let destination = CGImageDestinationCreateWithData(
                    data as CFMutableData, type.identifier as CFString, 1, nil)
            else { throw PictureError.notSaved("no writer for \(type.identifier)") }
            let options: [CFString: Any] = [kCGImageDestinationLossyCompressionQuality: quality]
            CGImageDestinationAddImage(destination, image, options as CFDictionary)
            guard CGImageDestinationFinalize(destination) else {
                throw PictureError.notSaved("the picture could not be encoded")
            }
            try WholeFile.write(Data(referencing: data), to: url)
        }

        /// Draw an image's rows into 3 bytes a pixel, a strip at a time.
        static func unpack(_ image: CGImage, into picture: inout Picture) throws {
            let width = image.width
            guard let space = CGColorSpace(name: CGColorSpace.sRGB) else { throw PictureError.unreadable }
            for top in stride(from: 0, to: image.height, by: stripRows) {
                let rows = min(stripRows, image.height - top)
                guard
                    let context = CGContext(
                        data: nil, width: width, height: rows, bitsPerComponent: 8, bytesPerRow: 4 * width,
                        space: space,
                        bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue),
                    let base = context.data
                else { throw PictureError.unreadable }
                context.setFillColor(red: 1, green: 1, blue: 1, alpha: 1)
                context.fill(CGRect(x: 0, y: 0, width: width, height: rows))  // what is transparent is white
                let below = top + rows - image.height
                context.draw(image, in: CGRect(x: 0, y: below, width: width, height: image.height))
                let bytes = base.assumingMemoryBound(to: UInt8.self)
                for place in 0..<rows * width {
                    let to = 3 * (top * width + place)
                    picture.pixels[to] = bytes[4 * place]
                    picture.pixels[to + 1] = bytes[4 * place + 1]
                    picture.pixels[to + 2] = bytes[4 * place + 2]
                }
            }
        }
    }

    extension Picture {
        /// An image of the system's, in sRGB. Throws `PictureError.unreadable`.
        public init(_ image: CGImage) throws {
            guard image.width > 0, image.height > 0 else { throw PictureError.unreadable }
            self.init(width: image.width, height: image.height)
            try PhotoFiles.unpack(image, into: &self)
        }

        /// The picture as an image of the system's. Throws `PictureError.unreadable` where there is no memory.
        public func cgImage() throws -> CGImage {
            try makeImage(pixels, width: width, height: height, alpha: nil)
        }
    }

    extension Cutout {
        /// The cutout as an image of the system's. Throws `PictureError.unreadable` where there is no memory.
        public func cgImage() throws -> CGImage {
            try makeImage(picture.pixels, width: picture.width, height: picture.height, alpha: alpha)
        }
    }

    /// An image of R,G,B bytes, and of A where there are any.
    private func makeImage(_ pixels: [UInt8], width: Int, height: Int, alpha: [UInt8]?) throws -> CGImage {
        var bytes = pixels
        if let alpha {
            bytes = []
            bytes.reserveCapacity(4 * alpha.count)
            for (place, value) in alpha.enumerated() {
                bytes += pixels[3 * place..<3 * place + 3]
                bytes.append(value)
            }
        }
        let channels = alpha == nil ? 3 : 4
        let info = alpha == nil ? CGImageAlphaInfo.none : CGImageAlphaInfo.last
        guard let space = CGColorSpace(name: CGColorSpace.sRGB),
            let provider = CGDataProvider(data: Data(bytes) as CFData),
            let image = CGImage(
                width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 8 * channels,
                bytesPerRow: channels * width, space: space, bitmapInfo: CGBitmapInfo(rawValue: info.rawValue),
                provider: provider, decode: nil, shouldInterpolate: true, intent: .defaultIntent)
        else { throw PictureError.unreadable }
        return image
    }
#endif
