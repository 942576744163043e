#if canImport(CoreML)
    import CoreML
    import CoreVideo

    /// Draws pictures in styles: owns a Core ML model, one prediction at a time.
    ///
    ///     let renderer = try StyleRenderer(file: model, units: .all)
    ///     let drawn = try await renderer.render(picture, style: style, strength: 0.7)
    public actor StyleRenderer: PictureRendering {
        public nonisolated let contract: ModelContract
        /// What it was asked to run on, and what it runs on.
        public nonisolated let placement: Placement
        private let model: CoreMLModel
        private var pools: [Int: FramePool] = [:]  // by side

        /// Compile and load a model; takes seconds the first time on a device, so do it off the main actor.
        ///
        /// - Parameters:
        ///   - file: of a renderer.
        ///   - units: wanted; see `placement` for what came of it.
        /// - Throws: `RenderError`.
        public init(file: ModelFile, units: ComputeUnits = .all) throws {
            model = try CoreMLModel(file, component: .renderer, units: units)
            contract = model.contract
            placement = model.placement
        }

        /// Run once on a grey picture, so that the first real one is not late.
        ///
        /// - Parameter side: of the pictures to come.
        public func warm(side: Int = 0) throws {
            let side = try Self.side(of: max(1, side), in: contract)
            let grey = try PixelFrame(Picture(width: side, height: side, colour: (128, 128, 128)))
            let length = contract.styleDimensions ?? 1
            let style = StyleVector(name: "", values: [Float](repeating: 0, count: length))
            _ = try draw(grey, style: style, strength: 1)
        }

        /// The side of the square that the model takes for pictures of that long side. Throws `RenderError.noSize`.
        public static func side(of longSide: Int, in contract: ModelContract) throws -> Int {
            guard let side = contract.sizes.filter({ $0 >= longSide }).min() else {
                throw RenderError.noSize(width: longSide, height: longSide)
            }
            return side
        }

        /// A frame in a style, without a copy: Core ML reads the frame's buffer and writes into the result's.
        ///
        /// - Parameters:
        ///   - frame: B,G,R,A of a size that the model takes; see `FrameScaler`.
        ///   - style: of the model.
        ///   - strength: from 0 to 1.
        /// - Throws: `RenderError`, `MixError.badStrength`.
        public func render(_ frame: PixelFrame, style: StyleVector, strength: Float) throws -> PixelFrame {
            guard frame.width == frame.height, contract.sizes.contains(frame.width) else {
                throw RenderError.noSize(width: frame.width, height: frame.height)
            }
            return try draw(frame, style: style, strength: StyleMixer.checkStrength(strength))
        }

        /// A picture in a style: padded to a size that the model takes, and cropped again.
        public func render(_ picture: Picture, style: StyleVector, strength: Float) async throws -> Picture {
            let checked = try StyleMixer.checkStrength(strength)
            let side = try Self.side(of: max(picture.width, picture.height), in: contract)
            let frame = try PixelFrame(picture.padded(width: side, height: side))
            let drawn = try draw(frame, style: style, strength: checked)
            return try drawn.picture(width: picture.width, height: picture.height)
        }

        private func draw(_ frame: PixelFrame, style: StyleVector, strength: Float) throws -> PixelFrame {
            let pool = try pools[frame.width] ?? FramePool(width: frame.width, height: frame.height)
            pools[frame.width] = pool
            let backing = try pool.buffer()
            let inputs = [
                "image": MLFeatureValue(pixelBuffer: frame.buffer), "style": try model.style(style),
                "strength": try CoreMLModel.tensor([strength], shape: [1]),
            ]
            return try CoreMLModel.frame("stylized", in: model.run(inputs, backings: ["stylized": backing]))
        }
    }
#endif
