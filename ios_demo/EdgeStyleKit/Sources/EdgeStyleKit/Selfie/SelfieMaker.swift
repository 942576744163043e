/// How a selfie is drawn.
public struct SelfieLook: Sendable {
    public var style: StyleVector
    /// From 0 to 1.
    public var strength: Float
    public var background: SelfieBackground
    public var shape: SelfieShape
    /// Side of the result, pixels.
    public var size: Int

    public init(
        style: StyleVector, strength: Float, background: SelfieBackground = .transparent, shape: SelfieShape = .circle,
        size: Int = 512
    ) {
        self.style = style
        self.strength = strength
        self.background = background
        self.shape = shape
        self.size = size
    }
}

/// From a photo to a selfie: the steps of the recipe, with the system's own faces and mattes.
public struct SelfieMaker: Sendable {
    let recipe: SelfieRecipe
    let drawing: SelfieDrawing
    let renderer: any PictureRendering
    let finder: any FaceFinding
    let matter: any PersonMatting

    /// - Parameters:
    ///   - drawing: how the renderer's pack draws selfies; as the recipe says by default.
    public init(
        recipe: SelfieRecipe, drawing: SelfieDrawing? = nil, renderer: any PictureRendering, finder: any FaceFinding,
        matter: any PersonMatting
    ) {
        self.recipe = recipe
        self.drawing = drawing ?? recipe.drawing
        self.renderer = renderer
        self.finder = finder
        self.matter = matter
    }

    /// The selfie of a photo's largest face.
    ///
    /// - Throws: `FaceError`: there is no face, it is too small or cut by the border, or nobody stands out from the
    ///   background; `MixError`, `RenderError`, and what finder and matter throw.
    public func make(_ photo: Picture, look: SelfieLook) async throws -> Cutout {
        let strength = try StyleMixer.checkStrength(look.strength)
        guard let face = try await FaceSearch.find(in: photo, with: finder).first else { throw FaceError.noFace }
        let frame = try FaceFraming.frame(face, width: photo.width, height: photo.height, recipe: recipe.framing)
        let side = max(recipe.framing.cutSide, size(look))
        let cut = frame.cut(photo, pixels: side)
        let inside = face.mapped(frame.fromPhoto)
        let stylized = try await stylize(cut, face: inside, style: look.style, strength: strength)
        let matte = try await cutOut(cut, face: inside, background: look.background)
        let whole = Composing.compose(
            stylized, matte: matte, background: look.background, shape: look.shape, recipe: recipe)
        return whole.resized(to: size(look))
    }

    /// A square stylized, milder in eyes and mouth.
    func stylize(_ cut: Picture, face: FaceOutline, style: StyleVector, strength: Float) async throws -> Picture {
        let added = drawing.flattened ? Boldness.added(to: cut, recipe: recipe) : nil
        let full = try await draw(cut, added, style, strength)
        let mild = try await draw(cut, added, style, strength * recipe.likeness.mild)
        let mask = Likeness.mask(face, side: cut.width, recipe: recipe.likeness)
        return Likeness.makeMilder(full: full, mild: mild, mask: mask, weights: recipe.brightness)
    }

    private func size(_ look: SelfieLook) -> Int {
        min(recipe.composing.largestSize, max(recipe.composing.smallestSize, look.size))
    }

    private func cutOut(_ cut: Picture, face: FaceOutline, background: SelfieBackground) async throws -> Field {
        guard background != .kept else { return Field(width: cut.width, height: cut.height, filled: 1) }
        let matte = Matte.withoutIslands(
            try await matter.matte(of: cut), at: .mean(face.oval), least: recipe.matting.least)
        let mean = matte.values.reduce(0, +) / Float(matte.values.count)
        guard mean >= recipe.matting.leastPerson else { throw FaceError.noPerson }
        return matte
    }

    /// A pack with strokes draws at a size of its own and beyond the rim, others the picture as it is.
    private func draw(_ cut: Picture, _ added: Field?, _ style: StyleVector, _ strength: Float) async throws -> Picture
    {
        guard let longSide = drawing.longSide else {
            return try await renderer.render(cut, style: style, strength: strength)
        }
        let bold = added.map { Boldness.add($0, to: cut, strength: strength) } ?? cut
        let rim = recipe.bolding.margin * cut.width / longSide
        let wide = bold.mirroredOutwards(by: rim)
        let photos = PhotoStylizer(renderer: renderer, workingSize: longSide + 2 * recipe.bolding.margin)
        let drawn = try await photos.stylize(wide, style: style, strength: strength)
        return drawn.cropped(x: rim, y: rim, width: cut.width, height: cut.height)
    }
}

extension FaceOutline {
    /// The same with each point moved.
    func mapped(_ move: (Point) -> Point) -> FaceOutline {
        FaceOutline(
            oval: oval.map(move), rightEye: rightEye.map(move), leftEye: leftEye.map(move), lips: lips.map(move))
    }
}

extension Picture {
    /// The picture with a rim that mirrors it, no wider than the picture itself.
    func mirroredOutwards(by rim: Int) -> Picture {
        var result = Picture(width: width + 2 * rim, height: height + 2 * rim)
        for y in 0..<result.height {
            for x in 0..<result.width {
                let colour = sample(Point(Float(x - rim) + 0.5, Float(y - rim) + 0.5))
                let at = 3 * (y * result.width + x)
                result.pixels[at] = UInt8(colour.0)
                result.pixels[at + 1] = UInt8(colour.1)
                result.pixels[at + 2] = UInt8(colour.2)
            }
        }
        return result
    }
}

extension Cutout {
    /// The same at another size, its colours multiplied by alpha meanwhile.
    func resized(to side: Int) -> Cutout {
        if side == picture.width { return self }
        var weighted = picture
        for index in weighted.pixels.indices {
            weighted.pixels[index] = UInt8((Int(picture.pixels[index]) * Int(alpha[index / 3]) + 127) / 255)
        }
        let grey = Picture(width: picture.width, height: picture.height, pixels: alpha.flatMap { [$0, $0, $0] })
        let small = weighted.resized(width: side, height: side, filter: .lanczos)
        let mask = grey.resized(width: side, height: side, filter: .lanczos)
        let alphas = (0..<side * side).map { mask.pixels[3 * $0] }
        var colours = small
        for index in colours.pixels.indices {
            let covered = Int(alphas[index / 3])
            colours.pixels[index] = covered == 0 ? 0 : UInt8(min(255, Int(small.pixels[index]) * 255 / covered))
        }
        return Cutout(picture: colours, alpha: alphas)
    }
}
